from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import exp
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sentiment.data.generated import made_up_reviews
from sentiment.error_analysis.candidates import Candidate, read_candidates
from sentiment.error_analysis.phrases import LONGEST, changed, deletions, has_words
from sentiment.error_analysis.search import Failure, explain, find_failures, pick
from sentiment.predictors.floors import ConstantPredictor, WordCountPredictor
from sentiment.types import TWO_LABELS, Label, Prediction, Prompt, Query, shares_of

PROMPT = Prompt("p", "{review}")
WEIGHTS = {"lovely": 3.0, "good": 2.0, "fine": 1.25, "bad": -1.5, "dull": -2.5}


@dataclass(frozen=True)
class WordScale:
    """Adds up the weights of the words; a text with a mute word gets neither label."""

    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    shares: bool = True
    batches: list[int] = field(default_factory=list)
    name = "scale"
    fingerprint = "scale"

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        self.batches.append(len(queries))
        return [self._answer(re.findall(r"[\w']+", query.text.lower())) for query in queries]

    def _answer(self, words: list[str]) -> Prediction:
        share = 1 / (1 + exp(-sum(self.weights.get(word, 0.0) for word in words)))
        label = None if "hmm" in words else Label(share > 0.5)
        return Prediction(label, shares_of(share if self.shares else None))


def hard(text: str, label: Label = Label.NEGATIVE, kind: str = "k", key: str = "c") -> Candidate:
    return Candidate(key, kind, text, label, "It is.")


def failure(predictor: WordScale, text: str, label: Label = Label.NEGATIVE) -> Failure:
    (found,) = find_failures(predictor, PROMPT, [hard(text, label)])
    predictor.batches.clear()
    return found


def test_failures_are_wrong_answers_and_those_with_neither_label_all_asked_at_once() -> None:
    scale = WordScale()
    candidates = [hard("dull"), hard("lovely"), hard("hmm, dull"), hard("good", Label.POSITIVE)]
    assert [each.candidate.text for each in find_failures(scale, PROMPT, candidates)] == ["lovely", "hmm, dull"]
    assert scale.batches == [4]


def test_one_failure_of_each_kind_is_picked_the_most_confident_first() -> None:
    texts = {"a": ["fine", "lovely"], "b": ["lovely good", "good"], "c": ["hmm lovely"], "d": ["good fine"]}
    candidates = [hard(text, kind=kind, key=f"{kind}{i}") for kind, of in texts.items() for i, text in enumerate(of)]
    failures = find_failures(WordScale(), PROMPT, candidates)
    assert [each.candidate.id for each in pick(failures, 3)] == ["b0", "d0", "a1"]
    assert [each.candidate.id for each in pick(failures)] == ["b0", "d0", "a1", "c0"]


@pytest.mark.parametrize("shares", [True, False])
def test_the_choice_does_not_depend_on_the_order(shares: bool) -> None:
    constant = WordScale({}, shares=shares)
    failures = find_failures(constant, PROMPT, read_candidates())
    expected = pick(failures)
    Random(0).shuffle(failures)
    assert pick(failures) == expected
    assert len({each.candidate.kind for each in expected}) == 5


@pytest.mark.parametrize("shares", [True, False])
def test_the_carrying_phrase_holds_the_misleading_words(shares: bool) -> None:
    scale = WordScale(shares=shares)
    text = "We sat down, a lovely and good evening was promised, and the film was dull."
    explained = explain(scale, PROMPT, failure(scale, text))
    assert explained.carrying is not None
    assert explained.carrying.text == "a lovely and good"
    assert explained.carrying.label_without is Label.NEGATIVE
    assert all(text[phrase.start : phrase.end] == phrase.text for phrase in explained.phrases)
    assert explained.edit is not None
    assert [change.was for change in explained.edit.changes] == ["lovely"]
    assert scale.batches[0] == len(explained.phrases)


def test_a_phrase_may_help_without_putting_the_answer_right() -> None:
    scale = WordScale()
    explained = explain(scale, PROMPT, failure(scale, "It is good, it is lovely, it is fine, it is bad."))
    assert explained.carrying is not None
    assert (explained.carrying.text, explained.carrying.label_without) == ("it is lovely", Label.POSITIVE)
    assert explained.evidence[0] == (
        "The answer is positive (p of positive 0.99); without “it is lovely” it is still positive (p of positive 0.85)."
    )
    assert explained.edit is not None
    assert [change.was for change in explained.edit.changes] == ["good", "lovely"]
    assert explained.evidence[1] == (
        "The answer is negative (p of positive 0.44) once “good” is deleted and “lovely” is deleted."
    )


