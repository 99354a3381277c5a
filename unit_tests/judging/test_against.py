from __future__ import annotations

import pytest
from scipy.stats import binomtest

from sentiment.judging.against import held_against
from sentiment.judging.rulings import Rules, inconclusive, ruled_all
from sentiment.types import Ruling
from unit_tests.making import promises_of

EARLIER = "reports/earlier"


@pytest.fixture(name="held")
def _held(behavior, outcomes):
    """Results of behaviors "b0", "b1", ... held against an earlier run, from the failures of each, now and then."""

    def make(*failures: tuple[int, int], n: int = 200, size: int = 1, **facts):
        behaviors = [behavior(f"b{i}", **facts) for i in range(len(failures))]
        now = {b.name: outcomes(b, n, a, size=size) for b, (a, _) in zip(behaviors, failures, strict=True)}
        then = {b.name: outcomes(b, n, a, size=size) for b, (_, a) in zip(behaviors, failures, strict=True)}
        return held_against(ruled_all(promises_of(behaviors), now, "sft", Rules()), then, EARLIER)

    return make


def test_a_significant_worsening_is_red_even_within_the_budget(held) -> None:
    result = held((10, 0))["b0"]
    assert result.ruling is Ruling.FAIL
    assert "within the budget of 15 %" in result.reason
    assert result.reason.endswith("; worse than 0 % in reports/earlier (p = 0.00098)")
    assert result.against.p_worse == pytest.approx(1 / 1024)
    assert result.against.new_failures == tuple(each.case.id for each in result.outcomes[:10])


def test_the_same_failures_are_no_worsening_and_fewer_are_fixed(held) -> None:
    results = held((20, 20), (3, 20))
    assert {name: each.ruling for name, each in results.items()} == {"b0": Ruling.PASS, "b1": Ruling.PASS}
    assert results["b0"].against.p_worse == 1.0
    assert len(results["b1"].against.fixed) == 17
    assert results["b1"].against.p_better < 0.001


def test_the_more_behaviors_the_stronger_must_the_evidence_be(held) -> None:
    p = binomtest(7, 7, 0.5, alternative="greater").pvalue
    assert held((7, 0))["b0"].against.p_worse == pytest.approx(p)
    among_ten = held((7, 0), *[(0, 0)] * 9)["b0"]
    assert among_ten.against.p_worse == pytest.approx(10 * p)
    assert (held((7, 0))["b0"].ruling, among_ten.ruling) == (Ruling.FAIL, Ruling.PASS)


def test_cases_of_a_group_are_one_piece_of_evidence(held) -> None:
    assert held((10, 0), size=5)["b0"].ruling is Ruling.PASS


def test_what_is_only_reported_stays_reported(held) -> None:
    result = held((200, 0), gated=False)["b0"]
    assert result.ruling is Ruling.REPORTED
    assert result.against.p_worse < 1e-9


@pytest.mark.parametrize("facts", [{"n": 100}, {"size": 20}], ids=["too few cases", "too few groups"])
def test_what_is_inconclusive_stays_inconclusive(held, facts) -> None:
    result = held((100, 0), **facts)["b0"]
    assert result.ruling is Ruling.INCONCLUSIVE
    assert "worse than" not in result.reason
    assert result.against.p_worse < 0.05


def test_over_the_budget_a_worsening_is_red_although_the_budget_alone_would_leave_it_open(held) -> None:
    result = held((33, 0))["b0"]
    assert "over the budget of 15 %, but not significantly" in result.reason
    assert result.ruling is Ruling.FAIL
    assert held((33, 33))["b0"].ruling is Ruling.INCONCLUSIVE


def test_a_behavior_that_the_earlier_run_lacks_or_that_judged_nothing_is_left_alone(behavior, outcomes) -> None:
    results = ruled_all([behavior("a").promise], {"a": outcomes(behavior("a"), 200, 0)}, "sft", Rules())
    results["c"] = inconclusive(behavior("c").promise, "sft", "no data")
    assert held_against(results, {"c": outcomes(behavior("c"), 200, 0)}, EARLIER) == results


def test_only_cases_that_both_runs_have_are_compared(behavior, outcomes) -> None:
    b = behavior()
    results = ruled_all([b.promise], {"b": outcomes(b, 200, range(110, 150))}, "sft", Rules())
    partly = held_against(results, {"b": outcomes(b, 120, 0)}, EARLIER)["b"].against
    assert (len(partly.new_failures), partly.rate) == (10, 0.0)
    assert held_against(results, {"b": outcomes(b, 120, 0, start=500)}, EARLIER)["b"].against is None
