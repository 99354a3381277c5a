"""JSON: one object per line, or one list of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TextIO

from sentiment.errors import DataError
from sentiment.tables.encodings import TextFile
from sentiment.tables.rows import ABSENT, SURROGATE, Row, Table, text_problem

RAW = "_raw"
"""Where what is no JSON object is kept."""
_PIECE = 2**20
_LIST = re.compile(r"\s*\[\s*([{\]]|$)")
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True)
class JsonTable(Table):
    """Cells are JSON values, or `ABSENT`. The columns are all keys in the order of their first use."""

    file: TextFile
    listed: bool
    """Whether the file is one list."""
    kinds: dict[str, frozenset[type]] = field(default_factory=dict)
    """Types of the values of each column."""
    total: int = 0

    def rows(self) -> Iterator[Row]:
        """Every line that is not blank, or every element of the list."""
        for number, (line, value, problem, detail) in enumerate(_records(self.file, self.listed), 1):
            text = value.get(self.text_column, ABSENT)
            cells = tuple(value.get(column, ABSENT) for column in self.columns)
            found = text if isinstance(text, str) else None
            yield Row(number, cells, found, problem or text_problem(text), line, problem is None, detail)

    def count(self) -> int:
        """Counted when the table was opened."""
        return self.total


class _Record(NamedTuple):
    line: int | None
    value: dict[str, Any]
    problem: str | None = None
    detail: str = ""


def open_json(file: TextFile, text_column: str) -> JsonTable:
    """The table in a JSON file, which is read through once; its content says whether it is a list.

    Raises `DataError` when it holds no row, or is a list that is not whole.
    """
    with file.open(newline="\n") as text:
        listed = _LIST.match(text.read(_PIECE)) is not None
    kinds: dict[str, set[type]] = {}
    total = damaged = 0
    first: _Record | None = None
    for record in _records(file, listed):
        total += 1
        damaged += record.problem is not None
        first = first or record
        for key, cell in record.value.items():
            kinds.setdefault(key, set()).add(_kind(cell))
    if first is None:
        raise DataError(
            f"{file.path} is empty; write one JSON object with a {text_column!r} field per line, or a list of them"
        )
    if damaged == total and file.looks_like is None:
        raise DataError(
            f"{file.path}: none of its {total} {'elements' if listed else 'lines'} is a JSON object "
            f"({first.problem}); write one per line, or a list of objects"
        )
    if total == 1 and first.value and all(isinstance(cell, dict | list) for cell in first.value.values()):
        raise DataError(
            f"{file.path} is one object of whole columns or lists; write one object per row, as pandas does with "
            'orient="records"'
        )
    return JsonTable(
        file.path, tuple(kinds), text_column, "json", file, listed, {k: frozenset(v) for k, v in kinds.items()}, total
    )


def _kind(cell: object) -> type:
    """The cell's type; `object` for a whole number that no 64-bit column can hold."""
    return object if isinstance(cell, int) and not -(2**63) <= cell < 2**63 else type(cell)


def _records(file: TextFile, listed: bool) -> Iterator[_Record]:
    with file.open(newline="\n") as text:
        yield from _elements(file, text) if listed else _lines(file, text)


def _lines(file: TextFile, text: TextIO) -> Iterator[_Record]:
    """Each line that is not blank; one that is no object is kept as it is, under `_raw`."""
    for number, line in enumerate(text, 1):
        line = line.rstrip("\r\n")
        if not line.strip(" \t"):
            continue
        if SURROGATE.search(line):
            yield _Record(number, {RAW: line}, f"line is not valid {file.encoding_name}")
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield _Record(number, {RAW: line}, "line is not valid JSON", str(error))
        else:
            yield _object(number, value, line, "line")


def _elements(file: TextFile, text: TextIO) -> Iterator[_Record]:
    for value in _List(file, text):
        yield _object(None, value, "", "element")


def _object(line: int | None, value: Any, raw: str, what: str) -> _Record:
    if isinstance(value, dict):
        return _Record(line, value)
    return _Record(line, {RAW: raw or json.dumps(value)}, f"{what} is not a JSON object but {type(value).__name__}")


class _List:
    """The elements of a JSON list, one at a time, with no more of the file in memory than an element needs."""

    def __init__(self, file: TextFile, text: TextIO) -> None:
        self.file = file
        self.text = text
        self.held = ""
        self.at = 0
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        self._take("[")
        if self._next() != "]":
            yield self._element()
            while self._next() == ",":
                self._take(",")
                yield self._element()
        self._take("]")
        if self._next():
            raise self._damaged("something follows its end")

    def _next(self) -> str:
        """The next character that is no blank; empty at the end of the file."""
        while True:
            found = _BLANKS.match(self.held, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.held) or not self._more():
                return self.held[self.at : self.at + 1]

    def _take(self, char: str) -> None:
        if self._next() != char:
            raise self._damaged(f"{char} is missing")
        self.at += 1

    def _more(self) -> bool:
        """Read on, at least as much as is held, so that a long element is not scanned for each piece of it."""
        read = self.text.read(max(_PIECE, len(self.held) - self.at))
        self.held, self.at = self.held[self.at :] + read, 0
        return bool(read)

    def _element(self) -> Any:
        self._next()
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self.held, self.at)
            except (ValueError, RecursionError) as error:
                if not self._more():
                    raise self._damaged(getattr(error, "msg", str(error))) from None
            else:
                if end < len(self.held) or not self._more():
                    self.at = end
                    self.count += 1
                    return value

    def _damaged(self, how: str) -> DataError:
        return DataError(f"{self.file.path} is no whole JSON list: after {self.count} elements, {how}")