def test_a_phrase_that_hardly_matters_is_not_said_to_carry_the_answer() -> None:
    scale = WordScale()
    explained = explain(
        scale, PROMPT, failure(scale, "It is good, it is lovely, it is fine, good, lovely, fine, good.")
    )
    assert explained.carrying is not None
    assert explained.carrying.label_without is Label.POSITIVE
    assert "no single phrase carries it" in explained.evidence[0]


@given(st.lists(st.sampled_from([*WEIGHTS, "film", "plot"]), min_size=2, max_size=9), st.sampled_from(Label))
def test_the_smallest_edit_is_as_small_as_brute_force_finds(words: list[str], label: Label) -> None:
    scale = WordScale()
    text = " ".join(words).capitalize() + "."
    failures = find_failures(scale, PROMPT, [hard(text, label)])
    assume(failures)
    edit = explain(scale, PROMPT, failures[0], budget=1000).edit
    smallest = next((size for size in range(1, LONGEST + 1) if any(rights(scale, text, label, size))), None)
    assert (len(edit.changes) if edit else None) == smallest
    if edit:
        assert edit.text == changed(text, edit.changes)
        assert scale.predict([Query(PROMPT, edit.text)])[0] == Prediction(label, shares_of(edit.p_positive))


def rights(scale: WordScale, text: str, label: Label, size: int) -> list[bool]:
    texts = [changed(text, edit) for edit in combinations(deletions(text), size)]
    answers = scale.predict([Query(PROMPT, each) for each in texts if has_words(each)])
    return [answer.label is label for answer in answers]


def test_a_word_is_replaced_where_deleting_it_does_not_help() -> None:
    scale = WordScale({"there": -0.5, "is": 2.0, "minute": -0.5})
    explained = explain(scale, PROMPT, failure(scale, "There isn't a wasted minute.", Label.POSITIVE))
    assert explained.edit is not None
    assert explained.edit.text == "There is a wasted minute."
    assert explained.evidence[1] == "The answer is positive (p of positive 0.73) once “isn't” becomes “is”."


def test_an_answer_with_neither_label_is_explained_too() -> None:
    scale = WordScale()
    explained = explain(scale, PROMPT, failure(scale, "Well, hmm, it is a dull film."))
    assert explained.carrying is not None
    assert explained.carrying.text == "hmm"
    assert explained.edit is not None
    assert explained.edit.text == "Well, it is a dull film."
    assert explained.evidence[0].startswith("The answer is neither label (p of positive 0.08); without “hmm” it is neg")


def test_where_nothing_helps_the_evidence_says_so_and_the_budget_is_kept() -> None:
    longest = max(read_candidates(), key=lambda candidate: len(candidate.text))
    stubborn = WordScale({})
    failed = Failure(hard(longest.text, Label.POSITIVE), Prediction(Label.NEGATIVE, shares_of(0.5)))
    explained = explain(stubborn, PROMPT, failed, budget=200)
    assert (explained.carrying, explained.edit) == (None, None)
    assert explained.tried == sum(stubborn.batches[1:]) == 200
    assert explained.evidence == (
        "The answer is negative (p of positive 0.50); leaving out any one phrase does not move it towards the right "
        "label.",
        "No change of up to 5 words that puts the answer right was found among 200 tried.",
    )


def test_a_text_of_one_phrase_is_never_emptied() -> None:
    scale = WordScale()
    explained = explain(scale, PROMPT, failure(scale, "Lovely."))
    assert (explained.phrases, explained.carrying) == ((), None)
    assert explained.edit is not None
    assert explained.edit.text == "Typical."
    assert sum(scale.batches) == 1


def test_a_word_counter_fails_on_five_kinds_and_each_is_explained_for_json() -> None:
    counter = WordCountPredictor.fit(made_up_reviews())
    picked = pick(find_failures(counter, PROMPT, read_candidates()))
    explained = [explain(counter, PROMPT, each) for each in picked]
    rows = json.loads(json.dumps([each.as_dict() for each in explained], allow_nan=False))
    assert len({row["kind"] for row in rows}) == 5
    for row in rows:
        assert row["answer"] != row["label"]
        assert row["carrying"] is None or row["text"][row["carrying"]["start"] :].startswith(row["carrying"]["text"])
        for change in row["smallest_edit"]["changes"] if row["smallest_edit"] else []:
            assert row["text"][change["start"] : change["end"]] == change["was"]


@pytest.mark.parametrize("label", list(Label))
def test_a_constant_answer_cannot_be_put_right(label: Label) -> None:
    (worst, *_) = pick(find_failures(ConstantPredictor(label), PROMPT, read_candidates()))
    explained = explain(ConstantPredictor(label), PROMPT, worst)
    assert worst.candidate.label is TWO_LABELS.opposite(label)
    assert (explained.carrying, explained.edit) == (None, None)
