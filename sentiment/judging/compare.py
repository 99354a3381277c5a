"""Approaches compared pairwise on the very same cases, from stored outcomes. Nothing is trained here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from sentiment.judging.baseline import failed_ids
from sentiment.judging.paired import PairedCounts, on_shared_cases
from sentiment.judging.statistics import holm
from sentiment.types import Outcome


@dataclass(frozen=True)
class Comparison:
    """Two predictors on the cases of one behavior that both were judged on."""

    behavior: str
    first: str
    second: str
    counts: PairedCounts
    p_adjusted: float
    """The two-sided p-value, by Holm's method over all comparisons that were made together."""


def compare(before: Iterable[Outcome], after: Iterable[Outcome]) -> PairedCounts | None:
    """Outcomes of two predictors on one behavior, or None when no judged case is in both."""
    after = list(after)
    return on_shared_cases(failed_ids(before), failed_ids(after), {each.case.id: each.case.group for each in after})


def compare_all(behaviors: Sequence[str], predictors: Sequence[str], outcomes: Sequence[Outcome]) -> list[Comparison]:
    """Every pair of predictors on every behavior, where they share cases; adjusted for their number."""
    by_both: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        by_both.setdefault((outcome.behavior, outcome.predictor), []).append(outcome)
    made: dict[tuple[str, str, str], PairedCounts] = {}
    for behavior in behaviors:
        for first, second in combinations(predictors, 2):
            counts = compare(by_both.get((behavior, first), ()), by_both.get((behavior, second), ()))
            if counts is not None:
                made[behavior, first, second] = counts
    adjusted = holm([counts.p_value for counts in made.values()])
    return [
        Comparison(*names, counts, p_value) for (names, counts), p_value in zip(made.items(), adjusted, strict=True)
    ]
