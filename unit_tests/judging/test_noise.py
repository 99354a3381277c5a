from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.judging.judge import excused_flips, judge
from sentiment.judging.noise import MOST_TOLERATED, Noise, measure_noise, noise_of
from sentiment.types import Kind, Label, Prediction, Prompt, Query, Status, shares_of
from unit_tests.making import case_of

PROMPT = Prompt("p", "{review}")
TEXTS = ["one", "two", "three"]


@dataclass
class Wobbly:
    """Answers 0.5 plus whatever its company in the batch does to a text."""

    shift: Callable[[int, Sequence[str]], float | None]
    asked: list[list[str]] = field(default_factory=list)
    name: str = "wobbly"
    fingerprint: str = ""

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        texts = [query.text for query in queries]
        self.asked.append(texts)
        shares = [self.shift(place, texts) for place in range(len(texts))]
        return [
            Prediction(Label.POSITIVE) if share is None else Prediction(Label(int(share > 0)), shares_of(0.5 + share))
            for share in shares
        ]


def test_a_text_is_asked_alone_in_a_batch_reordered_and_padded() -> None:
    predictor = Wobbly(lambda place, texts: 0.1)
    noise = measure_noise(predictor, PROMPT, TEXTS)
    *alone, together, reordered, padded = predictor.asked
    assert alone == [["one"], ["two"], ["three"]]
    assert (together, reordered) == (TEXTS, TEXTS[::-1])
    assert padded[:3] == TEXTS
    assert len(padded[3]) > 20 * max(map(len, TEXTS))
    assert noise.as_dict() == {"queries": 3, "flips": 0, "largest": 0.0}


@pytest.mark.parametrize(
    "shift",
    [
        lambda place, texts: 0.1 + 0.02 * (len(texts) == 1),
        lambda place, texts: 0.1 + 0.02 * (texts == TEXTS[::-1] and texts[place] == "one"),
        lambda place, texts: 0.1 + 0.02 * (len(texts) > len(TEXTS)),
    ],
    ids=["alone", "reordered", "padded"],
)
def test_each_way_of_asking_shows_in_the_floor(shift) -> None:
    noise = measure_noise(Wobbly(shift), PROMPT, TEXTS)
    assert noise.largest == pytest.approx(0.02)
    assert noise.flips == 0


def test_labels_that_turn_are_counted() -> None:
    noise = measure_noise(Wobbly(lambda place, texts: 0.01 if len(texts) == 1 else -0.01), PROMPT, TEXTS)
    assert (noise.queries, noise.flips) == (3, 3)
    assert noise.largest == pytest.approx(0.02)


def test_answers_follow_their_text_and_not_their_place() -> None:
    shares = {"one": 0.4, "two": -0.4, "three": 0.2}
    noise = measure_noise(Wobbly(lambda place, texts: shares.get(texts[place], 0.0)), PROMPT, TEXTS)
    assert (noise.flips, noise.largest) == (0, 0.0)


def test_without_probabilities_or_texts_the_floor_is_zero() -> None:
    assert measure_noise(Wobbly(lambda place, texts: None), PROMPT, TEXTS).largest == 0.0
    assert measure_noise(Wobbly(lambda place, texts: 0.0), PROMPT, []).queries == 0


@pytest.mark.parametrize(("largest", "tolerance"), [(0.0, 0.0), (0.003, 0.003), (0.02, 0.02), (0.7, MOST_TOLERATED)])
def test_a_noise_floor_excuses_only_what_noise_can_be(largest: float, tolerance: float) -> None:
    assert Noise(3, 0, largest).tolerance == tolerance


