"""Pairs of texts with opposite labels: a review, and a revision of it that turns its sentiment around.

A pairs file is JSONL or JSON, or CSV or TSV with a header. Its columns, with the names that published counterfactual
sets use in brackets:

    original  (original_text)   a text
    revised   (revised_text)    the same text, changed so that its label is the other one
    label     (original_label)  of the original: positive or negative, 1 or 0
    id        (pair_id)         optional; else a hash of both texts
    revised_label               optional; must be the other label

or, with two rows a pair, the original first, as in the counterfactually augmented IMDB reviews:

    Text, Sentiment             of each
    batch_id                    the same in both

Other columns are passed over. Reading is strict: the first bad row stops it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import BehaviorError, DataError
from sentiment.tables.labels import parse_label
from sentiment.tables.rows import ABSENT, Row, Table, is_blank, text_problem
from sentiment.tables.table import open_table
from sentiment.types import Label

_OTHER_NAMES = {"original": "original_text", "revised": "revised_text", "label": "original_label", "id": "pair_id"}
_TEXT, _SENTIMENT = ("Text", "text"), ("Sentiment", "sentiment", "Label", "label")
_SHARED = ("batch_id", "pair_id")
"""What both rows of a pair have in common."""


@dataclass(frozen=True)
class Pair:
    """An original text and its revision."""

    id: str
    original: str
    revised: str
    label: Label
    """Of the original; the revision has the other one."""


def read_pairs(path: Path, note: Callable[[str], object] = lambda line: None) -> list[Pair]:
    """The pairs of a file, in its order; `note` hears how it was read where that is not plain.

    Raises `BehaviorError`, naming file and line, for a row that is no pair of two different texts with opposite
    labels, and for an id or a pair of texts that stands there twice.
    """
    try:
        table = _opened(path)
        for line in table.notes:
            note(line)
        found = _of_two_rows(table) if table.text_column in _TEXT else _of_one_row(table)
        return _distinct(table, found)
    except DataError as error:
        raise BehaviorError(str(error)) from None


def _opened(path: Path) -> Table:
    if not path.exists():  # before anything is said of its suffix, which may be mistyped
        raise BehaviorError(f"{path}: no such file")
    try:
        return open_table(path, "original")
    except DataError as error:
        for column in (_OTHER_NAMES["original"], *_TEXT):
            with suppress(DataError):
                table = open_table(path, column)
                if column not in _TEXT or _first(table, _SHARED):
                    return table
        raise error from None


def _distinct(table: Table, found: Iterable[tuple[Row, Pair]]) -> list[Pair]:
    pairs: list[Pair] = []
    places: dict[str | tuple[str, str], str] = {}
    for row, pair in found:
        for what, key in ((f"id {pair.id!r}", pair.id), ("this pair of texts", (pair.original, pair.revised))):
            if key in places:
                raise BehaviorError(f"{table.path}, {row.place}: {what} stands in {places[key]} already")
            places[key] = row.place
        pairs.append(pair)
    if not pairs:
        raise BehaviorError(f"{table.path}: no pairs; it has a header but no row")
    return pairs


def _of_one_row(table: Table) -> Iterator[tuple[Row, Pair]]:
    for name in ("revised", "label"):
        if _column(table, name) is None:
            found = ", ".join(map(repr, table.columns))
            raise BehaviorError(f"{table.path}: no column {name!r}; columns found: {found}")
    for row in table.rows():
        if not is_blank(row):
            yield row, _pair(table, row)


def _of_two_rows(table: Table) -> Iterator[tuple[Row, Pair]]:
    """The layout of the counterfactually augmented data: the original, and in a later row its revision."""
    shared, label = _first(table, _SHARED), _first(table, _SENTIMENT)
    if label is None:
        found = ", ".join(map(repr, table.columns))
        raise BehaviorError(f"{table.path}: no column {_SENTIMENT[0]!r}; columns found: {found}")
    at = table.columns.index
    originals: dict[str, tuple[Row, str, Label]] = {}
    whole: set[str] = set()
    for row in table.rows():
        if is_blank(row):
            continue
        where = f"{table.path}, {row.place}"
        if row.problem or row.text is None:
            raise BehaviorError(f"{where}: {row.problem}")
        identity, truth = str(row.cells[at(shared)]).strip(), parse_label(row.cells[at(label)], where)
        if not identity:
            raise BehaviorError(f"{where}: {shared} is empty")
        if identity in whole:
            raise BehaviorError(f"{where}: {shared} {identity!r} has more than two rows; a pair has two")
        if identity not in originals:
            originals[identity] = row, row.text, truth
            continue
        first, original, before = originals.pop(identity)
        whole.add(identity)
        if original.split() == row.text.split():
            raise BehaviorError(f"{where}: the same text as in {first.place}, of the same {shared}")
        if truth is before:
            raise BehaviorError(f"{where}: labelled {truth.word} as is {first.place}; a pair has opposite labels")
        yield row, Pair(identity, original, row.text, before)
    for identity, (row, _, _) in originals.items():
        raise BehaviorError(f"{table.path}, {row.place}: {shared} {identity!r} has one row; a pair has two")


def _pair(table: Table, row: Row) -> Pair:
    where = f"{table.path}, {row.place}"
    original, revised, label, identity, revised_label = (
        _cell(table, row, name) for name in ("original", "revised", "label", "id", "revised_label")
    )
    if row.problem not in (None, text_problem(original)):  # of the whole row: bad JSON, wrong number of fields
        raise BehaviorError(f"{where}: {row.problem}")
    for name, text in (("original", original), ("revised", revised)):
        if problem := text_problem(text):
            raise BehaviorError(f"{where}: {name}: {problem}")
    if original.split() == revised.split():
        raise BehaviorError(f"{where}: original and revised are the same text")
    if _is_empty(label):
        raise BehaviorError(f"{where}: label is missing; write positive or negative")
    truth = parse_label(label, where)
    if not _is_empty(revised_label) and parse_label(revised_label, f"{where}: revised") is truth:
        raise BehaviorError(f"{where}: original and revised are both labelled {truth.word}; they must be opposites")
    if _is_empty(identity):
        facts = f"{original}\0{revised}".encode()
        return Pair(hashlib.sha256(facts).hexdigest()[:12], original, revised, truth)
    if problem := text_problem(str(identity)):
        raise BehaviorError(f"{where}: id: {problem}")
    return Pair(str(identity), original, revised, truth)


def _column(table: Table, name: str) -> int | None:
    """Where the column stands, under either of its names."""
    for spelling in (name, _OTHER_NAMES.get(name)):
        if spelling in table.columns:
            return table.columns.index(spelling)
    return None


def _first(table: Table, names: tuple[str, ...]) -> str | None:
    """The first of these columns that the table has."""
    return next((name for name in names if name in table.columns), None)


def _cell(table: Table, row: Row, name: str) -> Any:
    column = _column(table, name)
    return ABSENT if column is None else row.cells[column]


def _is_empty(cell: object) -> bool:
    """An optional field that was left out."""
    return cell is None or cell is ABSENT or cell == ""
