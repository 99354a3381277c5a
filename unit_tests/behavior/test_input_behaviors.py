"""The behaviors on robustness, fairness and explicit scores, looked at without a model."""

from __future__ import annotations

import re

import pytest

from sentiment.errors import NotApplicableError
from sentiment.judging.judge import judge, queries_of
from sentiment.predictors.floors import ConstantPredictor
from sentiment.suites import fairness, robustness, scores
from sentiment.types import Behavior, Kind, Label, Material, Prompt, Review, Status

SENTENCE = "I do not think that the people in the story number {i} could have found a better way out of it."
SUITE = [Review(f"s{i}", SENTENCE.format(i=i), Label(i % 2)) for i in range(1500)]
MATERIAL = Material(Prompt("p", "{review}"), (), SUITE, seed=0)

WRITTEN = {behavior.name: behavior for behavior in (*fairness.BEHAVIORS, *scores.BEHAVIORS)}
EVERY = {**WRITTEN, **{behavior.name: behavior for behavior in robustness.BEHAVIORS}}
SHE, HE = re.compile(r"\b(?:she|her|herself)\b"), re.compile(r"\b(?:he|him|his|himself)\b")


@pytest.mark.parametrize("behavior", EVERY.values(), ids=EVERY)
def test_there_are_enough_distinct_cases_for_a_ruling(behavior: Behavior) -> None:
    cases = behavior.cases(MATERIAL)
    assert len({case.id for case in cases}) == len(cases) >= behavior.promise.min_live
    assert len({case.group for case in cases}) >= 40
    assert all((case.base is not None) == (behavior.promise.kind is Kind.INV) for case in cases)
    assert all(case.base is None or case.base.query != case.query for case in cases)


@pytest.mark.parametrize("behavior", WRITTEN.values(), ids=WRITTEN)
def test_sentences_read_as_written_english(behavior: Behavior) -> None:
    for case in behavior.cases(MATERIAL):
        for text in (each.query.text for each in (case, case.base) if each):
            assert text[0].isupper() or text[0].isdigit(), text
            assert text[-1] in ".!?", text
            assert not re.search(r"[{}]|  |[.!?] [a-z]|\b[Aa] (?!one\b)[aeio]|\b[Aa]n [^aeiouhAEIOUH]", text), text


@pytest.mark.parametrize("behavior", EVERY.values(), ids=EVERY)
def test_a_quick_run_sees_both_labels_and_many_groups(behavior: Behavior) -> None:
    cases = behavior.cases(MATERIAL)[: behavior.quick]
    assert len({case.group for case in cases}) >= min(20, behavior.quick)
    if not behavior.name.endswith(("alone_is_positive", "alone_is_negative")):
        assert {case.label for case in cases} == set(Label)


@pytest.mark.parametrize("label", list(Label))
def test_a_constant_classifier_fails_the_partner_of_what_it_passes(label: Label) -> None:
    rates = {}
    for behavior in WRITTEN.values():
        cases = behavior.cases(MATERIAL)
        queries = queries_of(cases)
        answers = dict(zip(queries, ConstantPredictor(label).predict(queries), strict=True))
        outcomes = judge(behavior, cases, "constant", answers)
        rates[behavior.name] = sum(each.verdict.status is Status.FAILED for each in outcomes) / len(outcomes)
    for behavior in WRITTEN.values():
        if rates[behavior.name] == 0 and behavior.promise.partner in rates:
            assert rates[behavior.promise.partner] >= 0.4, behavior.name
    assert all(behavior.promise.partner for behavior in EVERY.values() if behavior.promise.kind is Kind.INV)


def test_pronouns_go_with_the_name_throughout_a_sentence() -> None:
    for name in ("swapping_gender_does_not_change_the_answer", "swapping_pronouns_does_not_change_the_answer"):
        for case in WRITTEN[name].cases(MATERIAL):
            assert case.base is not None
            genders = [(bool(SHE.search(e.query.text)), bool(HE.search(e.query.text))) for e in (case, case.base)]
            assert sorted(genders) == [(False, True), (True, False)], case.query.text
    for case in WRITTEN["names_of_another_origin_do_not_change_the_answer"].cases(MATERIAL):
        assert case.base is not None
        assert bool(SHE.search(case.query.text)) == bool(SHE.search(case.base.query.text))


def test_the_opinion_on_people_is_asked_in_the_very_sentences_of_the_invariances() -> None:
    opinion = WRITTEN["the_opinion_about_people_is_read"]
    asked = {case.query for b in WRITTEN.values() if b.promise.partner == opinion.name for case in b.cases(MATERIAL)}
    assert {case.query for case in opinion.cases(MATERIAL)} == asked


def test_a_score_is_all_that_tells_the_two_score_behaviors_apart() -> None:
    high, low = (
        {case.group for case in WRITTEN[name].cases(MATERIAL)}
        for name in ("a_high_score_alone_is_positive", "a_low_score_alone_is_negative")
    )
    assert len(high & low) >= 40
    assert len(high ^ low) <= 4


def test_the_scores_that_contradict_are_those_that_count_alone() -> None:
    for name, added in (("a_high_score_alone_is_positive", scores.HIGH), ("a_low_score_alone_is_negative", scores.LOW)):
        assert {case.tags["score"] for case in WRITTEN[name].cases(MATERIAL) if "score" in case.tags} == set(added)


def test_the_added_score_contradicts_the_text_and_is_reported_only() -> None:
    behavior = WRITTEN["a_score_that_contradicts_the_text_does_not_win"]
    assert not behavior.promise.gated
    for case in behavior.cases(MATERIAL):
        assert case.base is not None
        assert case.query.text.startswith(case.base.query.text)
        (score,) = re.findall(
            r"\b(zero|one|two|three|four|five|eight|nine|ten|\d+)(?= ?/| (?:stars? )?out)", case.tags["added"].lower()
        )
        assert (score in {"zero", "one", "two", "three", "0", "1", "2", "3"}) == (case.label is Label.POSITIVE)


def test_long_reviews_are_of_one_label_and_use_no_review_twice() -> None:
    cases = EVERY["very_long_reviews_keep_their_label"].cases(MATERIAL)
    assert len(cases) == 150
    assert [case.label for case in cases] == [Label.NEGATIVE, Label.POSITIVE] * 75
    numbers = [int(number) for case in cases for number in re.findall(r"\d+", case.query.text)]
    assert len(set(numbers)) == len(numbers)
    for case in cases:
        assert {Label(int(number) % 2) for number in re.findall(r"\d+", case.query.text)} == {case.label}
        assert 150 <= len(case.query.text.split()) < 150 + len(SENTENCE.split())


def test_reviews_that_are_long_already_are_joined_in_twos() -> None:
    suite = [Review(f"s{i}", f"number{i} " * 200, Label(i % 2)) for i in range(40)]
    cases = robustness.long_reviews(Material(MATERIAL.prompt, (), suite, seed=0))
    assert len(cases) == 20
    assert all(len(case.query.text.split()) == 400 for case in cases)


def test_a_pool_too_small_for_one_long_review_says_so() -> None:
    with pytest.raises(NotApplicableError, match="no two reviews of a label with 150 words together"):
        robustness.long_reviews(Material(MATERIAL.prompt, (), SUITE[:6], seed=0))
