"""A Python function as a predictor: what it may answer, and what is said of what it may not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sentiment.errors import SubjectError
from sentiment.predictors.function import FunctionPredictor, imported, prediction_of
from sentiment.types import Label, Prediction, Prompt, Query, shares_of

PROMPT, OTHER = Prompt("a", "{review}"), Prompt("b", "Well: {review}")
P, N = Label.POSITIVE, Label.NEGATIVE


def queries(*texts: str, prompt: Prompt = PROMPT) -> list[Query]:
    return [Query(prompt, text) for text in texts]


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("positive", P), ("NEG", N), ("Positive ", P), (1, P), (0, N), (True, P), (False, N), (Label.NEGATIVE, N),
        (np.int64(1), P), (np.bool_(False), N), (np.str_("positive"), P), (None, None), ("neutral", None),
    ],
)  # fmt: skip
def test_labels_are_spelled_as_in_tables(answer: object, label: Label | None) -> None:
    found = prediction_of(answer)
    assert found.label is label
    assert found.shares is None


@pytest.mark.parametrize("answer", [0.75, np.float32(0.75), np.float64(0.75), np.array(0.75)])
def test_a_number_with_a_point_is_the_probability_of_positive(answer: object) -> None:
    assert prediction_of(answer) == Prediction(P, shares_of(0.75))


def test_one_half_is_not_more_likely_positive() -> None:
    assert prediction_of(0.5).label is N
    assert prediction_of(1.0) == Prediction(P, shares_of(1.0))
    assert prediction_of(0.0).label is N


def test_a_tie_is_not_positive_in_whatever_order() -> None:
    assert prediction_of({"positive": 0.5, "negative": 0.5}).label is N
    assert prediction_of({"negative": 0.5, "positive": 0.5}).label is N


def test_a_script_that_ends_itself_does_not_end_the_judgement(tmp_path: Path) -> None:
    def ends(texts: list[str]) -> list[int]:
        raise SystemExit(0)

    with pytest.raises(SubjectError, match="the function raised SystemExit"):
        FunctionPredictor("mine", ends).predict(queries("x"))
    (tmp_path / "a_script_that_ends.py").write_text("import sys\nsys.exit(0)\n")
    with pytest.raises(SubjectError, match="cannot be imported: SystemExit"):
        imported("a_script_that_ends:main", tmp_path)


@pytest.mark.parametrize("given", [{"positive", "negative"}, pd.DataFrame({"a": [1], "b": [0]}), np.eye(2)])
def test_what_has_no_order_or_more_than_one_dimension_is_no_list(given: object) -> None:
    with pytest.raises(SubjectError, match="a list of answers is wanted, got a "):
        FunctionPredictor("mine", lambda texts: given).predict(queries("x", "y"))  # type: ignore[arg-type,return-value]


def test_a_series_is_a_list() -> None:
    found = FunctionPredictor("mine", lambda texts: pd.Series([1, 0], index=[7, 3])).predict(queries("x", "y"))
    assert [answer.label for answer in found] == [P, N]


def test_where_neutral_is_the_best_there_is_no_answer() -> None:
    found = prediction_of({"positive": 0.3, "negative": 0.1, "neutral": 0.6})
    assert found.label is None
    assert found.p_positive == pytest.approx(0.75)
    assert found.label_mass == pytest.approx(0.4)
    assert prediction_of({"positive": 0.5, "negative": 0.1, "neu": 0.4}).label is P
    assert prediction_of({"positive": 0.0, "negative": 0.0, "neutral": 1.0}) == Prediction(None, None, 0.0)


def test_shares_name_every_label() -> None:
    assert prediction_of({"positive": 0.2, "negative": 0.8}) == Prediction(N, {N: 0.8, P: 0.2})
    assert prediction_of({1: 0.9, 0: 0.1}).label is P
    assert prediction_of({"pos": np.float32(0.9), "neg": np.float32(0.1)}).label is P


@pytest.mark.parametrize(
    "answer",
    [
        "maybe", "LABEL_1", {"LABEL_0": 0.2, "LABEL_1": 0.8},
        2, -1, 1.5, float("nan"), -0.1, Decimal("0.5"), [0.2, 0.8], np.array([0.2, 0.8]), object(), b"yes",
        {"positive": 0.2}, {"positive": 0.2, "negative": 0.2}, {"positive": 1.2, "negative": -0.2},
        {"positive": 0.5, "pos": 0.5}, {"happy": 1.0, "sad": 0.0}, {"positive": True, "negative": False}, {},
    ],
)  # fmt: skip
def test_anything_else_is_named_with_its_text(answer: object) -> None:
    predictor = FunctionPredictor("mine", lambda texts: [answer] * len(texts))
    with pytest.raises(SubjectError, match=r"mine: .*'a fine film'"):
        predictor.predict(queries("a fine film"))


def test_each_text_is_asked_once_whatever_the_prompt() -> None:
    asked: list[str] = []

    def remembers(texts: list[str]) -> list[float]:
        asked.extend(texts)
        return [len(text) / 10 for text in texts]

    wanted = [*queries("a", "bb"), *queries("a", prompt=OTHER), *queries("bb", "ccc")]
    found = FunctionPredictor("mine", remembers).predict(wanted)
    assert [each.p_positive for each in found] == [0.1, 0.2, 0.1, 0.2, 0.3]
    assert asked == ["a", "bb", "ccc"]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda texts: ["positive"], "3 texts got 1 answers"),
        (lambda texts: np.zeros((3, 2)), r"got a ndarray of shape \(3, 2\)"),
        (lambda texts: "positive", "got a str"),
        (lambda texts: None, "got a NoneType"),
        (lambda texts: {"a": "positive"}, "got a dict"),
        (lambda texts: (each for each in texts), "got a generator"),
        (lambda texts: 1 / 0, "raised ZeroDivisionError: division by zero"),
    ],
)
def test_a_function_that_does_not_answer_each_text_is_an_error_in_one_line(function: Callable, said: str) -> None:
    with pytest.raises(SubjectError, match=said) as caught:
        FunctionPredictor("mine", function).predict(queries("x", "y", "z"))
    assert "\n" not in str(caught.value)


def test_arrays_and_tuples_are_lists_of_answers() -> None:
    for answers in (np.array([0.1, 0.9]), ("neg", "pos"), np.array(["neg", "pos"])):
        found = FunctionPredictor("mine", lambda texts, answers=answers: answers).predict(queries("x", "y"))
        assert [each.label for each in found] == [N, P]


def test_a_function_is_found_beside_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("")  # so that the path is as it was in the end
    (tmp_path / "found_here.py").write_text(
        "class Model:\n    @staticmethod\n    def ask(texts): return [1 for _ in texts]\n"
    )
    assert imported("found_here:Model.ask", tmp_path)(["x"]) == [1]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nothing", "write module:name"),
        (":x", "write module:name"),
        ("no_such_module_here:x", "ModuleNotFoundError"),
        ("json:nothing", "has no attribute 'nothing'"),
        ("json:__name__", "is a str, not a function"),
    ],
)
def test_a_target_that_is_no_function_is_named(target: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match=said):
        imported(target, tmp_path)


PIPELINE = """\
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

pipeline = make_pipeline(CountVectorizer(), MultinomialNB()).fit(["a good film", "a bad film"], ["pos", "neg"])

def shares(texts):
    return [dict(zip(pipeline.classes_, row)) for row in pipeline.predict_proba(texts)]
"""


def test_a_pipeline_of_scikit_learn_is_a_function_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "of_scikit_learn.py").write_text(PIPELINE)
    asked = queries("good, good", "bad")
    predicted = FunctionPredictor("mine", imported("of_scikit_learn:pipeline.predict", tmp_path)).predict(asked)
    assert [answer.label for answer in predicted] == [P, N]
    shares = FunctionPredictor("mine", imported("of_scikit_learn:shares", tmp_path)).predict(asked)
    assert [answer.label for answer in shares] == [P, N]
    assert (shares[0].p_positive or 0) > 0.7
    with pytest.raises(SubjectError, match="got a ndarray of shape"):
        FunctionPredictor("mine", imported("of_scikit_learn:pipeline.predict_proba", tmp_path)).predict(asked)