def test_a_predictor_that_answers_by_its_company_does_not_excuse_its_own_flips(behavior) -> None:
    noise = measure_noise(Wobbly(lambda place, texts: 0.4 if len(texts) == 1 else -0.4), PROMPT, TEXTS)
    assert noise.largest == pytest.approx(0.8)
    base = case_of("b", Query(PROMPT, "base"), label=Label.POSITIVE)
    edit = case_of("b", Query(PROMPT, "edit"), label=Label.POSITIVE, base=base)
    answers = {
        base.query: Prediction(Label.POSITIVE, shares_of(0.6)),
        edit.query: Prediction(Label.NEGATIVE, shares_of(0.4)),
    }
    (outcome,) = judge(behavior(expectation=same_as_base, kind=Kind.INV), [edit], "sft", answers, noise.tolerance)
    assert outcome.verdict.status is Status.FAILED


@pytest.mark.parametrize(
    ("noise", "p", "status"),
    [(0.0, 0.499, Status.FAILED), (0.03, 0.48, Status.PASSED), (0.03, 0.46, Status.FAILED)],
)
def test_an_invariance_may_flip_within_the_floor_and_no_further(behavior, noise: float, p: float, status) -> None:
    base = case_of("b", Query(PROMPT, "base"), label=Label.POSITIVE)
    edit = case_of("b", Query(PROMPT, "edit"), label=Label.POSITIVE, base=base)
    answers = {
        base.query: Prediction(Label.POSITIVE, shares_of(0.5)),
        edit.query: Prediction(Label.NEGATIVE, shares_of(p)),
    }
    invariance = behavior(expectation=same_as_base, kind=Kind.INV)
    (outcome,) = judge(invariance, [edit], "sft", answers, noise)
    assert outcome.verdict.status is status
    (labelled,) = judge(behavior(expectation=has_label), [edit], "sft", answers, noise)
    assert labelled.verdict.status is Status.FAILED


def test_a_flip_that_noise_excuses_says_so_and_is_counted_and_nothing_else_is(behavior) -> None:
    base = case_of("b", Query(PROMPT, "base"), label=Label.POSITIVE)
    shares = {"turned by a little": 0.48, "turned": 0.3, "the same": 0.51}
    edits = [case_of("b", Query(PROMPT, text), label=Label.POSITIVE, base=base) for text in shares]
    answers = {Query(PROMPT, text): Prediction(Label(share > 0.5), shares_of(share)) for text, share in shares.items()}
    invariance = behavior(expectation=same_as_base, kind=Kind.INV)
    outcomes = judge(
        invariance, edits, "sft", {base.query: Prediction(Label.POSITIVE, shares_of(0.505)), **answers}, 0.03
    )
    assert [outcome.verdict.status for outcome in outcomes] == [Status.PASSED, Status.FAILED, Status.PASSED]
    assert [outcome.verdict.reason for outcome in outcomes] == [
        "within the noise floor: the edit turned positive into negative, but P(positive) moved by 0.025, and the "
        "company in a batch alone moves it by up to 0.03",
        "the edit turned positive into negative",
        "",
    ]
    assert excused_flips(outcomes) == 1


def test_an_answer_without_a_label_or_a_probability_is_outside_every_floor(behavior) -> None:
    base = case_of("b", Query(PROMPT, "base"), label=Label.POSITIVE)
    edit = case_of("b", Query(PROMPT, "edit"), label=Label.POSITIVE, base=base)
    invariance = behavior(expectation=same_as_base, kind=Kind.INV)
    for answer in (Prediction(None, shares_of(0.5)), Prediction(Label.NEGATIVE)):
        (outcome,) = judge(
            invariance, [edit], "sft", {base.query: Prediction(Label.POSITIVE, shares_of(0.5)), edit.query: answer}, 1.0
        )
        assert outcome.verdict.status is Status.FAILED


def test_a_noise_floor_is_read_back_as_it_was() -> None:
    assert noise_of(Noise(12, 1, 0.003).as_dict()) == Noise(12, 1, 0.003)


@pytest.mark.parametrize("field", ["queries", "flips", "largest"])
@pytest.mark.parametrize("wrong", [None, "1", -1, True, float("nan"), float("inf"), 1.5, [1]], ids=repr)
def test_what_is_no_noise_floor_is_refused(field: str, wrong: object) -> None:
    with pytest.raises(ValueError):
        noise_of({**Noise(12, 1, 0.003).as_dict(), field: wrong})
