from __future__ import annotations

import re

import pytest

from sentiment.suites import negation
from sentiment.types import Material, Prompt

BEHAVIORS = {behavior.name: behavior for behavior in negation.BEHAVIORS}
MATERIAL = Material(Prompt("p", "{review}"), (), (), seed=0)

NEGATOR = re.compile(r"(?i)\b(?:not|cannot|never|no|nobody|nothing|none|neither|nor|nowhere|hardly|\w+n't)\b")
DENIED = re.compile(r"\{(?:praise|quality|impressed|blame|flaw|tedious)\}")


@pytest.mark.parametrize("name", ["negation_at_a_distance_is_negative", "distant_denial_of_blame_is_positive"])
def test_six_words_or_more_stand_between_a_distant_negation_and_what_it_denies(name: str) -> None:
    slotted = [frame for frame in {case.group for case in BEHAVIORS[name].cases(MATERIAL)} if DENIED.search(frame)]
    assert len(slotted) >= 20
    for frame in slotted:
        before = DENIED.split(frame)[0]
        nearest = list(NEGATOR.finditer(before))[-1]
        assert len(re.findall(r"[\w'{}]+", before[nearest.end() :])) >= 6, frame


def test_no_frame_is_in_two_behaviors() -> None:
    groups = [{case.group for case in behavior.cases(MATERIAL)} for behavior in BEHAVIORS.values()]
    assert sum(map(len, groups)) == len(set().union(*groups))


def test_partners_name_each_other_and_want_opposite_labels() -> None:
    labels = {name: {case.label for case in each.cases(MATERIAL)} for name, each in BEHAVIORS.items()}
    for name, behavior in BEHAVIORS.items():
        assert BEHAVIORS[behavior.promise.partner].promise.partner == name
        assert len(labels[name]) == 1
        assert labels[name].isdisjoint(labels[behavior.promise.partner])
