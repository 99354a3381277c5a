"""From what stands in a label column to a label; and users' own labelled tables, read strictly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sentiment.data.rows import Row, Table
from sentiment.data.tables import open_table
from sentiment.errors import DataError
from sentiment.types import Label, Review

_WORDS = {
    "0": Label.NEGATIVE,
    "neg": Label.NEGATIVE,
    "negative": Label.NEGATIVE,
    "1": Label.POSITIVE,
    "pos": Label.POSITIVE,
    "positive": Label.POSITIVE,
}


def parse_label(value: object, where: str) -> Label:
    """The label that 0 or 1, false or true, or a word such as `neg` or `Positive` stands for.

    Raises `DataError`, opening with `where`, for any other value.
    """
    if isinstance(value, bool | int | float) and value in (0, 1):
        return Label(int(value))
    label = _WORDS.get(value.strip().casefold()) if isinstance(value, str) else None
    if label is None:
        raise DataError(f"{where}: label {value!r} is neither negative (0, neg) nor positive (1, pos)")
    return label


@dataclass(frozen=True)
class LabelledReviews:
    """The good rows of a labelled table; every pass over it reads the file again, in constant memory."""

    table: Table
    label_column: str
    counts: dict[Label, int]
    """Good rows per class; both classes are there."""
    bad: tuple[Row, ...]
    """The first bad rows, for the report."""
    problems: Counter[str]
    """Bad rows per problem, all of them."""

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[Review]:
        name = self.table.path.name
        for row in self.table.rows():
            if row.problem is None and row.text is not None:
                label = _label_of(self.table, row, self.label_column)
                yield Review(f"{name}-{row.number}", row.text, label, name)


def labelled_reviews(
    path: Path, text_column: str = "text", label_column: str = "label", most_bad: int = 20
) -> LabelledReviews:
    """A labelled table, read through once to check it before anything is computed.

    Bad rows (no text, undecodable bytes, wrong field count) are counted and passed over. Raises
    `DataError` for a missing column, a foreign label, no good row at all, or rows of one class only.
    """
    table = open_table(path, text_column)
    if label_column not in table.columns:
        found = ", ".join(map(repr, table.columns))
        raise DataError(f"{path}: no label column {label_column!r}; columns found: {found}")
    counts: Counter[Label] = Counter()
    problems: Counter[str] = Counter()
    bad: list[Row] = []
    for row in table.rows():
        if row.problem is None:
            counts[_label_of(table, row, label_column)] += 1
        else:
            problems[row.problem] += 1
            bad += [row] if len(bad) < most_bad else []
    if not counts:
        raise DataError(f"{path}: none of its {problems.total()} rows can be used; {_most_common(problems)}")
    if len(counts) == 1:
        (label,) = counts
        raise DataError(f"{path}: all {counts[label]} usable rows are {label.word}; rows of both classes are needed")
    return LabelledReviews(table, label_column, dict(counts), tuple(bad), problems)


def _label_of(table: Table, row: Row, column: str) -> Label:
    return parse_label(row.cells[table.columns.index(column)], f"{table.path}, {row.place}")


def _most_common(problems: Counter[str]) -> str:
    return "; ".join(f"{count} times: {problem}" for problem, count in problems.most_common(3)) or "the file is empty"
