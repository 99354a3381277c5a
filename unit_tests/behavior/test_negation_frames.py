from __future__ import annotations

import re
from pathlib import Path
from runpy import run_path

import pytest

from sentiment.types import Material, Prompt

NEGATION = run_path(str(Path(__file__).parents[2] / "behavior_tests" / "test_negation.py"))
BEHAVIORS = {behavior.name: behavior for behavior in NEGATION["BEHAVIORS"]}

NEGATOR = re.compile(r"(?i)\b(?:not|cannot|never|no|nobody|nothing|none|neither|nor|nowhere|hardly|\w+n't)\b")
DENIED = re.compile(r"\{(?:praise|quality|impressed|blame|flaw|tedious)\}")


@pytest.mark.parametrize("frames", ["PRAISE_DENIED_FROM_AFAR", "BLAME_DENIED_FROM_AFAR"])
def test_six_words_or_more_stand_between_a_distant_negation_and_what_it_denies(frames: str) -> None:
    slotted = [frame for frame in NEGATION[frames] if DENIED.search(frame)]
    assert len(slotted) >= 20
    for frame in slotted:
        before = DENIED.split(frame)[0]
        nearest = list(NEGATOR.finditer(before))[-1]
        assert len(re.findall(r"[\w'{}]+", before[nearest.end() :])) >= 6, frame


def test_no_frame_is_in_two_behaviors() -> None:
    prompt = Prompt("p", "{review}")
    groups = [
        {case.group for case in behavior.cases(Material(prompt, (), (), seed=0))} for behavior in BEHAVIORS.values()
    ]
    assert sum(map(len, groups)) == len(set().union(*groups))


def test_partners_name_each_other_and_want_opposite_labels() -> None:
    prompt = Prompt("p", "{review}")
    labels = {name: {c.label for c in b.cases(Material(prompt, (), (), seed=0))} for name, b in BEHAVIORS.items()}
    for name, behavior in BEHAVIORS.items():
        assert BEHAVIORS[behavior.partner].partner == name
        assert len(labels[name]) == 1
        assert labels[name].isdisjoint(labels[behavior.partner])
