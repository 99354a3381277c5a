"""What stands in a label column, and what it means: one table of spellings, whatever format the column came in.

Known without being told: 0 and 1, false and true, neg, negative, pos and positive, LABEL_0 and LABEL_1, in any casing
and as number, truth value or text. Numbers, and labels that are only numbered, are believed as long as the column
holds nothing but 0 and 1: beside a 2, a 1 may well be the negative class, or a neutral one.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sentiment.types import Label

_NUMBERS = {"0": Label.NEGATIVE, "1": Label.POSITIVE}
_NUMBERED = {"label_0": Label.NEGATIVE, "label_1": Label.POSITIVE}
_TRUTHS = {"false": Label.NEGATIVE, "true": Label.POSITIVE}
_WORDS = {"neg": Label.NEGATIVE, "negative": Label.NEGATIVE, "pos": Label.POSITIVE, "positive": Label.POSITIVE}
_NEITHER = frozenset({"neu", "neutral"})
_MISSING = frozenset({"", "nan", "none", "null", "na", "n/a", "<na>", "#n/a"})
"""A cell without a label, as pandas and spreadsheets write it."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{0,15})?(e[+-]?[0-9]{1,2})?")
_IS_NUMBERED = re.compile(r"label_[0-9]+")
RARE, FEW = 20, 5
"""Numbers other than 0 and 1 are strays, and not other classes, where they are `RARE` times rarer than either, or in a
single row with at least `FEW` of either."""


def spelling(value: object) -> str:
    """The normal form of a cell: 4, 4.0 and "4" are one spelling, so are True and "true"; empty where nothing is."""
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        return "" if math.isnan(value) else _number(float(value))
    if not isinstance(value, str | int):
        return f"a {type(value).__name__}"
    text = str(value).strip().casefold()
    return _number(float(text)) if _NUMBER.fullmatch(text) else text


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def known(spelled: str) -> Label | None:
    """The label that a spelling stands for without being told."""
    return _system(spelled).get(spelled)


def named(spelled: str) -> Label | None:
    """The label that a word names by itself: numbers and truth values name none."""
    return _WORDS.get(spelled)


def is_neither(spelled: str) -> bool:
    """Whether it is the name of a class that two labels lack."""
    return spelled in _NEITHER


def is_missing(spelled: str) -> bool:
    """Whether the cell says that there is no label."""
    return spelled in _MISSING


def is_numbered(spelled: str) -> bool:
    """Whether it is `LABEL_0` or its like, whose number says nothing of sentiment."""
    return _IS_NUMBERED.fullmatch(spelled) is not None


def shown(value: object, width: int = 40) -> str:
    """A label cell for messages: on one line, and cut where it is long."""
    text = repr(value if isinstance(value, str | int | float) else spelling(value))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def class_name(value: object, names: tuple[str, ...]) -> object:
    """What a number of a column with class names stands for: its name; None for -1, which is how such columns write
    that there is no label. Other values stay as they are."""
    if not names or isinstance(value, bool | str) or not isinstance(value, int | float) or value != value:
        return value
    if value == -1:
        return None
    return names[int(value)] if 0 <= value < len(names) and value == int(value) else f"class {value:g}"


def _system(spelled: str) -> Mapping[str, Label]:
    """The known spellings that this one must be read together with."""
    if _NUMBER.fullmatch(spelled):
        return _NUMBERS
    if is_numbered(spelled):
        return _NUMBERED
    return _TRUTHS if spelled in _TRUTHS else _WORDS


@dataclass(frozen=True)
class Spellings:
    """The table: what is known, under what the user says."""

    own: Mapping[str, Label | None] = field(default_factory=dict)
    """Normal form -> label; None: rows with this label are passed over, as asked for."""

    @classmethod
    def of(cls, positive: Iterable[Any] = (), negative: Iterable[Any] = (), ignore: Iterable[Any] = ()) -> Spellings:
        """The table with spellings of the user's own. Raises `ValueError` for one that stands on two sides, or is
        empty."""
        own: dict[str, Label | None] = {}
        for label, values in ((Label.POSITIVE, positive), (Label.NEGATIVE, negative), (None, ignore)):
            for value in values:
                spelled = spelling(value)
                if not spelled and label is not None:
                    raise ValueError(f"an empty label cannot be {label.word}")
                if own.setdefault(spelled, label) is not label:
                    sides = f"{_side(own[spelled])} and {_side(label)}"
                    raise ValueError(f"label {shown(value)} is both {sides}; drop one of them")
        return cls(own)

    @classmethod
    def parsed(cls, labels: Iterable[str], ignored: Iterable[str]) -> Spellings:
        """From the words of a command line: `positive=4,5`, `negative=1,2`; and `3,neutral`. A label that holds a
        comma stands in double quotes. Raises `ValueError`."""
        sides: dict[str, list[str]] = {"positive": [], "negative": []}
        for each in labels:
            side, equals, values = each.partition("=")
            if not equals or side.strip().lower() not in sides:
                raise ValueError(f"{each!r} says no side; write positive=... or negative=..., such as positive=4,5")
            sides[side.strip().lower()] += comma_separated(values)
        return cls.of(**sides, ignore=[value for each in ignored for value in comma_separated(each)])

    def ignores(self, spelled: str) -> bool:
        """Whether rows with this label are to be passed over."""
        return spelled in self.own and self.own[spelled] is None

    def is_missing(self, spelled: str) -> bool:
        """Whether the cell says that there is no label, and nobody said otherwise."""
        return spelled not in self.own and is_missing(spelled)

    def recognises(self, spelled: str) -> bool:
        """Whether the spelling is in the table; what it means depends on the others of its column."""
        return spelled in self.own or known(spelled) is not None

    def meanings(self, counts: Mapping[str, int]) -> dict[str, Label]:
        """What the spellings of one column mean; those that are left out stand for neither label, as far as we know.

        `counts` holds the rows per spelling. Who says what one number means says it for all numbers.
        """
        found: dict[str, Label] = {}
        for spelled in counts:
            system = _system(spelled)
            believed = system if self._believed(system, counts) else {}
            label = self.own[spelled] if spelled in self.own else believed.get(spelled)
            if label is not None:
                found[spelled] = label
        return found

    def _believed(self, system: Mapping[str, Label], counts: Mapping[str, int]) -> bool:
        if system is _WORDS:
            return True
        if any(label is not None and _system(spelled) is system for spelled, label in self.own.items()):
            return False
        others = sum(
            rows
            for spelled, rows in counts.items()
            if _system(spelled) is system and spelled not in system and not self.ignores(spelled)
        )
        rarer = min(counts.get(spelled, 0) for spelled in system)
        return others * RARE <= rarer or (others == 1 and rarer >= FEW)


def comma_separated(text: str) -> list[str]:
    """The parts of a text between commas, without the blanks around them; double quotes keep a comma."""
    return [part.strip() for part in next(csv.reader([text], skipinitialspace=True), [])]


def _side(label: Label | None) -> str:
    return "ignored" if label is None else label.word
