"""Parquet tables: record batches are handed on as they are, so that a user's types survive exactly.

`datasets` writes the names of a ClassLabel column into the file's notes; these, and not the numbers in the column,
say what a label is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sentiment.errors import DataError, reason_of
from sentiment.tables.encodings import refuse_other_kinds
from sentiment.tables.rows import Row, Table, text_problem

BATCH = 2048


class ArrowCells(Sequence[Any]):
    """One row of a record batch; its cells become Python values only when asked for."""

    def __init__(self, batch: pa.RecordBatch, place: int) -> None:
        self.batch = batch
        self.place = place

    def __len__(self) -> int:
        return self.batch.num_columns

    def __getitem__(self, column: Any) -> Any:
        return arrow_value(self.batch.column(column)[self.place])


def arrow_value(scalar: Any) -> Any:
    """The Python value of an Arrow scalar; bytes of a string that are not UTF-8 become lone surrogates."""
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class ParquetTable(Table):
    """Cells are `ArrowCells`: the batches themselves are handed on, so that types survive exactly."""

    schema: pa.Schema = None
    total: int = 0

    def rows(self) -> Iterator[Row]:
        """Every row, a batch at a time."""
        where = self.columns.index(self.text_column)
        number = 0
        with _readable(self.path), pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(BATCH):
                for index in range(batch.num_rows):
                    number += 1
                    text = arrow_value(batch.column(where)[index])
                    yield Row(number, ArrowCells(batch, index), text, text_problem(text))

    def count(self) -> int:
        """From the file's own metadata."""
        return self.total

    def class_names(self, column: str) -> tuple[str, ...]:
        """From the note that `datasets` leaves in the schema."""
        try:
            info = json.loads((self.schema.metadata or {})[b"huggingface"])
            feature = info["info"]["features"][column]
            if feature["_type"] == "ClassLabel":
                return tuple(str(name) for name in feature["names"])
        except (KeyError, TypeError, ValueError, RecursionError):
            pass  # no such note, or none of a form that names classes
        return ()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Damage that the reader finds as a `DataError`."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} is not a readable parquet file: {reason_of(error)}") from None


def open_parquet(path: Path, text_column: str) -> ParquetTable:
    """The table in a parquet file. Raises `DataError` when it is none, or its texts are no strings."""
    with path.open("rb") as start:
        head = start.read(64)
    if not head.startswith(b"PAR1"):
        refuse_other_kinds(path, head)
    with _readable(path), pq.ParquetFile(path) as file:
        schema, total = file.schema_arrow, file.metadata.num_rows
    if text_column in schema.names:
        held = schema.field(text_column).type
        plain = held.value_type if pa.types.is_dictionary(held) else held
        if not (pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain)):
            raise DataError(f"{path}: column {text_column!r} holds {held}, not strings")
    return ParquetTable(path, tuple(schema.names), text_column, "parquet", schema, total)
