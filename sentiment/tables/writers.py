"""Tables with answers, written as they come: the user's columns, then `ANSWERS`, one row per input row. Text is UTF-8.

A column of the user's that is named like an answer is kept as `<name>_given`. Within one format cells
are not changed. Between formats: nested values become JSON text in a CSV cell; what UTF-8 cannot hold is
written as a backslash escape; JSONL columns of mixed types become JSON text in parquet.
"""

from __future__ import annotations

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from sentiment.errors import DataError
from sentiment.tables.csv_table import CsvTable
from sentiment.tables.json_table import JsonTable
from sentiment.tables.parquet import ParquetTable
from sentiment.tables.rows import ABSENT, SURROGATE, Row, Table
from sentiment.types import Prediction

FORMATS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""Suffix -> format that can be written."""
ANSWERS = ("label", "p_positive", "label_mass", "answer")
_ANSWER_FIELDS = [pa.field(name, pa.float64() if name in ANSWERS[1:3] else pa.string()) for name in ANSWERS]


def output_columns(columns: Sequence[str]) -> list[str]:
    """The user's columns under the names they have in the output: those of `ANSWERS` are given way to."""
    taken = {*columns, *ANSWERS}
    renamed = []
    for column in columns:
        name, turn = column, 1
        if column in ANSWERS:
            name = f"{column}_given"
            while name in taken:
                turn += 1
                name = f"{column}_given_{turn}"
            taken.add(name)
        renamed.append(name)
    return renamed


def answer_cells(prediction: Prediction | None) -> tuple[str | None, float | None, float | None, str | None]:
    """What stands under `ANSWERS`; None, written as an empty cell or null, where there is no answer."""
    if prediction is None:
        return None, None, None, None
    label = None if prediction.label is None else prediction.label.word
    return label, prediction.p_positive, prediction.label_mass, prediction.text


def escaped(text: str) -> str:
    """The text with what UTF-8 cannot hold as backslash escapes."""
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class TableWriter(ABC):
    """Writes windows of rows; `close` makes what was written so far a readable file."""

    @abstractmethod
    def write(self, rows: Sequence[Row], predictions: Sequence[Prediction | None]) -> None:
        """Append the rows with their answers, and hand them to the operating system."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file."""


