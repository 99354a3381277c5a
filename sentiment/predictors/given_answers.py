"""Answers that were given elsewhere, by a cluster or a batch service, to queries that were exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sentiment.errors import SubjectError, shown
from sentiment.files import parsed_json
from sentiment.predictors.function import prediction_of
from sentiment.prompting.answers import parse_answer
from sentiment.tables.rows import ABSENT, Row
from sentiment.tables.table import open_table
from sentiment.types import Prediction, Query

FORMS = ("text", "label", "shares")
"""Columns of an answer; one of them holds it: what a language model wrote, a label, or label -> share."""
ID_SHOWN = 16
"""Characters of a query's id in what is told."""
NAMED = 3
"""Queries that are named where something is wrong with them; the others are counted."""


@dataclass(frozen=True)
class GivenAnswers:
    """A CSV, JSONL or parquet file with the column `id`, of exported queries, and one of `FORMS`."""

    name: str
    path: Path
    note: Callable[[str], object] = print

    @property
    def fingerprint(self) -> str:
        """The file is read in every run, so nothing of it is stored elsewhere."""
        return ""

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order. Raises `SubjectError` for a query that has none."""
        found = dict(self.stream(list(dict.fromkeys(queries))))
        missing = next((query for query in queries if query not in found), None)
        if missing is not None:
            raise SubjectError(f"{self.name}: {self.path} holds no answer to query {missing.digest}")
        return [found[query] for query in queries]

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[Query, Prediction]]:
        """The answers to these queries, in the order of the file, which is read once; memory grows with the queries
        alone. Missing, double and foreign ones are told when it is read.

        Raises `SubjectError` for an answer that is none, `DataError` where the file cannot be read.
        """
        table = open_table(self.path, "id")
        forms = [(name, table.columns.index(name)) for name in FORMS if name in table.columns]
        if not forms:
            raise SubjectError(f"{self.path} has none of the columns that hold answers: {', '.join(FORMS)}")
        is_csv = table.kind == "csv"
        tally = _Tally({query.digest: query for query in queries})
        for row in table.rows():
            if row.problem is not None or row.text is None:
                raise SubjectError(f"{self.path} {row.place}: {row.said.replace('text', 'id', 1)}")
            query = tally.next_of(row.text)
            given = None if query is None else self._answer(row, query, forms, is_csv)
            if query is not None and given is not None:
                tally.answered.add(row.text)
                yield query, given
        for line in tally.lines():
            self.note(f"{self.path}: {line}")

    def _answer(self, row: Row, query: Query, forms: Sequence[tuple[str, int]], is_csv: bool) -> Prediction | None:
        nothing = "" if is_csv and len(forms) > 1 else None  # CSV knows no other way of leaving a cell out
        cells = {name: row.cells[place] for name, place in forms}
        told = {name: cell for name, cell in cells.items() if not _is_empty(cell) and cell != nothing}
        if len(told) > 1:
            raise SubjectError(f"{self.path} {row.place}: {' and '.join(told)} hold an answer; one of them must")
        try:
            return next((_read(name, cell, query) for name, cell in told.items()), None)
        except ValueError as error:
            raise SubjectError(f"{self.path} {row.place}: {error}") from None


def _read(form: str, cell: Any, query: Query) -> Prediction:
    """What stands in one cell. Raises `ValueError`."""
    if form == "text":
        if not isinstance(cell, str):
            raise ValueError(f"text is what a model wrote, got {shown(cell)}")
        return Prediction(parse_answer(cell, query.prompt.words), text=cell)
    if form == "shares":
        cell = parsed_json(cell) if isinstance(cell, str) else cell
        if not isinstance(cell, Mapping):
            raise ValueError(f"shares are label -> share, got {shown(cell)}")
        cell = {name: share for name, share in cell.items() if share is not None}  # parquet fills up structs
    elif isinstance(cell, float):
        raise ValueError(f"label is positive or negative, got {shown(cell)}; a probability goes into shares")
    return prediction_of(cell)


def _is_empty(cell: Any) -> bool:
    """A cell without an answer; an empty text is one, as models write it."""
    return cell is None or cell is ABSENT or cell != cell


@dataclass
class _Tally:
    """What became of the queries of one file."""

    wanted: Mapping[str, Query]
    """By id."""
    answered: set[str] = field(default_factory=set)
    doubled: int = 0
    doubles: list[str] = field(default_factory=list)
    """The first of them."""
    foreign: int = 0
    foreigners: list[str] = field(default_factory=list)
    """The first of them."""

    def next_of(self, id_: str) -> Query | None:
        """The query of that id, unless it is nobody's or has its answer."""
        query = self.wanted.get(id_)
        if query is None:
            self.foreign += 1
            self.foreigners += [id_[:ID_SHOWN]] * (len(self.foreigners) < NAMED)
        elif id_ in self.answered:
            self.doubled += 1
            self.doubles += [id_[:ID_SHOWN]] * (len(self.doubles) < NAMED)
            return None
        return query

    def lines(self) -> list[str]:
        """What to tell of it."""
        missing = [
            f"{id_[:ID_SHOWN]} {shown(query.text)}" for id_, query in self.wanted.items() if id_ not in self.answered
        ]
        told = (
            (len(missing), "of {} queries have no answer", missing),
            (self.doubled, "answers are to a query that has one already; the first one counts", self.doubles),
            (self.foreign, "answers are to queries that are not asked here", self.foreigners),
        )
        return [
            f"{count:,} {what.format(f'{len(self.wanted):,}')}: {', '.join(named[:NAMED])}"
            + (" ..." if count > NAMED else "")
            for count, what, named in told
            if count
        ]
