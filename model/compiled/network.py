"""Network: rows of signals times layers of weights, in tiles of registers.

A layer lies in panels of `PANEL` columns: the biases, then one row of weights after the other, so that a tile reads
memory straight ahead. Each output is the bias plus its products in the order of the inputs, by fused multiply-adds,
whether its row is read alone or among others: a comment's logits do not depend on its batch, to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from model.compiled.machine_code import inlined

F32 = NDArray[np.float32]

_LANES, _VECTORS = 16, 2
#: Columns of a panel; layers are padded to whole panels by zeros.
PANEL = _LANES * _VECTORS
#: Rows of the tiles: sixteen sums fill both multipliers of a core, what is left over goes in smaller tiles.
TILE, _HALF = 8, 4


def pack(weights: F32, biases: F32) -> F32:
    """Give weights ``(n_in, n_out)`` and biases ``(n_out,)`` as one run of panels, ``(n_panels * (1 + n_in) *
    PANEL,)``."""
    n_in, n_out = weights.shape
    padded = np.zeros((1 + n_in, padded_width(n_out)), np.float32)
    padded[0, :n_out], padded[1:, :n_out] = biases, weights
    panels: F32 = np.ascontiguousarray(padded.reshape(1 + n_in, -1, PANEL).transpose(1, 0, 2)).ravel()
    return panels


def padded_width(n_out: int) -> int:
    """Give the columns of a layer in whole panels."""
    return -(-n_out // PANEL) * PANEL


def _tile_of(n_rows: int) -> Any:
    """Give an intrinsic ``tile(x, x_at, x_step, w, w_at, n_in, out, out_at, out_step)``: fill ``n_rows`` rows of one
    panel of ``out`` with the biases plus the products of rows of ``x`` with the weights of a panel of ``w``; all are
    flat float32 arrays."""

    def tile(typing_context: Any, x: Any, x_at: Any, x_step: Any, w: Any, w_at: Any, n_in: Any,
             out: Any, out_at: Any, out_step: Any) -> Any:  # fmt: skip
        numbers = types.int64
        signature = types.void(x, numbers, numbers, w, numbers, numbers, out, numbers, numbers)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            x, x_at, x_step, w, w_at, n_in, out, out_at, out_step = arguments
            data = [
                context.make_array(signature.args[place])(context, builder, value).data
                for place, value in ((0, x), (3, w), (6, out))
            ]
            _multiply(builder, n_rows, data, (x_at, x_step, w_at, n_in, out_at, out_step))
            return context.get_dummy_value()

        return signature, generate

    return intrinsic(tile)


def _multiply(builder: Any, n_rows: int, data: Any, places: Any) -> None:
    x, w, out = data
    x_at, x_step, w_at, n_in, out_at, out_step = places
    number, vector = ir.IntType(64), ir.VectorType(ir.FloatType(), _LANES)
    fused = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fmuladd.v{_LANES}f32"
    )

    def vector_at(base: Any, place: Any, step: int) -> Any:
        spot = builder.gep(base, [builder.add(place, ir.Constant(number, step * _LANES))])
        return builder.bitcast(spot, vector.as_pointer())

    def load(base: Any, place: Any, step: int) -> Any:
        value = builder.load(vector_at(base, place, step))
        value.align = 4
        return value

    x_rows = [builder.add(x_at, builder.mul(x_step, ir.Constant(number, row))) for row in range(n_rows)]
    out_rows = [builder.add(out_at, builder.mul(out_step, ir.Constant(number, row))) for row in range(n_rows)]
    sums = [[cgutils.alloca_once(builder, vector) for _ in range(_VECTORS)] for _ in range(n_rows)]
    for step in range(_VECTORS):
        bias = load(w, w_at, step)
        for row in range(n_rows):
            builder.store(bias, sums[row][step])
    first = builder.add(w_at, ir.Constant(number, PANEL))
    with cgutils.for_range(builder, n_in) as loop:
        w_row = builder.add(first, builder.mul(loop.index, ir.Constant(number, PANEL)))
        weights = [load(w, w_row, step) for step in range(_VECTORS)]
        for row in range(n_rows):
            value = builder.load(builder.gep(x, [builder.add(x_rows[row], loop.index)]))
            lane = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
            everywhere = builder.shuffle_vector(
                lane, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), _LANES), None)
            )
            for step in range(_VECTORS):
                total = builder.call(fused, [everywhere, weights[step], builder.load(sums[row][step])])
                builder.store(total, sums[row][step])
    for row in range(n_rows):
        for step in range(_VECTORS):
            store = builder.store(builder.load(sums[row][step]), vector_at(out, out_rows[row], step))
            store.align = 4


_tile = _tile_of(TILE)
_half = _tile_of(_HALF)
_row = _tile_of(1)


@inlined
def multiply(x: F32, n_rows: int, width: int, w: F32, w_at: int, n_in: int, n_out: int, out: F32) -> None:
    """Fill the rows of ``out``, ``n_out`` long and padded, with the biases plus the products of rows of ``x``,
    ``width`` long and ``n_in`` used, and the packed layer that begins at ``w_at``."""
    for panel in range(n_out // PANEL):
        begin, first = w_at + panel * PANEL * (1 + n_in), panel * PANEL
        row = 0
        while row + TILE <= n_rows:
            _tile(x, row * width, width, w, begin, n_in, out, row * n_out + first, n_out)
            row += TILE
        if row + _HALF <= n_rows:
            _half(x, row * width, width, w, begin, n_in, out, row * n_out + first, n_out)
            row += _HALF
        while row < n_rows:
            _row(x, row * width, width, w, begin, n_in, out, row * n_out + first, n_out)
            row += 1
