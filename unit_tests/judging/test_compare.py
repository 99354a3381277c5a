from __future__ import annotations

import pytest

from sentiment.judging.compare import compare, compare_all
from sentiment.judging.statistics import holm


def test_the_four_outcomes_are_counted_on_equal_cases(outcomes_of) -> None:
    first, second = outcomes_of("firm", "sft", 5), outcomes_of("firm", "lora", 9, n=30)
    found = compare(first, second)
    assert found is not None
    assert (found.both_right, found.fixed, found.broken, found.both_wrong) == (21, 0, 4, 5)
    assert found.n == 30
    assert (found.p_worse, found.p_better, found.p_value) == (0.0625, 1.0, 0.125)
    assert found.difference == pytest.approx(4 / 30)
    assert (found.first_rate, found.second_rate) == (5 / 30, 9 / 30)


def test_predictors_without_a_common_case_are_not_compared(outcomes_of) -> None:
    assert compare(outcomes_of("firm", "sft", 5), []) is None
    assert compare(outcomes_of("firm", "sft", 5), outcomes_of("steady", "lora", 5)) is None
    assert compare_all(["firm", "steady"], ["sft", "lora"], outcomes_of("firm", "sft", 5)) == []


def test_every_pair_is_compared_on_every_behavior(outcomes_of) -> None:
    outcomes = [
        outcome
        for name in ("firm", "steady")
        for predictor in ("base", "sft", "lora")
        for outcome in outcomes_of(name, predictor, 3)
    ]
    found = compare_all(["firm", "steady"], ["base", "sft", "lora"], outcomes)
    pairs = [("base", "sft"), ("base", "lora"), ("sft", "lora")]
    assert [(each.behavior, each.first, each.second) for each in found] == [
        (name, *pair) for name in ("firm", "steady") for pair in pairs
    ]
    assert [each.p_adjusted for each in found] == holm([each.counts.p_value for each in found])


def test_what_the_second_fixes_and_breaks_is_named_so(outcomes_of) -> None:
    found = compare(outcomes_of("firm", "sft", 9), outcomes_of("firm", "lora", 5))
    assert found is not None
    assert (found.fixed, found.broken) == (4, 0)
