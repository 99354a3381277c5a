from __future__ import annotations

import json

import pytest

from sentiment.errors import DataError
from sentiment.judging.metrics import evaluate_model, floor_result, metrics_of
from sentiment.predictors.floors import ConstantPredictor
from sentiment.types import Label, Prediction, Prompt, Review, Ruling

N, P = Label.NEGATIVE, Label.POSITIVE
PROMPT = Prompt("p", "{review}")


def measured(pairs: str):
    """`NP` is a negative review answered positive, `P-` a positive one left unanswered."""
    names = {"N": N, "P": P, "-": None}
    labels = [names[pair[0]] for pair in pairs.split()]
    return metrics_of(labels, [Prediction(names[pair[1]]) for pair in pairs.split()])


def test_the_figures_are_those_worked_out_by_hand() -> None:
    metrics = measured("NN NN NN NP PP PP PN P-")
    assert metrics.confusion == ((3, 1, 0), (1, 2, 1))
    assert (metrics.n, metrics.right, metrics.unanswered, metrics.support) == (8, 5, 1, (4, 4))
    assert metrics.accuracy == 5 / 8
    assert metrics.macro_precision == pytest.approx((3 / 4 + 2 / 3) / 2)
    assert metrics.macro_recall == pytest.approx((3 / 4 + 2 / 4) / 2)
    assert metrics.macro_f1 == pytest.approx((3 / 4 + 4 / 7) / 2)
    assert metrics.interval.low < 5 / 8 < metrics.interval.high


def test_an_unanswered_review_lowers_recall_and_accuracy_but_no_precision() -> None:
    with_it, without = measured("NN PP P-"), measured("NN PP")
    assert with_it.macro_precision == without.macro_precision == 1
    assert with_it.macro_recall == 0.75
    assert with_it.accuracy == pytest.approx(2 / 3)


def test_nothing_answered_is_zero_and_not_an_error() -> None:
    metrics = measured("N- P-")
    assert (metrics.accuracy, metrics.macro_f1, metrics.macro_precision, metrics.macro_recall) == (0, 0, 0, 0)


def test_a_constant_answer_has_a_macro_f1_of_a_third() -> None:
    reviews = [Review("a", "x", N), Review("b", "y", P)]
    assert evaluate_model(ConstantPredictor(P), reviews, PROMPT).macro_f1 == pytest.approx(1 / 3)


def test_as_dict_is_json() -> None:
    facts = json.loads(json.dumps(measured("NN PN").as_dict(), allow_nan=False))
    assert facts["support"] == {"negative": 1, "positive": 1}
    assert facts["confusion"] == [[1, 0, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    ("reviews", "problem"),
    [
        ([], "nothing to measure"),
        ([Review("a", "x", P), Review("b", "y", P)], "all 2 reviews are positive"),
        ([Review("a", "x", P), Review("b7", "y")], "review 'b7' has no label"),
    ],
)
def test_data_that_cannot_be_measured_is_refused(reviews: list[Review], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        evaluate_model(ConstantPredictor(P), reviews, PROMPT)


def test_predictions_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        metrics_of([N, P], [Prediction(N)])


def test_the_floor_is_broken_only_by_a_significant_shortfall() -> None:
    assert floor_result(measured("NN PP " * 45 + "NP PN " * 5), 0.9).ruling is Ruling.PASS
    unclear = floor_result(measured("NN PP " * 43 + "NP PN " * 7), 0.9)
    assert (unclear.ruling, "but not significantly" in unclear.reason) == (Ruling.INCONCLUSIVE, True)
    broken = floor_result(measured("NN PP " * 40 + "NP PN " * 10), 0.9)
    assert broken.ruling is Ruling.FAIL
    assert broken.reason.startswith("accuracy 0.800 (80 of 100) is below the promised 0.9 (exact one-sided p = ")
