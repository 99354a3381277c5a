from __future__ import annotations

from pathlib import Path
from runpy import run_path

import pytest

from sentiment.behavior.judge import judge, queries_of, ruled
from sentiment.floors import ConstantPredictor
from sentiment.report.runs import ACCURACY_BEHAVIOR
from sentiment.types import Behavior, Label, Material, Prompt, Review

CATALOG = Path(__file__).parents[2] / "behavior_tests"
NEGATION = run_path(str(CATALOG / "test_negation.py"))
BEHAVIORS = NEGATION["BEHAVIORS"]
MATERIAL = Material(Prompt("p", "{review}"), (), (), seed=0)


@pytest.mark.parametrize("behavior", BEHAVIORS, ids=lambda behavior: behavior.name)
def test_there_are_forty_frames_and_240_distinct_sentences(behavior: Behavior) -> None:
    cases = behavior.cases(MATERIAL)
    assert len({case.group for case in cases}) >= 40
    assert len({case.query.text for case in cases}) == len({case.id for case in cases}) == len(cases) >= 240


@pytest.mark.parametrize("behavior", BEHAVIORS, ids=lambda behavior: behavior.name)
def test_a_quick_run_still_has_enough_cases_for_a_ruling(behavior: Behavior) -> None:
    quick = Material(MATERIAL.prompt, (), (), seed=0, quick=True)
    assert behavior.min_live <= len(behavior.cases(quick)) < len(behavior.cases(MATERIAL))


def test_no_sentence_or_frame_is_in_both() -> None:
    praise, blame = ({case.query.text for case in behavior.cases(MATERIAL)} for behavior in BEHAVIORS)
    assert not praise & blame
    assert not set(NEGATION["DENIED_PRAISE"]) & set(NEGATION["DENIED_BLAME"])


@pytest.mark.parametrize("label", list(Label))
def test_a_constant_classifier_fails_one_of_the_partners_by_far(label: Label) -> None:
    constant = ConstantPredictor(label)
    rates = {}
    for behavior in BEHAVIORS:
        cases = behavior.cases(MATERIAL)
        queries = queries_of(cases)
        answers = dict(zip(queries, constant.predict(queries), strict=True))
        rates[behavior.name] = ruled(behavior, constant.name, judge(behavior, cases, constant.name, answers)).rate
    assert sorted(rates.values()) == [0.0, 1.0]
    assert all(behavior.partner in rates and behavior.partner != behavior.name for behavior in BEHAVIORS)


def test_sentences_read_as_written_english() -> None:
    for behavior in BEHAVIORS:
        for case in behavior.cases(MATERIAL):
            text = case.query.text
            assert text[0].isupper()
            assert text.endswith(".")
            assert "{" not in text
            assert "  " not in text


def test_accuracy_asks_each_test_review_once_and_the_report_knows_its_name() -> None:
    (behavior,) = run_path(str(CATALOG / "test_accuracy.py"))["BEHAVIORS"]
    assert behavior.name == ACCURACY_BEHAVIOR
    reviews = [Review("r1", "Good {film}", Label.POSITIVE), Review("r2", "Bad", Label.NEGATIVE)]
    cases = behavior.cases(Material(MATERIAL.prompt, reviews, (), seed=0))
    assert [(case.group, case.label) for case in cases] == [("r1", Label.POSITIVE), ("r2", Label.NEGATIVE)]
