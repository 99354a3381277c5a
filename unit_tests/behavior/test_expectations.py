from __future__ import annotations

from dataclasses import replace

import pytest

from sentiment.behavior.expectations import both_right, flips_from_base, has_label, nearer_the_middle, same_as_base
from sentiment.types import Label, Prediction, Prompt, Query, Status, shares_of
from unit_tests.making import case_of

PROMPT = Prompt("p", "{review}")
BASE = case_of("b", Query(PROMPT, "good"), label=Label.POSITIVE)
EDITED = case_of("b", Query(PROMPT, "not good"), label=Label.NEGATIVE, base=BASE)
NEGATIVE, POSITIVE = Prediction(Label.NEGATIVE), Prediction(Label.POSITIVE)
EITHER = replace(EDITED, allowed=frozenset(Label))
NEITHER = Prediction(None, text="well\x1b")


def test_the_right_label_passes_and_the_wrong_one_says_what_came() -> None:
    assert has_label(EDITED, NEGATIVE, None).status is Status.PASSED
    assert has_label(EDITED, POSITIVE, None).reason == "expected negative, answered positive"


def test_where_several_labels_are_allowed_each_of_them_passes_and_no_answer_still_fails() -> None:
    assert has_label(EITHER, NEGATIVE, None).status is has_label(EITHER, POSITIVE, None).status is Status.PASSED
    assert has_label(EITHER, NEITHER, None).reason.startswith("expected negative or positive, answered neither label")


def test_invariance_calls_any_allowed_label_right() -> None:
    assert same_as_base(EITHER, NEGATIVE, POSITIVE).reason.endswith("which happens to be right")
    assert same_as_base(EITHER, POSITIVE, NEGATIVE).reason.endswith("which happens to be right")


def test_direction_is_judged_from_any_label_that_the_base_allows() -> None:
    case = replace(EDITED, base=replace(BASE, allowed=frozenset(Label)))
    assert flips_from_base(case, POSITIVE, NEGATIVE).status is Status.PASSED
    assert flips_from_base(case, NEGATIVE, POSITIVE).status is Status.PASSED
    assert flips_from_base(case, NEGATIVE, NEGATIVE).reason == "expected positive after the edit, answered negative"
    unlabelled = replace(EDITED, base=replace(BASE, allowed=frozenset()))
    assert flips_from_base(unlabelled, POSITIVE, NEGATIVE).status is Status.PASSED


def test_of_a_pair_either_text_may_allow_several_labels() -> None:
    assert both_right(EITHER, POSITIVE, POSITIVE).status is Status.PASSED
    assert both_right(EITHER, POSITIVE, NEGATIVE).reason == "the original is positive, answered negative"
    assert both_right(EITHER, NEITHER, POSITIVE).reason.startswith("the edited text is negative or positive, answered")
    loose = replace(EDITED, base=replace(BASE, allowed=frozenset(Label)))
    assert both_right(loose, NEGATIVE, NEGATIVE).status is Status.PASSED


@pytest.mark.parametrize("expectation", [has_label, same_as_base, flips_from_base, both_right])
def test_an_answer_that_is_neither_label_fails_every_promise(expectation) -> None:
    verdict = expectation(EDITED, NEITHER, POSITIVE)
    assert verdict.status is Status.FAILED
    assert r"answered neither label: 'well\x1b'" in verdict.reason


@pytest.mark.parametrize("expectation", [same_as_base, flips_from_base, both_right])
def test_an_unanswered_base_fails_even_when_the_edit_is_unanswered_too(expectation) -> None:
    assert expectation(EDITED, NEITHER, NEITHER).status is Status.FAILED
    assert expectation(EDITED, NEGATIVE, NEITHER).status is Status.FAILED


def test_invariance_compares_with_the_base_and_not_with_the_truth() -> None:
    assert same_as_base(EDITED, NEGATIVE, NEGATIVE).status is Status.PASSED
    turned = same_as_base(EDITED, NEGATIVE, POSITIVE)
    assert turned.status is Status.FAILED
    assert turned.reason == "the edit turned positive into negative, which happens to be right"
    assert same_as_base(EDITED, POSITIVE, NEGATIVE).reason == "the edit turned negative into positive"
    other = replace(EDITED, query=Query(replace(PROMPT, template="Else: {review}"), EDITED.query.text))
    assert same_as_base(other, POSITIVE, NEGATIVE).reason == "the other prompt turned negative into positive"


def test_direction_is_skipped_where_the_base_is_already_wrong() -> None:
    assert flips_from_base(EDITED, NEGATIVE, POSITIVE).status is Status.PASSED
    assert flips_from_base(EDITED, POSITIVE, POSITIVE).status is Status.FAILED
    assert flips_from_base(EDITED, POSITIVE, NEGATIVE).status is Status.SKIPPED


def test_both_texts_of_a_pair_must_be_right_and_each_wrong_one_is_named() -> None:
    assert both_right(EDITED, NEGATIVE, POSITIVE).status is Status.PASSED
    assert both_right(EDITED, POSITIVE, POSITIVE).reason == "the edited text is negative, answered positive"
    assert both_right(EDITED, NEGATIVE, NEGATIVE).reason == "the original is positive, answered negative"
    assert both_right(EDITED, POSITIVE, NEGATIVE).reason == (
        "the original is positive, answered negative; the edited text is negative, answered positive"
    )


@pytest.mark.parametrize(
    ("p", "base", "status"),
    [
        (0.6, 0.9, Status.PASSED),
        (0.4, 0.9, Status.PASSED),
        (0.6, 0.1, Status.PASSED),
        (0.95, 0.9, Status.FAILED),
        (0.05, 0.9, Status.FAILED),
        (0.9, 0.9, Status.FAILED),
        (1.0, 1.0, Status.FAILED),
        (None, 0.9, Status.SKIPPED),
        (0.6, None, Status.SKIPPED),
    ],
)
def test_doubt_is_being_nearer_to_a_half_than_the_base_on_either_side(p, base, status) -> None:
    assert (
        nearer_the_middle(EDITED, Prediction(None, shares_of(p)), Prediction(Label.POSITIVE, shares_of(base))).status
        is status
    )


def test_less_doubt_than_on_the_base_says_both_numbers() -> None:
    verdict = nearer_the_middle(
        EDITED, Prediction(Label.POSITIVE, shares_of(0.95)), Prediction(Label.POSITIVE, shares_of(0.9))
    )
    assert verdict.reason == "P(positive) should lie nearer to 0.5 than the base's 0.900; it is 0.950"


def test_a_case_without_what_the_expectation_needs_is_an_error() -> None:
    with pytest.raises(ValueError, match="has none"):
        has_label(case_of("b", Query(PROMPT, "x")), POSITIVE, None)
    with pytest.raises(ValueError, match="has no base"):
        same_as_base(BASE, POSITIVE, None)
    with pytest.raises(ValueError, match="has no base"):
        nearer_the_middle(BASE, POSITIVE, None)
    with pytest.raises(ValueError, match="both texts need a label"):
        both_right(case_of("b", Query(PROMPT, "x"), base=BASE), POSITIVE, POSITIVE)
