from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest, t

from sentiment.judging.statistics import (
    exceeds_budget,
    exceeds_budget_in_groups,
    falls_below,
    holm,
    least_over_budget,
    wilson,
)


def wilson_by_hand(failed: int, n: int) -> tuple[float, float]:
    z, p = 1.959963984540054, failed / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return middle - half, middle + half


def tail(at_least: int, n: int, p: float) -> float:
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(at_least, n + 1))


@pytest.mark.parametrize(("failed", "n"), [(0, 1), (1, 1), (0, 20), (20, 20), (5, 50), (20, 200), (487, 1000)])
def test_wilson_is_the_closed_formula(failed: int, n: int) -> None:
    interval = wilson(failed, n)
    assert (interval.low, interval.high) == pytest.approx(wilson_by_hand(failed, n), abs=1e-12)
    assert 0 <= interval.low <= failed / n <= interval.high <= 1


def test_wilson_has_a_width_where_nothing_or_everything_failed() -> None:
    assert wilson(0, 20).low == 0.0
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=1e-4)
    assert wilson(20, 20).high == 1.0
    assert wilson(20, 20).low == pytest.approx(0.8389, abs=1e-4)


@pytest.mark.parametrize(
    ("failed", "n", "budget"), [(0, 10, 0.1), (1, 10, 0.1), (10, 10, 0.1), (23, 150, 0.1), (1, 1, 0.5)]
)
def test_the_budget_test_is_the_upper_binomial_tail(failed: int, n: int, budget: float) -> None:
    assert exceeds_budget(failed, n, budget) == pytest.approx(tail(failed, n, budget), rel=1e-9)


def test_a_zero_budget_is_broken_by_one_failure_and_by_none_else() -> None:
    assert exceeds_budget(0, 200, 0.0) == 1.0
    assert exceeds_budget(1, 200, 0.0) == 0.0


@pytest.mark.parametrize(("n", "budget"), [(36, 0.15), (160, 0.05), (30, 0.4)])
@pytest.mark.parametrize("level", [0.05, 0.001])
def test_the_least_rate_that_shows_is_where_the_budget_test_turns(n: int, budget: float, level: float) -> None:
    alone = [(1, 1), *[(0, 1)] * (n - 1)]
    least = round(n * least_over_budget(alone, budget, level))
    assert exceeds_budget(least, n, budget) < level <= exceeds_budget(least - 1, n, budget)


def test_where_nothing_can_show_there_is_no_least_rate() -> None:
    assert least_over_budget([(1, 1)] * 2, 0.5) is None
    assert least_over_budget([(3, 40)], 0.1) is None
    clustered, spread = [(6, 6)] * 4 + [(0, 6)] * 16, [(1, 6)] * 4 + [(0, 6)] * 16
    assert least_over_budget(clustered, 0.1) > least_over_budget(spread, 0.1) > 0.1


@pytest.mark.parametrize(("failed", "n", "budget"), [(0, 40, 0.1), (7, 40, 0.1), (40, 40, 0.4), (23, 150, 0.05)])
def test_with_one_case_per_group_the_grouped_test_is_the_exact_one(failed: int, n: int, budget: float) -> None:
    alone = [(1, 1)] * failed + [(0, 1)] * (n - failed)
    expected = binomtest(failed, n, budget, alternative="greater").pvalue
    assert exceeds_budget_in_groups(alone, budget) == pytest.approx(expected, rel=1e-9)
    assert exceeds_budget_in_groups(alone, budget, 1e-6) == exceeds_budget(failed, n, budget)


def test_groups_that_fail_as_wholes_count_like_cases_of_which_there_are_as_many_as_groups() -> None:
    """24 groups of 5, 6 of them failing whole: Korn and Graubard's effective number is that of the groups, less
    what their few degrees of freedom cost."""
    whole = [(5, 5)] * 6 + [(0, 5)] * 18
    design_effect = 5 * 24 / 23
    effective = 120 / design_effect * float(t.ppf(0.05, 119) / t.ppf(0.05, 23)) ** 2
    k = 0.25 * effective
    assert exceeds_budget_in_groups(whole, 0.1) == pytest.approx(
        # Clopper and Pearson's lower limit meets the budget at the level that is the p-value
        float(beta.cdf(0.1, k, effective - k + 1)),
        rel=1e-9,
    )
    assert exceeds_budget(6, 24, 0.1) < exceeds_budget_in_groups(whole, 0.1)
    assert exceeds_budget(30, 120, 0.1) < 1e-4


