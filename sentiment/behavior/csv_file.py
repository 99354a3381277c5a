"""Behaviors from a CSV file: one row per case; the rows of one name make the behavior.

Spreadsheets leave empty rows, columns without a name and columns of notes: all of these are passed over. A column
that may be a known one misspelt, or that says what only YAML can, is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from sentiment.behavior.written import ACCURACY, NAME_RULE, Written, asked_of, is_name, written
from sentiment.errors import BehaviorError, DataError, shown
from sentiment.tables.labels import parse_label
from sentiment.tables.rows import SURROGATE, Row, Table, is_blank
from sentiment.tables.table import open_table
from sentiment.types import Behavior, Kind, Promise

_ALWAYS = ("behavior", "capability", "promise", "text", "label")
_VARIED = ("original", "original_label")
_YAML_ONLY = ("kind", "budget", "min_live", "quick", "gated", "partner")


@dataclass(frozen=True)
class _Line:
    """A row, checked by itself."""

    place: str
    behavior: str
    capability: str
    promise: str
    text: Written


def read_csv(path: Path, note: Callable[[str], object]) -> list[Behavior]:
    """The behaviors of a CSV file, in the order of their first rows; `note` hears what is passed over.

    Raises `BehaviorError`, naming file and row, for a table or a row that cannot be used.
    """
    try:
        table = _opened(path)
        _check_columns(table)
        rows = [row for row in table.rows() if not is_blank(row)]
        for line in (*table.notes, *(f"{path}: {column} is passed over" for column in _passed_over(table, rows))):
            note(line)
        lines = [_line(table, row) for row in rows]
    except DataError as error:
        raise BehaviorError(str(error)) from None
    if not lines:
        raise BehaviorError(f"{path}: no cases; it has a header but no row")
    names = dict.fromkeys(line.behavior for line in lines)
    return [_behavior(path, [line for line in lines if line.behavior == name]) for name in names]


def _opened(path: Path) -> Table:
    try:
        return open_table(path, "text")
    except DataError as error:
        for spelling in ("Text", "TEXT"):  # programs that write sentences begin cells with a capital
            with suppress(DataError):
                return open_table(path, spelling)
        raise error from None


def _names(table: Table) -> list[str]:
    """Of the columns, as they are known here."""
    return ["_".join(column.casefold().split()) for column in table.columns]


def _check_columns(table: Table) -> None:
    found = _names(table)
    varied = _VARIED if set(_VARIED) & set(found) else ()
    for column in (*_ALWAYS, *varied):
        if found.count(column) != 1:
            problem = "no column" if column not in found else f"{found.count(column)} columns are named"
            listed = ", ".join(map(shown, table.columns))
            raise BehaviorError(f"{table.path}: {problem} {column!r}; columns found: {listed}")
    for column, name in zip(table.columns, found, strict=True):
        if name in _YAML_ONLY:
            raise BehaviorError(f"{table.path}: a table has no place for {column!r}: write this behavior in YAML")
        if name not in _ALWAYS + _VARIED and get_close_matches(name, _ALWAYS + _VARIED, n=1, cutoff=0.75):
            allowed = ", ".join(_ALWAYS + _VARIED)
            raise BehaviorError(f"{table.path}: unknown column {column!r}; known are {allowed}")


def _passed_over(table: Table, rows: list[Row]) -> Iterator[str]:
    """In words the columns that mean nothing here; one without a name and without a cell is not worth a word."""
    for place, (column, name) in enumerate(zip(table.columns, _names(table), strict=True)):
        if name and name not in _ALWAYS + _VARIED:
            yield f"column {shown(column)}"
        elif not name and any(row.cells[place].strip() for row in rows):
            yield f"column {place + 1}, which has no name,"


def _line(table: Table, row: Row) -> _Line:
    where = f"{table.path}, {row.place}"
    if row.problem:
        raise BehaviorError(f"{where}: {row.problem}")
    cells = {name: cell for name, cell in zip(_names(table), row.cells, strict=True) if name in _ALWAYS + _VARIED}
    for column, cell in cells.items():
        if SURROGATE.search(cell):
            raise BehaviorError(f"{where}: {column} is not valid UTF-8")
        if column in _ALWAYS and not cell.strip():
            raise BehaviorError(f"{where}: {column} is empty")
    name = cells["behavior"].strip()
    if not is_name(name):
        raise BehaviorError(f"{where}: behavior {name!r}: {NAME_RULE}")
    given = [column for column in _VARIED if cells.get(column, "").strip()]
    if len(given) == 1:
        raise BehaviorError(f"{where}: {given[0]} is given alone; fill both of {', '.join(_VARIED)} or none")
    base = None
    if given:
        base = Written(cells["original"], parse_label(cells["original_label"], f"{where}: original"))
        if base.text.split() == cells["text"].split():
            raise BehaviorError(f"{where}: text and original are the same")
    text = Written(cells["text"], parse_label(cells["label"], where), base)
    return _Line(row.place, name, cells["capability"].strip(), cells["promise"].strip(), text)


def _behavior(path: Path, lines: list[_Line]) -> Behavior:
    first = lines[0]
    kind, expectation = asked_of(first.text)
    places: dict[tuple[str, str | None], str] = {}
    for line in lines:
        where = f"{path}, {line.place}"
        if (line.capability, line.promise) != (first.capability, first.promise):
            raise BehaviorError(
                f"{where}: behavior {first.behavior!r} has another capability or promise in {first.place}; "
                "they are the same in all its rows"
            )
        found, _ = asked_of(line.text)
        if found is not kind:
            raise BehaviorError(
                f"{where}: behavior {first.behavior!r} is {kind.value} by {first.place}, this row is {found.value} "
                "(MFT: no original; INV: the original has the same label; DIR: the other one)"
            )
        texts = (line.text.text, line.text.base.text if line.text.base else None)
        if texts in places:
            raise BehaviorError(f"{where}: behavior {first.behavior!r} has this text in {places[texts]} already")
        places[texts] = line.place
    partner = ACCURACY if kind is Kind.INV else None
    return Behavior(
        Promise(first.behavior, first.capability, kind, first.promise, partner=partner),
        make=written([line.text for line in lines]),
        expectation=expectation,
        place=f"{path}, {first.place}",
    )
