"""The paired tests against scipy, enumeration and simulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest

from sentiment.behavior.paired import differ, differences, least_visible, over_dispersion, worse


def by_enumeration(found: list[int]) -> float:
    signs = product((-1, 1), repeat=len(found))
    sums = [sum(s * abs(d) for s, d in zip(each, found, strict=True)) for each in signs]
    return sum(total >= sum(found) for total in sums) / len(sums)


@pytest.mark.parametrize(("broken", "fixed"), [(0, 1), (1, 0), (6, 0), (10, 2), (7, 7), (40, 25)])
def test_with_one_case_per_group_it_is_the_exact_mcnemar_test(broken: int, fixed: int) -> None:
    found = [1] * broken + [-1] * fixed + [0] * 100
    assert worse(found) == pytest.approx(binomtest(broken, broken + fixed, 0.5, alternative="greater").pvalue)
    assert differ(found) == pytest.approx(binomtest(broken, broken + fixed, 0.5).pvalue)


@pytest.mark.parametrize("found", [[3, -1, 2, 0, 5], [1, 1, -2], [-4, -1], [7], [2, 2, 2, -3, -3, 1, 1, 0, 4]])
def test_groups_are_flipped_as_wholes(found: list[int]) -> None:
    assert worse(found) == pytest.approx(by_enumeration(found))


def test_nothing_changed_is_nothing_worse() -> None:
    assert worse([]) == worse([0, 0]) == differ([0]) == 1.0


def test_over_dispersion_makes_the_test_slower_to_fire() -> None:
    found = [1] * 12
    assert worse(found) < 0.001 < 0.05 < worse(found, over_dispersion=9)


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


def test_the_least_visible_worsening_is_where_the_test_starts_to_fire() -> None:
    fewest = least_visible(100, 2.0, 0.01)
    assert fewest is not None
    assert worse([3] * fewest, 2.0) < 0.01 <= worse([3] * (fewest - 1), 2.0)
    assert least_visible(5, 2.0, 0.01) is None


def test_a_fourth_training_of_the_same_recipe_rarely_looks_worse() -> None:
    """Three trainings as the baseline, a fourth against them: every behavior's failure rate wanders with the
    training, more than its cases' own noise; 20 behaviors at once are red in at most 5 % of worlds, by Holm."""
    random = np.random.default_rng(1)
    behaviors, cases, worlds, level = 20, 120, 150, 0.05 / 20
    alarms = 0
    for _ in range(worlds):
        rates = random.beta(1, 6, size=(behaviors, 1))
        wander = random.normal(0, 0.6, size=(behaviors, 4))
        odds = np.exp(np.log(rates / (1 - rates)) + wander)
        ease = random.normal(0, 2, size=(behaviors, 1, cases))
        chances = 1 / (1 + np.exp(-(np.log(odds)[:, :, None] + ease)))
        failed = random.random((behaviors, 4, cases)) < chances
        pairs = [
            (failed[b, i].astype(int) - failed[b, j]).tolist()
            for b in range(behaviors)
            for i, j in ((0, 1), (0, 2), (1, 2))
        ]
        excess = over_dispersion(pairs, 8, level)
        found = [(3 * failed[b, 3].astype(int) - failed[b, :3].sum(0)).tolist() for b in range(behaviors)]
        alarms += any(worse(each, excess) < level for each in found)
    assert alarms / worlds <= 0.05
