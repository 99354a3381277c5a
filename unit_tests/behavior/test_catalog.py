"""What every behavior of the catalog must keep, whatever module it is in."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

import pytest

from sentiment.behavior.expectations import both_right
from sentiment.behavior.written import ACCURACY
from sentiment.data.generated import made_up_reviews
from sentiment.errors import NotApplicableError
from sentiment.judging.judge import judge, queries_of
from sentiment.predictors.floors import ConstantPredictor
from sentiment.suites import all_behaviors
from sentiment.types import Case, Kind, Label, Material, Prompt, Query, Review, Status

BEHAVIORS = all_behaviors()
BY_NAME = {behavior.name: behavior for behavior in BEHAVIORS}
PROMPT = Prompt("p", "{review}")
NO_REVIEWS = Material(PROMPT, (), (), seed=0)

HARD_TO_COME_BY = {"a_minimal_edit_flips_the_label": 100}
"""Cases that are written one by one may be fewer than 150."""
BY_FAR = 0.4


def _reviews(seed: int, count: int) -> list[Review]:
    """Made-up reviews of about twenty words: three sentences of one label each."""
    short = made_up_reviews(seed, 3 * count)
    by_label = {label: iter([review.text for review in short if review.label is label]) for label in Label}
    made = []
    for i in range(count):
        label = Label(i % 2)
        made.append(Review(f"{seed}-{i}", " ".join(islice(by_label[label], 3)), label, "made up"))
    return made


@cache
def material() -> Material:
    """1,500 reviews of the suite pool, 200 of the test pool and 300 that raters dispute."""
    disputed = [Review(f"d{i}", f"{review.text} Or so they say.") for i, review in enumerate(_reviews(2, 300))]
    return Material(PROMPT, _reviews(1, 200), _reviews(0, 1500), 0, disputed, clear=_reviews(0, 400))


@cache
def cases_of(name: str) -> list[Case]:
    return BY_NAME[name].cases(material())


@cache
def is_written(name: str) -> bool:
    """Whether the behavior's texts are our own, and not made from reviews of the data."""
    try:
        return bool(BY_NAME[name].cases(NO_REVIEWS))
    except (NotApplicableError, IndexError, StopIteration):
        return False


def texts_of(case: Case) -> list[str]:
    return [each.query.text for each in (case, case.base) if each is not None]


def failure_rate(name: str, label: Label) -> float | None:
    """Of the constant classifier; None when it is not judged on a single case, which is never a pass."""
    constant, cases = ConstantPredictor(label), cases_of(name)
    queries = queries_of(cases)
    answers = dict(zip(queries, constant.predict(queries), strict=True))
    found = [each.verdict.status for each in judge(BY_NAME[name], cases, constant.name, answers)]
    judged = len(found) - found.count(Status.SKIPPED)
    return found.count(Status.FAILED) / judged if judged else None


each_behavior = pytest.mark.parametrize("name", BY_NAME)
each_written = pytest.mark.parametrize(
    "name", [name for name in BY_NAME if is_written(name) and BY_NAME[name].expectation is not both_right]
)
"""Whose sentences are ours; pairs are written as reviewers write, small letters and all."""


def test_names_are_snake_case_and_stand_once() -> None:
    names = [behavior.name for behavior in BEHAVIORS]
    assert len(names) == len(set(names)) > 40
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name)] == []


@each_behavior
def test_a_behavior_says_what_it_promises_and_for_how_much(name: str) -> None:
    promise = BY_NAME[name].promise
    assert promise.claim[0].isupper()
    assert promise.claim.endswith(".")
    assert promise.capability
    assert promise.budget is None or 0 < promise.budget < 0.5


@each_behavior
def test_there_are_enough_cases_and_none_twice(name: str) -> None:
    behavior, cases = BY_NAME[name], cases_of(name)
    assert len({case.id for case in cases}) == len(cases)
    assert all(case.id.startswith(f"{name}:") for case in cases)
    assert len(cases) >= behavior.promise.min_live >= HARD_TO_COME_BY.get(name, 150)
    assert 16 <= behavior.quick < len(cases) or name == ACCURACY


@each_behavior
def test_judged_cases_that_share_groups_have_enough_of_them(name: str) -> None:
    groups = {case.group for case in cases_of(name)}
    assert not BY_NAME[name].promise.gated or len(groups) >= 40


@each_behavior
def test_the_first_cases_are_a_fair_sample_of_the_whole(name: str) -> None:
    behavior, cases = BY_NAME[name], cases_of(name)
    some = cases[: behavior.quick]
    assert {case.label for case in some} == {case.label for case in cases}
    assert len({case.group for case in some}) >= min(len(some), len({case.group for case in cases})) / 2


@each_behavior
def test_kind_base_and_label_fit_together(name: str) -> None:
    kind = BY_NAME[name].promise.kind
    for case in cases_of(name):
        assert (case.base is None) == (kind is Kind.MFT)
        assert kind is not Kind.INV or case.allowed == case.base.allowed
        assert kind is not Kind.MFT or case.allowed
        assert case.base is None or case.query != case.base.query


@each_behavior
def test_partners_exist_and_every_invariance_has_one(name: str) -> None:
    promise = BY_NAME[name].promise
    assert promise.partner != name
    assert promise.partner is None or promise.partner in BY_NAME
    assert promise.partner is not None or promise.kind is not Kind.INV


@each_behavior
@pytest.mark.parametrize("label", list(Label), ids=lambda label: label.word)
def test_a_constant_classifier_fails_the_behavior_or_its_partner_by_far(name: str, label: Label) -> None:
    """A lone behavior of which the constant is judged on no case is inconclusive, and so not passed either."""
    names = [each for each in (name, BY_NAME[name].promise.partner) if each is not None]
    rates = [failure_rate(each, label) for each in names]
    assert any(rate is not None and rate >= BY_FAR for rate in rates) or rates == [None]


@each_written
def test_sentences_read_as_written_english(name: str) -> None:
    wrong = [
        text
        for case in cases_of(name)
        for text in texts_of(case)
        if not re.match(r"[\"'“‘(]?(?:[A-Z]|[\d$£€*★…])", text)
        or not re.search(r"[.!?…\")”*★\w%]\Z", text)
        or re.search(r"[{}]|  |\s[.,;!?]|\.\.(?!\.)(?<!\.\.\.)", text)
        or re.search(r"\b([Aa]n?) an?\b|\b(the the|is is|was was|of of|and and)\b", text)
        or re.search(r"\b[Aa] (?:[aei](?!u)|o(?!ne\b|nce\b)|un(?!i))", text)
        or re.search(r"\b[Aa]n (?![aeiouAEIOU]|hour|honest|honou?r|heir|8|11|18|[FLMNRSX]\b)", text)
    ]
    assert wrong == []


def test_no_text_has_two_labels_anywhere_in_the_catalog() -> None:
    labels: dict[Query, tuple[Label, str]] = {}
    for name in BY_NAME:
        if not is_written(name):
            continue
        for each in cases_of(name):
            for case in (each, each.base):
                if case is not None and case.label is not None:
                    label, place = labels.setdefault(case.query, (case.label, name))
                    assert label is case.label, (case.query.text, place, name)


def test_accuracy_asks_each_test_review_once() -> None:
    cases = cases_of(ACCURACY)
    assert [(case.group, case.label, case.query.text) for case in cases] == [
        (review.id, review.label, review.text) for review in material().test
    ]
