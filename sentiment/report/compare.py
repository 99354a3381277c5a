"""Approaches compared pairwise on the very same cases, from stored outcomes. Nothing is trained here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from sentiment.behavior.baseline import failed_ids
from sentiment.behavior.paired import differ, differences
from sentiment.behavior.statistics import holm
from sentiment.types import Outcome


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
    p_value: float
    """Exact and two-sided: sign flips by group of cases, which is McNemar's test where no group repeats."""
    p_adjusted: float
    """By Holm's method over all comparisons that were made together."""

    @property
    def fixed(self) -> int:
        """Cases that the first fails and the second does not."""
        return self.only_first_wrong

    @property
    def broken(self) -> int:
        """Cases that the second fails and the first does not."""
        return self.only_second_wrong

    @property
    def n(self) -> int:
        """Cases that both were judged on."""
        return self.both_right + self.only_first_wrong + self.only_second_wrong + self.both_wrong

    @property
    def difference(self) -> float:
        """Failure rate of the second minus that of the first, in [-1, 1]."""
        return (self.only_second_wrong - self.only_first_wrong) / self.n


def compare(behavior: str, first: str, second: str, outcomes: Iterable[Outcome]) -> Comparison | None:
    """Two predictors of one run, or None when they share no judged case of that behavior."""
    found: dict[str, list[Outcome]] = {first: [], second: []}
    for outcome in outcomes:
        if outcome.behavior == behavior and outcome.predictor in found:
            found[outcome.predictor].append(outcome)
    return on_shared_cases(behavior, found[first], found[second], (first, second))


def on_shared_cases(
    behavior: str, before: Iterable[Outcome], after: Iterable[Outcome], names: tuple[str, str]
) -> Comparison | None:
    """Two lists of outcomes of one behavior, or None when no judged case is in both; `names` are the predictors'."""
    wrong, now = failed_ids(before), failed_ids(after := list(after))
    pairs = [(is_wrong, now[case]) for case, is_wrong in wrong.items() if case in now]
    if not pairs:
        return None
    p_value = differ(differences(wrong, now, {outcome.case.id: outcome.case.group for outcome in after}))
    return Comparison(
        behavior,
        *names,
        both_right=pairs.count((0, 0)),
        only_first_wrong=pairs.count((1, 0)),
        only_second_wrong=pairs.count((0, 1)),
        both_wrong=pairs.count((1, 1)),
        p_value=p_value,
        p_adjusted=p_value,
    )


def compare_all(behaviors: Sequence[str], predictors: Sequence[str], outcomes: Sequence[Outcome]) -> list[Comparison]:
    """Every pair of predictors on every behavior, where they share cases; adjusted for their number."""
    by_behavior: dict[str, list[Outcome]] = {name: [] for name in behaviors}
    for outcome in outcomes:
        if outcome.behavior in by_behavior:
            by_behavior[outcome.behavior].append(outcome)
    found = (
        compare(name, first, second, by_behavior[name])
        for name in behaviors
        for first, second in combinations(predictors, 2)
    )
    made = [comparison for comparison in found if comparison is not None]
    adjusted = holm([comparison.p_value for comparison in made])
    return [replace(each, p_adjusted=p_value) for each, p_value in zip(made, adjusted, strict=True)]