def output_format(path: Path) -> str:
    """The format to write, by the suffix. Raises `DataError` for one that cannot be written."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        allowed = ", ".join(FORMATS)
        raise DataError(f"output {path}: suffix {path.suffix!r} cannot be written; use one of {allowed}") from None


class _Open(Protocol):
    def __call__(self, path: Path, table: Table) -> TableWriter: ...


def open_writer(path: Path, kind: str, table: Table) -> TableWriter:
    """A writer of a format, one of `FORMATS`, to `path` for rows of `table`.

    Raises `DataError` when the file cannot be written, or when the format cannot hold the columns.
    """
    names = output_columns(table.columns)
    kept = kind == table.kind or (kind, table.kind) == ("tsv", "csv")
    if not kept and len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(
            f"{table.path}: column {twice!r} stands there twice; a {kind} file cannot hold that, rename one"
        )
    openers: dict[str, _Open] = {
        "csv": CsvWriter,
        "tsv": partial(CsvWriter, delimiter="\t"),
        "jsonl": JsonlWriter,
        "parquet": ArrowWriter,
    }
    try:
        return openers[kind](path, table)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}") from None


class CsvWriter(TableWriter):
    """UTF-8, lines end in a newline; bytes that came in undecodable go out the same, where they came in as UTF-8."""

    def __init__(self, path: Path, table: Table, delimiter: str = ",") -> None:
        self.file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        as_it_is = isinstance(table, CsvTable) and table.file.is_utf8
        self.own: Callable[[Any], str] = str if as_it_is else csv_cell
        # csv itself ends lines in CR LF, and so quotes a cell that holds either
        self.writer = csv.writer(_NewlineEnds(self.file), delimiter=delimiter)
        self.writer.writerow([*map(self.own, output_columns(table.columns)), *ANSWERS])

    def write(self, rows: Sequence[Row], predictions: Sequence[Prediction | None]) -> None:
        """One record per row."""
        for row, prediction in zip(rows, predictions, strict=True):
            self.writer.writerow([*map(self.own, row.cells), *map(csv_cell, answer_cells(prediction))])
        self.file.flush()

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class _NewlineEnds:
    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, record: str) -> None:
        self.file.write(record.removesuffix("\r\n") + "\n")


def csv_cell(value: Any) -> str:
    """The text of a value that did not come from a CSV file."""
    if value is None or value is ABSENT:
        return ""
    if isinstance(value, bool | dict | list):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return escaped(str(value))


class JsonlWriter(TableWriter):
    """One JSON object per line; keys that a row lacks stay away; answers that are not there are null."""

    def __init__(self, path: Path, table: Table) -> None:
        self.names = output_columns(table.columns)
        self.file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, rows: Sequence[Row], predictions: Sequence[Prediction | None]) -> None:
        """One line per row."""
        for row, prediction in zip(rows, predictions, strict=True):
            own = {n: v for n, v in zip(self.names, row.cells, strict=True) if v is not ABSENT}
            record = own | dict(zip(ANSWERS, answer_cells(prediction), strict=True))
            line = json.dumps(record, ensure_ascii=False, default=str)
            if SURROGATE.search(line):
                line = json.dumps(record, default=str)
            self.file.write(line + "\n")
        self.file.flush()

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class ArrowWriter(TableWriter):
    """A parquet file, one row group per window. From parquet, the schema and every value are kept."""

    def __init__(self, path: Path, table: Table) -> None:
        names = output_columns(table.columns)
        if isinstance(table, ParquetTable):
            own = [held.with_name(name) for held, name in zip(table.schema, names, strict=True)]
            kept = {k: v for k, v in (table.schema.metadata or {}).items() if k != b"huggingface"}  # lists the columns
        else:
            of_each = table.kinds if isinstance(table, JsonTable) else {}
            types = {name: _arrow_type(kinds) for name, kinds in of_each.items()}
            held = zip(names, table.columns, strict=True)
            own, kept = [pa.field(escaped(name), types.get(column, pa.string())) for name, column in held], {}
        self.own = pa.schema(own)
        self.schema = pa.schema([*own, *_ANSWER_FIELDS], metadata=kept or None)
        self.as_they_are = isinstance(table, ParquetTable)
        self.writer = pq.ParquetWriter(path, self.schema)

    def write(self, rows: Sequence[Row], predictions: Sequence[Prediction | None]) -> None:
        """One row group."""
        if not rows:
            return
        answers = list(zip(*map(answer_cells, predictions), strict=True))
        answers[3] = tuple(None if text is None else escaped(str(text)) for text in answers[3])
        added = [pa.array(values, held.type) for values, held in zip(answers, _ANSWER_FIELDS, strict=True)]
        own = self._slices(rows) if self.as_they_are else self._arrays(rows)
        self.writer.write_table(pa.table([*own, *added], schema=self.schema))

    def _slices(self, rows: Sequence[Row]) -> list[pa.ChunkedArray]:
        """The columns of consecutive rows, cut out of the batches that they came in."""
        runs = [list(run) for _, run in groupby(rows, key=lambda row: id(row.cells.batch))]  # type: ignore[attr-defined]
        cells: Iterator[Any] = (run[0].cells for run in runs)
        slices = [first.batch.slice(first.place, len(run)) for first, run in zip(cells, runs, strict=True)]
        columns = range(len(self.own))
        return [pa.chunked_array([part.column(i) for part in slices], self.own.field(i).type) for i in columns]

    def _arrays(self, rows: Sequence[Row]) -> list[pa.Array]:
        columns = zip(*(row.cells for row in rows), strict=True)
        return [
            pa.array([_arrow_cell(value, held.type) for value in values], held.type)
            for values, held in zip(columns, self.own, strict=True)
        ]

    def close(self) -> None:
        """Write the footer, without which the file could not be read."""
        self.writer.close()


def _arrow_type(kinds: frozenset[type]) -> pa.DataType:
    """The Arrow type that holds JSON values of these types; string, as JSON text, where they are mixed."""
    kinds = kinds - {type(None)}
    if kinds == {bool}:
        return pa.bool_()
    if kinds and kinds <= {int, float}:
        return pa.float64() if float in kinds else pa.int64()
    return pa.string()


def _arrow_cell(value: Any, held: pa.DataType) -> Any:
    if value is None or value is ABSENT:
        return None
    if pa.types.is_string(held):
        return escaped(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return float(value) if pa.types.is_floating(held) else value
