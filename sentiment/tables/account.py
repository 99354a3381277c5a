"""What became of the rows of a table with labels: every row is in one of the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sentiment.types import Label

NOT_UNDERSTOOD = "label is not understood"
MISSING = "label is missing"
IGNORED = "label is to be ignored"
TRAINED_ON = "the model was trained on the text"
REMEDY = "say what they mean: --label positive=... --label negative=... --ignore-label ... ([data.labels] in a profile)"


@dataclass(frozen=True)
class Account:
    """The rows of one table, by what became of them."""

    read: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Problem -> rows that nobody asked to drop: damaged, without a text, with a label that is not understood."""
    missing: int = 0
    """Rows without a label."""
    ignored: int = 0
    """Rows whose label is to be ignored."""
    trained_on: int | None = None
    """Rows whose text the judged model learnt from; None: nobody knows what that was."""
    labels: Mapping[str, Label] = field(default_factory=dict)
    """What was read as which label, as it stands in the table."""
    not_understood: Mapping[str, int] = field(default_factory=dict)
    """Labels that stand for neither, as they stand in the table -> rows."""

    @property
    def lost(self) -> int:
        """Rows that nobody asked to drop."""
        return sum(self.dropped.values())

    @property
    def used(self) -> int:
        """Rows that are left."""
        return self.read - self.lost - self.missing - self.ignored - (self.trained_on or 0)

    @property
    def reasons(self) -> Counter[str]:
        """Why rows of the table are not used, whoever asked for it, and how many."""
        return Counter(self.dropped) + Counter({MISSING: self.missing, IGNORED: self.ignored})

    def as_dict(self) -> dict[str, Any]:
        """For JSON. `read` is the sum of `used`, `dropped`, `missing_label`, `ignored_label` and `trained_on`."""
        return {
            "rows": {
                "read": self.read,
                "used": self.used,
                "dropped": self.lost,
                "dropped_because": dict(self.dropped),
                "labels_not_understood": dict(self.not_understood),
                "missing_label": self.missing,
                "ignored_label": self.ignored,
                "trained_on": self.trained_on,
            },
            "labels": {found: label.word for found, label in self.labels.items()},
        }

    def asked(self) -> list[str]:
        """What to ask the user about labels that are not understood; nothing where all are."""
        labels = in_words(self.not_understood)
        return [f"labels that are not understood: {labels}; {REMEDY}"] if labels else []

    def lines(self) -> list[str]:
        """What to tell the user of rows that are not used."""
        said = self.asked()
        passed = +Counter({MISSING: self.missing, IGNORED: self.ignored, TRAINED_ON: self.trained_on or 0})
        if passed:
            said.append(f"passed over {passed.total()} of {self.read} rows: {in_words(passed, quoted=False)}")
        if self.lost:
            said.append(f"dropped {self.lost} of {self.read} rows: {in_words(self.dropped, quoted=False)}")
        return said


def in_words(counts: Mapping[str, int], most: int = 6, quoted: bool = True) -> str:
    """`'mixed' (3 rows), '5' (1 row)`, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    said = [f"{name!r} " if quoted else f"{name} " for name, _ in ranked[:most]]
    parts = [f"{name}({rows} row{'s' if rows != 1 else ''})" for name, (_, rows) in zip(said, ranked, strict=False)]
    return ", ".join(parts + ([f"and {len(ranked) - most} more"] if len(ranked) > most else []))
