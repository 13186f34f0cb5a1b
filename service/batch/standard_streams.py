"""Standard input as a dump, standard output as an output."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from service.batch.columns import Layout
from service.batch.convert import convert
from service.batch.encode import Encoder
from service.batch.forms import Form
from service.batch.outputs import StreamOutput


@contextmanager
def spooled_input() -> Iterator[Path]:
    """Standard input as a file, for readers that must look twice."""
    with tempfile.TemporaryDirectory(prefix="poquan-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        yield path


@contextmanager
def standard_output(form: Form, rejected_rows: Path | None, layout: Layout) -> Iterator[StreamOutput]:
    """Standard output; what must be converted goes there when the block is left."""
    with ExitStack() as stack:
        rejected = None if rejected_rows is None else stack.enter_context(rejected_rows.open("wb"))
        if form.streamed:
            yield StreamOutput(sys.stdout.buffer, rejected, Encoder(layout, form).header(bom=False))
            sys.stdout.buffer.flush()
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="poquan-")))
        part, target = folder / "part", folder / "target"
        with part.open("wb") as rows:
            output = StreamOutput(rows, rejected, b"")
            yield output
        convert(part, target, form, layout, output.standing.kinds)
        with target.open("rb") as whole:
            shutil.copyfileobj(whole, sys.stdout.buffer, 1 << 20)
        sys.stdout.buffer.flush()
