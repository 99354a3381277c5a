from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sentiment.error_analysis.wrong_labels import RATES, REVIEWS, ROWS, WrongLabels, train_on_wrong_labels
from sentiment.predictors.floors import ConstantPredictor, WordCountPredictor
from sentiment.types import Label, Predictor, Prompt, Review, Ruling

PROMPT = Prompt("p", "{review}")
WORDS = (("dull", "weak", "sad", "poor"), ("fine", "warm", "rich", "good"))


def opinions(count: int, of: str) -> list[Review]:
    """Reviews of two words that decide, so that what a word counter learns depends on their labels."""
    pairs = (WORDS[i % 2] for i in range(count))
    texts = (f"{of} {i} {words[i % 4]} {words[i // 4 % 4]}" for i, words in enumerate(pairs))
    return [Review(f"{of}{i}", text, Label(i % 2)) for i, text in enumerate(texts)]


class Trainer:
    """Fits a word counter, and remembers on what and what became of it."""

    def __init__(self) -> None:
        self.rows: list[Sequence[Review]] = []
        self.open = 0

    @contextmanager
    def __call__(self, rows: tuple[Review, ...]) -> Iterator[Predictor]:
        assert self.open == 0, "the one before still takes memory"
        self.rows.append(rows)
        self.open += 1
        yield WordCountPredictor.fit(rows)
        self.open -= 1


def test_the_same_rows_are_trained_on_at_each_rate_with_ever_more_labels_turned() -> None:
    train, rows, reviews = Trainer(), opinions(700, "film"), opinions(500, "play")
    found = train_on_wrong_labels(train, rows, reviews, PROMPT, seed=0)
    assert train.open == 0
    assert [[review.text for review in each] for each in train.rows] == [[row.text for row in rows[:ROWS]]] * len(RATES)
    turned = [sum(a.label is not b.label for a, b in zip(each, rows, strict=False)) for each in train.rows]
    assert turned == [round(rate * ROWS) for rate in RATES]
    facts = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert (facts["rows"], facts["reviews"]) == (ROWS, REVIEWS)
    assert [point["rate"] for point in facts["rates"]] == list(RATES)
    assert facts["rates"][0]["accuracy"] == 1.0


def test_what_learns_from_its_rows_suffers_from_wrong_labels() -> None:
    right = {0.0: [True] * 40, 0.2: [True] * 38 + [False] * 2, 0.4: [True] * 30 + [False] * 10}
    found = WrongLabels(600, right)
    assert found.accuracies == {0.0: 1.0, 0.2: 0.95, 0.4: 0.75}
    assert found.p_value == 0.5**10
    assert (found.result().ruling, found.result().found) == (Ruling.PASS, found)


def test_what_learns_nothing_fails_and_where_nothing_is_promised_it_is_only_reported() -> None:
    @contextmanager
    def train(rows: tuple[Review, ...]) -> Iterator[Predictor]:
        yield ConstantPredictor(Label.POSITIVE)

    found = train_on_wrong_labels(train, opinions(20, "film"), opinions(10, "play"), PROMPT, seed=0)
    assert (found.as_dict()["rows"], found.as_dict()["reviews"]) == (20, 10)
    result = found.result()
    assert result.ruling is Ruling.FAIL
    assert result.reason.endswith("50.0 % at 0 %, 50.0 % at 10 %, 50.0 % at 20 %, 50.0 % at 40 % (p = 1)")
    reported = found.result("profile tiny promises nothing")
    assert (reported.ruling, reported.found) == (Ruling.REPORTED, found)
    assert reported.reason.startswith("profile tiny promises nothing; accuracy by share")
