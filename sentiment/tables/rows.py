"""What every table format has in common: rows, and what makes a cell unusable as a text."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""Stands for a key that a JSONL row lacks."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""A code point that UTF-8 cannot hold: an undecodable byte, or half a surrogate pair."""


@dataclass(frozen=True)
class Row:
    """One row of a user's table."""

    number: int
    """1-based, the header not counted."""
    cells: Sequence[Any]
    """As they were read, one per column of the table."""
    text: str | None
    problem: str | None
    """Why the row cannot be used, or None."""
    line: int | None = None
    """Line of the file where the row begins, where the format has lines."""
    readable: bool = True
    """False: the row as a whole is damaged, so that none of its cells can be relied on."""
    detail: str = ""
    """More about the problem, other in every row."""

    @property
    def said(self) -> str:
        """The problem with its detail, for messages about this row."""
        return f"{self.problem} ({self.detail})" if self.detail else str(self.problem)

    @property
    def place(self) -> str:
        """`row 3 (line 5)`, for messages."""
        return f"row {self.number}" + (f" (line {self.line})" if self.line else "")


@dataclass(frozen=True)
class Table(ABC):
    """A user's table that has been looked at but not read into memory."""

    path: Path
    columns: tuple[str, ...]
    text_column: str
    kind: str
    """csv, json or parquet."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found out about the file and not told by its user, in words."""
        return ()

    def class_names(self, column: str) -> tuple[str, ...]:
        """The names of the classes that the column's numbers stand for; empty where the file names none."""
        return ()

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """Every row, in order, reading the file from its start."""

    @abstractmethod
    def count(self) -> int:
        """Number of rows; at most one quick pass over the file."""


def text_problem(value: object) -> str | None:
    """Why a cell cannot be used as a text, or None."""
    if value is None or value is ABSENT:
        return "text is missing"
    if not isinstance(value, str):
        return f"text is not a string but {type(value).__name__}"
    if not value.strip():
        return "text is empty"
    if SURROGATE.search(value):
        return "text is not valid UTF-8 (undecodable bytes, or half a surrogate pair)"
    return None


def is_blank(row: Row) -> bool:
    """Whether nothing stands in the row: spreadsheets end their tables with such rows."""
    return all(cell is None or cell is ABSENT or not str(cell).strip() for cell in row.cells)
