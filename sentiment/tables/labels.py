"""Users' own labelled tables: what each label stands for, and what became of every row."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sentiment.errors import DataError
from sentiment.spellings import Spellings, class_name, is_numbered, known, shown, spelling
from sentiment.tables.account import NOT_UNDERSTOOD, REMEDY, TRAINED_ON, Account, in_words
from sentiment.tables.layout import UNTOLD, Layout
from sentiment.tables.rows import ABSENT, Row, Table
from sentiment.tables.table import open_table, refuse_missing
from sentiment.text import text_digest
from sentiment.types import Label, Review

MOST_LABELS = 1000
"""More different values than this are no labels."""
MOST_BAD = 20
"""Dropped rows that are named one by one; the others are only counted."""


def parse_label(value: object, where: str) -> Label:
    """The label that a single cell stands for, such as 0, "1.0", true, `neg` or `Positive`.

    Raises `DataError`, opening with `where`, for any other value.
    """
    label = known(spelling(value))
    if label is None:
        raise DataError(f"{where}: label {shown(value)} is neither negative (0, neg) nor positive (1, pos)")
    return label


@dataclass
class LabelCounts:
    """The labels of one column, counted by spelling."""

    where: str
    """File or dataset, and column, for messages."""
    spellings: Spellings
    rows: Counter[str] = field(default_factory=Counter)
    as_written: dict[str, str] = field(default_factory=dict)
    """Spelling -> how it first stood there."""

    def add(self, value: object, spelled: str) -> None:
        """Count a row. Raises `DataError` when there are more different values than labels can be."""
        self.rows[spelled] += 1
        if spelled not in self.as_written:
            self.as_written[spelled] = str(value).strip()[:60] if isinstance(value, str) else spelled
            if len(self.rows) > MOST_LABELS:
                raise DataError(
                    f"{self.where}: over {MOST_LABELS} different values, such as {shown(value)}, so these are no labels"
                )

    def understood(self) -> tuple[dict[str, Label], Counter[str]]:
        """Spelling -> label; and the rows of each label, as it stands there, that is not understood.

        Raises `DataError` when so much is not understood that no figure should be made of the rest.
        """
        meanings = self.spellings.meanings(self.rows)
        unknown = Counter({self.as_written[each]: n for each, n in self.rows.items() if each not in meanings})
        if 2 * unknown.total() <= self.rows.total() and (not unknown or len(set(meanings.values())) == len(Label)):
            return meanings, unknown
        believed = Counter({self.as_written[each]: self.rows[each] for each in meanings})
        also = f" (understood: {in_words(believed)})" if believed else ""
        guess = any(known(each) is not None and each not in meanings for each in self.rows)
        why = "; beside other numbers, what 0 and 1 mean is not guessed at" if guess else ""
        raise DataError(f"{self.where}: labels that are not understood: {in_words(unknown)}{also}{why}; {REMEDY}")

    def notes(self, meanings: Mapping[str, Label]) -> list[str]:
        """What the user should know of how labels were read."""
        own = self.spellings.own
        numbered = [f"{self.as_written[s]} as {m.word}" for s, m in meanings.items() if is_numbered(s) and s not in own]
        return [f"{self.where}: {' and '.join(numbered)}, by the number alone"] if numbered else []


@dataclass(frozen=True)
class LabelledReviews:
    """The good rows of a labelled table; every pass over it reads the file again, in constant memory."""

    table: Table
    label_column: str
    meanings: Mapping[str, Label]
    """Spelling -> label."""
    counts: Mapping[Label, int]
    """Good rows per class; both classes are there."""
    account: Account
    bad: tuple[Row, ...]
    """The first rows that nobody asked to drop and that were dropped."""
    notes: tuple[str, ...] = ()
    """What was found out about the table and not told by its user, in words."""
    left_out: Set[str] = frozenset()
    """Digests of texts that are passed over."""

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[Review]:
        name = self.table.path.name
        for row, _, spelled in _labelled(self.table, self.label_column):
            label = self.meanings.get(spelled)
            if label is None or row.problem is not None or row.text is None:
                continue
            if not self.left_out or text_digest(row.text) not in self.left_out:
                yield Review(f"{name}-{row.number}", row.text, label, name)

    def without(self, learnt: Set[str] | None) -> LabelledReviews:
        """Those whose text is not among the ones that the judged model was trained on, given by their digests; all
        where nobody knows them. Raises `DataError` when no two classes are left.
        """
        if learnt is None:
            return self
        rest = dataclasses.replace(self, left_out=learnt)
        counts = Counter(review.label for review in rest if review.label is not None)
        account = dataclasses.replace(self.account, trained_on=len(self) - counts.total())
        _refuse_one_class(self.table.path, counts, account)
        return dataclasses.replace(rest, counts=dict(counts), account=account)


def labelled_reviews(
    path: Path,
    text_column: str = "text",
    label_column: str = "label",
    layout: Layout = UNTOLD,
    spellings: Spellings | None = None,
) -> LabelledReviews:
    """A labelled table, read through once to check it before anything is computed.

    Rows that cannot be used are counted and passed over. Raises `DataError` for a missing column, labels that are
    mostly not understood, no good row at all, or rows of one class only.
    """
    table = open_table(path, text_column, layout)
    refuse_missing(table, label_column, "label", layout)
    labels = LabelCounts(f"{path}, column {label_column!r}", spellings or Spellings())
    read = missing = ignored = 0
    dropped: Counter[str] = Counter()
    bad: list[Row] = []
    for row, value, spelled in _labelled(table, label_column):
        read += 1
        if row.readable and labels.spellings.is_missing(spelled):
            missing += 1
        elif row.readable and labels.spellings.ignores(spelled):
            ignored += 1
        elif row.problem is not None:
            dropped[row.problem] += 1
            bad.append(row)
        else:
            labels.add(value, spelled)
            if not labels.spellings.recognises(spelled):
                bad.append(dataclasses.replace(row, problem=NOT_UNDERSTOOD, detail=shown(value)))
        del bad[MOST_BAD:]
    meanings, unknown = labels.understood()
    dropped += Counter({NOT_UNDERSTOOD: unknown.total()})
    counts: Counter[Label] = Counter()
    for spelled, label in meanings.items():
        counts[label] += labels.rows[spelled]
    as_read = {labels.as_written[spelled]: label for spelled, label in sorted(meanings.items())}
    account = Account(
        read, dict(dropped), missing, ignored, labels=as_read, not_understood=dict(unknown.most_common(MOST_BAD))
    )
    _refuse_one_class(path, counts, account)
    notes = (*table.notes, *labels.notes(meanings))
    return LabelledReviews(table, label_column, meanings, dict(counts), account, tuple(bad), notes)


def _labelled(table: Table, column: str) -> Iterator[tuple[Row, Any, str]]:
    """Each row with its label: as it is written, numbers that have a class name by that; and as it is spelled."""
    where, names = table.columns.index(column), table.class_names(column)
    for row in table.rows():
        cell = row.cells[where]
        value = None if cell is ABSENT else class_name(cell, names)
        yield row, value, spelling(value)


def _refuse_one_class(path: Path, counts: Mapping[Label, int], account: Account) -> None:
    found = [label for label in Label if counts.get(label)]
    if len(found) == len(Label):
        return
    usable = f"all {account.used} usable rows are {found[0].word}" if found else "none of its rows can be used"
    left_out = account.reasons + Counter({TRAINED_ON: account.trained_on or 0})
    why = f" (left out: {in_words(left_out, quoted=False)})" if left_out else ""
    raise DataError(f"{path}: {usable}{why}; rows of both classes are needed")
