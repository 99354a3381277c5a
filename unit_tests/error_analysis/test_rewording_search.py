from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from sentiment.error_analysis.rewording_search import (
    SEARCHED_REVIEWS,
    CostsAccuracyError,
    PopulationSearch,
    WorstWordingSearch,
)
from sentiment.predictors.floors import ConstantPredictor, WordCountPredictor
from sentiment.prompting.wordings import OPTIONS, Parts, compose, sample_prompts
from sentiment.types import Label, Prediction, Query, Review, Ruling

HOUSE = compose(Parts(), "house")
REVIEWS = [Review(f"o{i}", f"I {('hated', 'loved')[i % 2]} film {i}.", Label(i % 2)) for i in range(60)]
POPULATION = sample_prompts(40, seed=0, house=HOUSE)
COUNTER = WordCountPredictor.fit(REVIEWS)
BLAME = ConstantPredictor(Label.NEGATIVE)


@dataclass
class Irritable:
    """Counts words, but takes every review for blame where it is asked in a wording that it minds."""

    minds: Callable[[Parts], bool]
    asked: int = 0
    name = fingerprint = "irritable"

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        self.asked += len(queries)
        answers = zip(queries, BLAME.predict(queries), COUNTER.predict(queries), strict=True)
        return [blame if self.minds(Parts(**query.prompt.parts)) else counted for query, blame, counted in answers]


def population_search(minds: Callable[[Parts], bool]) -> PopulationSearch:
    return PopulationSearch(Irritable(minds), HOUSE, POPULATION, REVIEWS[:40])


def costly_wording(search: PopulationSearch) -> Parts | None:
    """What a search that shrinks finds: the first that is refused, of the wordings with the fewest changes."""
    for parts in search.wordings:
        try:
            search.refuse(parts)
        except CostsAccuracyError as error:
            return error.parts
    return None


def test_a_predictor_that_minds_no_wording_passes() -> None:
    search = population_search(lambda parts: False)
    assert costly_wording(search) is None
    assert search.result(None).ruling is Ruling.PASS


def test_the_whole_population_is_asked_in_one_go_and_every_wording_of_it_is_tried() -> None:
    last = max((Parts(**prompt.parts) for prompt in POPULATION), key=lambda parts: len(parts.changed))
    predictor = Irritable(lambda parts: parts == last)
    search = PopulationSearch(predictor, HOUSE, POPULATION, REVIEWS[:40])
    assert predictor.asked == 41 * 40
    assert costly_wording(search) == last
    assert predictor.asked == 41 * 40


def test_a_harmful_part_is_named_with_what_it_does_and_how_to_replay_it() -> None:
    search = population_search(lambda parts: parts.chat == "plain")
    result = search.result(costly_wording(search))
    assert result.ruling is Ruling.FAIL
    assert "100.0 % with the house prompt, 50.0 % with this change of it (40 reviews, p = 1e-06)" in result.reason
    assert "  chat: template -> plain" in result.reason
    assert "o1 is positive: positive became negative: I loved film 1." in result.reason
    assert result.reason.endswith("@example(parts=Parts(chat='plain'))")
    assert result.found is not None
    facts = json.loads(json.dumps(result.found.as_dict(), allow_nan=False))
    assert (facts["tried"], facts["smallest"], len(facts["flips"])) == (40, {"chat": "plain"}, 20)


def test_two_parts_that_only_harm_together_are_both_named() -> None:
    search = population_search(lambda parts: {"chat", "casing"} <= parts.changed.keys())
    found = search.result(costly_wording(search)).found
    assert found is not None
    assert found.as_dict()["smallest"].keys() == {"chat", "casing"}


def test_a_weakness_that_is_accepted_is_known_with_its_reason_and_all_the_same_found() -> None:
    search = population_search(lambda parts: parts.chat == "plain")
    result = search.result(costly_wording(search), "plain prompts are new to it")
    assert result.ruling is Ruling.KNOWN
    assert result.reason.startswith("plain prompts are new to it: a rewording costs accuracy")
    assert "chat: template -> plain" in result.reason
    assert result.found is not None
    assert search.result(None, "plain prompts are new to it").ruling is Ruling.PASS


def test_what_costs_accuracy_where_nothing_is_promised_is_reported() -> None:
    search = population_search(lambda parts: parts.chat == "plain")
    result = search.result(costly_wording(search), "accepted", "base promises nothing")
    assert result.ruling is Ruling.REPORTED
    assert result.reason.startswith("base promises nothing: a rewording costs accuracy")
    assert result.found is not None


def test_the_worst_of_the_wordings_asked_about_is_measured_on_other_reviews_too() -> None:
    search = WorstWordingSearch(Irritable(lambda parts: parts.cue == "sentiment"), HOUSE, REVIEWS)
    harms = {cue: search.harm(Parts(cue=cue)) for cue in OPTIONS["cue"]}
    assert max(harms, key=lambda cue: harms[cue]) == "sentiment"
    assert all(-1 <= harm < 0.01 for harm in harms.values())
    found = search.worst()
    assert found.parts == Parts(cue="sentiment")
    assert (found.tried, found.reviews) == (len(OPTIONS["cue"]), SEARCHED_REVIEWS)
    assert (found.accuracy, found.accuracy_before) == (0.5, 1.0)
    assert (found.accuracy_on_other_reviews, found.accuracy_before_on_other_reviews) == (0.5, 1.0)
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_wording_that_is_bad_for_the_reviews_of_the_search_alone_is_seen_to_be() -> None:
    lucky = [Review(f"p{i}", f"I hated film {i}.", Label.NEGATIVE) for i in range(SEARCHED_REVIEWS)]
    search = WorstWordingSearch(Irritable(lambda parts: parts.cue == "answer"), HOUSE, [*REVIEWS[:20], *lucky])
    search.harm(Parts(cue="answer"))
    found = search.worst()
    assert (found.accuracy, found.accuracy_on_other_reviews) == (0.5, 1.0)


def test_without_a_wording_there_is_no_worst() -> None:
    with pytest.raises(ValueError, match="empty"):
        WorstWordingSearch(BLAME, HOUSE, REVIEWS).worst()
