"""Two classifiers, or one now and before, on the very same cases: tests of the difference.

Cases of a group (one sentence frame, one edited review) tend to change together, so the unit is the group:
its difference is how many more of its cases fail in the second than in the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.stats import binom, norm, t

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


def worse(found: Differences, over_dispersion: float = 1.0) -> float:
    """One-sided p-value of "the second fails no more often than the first".

    The exact sign-flip test (Fisher 1935, The Design of Experiments, section 21): if nothing changed, each
    group's difference is as likely to have the other sign. With one case per group it is the exact McNemar
    test. `over_dispersion` is by how much the variance of a sum of differences exceeds that of independent
    groups; the observed sum is shrunk by its square root.
    """
    sizes = [abs(each) for each in found if each]
    total = sum(sizes)
    if not sizes:
        return 1.0
    chances = np.zeros(2 * total + 1)
    chances[total] = 1.0
    for size in sizes:
        chances = (np.roll(chances, size) + np.roll(chances, -size)) / 2
    least = sum(found) / over_dispersion**0.5
    sums = np.arange(-total, total + 1)
    return float(min(1.0, chances[sums >= least - 1e-9].sum()))


def differ(found: Differences) -> float:
    """Two-sided p-value: twice the smaller tail, at most 1."""
    return min(1.0, 2 * min(worse(found), worse([-each for each in found])))


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


def least_visible(groups: int, over_dispersion: float, level: float) -> int | None:
    """The fewest newly failing groups, one case each and none fixed, whose `worse` is below `level`.

    None when even a failure in every one of `groups` groups is not enough.
    """
    broken = np.arange(1, groups + 1)
    # all differences are equal, so the sum reaches its bound when this many of the signs are positive
    positive = np.ceil(broken * (1 + over_dispersion**-0.5) / 2 - 1e-9)
    seen = broken[binom.sf(positive - 1, broken, 0.5) < level]
    return int(seen[0]) if len(seen) else None