def test_failures_that_are_spread_evenly_are_never_stronger_evidence_than_single_cases() -> None:
    even = [(1, 4)] * 40
    assert exceeds_budget(40, 160, 0.15) <= exceeds_budget_in_groups(even, 0.15)


@pytest.mark.parametrize(("counts", "p"), [([(0, 4)] * 30, 1.0), ([(90, 90)], 1.0), ([(3, 3)] * 20, 0.1**20)])
def test_nothing_failed_one_group_and_everything_failed(counts, p: float) -> None:
    assert exceeds_budget_in_groups(counts, 0.1) == pytest.approx(p)


def test_a_smaller_level_never_makes_the_grouped_evidence_stronger() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        counts = [(int(k), 6) for k in random.binomial(6, random.beta(0.5, 2, 30))]
        loose, strict = (exceeds_budget_in_groups(counts, 0.1, level) for level in (0.05, 0.0005))
        assert loose <= strict or strict > 0.5


@pytest.mark.parametrize("budget", [0.05, 0.15, 0.4])
@pytest.mark.parametrize(("groups", "size", "correlation"), [(20, 8, 0.3), (40, 4, 0.1), (48, 6, 0.5)])
def test_the_grouped_gate_fires_at_most_one_time_in_twenty_on_a_model_that_is_exactly_on_budget(
    budget: float, groups: int, size: int, correlation: float
) -> None:
    random = np.random.default_rng(7)
    worlds, strength = 500, (1 - correlation) / correlation
    chances = random.beta(budget * strength, (1 - budget) * strength, size=(worlds, groups))
    failed = random.binomial(size, chances)
    alarms = sum(exceeds_budget_in_groups([(int(k), size) for k in world], budget) < 0.05 for world in failed)
    assert alarms <= binom.ppf(0.99, worlds, 0.05)


def test_the_floor_test_is_the_lower_binomial_tail() -> None:
    assert falls_below(170, 200, 0.9) == pytest.approx(1 - tail(171, 200, 0.9), rel=1e-9)
    assert falls_below(200, 200, 0.9) == 1.0


def test_the_gate_fires_at_most_one_time_in_twenty_on_a_model_that_is_exactly_on_budget() -> None:
    for n, budget in [(150, 0.15), (200, 0.005), (288, 0.15), (100, 0.01)]:
        false_alarm = sum(
            tail(k, n, budget) - tail(k + 1, n, budget) for k in range(n + 1) if exceeds_budget(k, n, budget) < 0.05
        )
        assert false_alarm <= 0.05


def test_holm_adjusts_in_steps_and_keeps_the_order_given() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def test_holm_in_a_larger_family_counts_the_tests_that_were_not_made() -> None:
    assert holm([0.01, 0.02], family=10) == pytest.approx([0.1, 0.18])
    assert holm([0.01, 0.02], family=10) == pytest.approx(holm([0.01, 0.02, *[1.0] * 8])[:2])
    assert holm([0.01, 0.02, 0.9], family=1) == holm([0.01, 0.02, 0.9])
    assert holm([], family=10) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson(0, 0),
        lambda: exceeds_budget(0, 0, 0.1),
        lambda: falls_below(0, 0, 1),
        lambda: exceeds_budget_in_groups([], 0.1),
    ],
)
def test_a_rate_of_nothing_is_an_error(call) -> None:
    with pytest.raises(ValueError, match="at least one judged case"):
        call()


@pytest.mark.parametrize("call", [lambda: wilson(3, 2), lambda: wilson(-1, 2), lambda: exceeds_budget(1, 2, 1.5)])
def test_counts_that_cannot_be_are_errors(call) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        call()
