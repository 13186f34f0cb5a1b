"""Lanes: sums of 8-bit rows held in vector registers, and memory asked for before it is needed.

numba leaves such loops scalar, as it can't know that sums and tables do not overlap; these few are written in LLVM's
own terms. They run on every processor LLVM knows, on some of them with narrower registers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: Columns summed at once: a line of the cache.
PANEL = 64
#: Columns of views summed at once.
VIEW_PANEL = 8
#: Bytes moved at once.
STRIDE = 16

_LANES = 16
_NUMBER, _INT, _BYTE, _FLOAT = ir.IntType(64), ir.IntType(32), ir.IntType(8), ir.FloatType()


def _prefetch(typing_context: Any, array: Any, place: Any) -> Any:
    """Ask for the line of a contiguous ``array`` that holds the item at ``place`` of its flat items."""
    signature = types.void(array, types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        spot = builder.gep(_data(context, builder, signature, arguments, 0), [arguments[1]])
        bytes_ = _BYTE.as_pointer()
        ask = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), [bytes_, _INT, _INT, _INT]), "llvm.prefetch.p0i8"
        )
        read, keep, data = (ir.Constant(_INT, flag) for flag in (0, 3, 1))
        builder.call(ask, [builder.bitcast(spot, bytes_), read, keep, data])
        return context.get_dummy_value()

    return signature, generate


def _move(typing_context: Any, source: Any, begin: Any, out: Any, at: Any) -> Any:
    """Copy `STRIDE` bytes of ``source`` from ``begin`` on to ``out`` from ``at`` on, two contiguous arrays of bytes."""
    signature = types.void(source, types.int64, out, types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        stride = ir.VectorType(_BYTE, STRIDE)
        bytes_ = _load(builder, _data(context, builder, signature, arguments, 0), arguments[1], stride, 1)
        spot = builder.gep(_data(context, builder, signature, arguments, 2), [arguments[3]])
        builder.store(bytes_, builder.bitcast(spot, stride.as_pointer())).align = 1
        return context.get_dummy_value()

    return signature, generate


def _ones(typing_context: Any, bits: Any) -> Any:
    """Give how many bits are set in 64."""
    signature = types.uint64(types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return signature, generate


def _sum_of(lanes: int, vectors: int, magnitudes: bool) -> Any:
    """Give an intrinsic ``total(table, width, begin, rows, weights, n, out, at)``: fill ``lanes * vectors`` items of
    ``out`` from ``at`` on with the sum over ``n`` rows of a flat 8-bit ``table``, ``width`` wide, from column ``begin``
    on, each times its weight; if ``magnitudes``, as many items behind them with the sum of the absolute values."""

    def total(typing_context: Any, table: Any, width: Any, begin: Any, rows: Any, weights: Any, n: Any,
              out: Any, at: Any) -> Any:  # fmt: skip
        number = types.int64
        signature = types.void(table, number, number, rows, weights, number, out, number)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            steps, rows, weights, out = (_data(context, builder, signature, arguments, at) for at in (0, 3, 4, 6))
            _, width, begin, _, _, n, _, at = arguments
            floats, bytes_ = ir.VectorType(_FLOAT, lanes), ir.VectorType(_BYTE, lanes)
            fused = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(floats, [floats] * 3), f"llvm.fmuladd.v{lanes}f32"
            )
            magnitude = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(floats, [floats]), f"llvm.fabs.v{lanes}f32"
            )
            n_sums = 2 * vectors if magnitudes else vectors
            sums = [cgutils.alloca_once_value(builder, ir.Constant(floats, [0.0] * lanes)) for _ in range(n_sums)]
            for each in sums:
                builder.store(ir.Constant(floats, [0.0] * lanes), each)
            with cgutils.for_range(builder, n) as loop:
                row = builder.sext(builder.load(builder.gep(rows, [loop.index])), _NUMBER)
                place = builder.add(builder.mul(row, width), begin)
                weight = _everywhere(builder, builder.load(builder.gep(weights, [loop.index])), floats)
                for step in range(vectors):
                    eight = _load(builder, steps, builder.add(place, ir.Constant(_NUMBER, step * lanes)), bytes_, 1)
                    value = builder.sitofp(builder.sext(eight, ir.VectorType(_INT, lanes)), floats)
                    values = [value, builder.call(magnitude, [value])] if magnitudes else [value]
                    for each, summed in zip(sums[step::vectors], values, strict=True):
                        builder.store(builder.call(fused, [weight, summed, builder.load(each)]), each)
            for step, each in enumerate(sums):
                spot = builder.gep(out, [builder.add(at, ir.Constant(_NUMBER, step * lanes))])
                store = builder.store(builder.load(each), builder.bitcast(spot, floats.as_pointer()))
                store.align = 4
            return context.get_dummy_value()

        return signature, generate

    return intrinsic(total)


def _data(context: Any, builder: Any, signature: Any, arguments: Any, place: int) -> Any:
    return context.make_array(signature.args[place])(context, builder, arguments[place]).data


def _everywhere(builder: Any, value: Any, vector: Any) -> Any:
    lane = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(_INT, 0))
    nowhere = ir.Constant(ir.VectorType(_INT, vector.count), None)
    return builder.shuffle_vector(lane, ir.Constant(vector, ir.Undefined), nowhere)


def _load(builder: Any, data: Any, place: Any, vector: Any, align: int) -> Any:
    loaded = builder.load(builder.bitcast(builder.gep(data, [place]), vector.as_pointer()))
    loaded.align = align
    return loaded


prefetch = intrinsic(_prefetch)
ones = intrinsic(_ones)
move = intrinsic(_move)
sum_steps = _sum_of(_LANES, PANEL // _LANES, magnitudes=False)
sum_views = _sum_of(VIEW_PANEL, 1, magnitudes=True)
