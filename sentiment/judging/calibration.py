"""Whether probabilities mean what they say: reliability by bins of equal size, Brier score, calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from sentiment.judging.statistics import wilson
from sentiment.types import Interval, Outcome

MOST_BINS = 10
FEWEST_PER_BIN = 15


@dataclass(frozen=True)
class Bin:
    """Cases of similar probability."""

    n: int
    said: float
    """Mean P(positive)."""
    found: float
    """Share that is positive."""
    interval: Interval
    """Wilson, 95 %, of that share."""


@dataclass(frozen=True)
class Calibration:
    """How P(positive) compares to what is positive."""

    n: int
    bins: Sequence[Bin]
    """Of about equal size, by rising P(positive); cases of the very same probability are in one."""
    brier: float
    """Mean squared distance of P(positive) from the truth; 0 is perfect, 0.25 what always saying 0.5 gets."""
    error: float
    """Expected calibration error: mean distance of the bins from the diagonal, by size."""


def calibration_of(outcomes: Sequence[Outcome]) -> Calibration | None:
    """Of the outcomes that carry a true label and a probability; None where these are too few for two bins."""
    pairs = [(o.prediction.p_positive, float(o.case.label)) for o in outcomes if o.case.label is not None]
    known = sorted((p, truth) for p, truth in pairs if p is not None)
    count = min(MOST_BINS, len(known) // FEWEST_PER_BIN)
    if count < 2:
        return None
    table = np.array(known)  # (cases, 2): P(positive), truth
    # equal probabilities stay in one bin: which of them comes first would say nothing
    edges = np.searchsorted(table[:, 0], [part[0, 0] for part in np.array_split(table, count)])
    bins = [_bin(part) for part in np.split(table, np.unique(edges)[1:])]
    return Calibration(
        n=len(known),
        bins=bins,
        brier=float(((table[:, 0] - table[:, 1]) ** 2).mean()),
        error=fsum(each.n * abs(each.said - each.found) for each in bins) / len(known),
    )


def _bin(part: np.ndarray) -> Bin:
    positive = int(part[:, 1].sum())
    return Bin(len(part), float(part[:, 0].mean()), positive / len(part), wilson(positive, len(part)))
