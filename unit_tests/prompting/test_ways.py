"""Ways of asking: the house prompt instead, a threshold per prompt, an average over prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from sentiment.prompting.ways import Calibrated, Canonical, Ensemble, Forced, log_odds
from sentiment.types import Label, Prediction, Predictor, Prompt, Query, shares_of

HOUSE = Prompt("house", "Positive or negative? {review}")
LEANING = Prompt("leaning", "Surely positive? {review}")
SILENT = Prompt("silent", "{review}")


@dataclass
class Counter:
    """Counts the word good; a prompt that leans adds to it, and a silent one has no probability."""

    name: str = "counter"
    fingerprint: str = "counter-1"
    asked: list[Query] = field(default_factory=list)

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        self.asked += queries
        return [self._answer(query) for query in queries]

    def _answer(self, query: Query) -> Prediction:
        if query.prompt == SILENT:
            return Prediction(None, None, None, "hm")
        odds = 2.0 * query.text.count("good") - 2.0 * query.text.count("bad") + 5.0 * (query.prompt == LEANING)
        share = 1 / (1 + 2.718281828459045**-odds)
        return Prediction(Label(int(odds > 0)), shares_of(share), 0.9, "x")


def labels(predictor: Predictor, prompt: Prompt, *texts: str) -> list[Label | None]:
    return [answer.label for answer in predictor.predict([Query(prompt, text) for text in texts])]


def test_the_canonical_prompt_replaces_whatever_was_asked() -> None:
    counter = Counter()
    assert labels(Canonical(counter, HOUSE), LEANING, "bad", "good") == [Label.NEGATIVE, Label.POSITIVE]
    assert {query.prompt for query in counter.asked} == {HOUSE}


def test_a_prompt_that_leans_is_calibrated_on_unlabelled_texts() -> None:
    counter = Counter()
    assert labels(counter, LEANING, "bad", "good") == [Label.POSITIVE, Label.POSITIVE]
    calibrated = Calibrated(counter, ["good", "bad", "good good", "bad bad"])
    assert calibrated.prior(LEANING) == pytest.approx(5.0)
    assert labels(calibrated, LEANING, "bad", "good") == [Label.NEGATIVE, Label.POSITIVE]
    before = len(counter.asked)
    calibrated.predict([Query(LEANING, "good")])
    assert len(counter.asked) == before + 1  # the prior of a prompt is fitted once


def test_a_forced_choice_is_the_likelier_word_whatever_was_written() -> None:
    class Chatty(Counter):
        def _answer(self, query: Query) -> Prediction:
            return replace(super()._answer(query), label=None, text="Well, who knows?")

    answers = Forced(Chatty()).predict([Query(HOUSE, text) for text in ("good", "bad")])
    assert [(answer.label, answer.text) for answer in answers] == [
        (Label.POSITIVE, "positive"),
        (Label.NEGATIVE, "negative"),
    ]


def test_an_ensemble_averages_log_odds_and_asks_each_text_once_per_prompt() -> None:
    counter = Counter()
    ensemble = Ensemble(counter, [HOUSE])
    (answer,) = ensemble.predict([Query(LEANING, "bad")])
    assert log_odds(answer.p_positive or 0) == pytest.approx((3.0 - 2.0) / 2)
    assert answer.label is Label.POSITIVE
    counter.asked.clear()
    ensemble.predict([Query(HOUSE, "bad"), Query(LEANING, "bad")])
    assert len(counter.asked) == len(set(counter.asked)) == 2


def test_an_answer_without_a_probability_stays_as_it_is() -> None:
    assert labels(Calibrated(Counter(), ["good"]), SILENT, "good") == [None]
    assert labels(Ensemble(Counter(), []), SILENT, "good") == [None]
    assert labels(Ensemble(Counter(), [HOUSE]), SILENT, "good") == [Label.POSITIVE]


def test_each_way_of_asking_has_a_fingerprint_of_its_own() -> None:
    counter = Counter()
    canonical = [Canonical(counter, HOUSE), Canonical(counter, LEANING)]
    calibrated = [Calibrated(counter, ["a"]), Calibrated(counter, ["b"])]
    ways = [*canonical, *calibrated, Ensemble(counter, [HOUSE]), counter]
    assert len({way.fingerprint for way in ways}) == len(ways)
    assert all(isinstance(way, Predictor) for way in ways)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_log_odds_are_finite_at_the_ends(share: float) -> None:
    assert abs(log_odds(share)) < 20
