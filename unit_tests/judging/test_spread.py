from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest

from sentiment.behavior.expectations import same_as_base
from sentiment.judging.spread import Spread, drop_rate, part_effects, spread_lines, spread_of
from sentiment.runs.journal import append, read_journal
from sentiment.types import TWO_LABELS, Kind, Label, Outcome, Prediction, Promise, Prompt, Query
from unit_tests.making import case_of

HOUSE = Prompt("house", "{review}")


def prompts_of(count: int, parts: Callable[[int], dict[str, str]] = lambda i: {}) -> list[Prompt]:
    return [Prompt(f"reworded-{i:02}", f"{i}: {{review}}", parts=parts(i)) for i in range(count)]


def outcomes_of(
    right: Sequence[Sequence[bool | None]], prompts: Sequence[Prompt], house: Sequence[bool | None] | None = None
) -> list[Outcome]:
    """One outcome per cell; None stands for an answer with neither label."""
    outcomes = []
    for prompt, row in zip(prompts, right, strict=True):
        for i, is_right in enumerate(row):
            label = Label(i % 2)
            base = case_of("b", Query(HOUSE, f"text {i:02}"), label=label)
            case = case_of("b", Query(prompt, f"text {i:02}"), label=label, base=base, group=prompt.name)
            before = True if house is None else house[i]
            predictions = [
                Prediction(None if hit is None else label if hit else TWO_LABELS.opposite(label))
                for hit in (is_right, before)
            ]
            outcomes.append(Outcome("b", "lora", case, *predictions, same_as_base(case, *predictions)))
    return outcomes


def spread_from(table: np.ndarray, **options: int) -> Spread:
    spread = spread_of(outcomes_of(table.astype(bool).tolist(), prompts_of(len(table))), **options)
    assert spread is not None
    return spread


def test_best_median_worst_and_flips_by_hand() -> None:
    right = [[True] * 12, [True] * 9 + [False] * 3, [True] * 6 + [False] * 4 + [None] * 2, [True] * 11 + [None]]
    spread = spread_of(outcomes_of(right, prompts_of(4)), permutations=100)
    assert spread is not None
    assert (spread.prompts, spread.reviews, spread.predictor, spread.house_accuracy) == (4, 12, "lora", 1.0)
    assert [(s.name, s.accuracy, s.reviews) for s in (spread.best, spread.median, spread.worst)] == [
        ("reworded-00", 1.0, 12),
        ("reworded-01", 0.75, 12),
        ("reworded-02", 0.5, 12),
    ]
    assert spread.worst.interval.low < 0.5 < spread.worst.interval.high
    assert spread.spread == 0.5
    assert spread.flip_rate == (3 + 6 + 1) / 48


def test_an_answer_that_neither_prompt_got_a_label_for_is_a_flip() -> None:
    house = [None] * 10
    spread = spread_of(outcomes_of([[None] * 10, [True] * 10], prompts_of(2), house), permutations=10)
    assert spread is not None
    assert spread.flip_rate == 1.0
    assert spread.house_accuracy == 0.0


def test_noise_and_p_value_agree_with_every_possible_deal() -> None:
    right = np.array([[1, 1, 1, 0, 1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 0, 1, 1, 1, 1, 1], [0, 1, 0, 1, 1, 1, 1, 1, 1, 1]])
    columns = [sorted(set(permutations(column))) for column in right.T]
    spreads = np.array([np.ptp(np.mean(deal, axis=0)) for deal in product(*columns)])
    weights_are_equal = all(len(column) in (1, 3) for column in columns)
    assert weights_are_equal
    spread = spread_from(right, permutations=20_000)
    assert spread.noise_mean == pytest.approx(spreads.mean(), abs=0.003)
    assert spread.noise_95 == pytest.approx(np.quantile(spreads, 0.95), abs=0.01)
    assert spread.p_value == pytest.approx((spreads >= spread.spread - 1e-9).mean(), abs=0.01)


def test_the_p_value_rarely_cries_wolf_and_sees_a_bad_prompt() -> None:
    random = np.random.default_rng(5)
    alarms = 0
    for _ in range(120):
        difficulty = random.beta(4, 1, size=16)
        alarms += spread_from((random.random((12, 16)) < difficulty), permutations=99).p_value <= 0.05
    assert alarms <= 12  # 6 expected; more than 12 happen once in a hundred times
    bad = random.random((12, 40)) < 0.9
    bad[7] = random.random(40) < 0.5
    spread = spread_from(bad, permutations=199)
    assert spread.p_value <= 0.01
    assert spread.worst.name == spread.held_out_worst.name == "reworded-07"


def test_the_worst_of_many_equal_prompts_looks_worse_than_it_is() -> None:
    random = np.random.default_rng(0)
    spreads = [spread_from(random.random((30, 40)) < 0.85, permutations=1) for _ in range(20)]
    assert np.mean([s.worst.accuracy for s in spreads]) < 0.76
    assert np.mean([s.held_out_worst.accuracy for s in spreads]) == pytest.approx(0.85, abs=0.03)
    assert {s.held_out_worst.reviews for s in spreads} == {20}


def test_both_halves_hold_both_classes() -> None:
    right = np.ones((2, 12), dtype=bool)
    right[0, ::2] = False  # one class wholly wrong
    assert spread_from(right, permutations=1).held_out_worst.accuracy == 0.5


