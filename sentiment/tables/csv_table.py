"""CSV and its kin: lines of cells between commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TextIO

from sentiment.errors import DataError
from sentiment.tables.encodings import TextFile
from sentiment.tables.layout import DELIMITERS, Layout
from sentiment.tables.rows import Row, Table, text_problem

_LOOKED_AT = 1000
"""Records that decide what stands between the cells where there is no header."""
_OPEN_QUOTE = "a quote that is opened here is never closed"
_LOOSE_QUOTE = "a quote in it is not doubled, so it may be several rows"


@dataclass(frozen=True)
class CsvTable(Table):
    """Cells are strings. A short row is filled up with empty cells. Surplus cells are joined to the
    last column with delimiters, which restores a text that someone forgot to quote."""

    file: TextFile
    form: _Form
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row]:
        """Every row after the header."""
        width, where = len(self.columns), self.columns.index(self.text_column)
        records = islice(_records(self.file, self.form), self.form.start, None)
        for number, (line, found, damage) in enumerate(records, 1):
            cells = tuple(found + [""] * (width - len(found)))
            if len(found) != width:
                damage = damage or f"expected {width} fields, found {len(found)}"
                cells = (*cells[: width - 1], self.form.delimiter.join(cells[width - 1 :]))
            yield Row(number, cells, cells[where], damage or text_problem(cells[where]), line, readable=damage is None)

    def count(self) -> int:
        """Records after the header."""
        return sum(1 for _ in _records(self.file, self.form)) - self.form.start


class _Form(NamedTuple):
    """How lines are taken apart."""

    delimiter: str
    start: int
    """Records before the first row: the header, and a line that names the delimiter."""
    quoted: bool = True
    """False: quotes are characters like any other."""


class _Record(NamedTuple):
    line: int
    """Where it begins, 1-based."""
    cells: list[str]
    damage: str | None


class _Lines:
    """The lines of a file. `held` are those of the record; `ended` says that somebody asked for more than there are."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.held: list[str] = []
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.file.readline()
        if not line:
            self.ended = True
            raise StopIteration
        self.held.append(line)
        return line


def _records(file: TextFile, form: _Form) -> Iterator[_Record]:
    """Each record; blank lines are none."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with file.open(newline="") as text:
        lines = _Lines(text)
        if form.quoted:
            reader = csv.reader(lines, delimiter=form.delimiter)
        else:
            reader = csv.reader(lines, delimiter=form.delimiter, quoting=csv.QUOTE_NONE)
        before = 0
        for cells in reader:
            if cells:
                yield _Record(before + 1, cells, _damage(lines, form))
            before = reader.line_num
            lines.held.clear()


def _damage(lines: _Lines, form: _Form) -> str | None:
    """What is wrong with the quotes of the record that was just read."""
    if lines.ended:  # a reader that needs more lines to finish a record is inside a quoted cell
        return _OPEN_QUOTE
    if len(lines.held) > 1:
        try:
            list(csv.reader(lines.held, delimiter=form.delimiter, strict=True))
        except csv.Error:
            return _LOOSE_QUOTE
    return None


def open_csv(file: TextFile, text_column: str, layout: Layout, usual: str) -> CsvTable:
    """The table in a file of lines; `usual` stands between its cells unless its user or its header say otherwise.

    Raises `DataError` when it is empty, or has a header where none was expected.
    """
    first = next(_records(file, _Form(usual, 0, quoted=False)), None)
    if first is None:
        raise DataError(f"{file.path} is empty; a CSV file needs a header row and at least one row")
    named = _named_delimiter(usual.join(first.cells))
    tried = [layout.delimiter or named or usual]
    if not (layout.delimiter or named):
        tried += [each for each in DELIMITERS if each != usual]
    forms = [_Form(delimiter, bool(named) + (not layout.columns)) for delimiter in tried]
    if layout.columns:
        columns = layout.columns
        form = max(forms, key=lambda form: _fitting(file, form, len(columns)))
        _refuse_header(file, form, columns)
    else:
        headers = {form: _header(file, form) for form in forms}
        form = next((each for each in forms if text_column in headers[each]), None) or max(
            forms, key=lambda each: len(headers[each])
        )
        columns = headers[form]
    notes = []
    if form.delimiter not in (usual, layout.delimiter):
        notes.append(f"{file.path.name}: read with {DELIMITERS.get(form.delimiter, form.delimiter)} between the cells")
    if form.delimiter == "\t" and _quotes_are_plain(file, form, len(columns)):
        form = form._replace(quoted=False)
        notes.append(f"{file.path.name}: quotes are taken as plain characters; read as quotes they would join lines")
    return CsvTable(file.path, columns, text_column, "csv", file, form, tuple(notes))


def _named_delimiter(line: str) -> str | None:
    """What a first line such as `sep=;`, which spreadsheets write, names."""
    return line[4] if len(line) == 5 and line.lower().startswith("sep=") else None


def _header(file: TextFile, form: _Form) -> tuple[str, ...]:
    record = next(islice(_records(file, form), form.start - 1, None), None)
    return tuple(record.cells) if record else ()


def _fitting(file: TextFile, form: _Form, width: int) -> tuple[int, int]:
    """How many of the first records have as many cells as there are columns: those without a blank after a delimiter,
    as sentences have after a comma; and all."""
    found = [record.cells for record in islice(_records(file, form), form.start, _LOOKED_AT)]
    fitting = [cells for cells in found if len(cells) == width]
    return sum(not any(cell.startswith(" ") for cell in cells[1:]) for cells in fitting), len(fitting)


def _refuse_header(file: TextFile, form: _Form, columns: tuple[str, ...]) -> None:
    first = next(islice(_records(file, form), form.start, None), None)
    if first is not None and tuple(first.cells) == columns:
        raise DataError(f"{file.path}: its first line is the header already; leave out --columns")


def _quotes_are_plain(file: TextFile, form: _Form, width: int) -> bool:
    """Whether quotes join lines that are whole rows without them, as in tables that were written without quoting."""
    if all(record.damage is None and len(record.cells) == width for record in _records(file, form)):
        return False
    plain = form._replace(quoted=False)
    return all(
        len(record.cells) == width and not any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in record.cells)
        for record in _records(file, plain)
    )
