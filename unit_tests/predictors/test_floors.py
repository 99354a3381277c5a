from __future__ import annotations

import pytest

from sentiment.errors import DataError
from sentiment.predictors.floors import ConstantPredictor, WordCountPredictor
from sentiment.types import Label, Predictor, Prompt, Query, Review

PROMPT = Prompt("p", "{review}", positive="good", negative="bad")
REVIEWS = [
    *[Review(f"p{i}", f"a splendid and moving film number {i}", Label.POSITIVE) for i in range(6)],
    *[Review(f"n{i}", f"a dreary and tedious film number {i}", Label.NEGATIVE) for i in range(6)],
]


def test_floors_are_predictors() -> None:
    assert isinstance(ConstantPredictor(Label.POSITIVE), Predictor)
    assert isinstance(WordCountPredictor.fit(REVIEWS), Predictor)


def test_the_constant_answers_in_the_words_of_the_prompt() -> None:
    (answer,) = ConstantPredictor(Label.NEGATIVE).predict([Query(PROMPT, "anything")])
    assert (answer.label, answer.p_positive, answer.text) == (Label.NEGATIVE, 0.0, "bad")


def test_the_word_counter_learns_words_and_says_how_sure_it_is() -> None:
    answers = WordCountPredictor.fit(REVIEWS).predict([Query(PROMPT, "Splendid!"), Query(PROMPT, "tedious")])
    assert [answer.label for answer in answers] == [Label.POSITIVE, Label.NEGATIVE]
    assert answers[1].p_positive < 0.5 < answers[0].p_positive <= 1


def test_the_word_counter_takes_any_text_and_no_text() -> None:
    floor = WordCountPredictor.fit(REVIEWS)
    assert len(floor.predict([Query(PROMPT, text) for text in ("", "\ud800", "\x00", "=1+1")])) == 4
    assert floor.predict([]) == []


def test_fingerprints_follow_the_content() -> None:
    assert WordCountPredictor.fit(REVIEWS).fingerprint == WordCountPredictor.fit(REVIEWS).fingerprint
    assert WordCountPredictor.fit(REVIEWS).fingerprint != WordCountPredictor.fit(REVIEWS[1:]).fingerprint
    assert ConstantPredictor(Label.POSITIVE).fingerprint != ConstantPredictor(Label.NEGATIVE).fingerprint


@pytest.mark.parametrize(
    ("reviews", "problem"),
    [
        ([], "both classes"),
        (REVIEWS[:3], "both classes"),
        ([*REVIEWS, Review("u", "unlabelled")], "both classes"),
        ([Review("a", "!", Label.POSITIVE), Review("b", "?", Label.NEGATIVE)], "cannot be fitted"),
    ],
)
def test_rows_that_cannot_be_fitted_are_refused(reviews: list[Review], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        WordCountPredictor.fit(reviews)
