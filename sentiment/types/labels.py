"""The classes of sentiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Label(IntEnum):
    """A sentiment class; the integers are IMDB's."""

    NEGATIVE = 0
    POSITIVE = 1

    @property
    def word(self) -> str:
        """Lower-case English name, as written to files."""
        return self.name.lower()


@dataclass(frozen=True)
class LabelSet:
    """The classes that a run distinguishes."""

    labels: tuple[Label, ...]

    def others(self, label: Label) -> frozenset[Label]:
        """Every class but that one: the labels of a text whose sentiment was turned."""
        return frozenset(self.labels) - {label}

    def opposite(self, label: Label) -> Label:
        """The other one of two classes. Raises `ValueError` where there are more."""
        if len(self.labels) != 2:
            raise ValueError(f"only one of two classes has an opposite, these are {len(self.labels)}")
        (other,) = self.others(label)
        return other


TWO_LABELS = LabelSet((Label.NEGATIVE, Label.POSITIVE))


def only(label: Label | None) -> frozenset[Label]:
    """The labels that a case allows where its text has that one; None, an unknown one, allows none."""
    return frozenset() if label is None else frozenset({label})


def shares_of(p_positive: float | None) -> Mapping[Label, float] | None:
    """The shares of two labels from that of the positive one, in [0, 1]."""
    return None if p_positive is None else {Label.NEGATIVE: 1 - p_positive, Label.POSITIVE: p_positive}