def test_eta_squared_by_hand() -> None:
    prompts = prompts_of(4, lambda i: {"order": "first" if i < 2 else "last", "chat": "ab"[i % 2], "role": "none"})
    effects = {effect.part: effect for effect in part_effects(prompts, [0.9, 0.7, 0.5, 0.5], permutations=50)}
    # mean .65; between orders 2 * (.15^2 + .15^2) = .09; between chats 2 * (.05^2 + .05^2) = .01; in all .11
    assert effects["order"].explained == pytest.approx(9 / 11)
    assert effects["chat"].explained == pytest.approx(1 / 11)
    assert "role" not in effects
    assert [(mean.option, mean.accuracy, mean.prompts) for mean in effects["order"].options] == [
        ("last", 0.5, 2),
        ("first", pytest.approx(0.8), 2),
    ]


def test_the_part_that_matters_comes_first_and_the_others_are_not_blamed() -> None:
    random = np.random.default_rng(1)
    prompts = prompts_of(50, lambda i: {"a": "xyz"[i % 3], "b": "xy"[i // 3 % 2], "c": "uvwxy"[i * 7 % 5]})
    accuracy = [0.9 - 0.2 * (prompt.parts["b"] == "y") + random.normal(0, 0.03) for prompt in prompts]
    first, *others = part_effects(prompts, accuracy, permutations=999)
    assert first.part == "b"
    assert first.p_value <= 0.003
    assert first.explained > 0.8 > first.by_chance
    assert [mean.option for mean in first.options] == ["y", "x"]
    assert all(effect.p_value > 0.05 for effect in others)


def test_equal_prompts_blame_no_part() -> None:
    (effect,) = part_effects(prompts_of(4, lambda i: {"a": "xy"[i % 2]}), [0.8] * 4, permutations=20)
    assert (effect.explained, effect.p_value) == (0.0, 1.0)


def test_too_little_gives_no_spread() -> None:
    assert spread_of([]) is None
    assert spread_of(outcomes_of([[True] * 20], prompts_of(1))) is None
    assert spread_of(outcomes_of([[True] * 9] * 3, prompts_of(3))) is None
    diagonal = [o for i, o in enumerate(outcomes_of([[True] * 40] * 40, prompts_of(40))) if (i // 40 + i) % 40 < 2]
    assert len(diagonal) == 80
    assert spread_of(diagonal) is None  # as in a quick run: every prompt is asked about other reviews


def test_reviews_that_some_prompt_was_not_asked_about_are_left_out() -> None:
    outcomes = outcomes_of([[True] * 12, [False] + [True] * 11], prompts_of(2))
    whole, torn = spread_of(outcomes, permutations=1), spread_of(outcomes[1:], permutations=1)
    assert whole is not None
    assert torn is not None
    assert (whole.reviews, whole.spread, torn.reviews, torn.spread) == (12, pytest.approx(1 / 12), 11, 0.0)
    assert spread_of(outcomes[3:]) is None


def test_outcomes_of_two_predictors_are_refused() -> None:
    outcomes = outcomes_of([[True] * 10] * 2, prompts_of(2))
    with pytest.raises(ValueError, match="a spread is of one predictor, got base, lora"):
        spread_of([*outcomes, replace(outcomes[0], predictor="base")])


def test_a_journal_gives_the_same_spread(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    outcomes = outcomes_of(
        (random.random((6, 12)) < 0.8).tolist(), prompts_of(6, lambda i: {"chat": ["template", "plain"][i % 2]})
    )
    promise = Promise("b", "prompt rewording", Kind.INV, "Holds.")
    append(tmp_path / "journal.jsonl", promise, outcomes)
    assert spread_of(read_journal(tmp_path).outcomes) == spread_of(outcomes)


def test_facts_are_json_and_lines_fit_a_terminal() -> None:
    random = np.random.default_rng(3)
    right = random.random((50, 40)) < np.where(np.arange(50) % 2, 0.95, 0.5)[:, None]
    prompts = prompts_of(50, lambda i: {"instruction": ["a-rather-long-option-name", "classify"][i % 2]})
    spread = spread_of(outcomes_of(right.tolist(), prompts))
    assert spread is not None
    assert json.loads(json.dumps(spread.as_dict(), allow_nan=False))["worst"]["name"] == spread.worst.name
    lines = list(spread_lines(spread))
    assert max(map(len, lines)) <= 100
    assert "lora: 50 prompts spread" in lines[0]
    assert any(line.startswith("  instruction explains") for line in lines)


def test_drop_rates_by_hand() -> None:
    prompts = prompts_of(3)
    right = [[True] * 4, [True, True, None, False], [False] * 4]
    outcomes = outcomes_of(right, prompts, [True, True, True, False])
    assert drop_rate(outcomes) == {
        "reworded-00": pytest.approx(-1 / 3),
        "reworded-01": pytest.approx(1 / 3),
        "reworded-02": 1.0,
    }


def test_the_drop_rate_is_undefined_where_the_house_prompt_gets_nothing_right() -> None:
    rates = drop_rate(outcomes_of([[True] * 4], prompts_of(1), [False, None, False, False]))
    assert math.isnan(rates["reworded-00"])
