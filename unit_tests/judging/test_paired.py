"""The paired tests against scipy, enumeration and simulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from sentiment.judging.paired import (
    PairedCounts,
    differ,
    differences,
    least_visible,
    moderated,
    on_shared_cases,
    over_dispersion,
    worse,
)


def by_enumeration(found: list[int]) -> float:
    signs = product((-1, 1), repeat=len(found))
    sums = [sum(s * abs(d) for s, d in zip(each, found, strict=True)) for each in signs]
    return sum(total >= sum(found) for total in sums) / len(sums)


def apart(found: list[int]) -> tuple[dict[str, int], dict[str, int], dict[str, str]]:
    """Failures of two classifiers, each case a group of its own, that differ so."""
    names = {str(place): str(place) for place in range(len(found))}
    first = {name: int(change < 0) for name, change in zip(names, found, strict=True)}
    return first, {name: int(change > 0) for name, change in zip(names, found, strict=True)}, names


@pytest.mark.parametrize(("broken", "fixed"), [(0, 1), (1, 0), (6, 0), (10, 2), (7, 7), (40, 25)])
def test_with_one_case_per_group_it_is_the_exact_mcnemar_test(broken: int, fixed: int) -> None:
    found = [1] * broken + [-1] * fixed + [0] * 100
    assert worse(found) == pytest.approx(binomtest(broken, broken + fixed, 0.5, alternative="greater").pvalue)
    counts = on_shared_cases(*apart(found))
    assert counts is not None
    assert (counts.broken, counts.fixed, counts.both_right, counts.n) == (broken, fixed, 100, broken + fixed + 100)
    assert counts.p_value == differ(found) == pytest.approx(binomtest(broken, broken + fixed, 0.5).pvalue)


@pytest.mark.parametrize("found", [[3, -1, 2, 0, 5], [1, 1, -2], [-4, -1], [7], [2, 2, 2, -3, -3, 1, 1, 0, 4]])
def test_groups_are_flipped_as_wholes(found: list[int]) -> None:
    assert worse(found) == pytest.approx(by_enumeration(found))


def test_nothing_changed_is_nothing_worse() -> None:
    assert worse([]) == worse([0, 0]) == differ([0]) == 1.0
    assert PairedCounts(1, 0, 0, 0, p_worse=1.0, p_better=1.0).p_value == 1.0
    assert on_shared_cases({"a": 1}, {"b": 1}, {"a": "a", "b": "b"}) is None


def test_the_sum_must_also_be_too_large_for_the_variance_between_trainings() -> None:
    found = [3] * 12
    assert worse(found) == pytest.approx(2**-12)
    assert worse(found, 18.0**2) == pytest.approx(norm.sf(36 / 18))
    assert worse(found, 1.0) == worse(found, 0.0) == worse(found)  # never stronger than the exact test
    assert worse([-3] * 12, 18.0**2) == 1.0


def test_a_variance_that_is_known_beforehand_does_not_grow_with_a_collapse() -> None:
    """One of what was observed would: the sum of 40 whole frames could then never be too large."""
    variance = 4 * 160 * 0.5 * 6
    assert worse([12] * 40, variance) < 1e-9


def test_differences_sum_within_groups_over_shared_cases_only() -> None:
    first = {"a": 0, "b": 3, "c": 1, "only first": 3}
    second = {"a": 3, "b": 3, "c": 0, "only second": 3}
    found = differences(first, second, {"a": "x", "b": "x", "c": "y"})
    assert sorted(found) == [-1, 3]


def test_independent_repeats_show_no_over_dispersion_and_shared_shifts_show_it() -> None:
    random = np.random.default_rng(0)
    calm = [list(random.integers(-1, 2, 100)) for _ in range(60)]
    assert over_dispersion(calm, 1000, 0.01) < 1.6
    shifted = [list(random.binomial(1, 0.1 + 0.1 * abs(z), 100) * (1 if z > 0 else -1)) for z in random.normal(size=60)]
    assert over_dispersion(shifted, 1000, 0.01) > 5


def test_few_trainings_widen_the_estimate() -> None:
    assert over_dispersion([[1, -1]], 2, 0.001) > over_dispersion([[1, -1]], 60, 0.001) > 1


@pytest.mark.parametrize("level", [0.05, 2**-5, 0.01, 0.0005])
@pytest.mark.parametrize("variance", [None, 0.0, 30.0, 2000.0])
@pytest.mark.parametrize("groups", [40, 160])
def test_the_least_visible_worsening_is_where_the_test_starts_to_fire(groups: int, variance, level: float) -> None:
    def spread(broken: int) -> list[int]:
        return [3 * len(range(group, broken, groups)) for group in range(groups)]

    fewest = least_visible(groups, 160, 3, variance, level)
    assert fewest is not None
    assert worse(spread(fewest), variance) < level <= worse(spread(fewest - 1), variance)
    assert least_visible(groups, fewest, 3, variance, level) == fewest
    assert least_visible(groups, fewest - 1, 3, variance, level) is None


def test_more_cases_may_have_to_fail_than_there_are_groups() -> None:
    fewest = least_visible(10, 160, 3, 2000.0, 0.01)
    assert fewest is not None
    assert fewest > 10
    assert least_visible(6, 160, 3, None, 0.01) is None  # 1/64


def test_ratios_that_differ_by_chance_alone_become_one() -> None:
    random = np.random.default_rng(3)
    found, prior = moderated((random.chisquare(2, 400) / 2).tolist(), 2)
    assert prior > 20
    assert np.ptp(found) < 0.8
    assert np.mean(found) == pytest.approx(1, abs=0.2)


def test_ratios_that_truly_differ_keep_most_of_their_own() -> None:
    random = np.random.default_rng(3)
    true = 4 / random.chisquare(4, 2000)  # scaled inverse chi-squared: a prior of four degrees of freedom
    found, prior = moderated((true * random.chisquare(2, 2000) / 2).tolist(), 2)
    assert prior == pytest.approx(4, abs=1)
    assert np.corrcoef(np.log(found), np.log(true))[0, 1] > 0.5


def test_one_ratio_is_moderated_by_nothing() -> None:
    assert moderated([2.5], 2)[0] == [pytest.approx(2.5)]
    assert moderated([0.0, 0.0], 2)[0] == [pytest.approx(0.02, rel=0.02)] * 2
