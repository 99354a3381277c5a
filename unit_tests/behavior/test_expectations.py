from __future__ import annotations

from dataclasses import replace

import pytest

from sentiment.behavior.expectations import both_right, flips_from_base, has_label, nearer_the_middle, same_as_base
from sentiment.types import Case, Label, Prediction, Prompt, Query, Status

PROMPT = Prompt("p", "{review}")
BASE = Case.of("b", Query(PROMPT, "good"), label=Label.POSITIVE)
EDITED = Case.of("b", Query(PROMPT, "not good"), label=Label.NEGATIVE, base=BASE)
NEGATIVE, POSITIVE = Prediction(Label.NEGATIVE), Prediction(Label.POSITIVE)
NEITHER = Prediction(None, text="well\x1b")


def test_the_right_label_passes_and_the_wrong_one_says_what_came() -> None:
    assert has_label(EDITED, NEGATIVE, None).status is Status.PASSED
    assert has_label(EDITED, POSITIVE, None).reason == "expected negative, answered positive"


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
    assert nearer_the_middle(EDITED, Prediction(None, p), Prediction(Label.POSITIVE, base)).status is status


def test_less_doubt_than_on_the_base_says_both_numbers() -> None:
    verdict = nearer_the_middle(EDITED, Prediction(Label.POSITIVE, 0.95), Prediction(Label.POSITIVE, 0.9))
    assert verdict.reason == "P(positive) should lie nearer to 0.5 than the base's 0.900; it is 0.950"


def test_a_case_without_what_the_expectation_needs_is_an_error() -> None:
    with pytest.raises(ValueError, match="has none"):
        has_label(Case.of("b", Query(PROMPT, "x")), POSITIVE, None)
    with pytest.raises(ValueError, match="has no base"):
        same_as_base(BASE, POSITIVE, None)
    with pytest.raises(ValueError, match="has no base"):
        nearer_the_middle(BASE, POSITIVE, None)
    with pytest.raises(ValueError, match="both texts need a label"):
        both_right(Case.of("b", Query(PROMPT, "x"), base=BASE), POSITIVE, POSITIVE)
