"""Two classifiers, or one now and before, on the very same cases: tests of the difference.

Cases of a group (one sentence frame, one edited review) tend to change together, so the unit is the group:
its difference is how many more of its cases fail in the second than in the first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import norm, t

LEAST_RATIO = 0.02
MOST_FREEDOM = 200.0
"""Degrees of freedom that are as good as infinitely many."""
Differences = Sequence[int]
"""Per group: failures of the second minus failures of the first."""


def differences(first: Mapping[str, int], second: Mapping[str, int], groups: Mapping[str, str]) -> list[int]:
    """Per group, over the cases that both have: failures of `second` minus failures of `first`.

    `first` and `second` give a count of failures per case id, `groups` the group of a case id.
    """
    sums: dict[str, int] = {}
    for case in first.keys() & second.keys():
        sums[groups[case]] = sums.get(groups[case], 0) + second[case] - first[case]
    return list(sums.values())


def worse(found: Differences, variance: float | None = None) -> float:
    """One-sided p-value of "the second fails no more often than the first".

    The exact sign-flip test (Fisher 1935, The Design of Experiments, section 21): if nothing changed, each
    group's difference is as likely to have the other sign. With one case per group it is the exact McNemar
    test. `variance`, where given, is that of the sum of differences between two trainings of one recipe:
    the sum must then also be too large for that, by the normal distribution, and the larger p-value counts.
    """
    exact = _sign_flip(found)
    if variance is None:
        return exact
    return max(exact, float(norm.sf(sum(found) / variance**0.5))) if variance > 0 else exact


def _sign_flip(found: Differences) -> float:
    sizes = [abs(each) for each in found if each]
    total = sum(sizes)
    if not sizes:
        return 1.0
    chances = np.zeros(2 * total + 1)
    chances[total] = 1.0
    for size in sizes:
        spread = np.zeros_like(chances)
        spread[size:] += chances[:-size]
        spread[:-size] += chances[size:]
        chances = spread / 2
    sums = np.arange(-total, total + 1)
    return float(min(1.0, chances[sums >= sum(found)].sum()))


def differ(found: Differences) -> float:
    """Two-sided p-value: twice the smaller tail, at most 1."""
    return _two_sided(worse(found), worse([-each for each in found]))


def _two_sided(p_worse: float, p_better: float) -> float:
    return min(1.0, 2 * min(p_worse, p_better))


def worse_than(right_before: Sequence[bool], right_now: Sequence[bool]) -> float:
    """`worse` for answers to the same questions in the same order, each a group of its own."""
    return worse([int(before) - int(now) for before, now in zip(right_before, right_now, strict=True)])


@dataclass(frozen=True)
class PairedCounts:
    """Two classifiers on the cases that both judged: what each fails, and exact tests of whether they differ."""

    both_right: int
    fixed: int
    """Cases that only the first fails."""
    broken: int
    """Cases that only the second fails."""
    both_wrong: int
    p_worse: float
    """Of "the second fails no more often than the first", see `worse`."""
    p_better: float
    """Of "the second fails no less often than the first"."""

    @property
    def n(self) -> int:
        """Cases that both judged."""
        return self.both_right + self.fixed + self.broken + self.both_wrong

    @property
    def first_rate(self) -> float:
        """Failure rate of the first, in [0, 1]."""
        return (self.fixed + self.both_wrong) / self.n

    @property
    def second_rate(self) -> float:
        """Failure rate of the second, in [0, 1]."""
        return (self.broken + self.both_wrong) / self.n

    @property
    def difference(self) -> float:
        """Failure rate of the second minus that of the first, in [-1, 1]."""
        return (self.broken - self.fixed) / self.n

    @property
    def p_value(self) -> float:
        """Two-sided. McNemar's exact test where no group has two cases."""
        return _two_sided(self.p_worse, self.p_better)


def on_shared_cases(
    first: Mapping[str, int], second: Mapping[str, int], groups: Mapping[str, str]
) -> PairedCounts | None:
    """`first` and `second` say of a case id whether it was failed, 1 or 0; `groups` its group. None where no case is in
    both."""
    pairs = Counter((failed, second[case]) for case, failed in first.items() if case in second)
    if not pairs:
        return None
    found = differences(first, second, groups)
    return PairedCounts(
        both_right=pairs[0, 0],
        fixed=pairs[1, 0],
        broken=pairs[0, 1],
        both_wrong=pairs[1, 1],
        p_worse=worse(found),
        p_better=worse([-each for each in found]),
    )


def over_dispersion(repeats: Iterable[Differences], freedom: int, level: float) -> float:
    """By how much repeated trainings differ more than independent groups would, at least 1.

    Each of `repeats` is the differences between two trainings of one recipe on one behavior, where the true
    difference is none: the squared sums over the sums of squares, pooled, estimate the excess variance. It
    is an estimate from few trainings, so it is widened to the quantile of Student's t with `freedom`
    degrees of freedom at `level`, relative to the normal quantile.
    """
    squared_sums = sums_of_squares = 0
    for found in repeats:
        squared_sums += sum(found) ** 2
        sums_of_squares += sum(each**2 for each in found)
    excess = squared_sums / sums_of_squares if sums_of_squares else 1.0
    return max(1.0, excess) * float(t.isf(level, freedom) / norm.isf(level)) ** 2


def moderated(ratios: Sequence[float], freedom: int) -> tuple[list[float], float]:
    """Variance ratios of few degrees of freedom each, drawn towards what they have in common; and the degrees of
    freedom that the common knowledge is worth.

    The empirical Bayes estimate of Smyth (2004), "Linear models and empirical Bayes methods for assessing
    differential expression in microarray experiments", Stat. Appl. Genet. Mol. Biol. 3, sections 6.2 and 3: where
    the ratios differ no more than chance makes them, the common value counts alone; where they differ much, each
    keeps its own. Ratios below `LEAST_RATIO` are taken for it: counts are whole numbers, and log 0 is none.
    """
    values = np.maximum(np.asarray(ratios, dtype=float), LEAST_RATIO)
    logs = np.log(values) - digamma(freedom / 2) + math.log(freedom / 2)
    excess = float(logs.var(ddof=1) - polygamma(1, freedom / 2)) if len(values) > 1 else 0.0
    if excess <= polygamma(1, MOST_FREEDOM / 2):
        prior, common = MOST_FREEDOM, float(values.mean())
    else:
        prior = 2 * float(brentq(lambda half: float(polygamma(1, half)) - excess, 1e-3, MOST_FREEDOM))
        common = math.exp(float(logs.mean()) + float(digamma(prior / 2)) - math.log(prior / 2))
    return [(prior * common + freedom * ratio) / (prior + freedom) for ratio in ratios], prior


def least_visible(groups: int, cases: int, weight: int, variance: float | None, level: float) -> int | None:
    """The fewest newly failing cases, spread over as many groups as can be and none fixed, whose `worse` is
    below `level`.

    `weight` is how much one case counts in a difference. None when even a failure of all `cases` in `groups`
    groups is not enough.
    """
    # all signs positive: one chance in 2 to the power of their number
    fewest_groups = math.floor(-math.log2(level) + 1e-9) + 1
    least_sum = 0.0 if variance is None else float(norm.isf(level)) * variance**0.5
    fewest = max(fewest_groups, math.floor(least_sum / weight + 1e-9) + 1)
    return fewest if fewest_groups <= groups and fewest <= cases else None
