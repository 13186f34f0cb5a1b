"""Parquet files, read in batches."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from corpora.errors import CorporaError, NotADump
from corpora.readers.stored import StoredFile
from corpora.readers.tables import SAMPLE_SIZE, Entry, Unreadable

_BATCH = 4096  # rows held at once


class ParquetTable:
    """A table in a Parquet file. An id column that a float type has rounded stays rounded."""

    kind = "parquet"
    name = None
    ragged = False
    typed = True
    parser = None

    def __init__(self, file: StoredFile) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise CorporaError(
                f"Reading the Parquet file {file.path} needs pyarrow; install it with: pip install 'poquan[parquet]'."
            ) from None
        self.file = file
        self._arrow, self._parquet = pyarrow, pyarrow.parquet
        try:
            with self._opened() as parquet:
                self.columns: list[str] = list(parquet.schema_arrow.names)
                self.nested: bool = any(pyarrow.types.is_nested(kind) for kind in parquet.schema_arrow.types)
                self.total_rows: int = parquet.metadata.num_rows
        except pyarrow.ArrowException as error:
            raise NotADump(f"{file.path} is no Parquet file that can be read: {error}.") from None
        self.sample = [record for _, record in islice(self.records(), SAMPLE_SIZE) if isinstance(record, dict)]

    def records(self) -> Iterator[tuple[int, Entry]]:
        """Each row in the order of the file."""
        number = 0
        with self._opened() as parquet:
            try:
                for batch in parquet.iter_batches(batch_size=_BATCH):
                    columns = [column.to_pylist() for column in batch.columns]
                    for values in zip(*columns, strict=True):
                        number += 1
                        yield number, dict(zip(self.columns, values, strict=True))
            except (self._arrow.ArrowException, OSError) as error:
                yield number + 1, Unreadable(f"the file cannot be read past row {number}: {error}")

    def _opened(self) -> Any:
        return self._parquet.ParquetFile(str(self.file.unpacked()))
