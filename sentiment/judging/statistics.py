"""Intervals and exact tests for counts of right and wrong cases.

Every function takes plain counts and raises `ValueError` for counts that cannot be (nothing judged,
more failures than cases, a share outside [0, 1]).
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy.special import betainc
from scipy.stats import binom, binomtest, t

from sentiment.types import Interval

ALPHA = 0.05
"""Level of every test that can turn a run red."""


def wilson(failed: int, judged: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of the share `failed / judged`.

    Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference",
    JASA 22, equation (5), without continuity correction. Unlike the normal approximation it has a
    width at 0 and at n failures, and stays within [0, 1].
    """
    _check(failed, judged)
    interval = binomtest(failed, judged).proportion_ci(confidence, method="wilson")
    low = 0.0 if failed == 0 else float(interval.low)
    high = 1.0 if failed == judged else float(interval.high)
    return Interval(low, high)


def exceeds_budget(failed: int, judged: int, budget: float) -> float:
    """p-value of "the failure rate is at most `budget`": P(X >= failed), X ~ Binomial(judged, budget).

    The exact one-sided binomial test (Clopper and Pearson 1934, Biometrika 26). Small means over budget.
    """
    _check(failed, judged, budget)
    return float(binom.sf(failed - 1, judged, budget))


def exceeds_budget_in_groups(counts: Sequence[tuple[int, int]], budget: float, level: float = ALPHA) -> float:
    """`exceeds_budget` for cases that come in groups which fail together: (failed, judged) per group.

    The binomial tail at the effective number of cases: judged cases over the design effect (the variance of
    the rate between groups over the binomial one, never taken below 1), times the squared ratio of the t
    quantiles at `level` for the degrees of freedom of cases and of groups. Korn and Graubard (1998),
    "Confidence intervals for proportions with small expected number of positive counts estimated from
    survey data", Survey Methodology 24. With one case per group it is `exceeds_budget` itself.
    """
    failed, judged = _summed(counts)
    _check(failed, judged, budget)
    if len(counts) == judged or failed == 0:
        return exceeds_budget(failed, judged, budget)
    if len(counts) == 1:
        return 1.0
    return _tail(failed / judged, _effective(counts, level), budget)


def least_over_budget(counts: Sequence[tuple[int, int]], budget: float, level: float = ALPHA) -> float | None:
    """The smallest failure rate that `exceeds_budget_in_groups` would find to be over the budget, were failures spread
    over the groups as those in `counts` are; None where not even a failure of every case would show."""
    _, judged = _summed(counts)
    _check(0, judged, budget)
    if len(counts) == judged:
        shown = (k for k in range(judged + 1) if exceeds_budget(k, judged, budget) < level)
    elif len(counts) == 1:
        return None
    else:
        effective = _effective(counts, level)
        shown = (k for k in range(1, judged + 1) if _tail(k / judged, effective, budget) < level)
    least = next(shown, None)
    return None if least is None else least / judged


def _summed(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(failed for failed, _ in counts), sum(judged for _, judged in counts)


def _effective(counts: Sequence[tuple[int, int]], level: float) -> float:
    """The effective number of cases; where nothing shows how alike a group's cases are, that of the groups."""
    (failed, judged), groups = _summed(counts), len(counts)
    if failed in (0, judged):
        return float(groups)
    rate = failed / judged
    spread = sum((bad - rate * n) ** 2 for bad, n in counts) * groups / (groups - 1) / judged**2
    by_groups = rate * (1 - rate) / spread if spread else float(judged)
    ratio = float(t.ppf(level, judged - 1) / t.ppf(level, groups - 1))
    return min(float(judged), by_groups * ratio**2)


def _tail(rate: float, effective: float, budget: float) -> float:
    """The binomial tail for a number of cases that need not be whole."""
    bad = rate * effective
    return float(betainc(bad, effective - bad + 1, budget))


def falls_below(right: int, n: int, floor: float) -> float:
    """p-value of "the accuracy is at least `floor`": P(X <= right), X ~ Binomial(n, floor).

    The other tail of the test in `exceeds_budget`. Small means below the floor.
    """
    _check(right, n, floor)
    return float(binom.cdf(right, n, floor))


def holm(p_values: Sequence[float], family: int | None = None) -> list[float]:
    """Holm-adjusted p-values, in the order given; comparing them with ALPHA bounds the family's error.

    Holm (1979), "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6: the
    k-th smallest of m is multiplied by m - k + 1, made monotone, and capped at 1. `family` is m where only
    some of the family's tests were made; the others count as p = 1.
    """
    size = max(len(p_values), family or 0)
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (size - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def _check(count: int, total: int, share: float = 0.0) -> None:
    if total < 1:
        raise ValueError(f"a rate needs at least one judged case, got {total}")
    if not 0 <= count <= total:
        raise ValueError(f"the count must lie in 0..{total}, got {count}")
    if not 0 <= share <= 1:
        raise ValueError(f"the share must lie in [0, 1], got {share}")
