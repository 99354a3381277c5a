from __future__ import annotations

import pytest

from sentiment.types import (
    TWO_LABELS,
    Case,
    Label,
    LabelSet,
    Material,
    Prediction,
    Prompt,
    Query,
    only,
    shares_of,
)
from unit_tests.making import behavior_of

NEGATIVE, POSITIVE = Label
QUERY = Query(Prompt("p", "{review}"), "Good.")


def test_two_labels_are_each_others_opposite_and_all_others_than_one() -> None:
    assert (TWO_LABELS.opposite(NEGATIVE), TWO_LABELS.opposite(POSITIVE)) == (POSITIVE, NEGATIVE)
    assert TWO_LABELS.others(NEGATIVE) == {POSITIVE}
    assert TWO_LABELS.others(POSITIVE) == {NEGATIVE}


@pytest.mark.parametrize("labels", [(NEGATIVE,), (NEGATIVE, POSITIVE, POSITIVE)])
def test_only_one_of_two_has_an_opposite(labels: tuple[Label, ...]) -> None:
    with pytest.raises(ValueError, match=f"only one of two classes has an opposite, these are {len(labels)}"):
        LabelSet(labels).opposite(NEGATIVE)


def test_one_known_label_is_allowed_alone_and_of_several_none_is_the_label() -> None:
    labels = {allowed: Case("b:1", QUERY, allowed).label for allowed in (only(POSITIVE), only(None), frozenset(Label))}
    assert labels == {frozenset({POSITIVE}): POSITIVE, frozenset(): None, frozenset({NEGATIVE, POSITIVE}): None}


@pytest.mark.parametrize("p_positive", [0.0, 0.25, 1.0])
def test_shares_of_two_labels_show_the_positive_one_and_make_one(p_positive: float) -> None:
    shares = shares_of(p_positive)
    assert shares == {NEGATIVE: 1 - p_positive, POSITIVE: p_positive}
    assert Prediction(POSITIVE, shares).p_positive == p_positive


def test_without_probabilities_there_is_no_share_and_a_label_that_got_none_has_nothing() -> None:
    assert shares_of(None) is None
    assert Prediction(POSITIVE).p_positive is None
    assert Prediction(NEGATIVE, {NEGATIVE: 1.0}).p_positive == 0.0


def test_an_answer_is_right_where_its_label_is_allowed_and_no_answer_never_is() -> None:
    assert Prediction(POSITIVE).is_right({POSITIVE})
    assert Prediction(POSITIVE).is_right(frozenset(Label))
    assert not Prediction(POSITIVE).is_right({NEGATIVE})
    assert not Prediction(POSITIVE).is_right(frozenset())
    assert not Prediction(None).is_right(frozenset(Label))


def test_a_behavior_is_called_as_its_promise_and_leaves_the_material_as_it_is() -> None:
    material = Material(QUERY.prompt, (), (), seed=0)
    names: list[str] = []
    behavior = behavior_of("named", make=lambda given: names.append(given.behavior) or ())
    assert behavior.cases(material) == []
    assert (behavior.name, names, material.behavior) == ("named", ["named"], "")
