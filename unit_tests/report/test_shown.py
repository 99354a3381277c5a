from __future__ import annotations

import pytest

from sentiment.behavior.expectations import same_as_base
from sentiment.judging.judge import judge
from sentiment.report.cards import NEW, Card
from sentiment.report.shown import TAGS_SHOWN, ShownCase, shown_card
from sentiment.runs.rerun import Rerun
from sentiment.types import Kind, Label, Prediction, Prompt, Query, shares_of
from unit_tests.making import behavior_of, case_of

HOUSE = Prompt("house", "Is it good? {review}")
OTHER = Prompt("other", "Is it bad? {review}", system="Be brief.", chat=True)
STEADY = behavior_of("steady", kind=Kind.INV, expectation=same_as_base)
YES = Prediction(Label.POSITIVE, shares_of(0.9))


def shown_pair(before: Query, query: Query, said: Prediction, **facts) -> ShownCase:
    """The card of a pair of which the first was answered with yes."""
    case = case_of("steady", query, base=case_of("steady", before), **facts)
    (outcome,) = judge(STEADY, [case], "sft", {before: YES, query: said})
    return shown_card(Card(case, {"sft": outcome}, {"sft": NEW}), Rerun(), HOUSE)


@pytest.mark.parametrize(
    ("prompt", "text", "head"),
    [(OTHER, "good film", "house prompt → this one"), (HOUSE, "godo film", "before the edit → after")],
)
def test_the_column_of_answers_says_what_was_varied(prompt: Prompt, text: str, head: str) -> None:
    shown = shown_pair(Query(HOUSE, "good film"), Query(prompt, text), Prediction(Label.NEGATIVE, shares_of(0.25)))
    assert shown.asked == head
    (answer,) = shown.answers
    assert (answer.said, answer.p) == ("positive → negative", "0.90 → 0.25")
    assert (answer.verdict, answer.status, answer.note) == ("✗ failed", "failed", "new failure")
    assert [each.how for each in shown.prompt] == (
        ["answers positive or negative; system message: Be brief."] if prompt is OTHER else []
    )


def test_no_answer_and_no_probability_are_told_apart_from_answers() -> None:
    shown = shown_pair(Query(HOUSE, "a"), Query(HOUSE, "b"), Prediction(None, None))
    assert (shown.answers[0].said, shown.answers[0].p) == ("positive → neither label", "0.90 → ")
    assert (shown.right, shown.before, shown.tags) == ("", "", "")


def test_long_tags_are_cut_and_controls_written_out() -> None:
    shown = shown_pair(Query(HOUSE, "a"), Query(HOUSE, "b\x1b"), YES, tags={"slot": "x" * TAGS_SHOWN, "empty": ""})
    assert shown.tags == "slot: " + "x" * (TAGS_SHOWN - len("slot: ")) + "…"
    assert ("ins", r"b\x1b") in shown.text
