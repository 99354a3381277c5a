"""Approaches compared pairwise on the very same cases, from stored outcomes. Nothing is trained here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from sentiment.behavior.statistics import mcnemar_exact
from sentiment.types import Outcome, Status


@dataclass(frozen=True)
class Comparison:
    """Two predictors on the cases of one behavior that both were judged on."""

    behavior: str
    first: str
    second: str
    both_right: int
    only_first_wrong: int
    only_second_wrong: int
    both_wrong: int

    @property
    def n(self) -> int:
        """Cases that both were judged on."""
        return self.both_right + self.only_first_wrong + self.only_second_wrong + self.both_wrong

    @property
    def p_value(self) -> float:
        """Exact McNemar, two-sided, not adjusted for the number of comparisons."""
        return mcnemar_exact(self.only_first_wrong, self.only_second_wrong)

    @property
    def difference(self) -> float:
        """Failure rate of the second minus that of the first, in [-1, 1]."""
        return (self.only_second_wrong - self.only_first_wrong) / self.n


def compare(behavior: str, first: str, second: str, outcomes: Iterable[Outcome]) -> Comparison | None:
    """The comparison, or None when the two share no judged case of that behavior."""
    wrong: dict[str, dict[str, bool]] = {first: {}, second: {}}
    for outcome in outcomes:
        if outcome.behavior == behavior and outcome.predictor in wrong and outcome.verdict.status is not Status.SKIPPED:
            wrong[outcome.predictor][outcome.case.id] = outcome.verdict.status is Status.FAILED
    pairs = [(is_wrong, wrong[second][case]) for case, is_wrong in wrong[first].items() if case in wrong[second]]
    if not pairs:
        return None
    return Comparison(
        behavior,
        first,
        second,
        both_right=pairs.count((False, False)),
        only_first_wrong=pairs.count((True, False)),
        only_second_wrong=pairs.count((False, True)),
        both_wrong=pairs.count((True, True)),
    )


def compare_all(behaviors: Sequence[str], predictors: Sequence[str], outcomes: Sequence[Outcome]) -> list[Comparison]:
    """Every pair of predictors on every behavior, where they share cases."""
    by_behavior: dict[str, list[Outcome]] = {name: [] for name in behaviors}
    for outcome in outcomes:
        if outcome.behavior in by_behavior:
            by_behavior[outcome.behavior].append(outcome)
    found = (
        compare(name, first, second, by_behavior[name])
        for name in behaviors
        for first, second in combinations(predictors, 2)
    )
    return [comparison for comparison in found if comparison is not None]
