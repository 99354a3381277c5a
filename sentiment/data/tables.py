"""Users' own tables, read row by row in constant memory: CSV, JSONL and parquet.

Reading never changes a cell and never drops a row: a row that cannot be used keeps its cells and says
what is wrong with it. CSV is comma-separated UTF-8 (a byte order mark is passed over) with a header;
blank lines are no rows; bytes that are not UTF-8 become lone surrogates, which the CSV writer turns back into
the same bytes. Cells that look like spreadsheet formulas are the user's own and stay as they are.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from sentiment.data.parquet import open_parquet
from sentiment.data.rows import ABSENT, Row, Table, text_problem
from sentiment.errors import DataError

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
RAW = "_raw"
"""Where a JSONL line that is no JSON object is kept."""


def table_format(path: Path) -> str:
    """csv, jsonl or parquet, by the suffix. Raises `DataError` for any other."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        allowed = ", ".join(FORMATS)
        raise DataError(f"{path}: suffix {path.suffix!r} is not a known table format; use one of {allowed}") from None


def open_table(path: Path, text_column: str = "text") -> Table:
    """The table in a file. Raises `DataError` when it cannot be read or has no such text column."""
    kind = table_format(path)
    if not path.is_file():
        raise DataError(f"{path}: {'is a folder, not a file' if path.is_dir() else 'no such file'}")
    openers = {"csv": _open_csv, "jsonl": _open_jsonl, "parquet": open_parquet}
    try:
        table = openers[kind](path, text_column)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    times = table.columns.count(text_column)
    if times != 1:
        found = ", ".join(map(repr, table.columns)) or "none"
        problem = "no text column" if times == 0 else f"{times} columns are named"
        raise DataError(f"{path}: {problem} {text_column!r}; columns found: {found}")
    return table


@dataclass(frozen=True)
class CsvTable(Table):
    """Cells are strings. A short row is filled up with empty cells. Surplus cells are joined to the
    last column with commas, which restores a text that someone forgot to quote."""

    def rows(self) -> Iterator[Row]:
        """Every row after the header."""
        width, where = len(self.columns), self.columns.index(self.text_column)
        for number, (line, found, closed) in enumerate(_csv_records(self.path)):
            if number == 0:
                continue
            cells = tuple(found + [""] * (width - len(found)))
            problem = None if closed else "a quote that is opened here is never closed"
            if len(found) != width:
                problem = problem or f"expected {width} fields, found {len(found)}"
                cells = (*cells[: width - 1], ",".join(cells[width - 1 :]))
            yield Row(number, cells, cells[where], problem or text_problem(cells[where]), line)

    def count(self) -> int:
        """Records after the header."""
        return sum(1 for _ in _csv_records(self.path)) - 1


class _Lines:
    """The lines of a file; `ended` once somebody asked for more than there are."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.file.readline()
        if not line:
            self.ended = True
            raise StopIteration
        return line


def _csv_records(path: Path) -> Iterator[tuple[int, list[str], bool]]:
    """Line number, cells, and whether every quote was closed, of each record; blank lines are no records."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        lines = _Lines(file)
        reader = csv.reader(lines)
        before = 0
        for cells in reader:
            # a reader that needs more lines to finish a record is inside a quoted cell
            if cells:
                yield before + 1, cells, not lines.ended
            before = reader.line_num


def _open_csv(path: Path, text_column: str) -> Table:
    header = next(_csv_records(path), None)
    if header is None:
        raise DataError(f"{path} is empty; a CSV file needs a header row and at least one row")
    return CsvTable(path, tuple(header[1]), text_column, "csv")


def _kind(cell: object) -> type:
    """The cell's type; `object` for a whole number that no 64-bit column can hold."""
    return object if isinstance(cell, int) and not -(2**63) <= cell < 2**63 else type(cell)


@dataclass(frozen=True)
class JsonlTable(Table):
    """Cells are JSON values, or `ABSENT`. The columns are all keys in the order of their first use."""

    kinds: dict[str, frozenset[type]] = field(default_factory=dict)
    """Types of the values of each column."""
    total: int = 0

    def rows(self) -> Iterator[Row]:
        """Every line that is not blank."""
        for number, (line, value, problem) in enumerate(_json_lines(self.path), 1):
            text = value.get(self.text_column, ABSENT)
            cells = tuple(value.get(column, ABSENT) for column in self.columns)
            problem = problem or text_problem(text)
            yield Row(number, cells, text if isinstance(text, str) else None, problem, line)

    def count(self) -> int:
        """Counted when the table was opened."""
        return self.total


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Line number, object and problem of each line; one that is no object is kept as it is, under `_raw`."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = line.removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").rstrip(b"\r\n")
            if not text.strip():
                continue
            raw = {RAW: text.decode("utf-8", "surrogateescape")}
            try:
                value = json.loads(text.decode("utf-8"))
            except UnicodeDecodeError:
                yield number, raw, "line is not valid UTF-8"
            except (ValueError, RecursionError) as error:
                yield number, raw, f"line is not valid JSON ({error})"
            else:
                if isinstance(value, dict):
                    yield number, value, None
                else:
                    yield number, raw, f"line is not a JSON object but {type(value).__name__}"


def _open_jsonl(path: Path, text_column: str) -> Table:
    kinds: dict[str, set[type]] = {}
    total = 0
    for _, value, _problem in _json_lines(path):
        total += 1
        for key, cell in value.items():
            kinds.setdefault(key, set()).add(_kind(cell))
    if not total:
        raise DataError(f"{path} is empty; write one JSON object with a {text_column!r} field per line")
    return JsonlTable(path, tuple(kinds), text_column, "jsonl", {k: frozenset(v) for k, v in kinds.items()}, total)
