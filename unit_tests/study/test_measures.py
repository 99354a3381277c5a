"""How sure a difference over many formats is, and which parts of a prompt go together."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest

from sentiment.study.formats import pair_of_parts
from sentiment.study.measures import crossed_interval, is_wrong_by_likelihood, one_differs, one_is_better
from sentiment.types import Label, Prediction, Prompt, shares_of


def test_one_prompt_against_many_is_tested_by_dealing_its_answers() -> None:
    one, others, count = [0, 1, 0, 0], [4, 5, 1, 0], 5
    shares = [(mine + rest) / (count + 1) for mine, rest in zip(one, others, strict=True)]
    deals = product([0, 1], repeat=4)
    expected = sum(
        prod(share if wrong else 1 - share for share, wrong in zip(shares, deal, strict=True))
        for deal in deals
        if sum(deal) <= sum(one)
    )
    assert one_is_better(one, others, count) == pytest.approx(expected)


def test_a_prompt_that_is_worse_than_the_others_differs_too() -> None:
    better, worse = ([0] * 30, [10] * 30), ([1] * 30, [0] * 30)
    assert one_differs(*better, 20) == pytest.approx(2 * one_is_better(*better, 20))
    assert one_is_better(*better, 20) < 0.001
    assert one_differs(*worse, 20) < 0.001 < one_is_better(*worse, 20)


def test_a_prompt_like_the_others_is_called_better_no_more_often_than_promised() -> None:
    """The case in which flipping signs is wrong: nearly all formats err on the same few reviews."""
    random = np.random.default_rng(0)
    found = []
    for _ in range(400):
        errors = random.random((60, 21)) < random.beta(0.4, 2, (60, 1))
        found.append(one_is_better(errors[:, 0].astype(int).tolist(), errors[:, 1:].sum(axis=1).tolist(), 20))
    assert np.mean(np.array(found) <= 0.05) <= 0.08


def test_an_interval_over_formats_and_reviews_holds_the_mean_and_knows_few_formats() -> None:
    formats = np.random.default_rng(0).normal(0.1, 0.3, (5, 1))
    few = np.repeat(formats, 200, axis=1)  # only the formats vary, so it does not help that reviews are many
    many = np.tile(few, (20, 1))
    wide, narrow = crossed_interval(few), crossed_interval(many)
    assert wide.low < narrow.low < few.mean() < narrow.high < wide.high
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(20**0.5, rel=0.15)
    constant = crossed_interval(np.full((4, 4), 0.25))
    assert (constant.low, constant.high) == pytest.approx((0.25, 0.25))


@pytest.mark.parametrize("planted", [True, False])
def test_two_parts_that_only_matter_together_are_found(planted: bool) -> None:
    random = np.random.default_rng(1)
    prompts, accuracy = [], []
    for i in range(48):
        parts = {"chat": ("chat", "plain")[i % 2], "order": ("first", "last")[i // 2 % 2], "casing": "abc"[i % 3]}
        prompts.append(Prompt(f"p{i}", "{review}", parts=parts))
        low = planted and (parts["chat"], parts["order"]) == ("plain", "last")
        accuracy.append(0.9 - 0.6 * low + random.normal(0, 0.03))
    found = pair_of_parts(prompts, accuracy, [0.0] * 48)
    assert found is not None
    if planted:
        assert found.parts == ("chat", "order")
        assert found.p_value == pytest.approx(1 / 1001)
        low = min(found.cells, key=lambda cell: cell.accuracy)
        assert low.options == ("plain", "last")
        assert low.formats == 12
    else:
        assert found.p_value > 0.05


def test_prompts_that_differ_in_one_part_have_no_pair() -> None:
    prompts = [Prompt(f"p{i}", "{review}", parts={"chat": "ab"[i % 2], "order": "x"}) for i in range(6)]
    assert pair_of_parts(prompts, [0.5] * 6, [0.0] * 6) is None


def test_the_likelier_word_counts_also_where_nothing_was_answered() -> None:
    silent = Prediction(None, shares_of(0.7), 0.01, "Well")
    assert is_wrong_by_likelihood(silent, Label.POSITIVE) == 0
    assert is_wrong_by_likelihood(silent, Label.NEGATIVE) == 1
    assert is_wrong_by_likelihood(Prediction(None, None, None, ""), Label.POSITIVE) == 1
