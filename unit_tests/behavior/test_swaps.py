from __future__ import annotations

from collections import Counter

import pytest

from sentiment.behavior.swaps import swapped
from sentiment.errors import BehaviorError, DataError
from sentiment.types import Label, Material, Prompt
from unit_tests.making import behavior_of

MATERIAL = Material(Prompt("p", "{review}"), (), (), seed=0)
FRAMES = {
    Label.POSITIVE: ("{name} is {praise} in {their} {film}.", "I like {name}."),
    Label.NEGATIVE: ("An {film} that {name} ruins.",),
}
LEXICON = {"praise": ("good", "great", "fine"), "film": ("film", "movie", "opera")}
ANN, BOB = {"name": "Ann", "their": "her"}, {"name": "Bob", "their": "his"}
EVA, GUS = {"name": "Eva", "their": "her"}, {"name": "Gus", "their": "his"}
SWAPS = [(ANN, BOB), (BOB, ANN), (EVA, GUS), (GUS, EVA)]


def test_base_and_case_differ_in_the_swap_and_nothing_else() -> None:
    for case in swapped(FRAMES, LEXICON, SWAPS, count=12)(MATERIAL):
        assert case.base is not None
        swap = ({"name": case.tags["name before"]}, {"name": case.tags["name"]})
        assert swap in [({"name": a["name"]}, {"name": b["name"]}) for a, b in SWAPS]
        before, after = ({"Ann": ANN, "Bob": BOB, "Eva": EVA, "Gus": GUS}[each["name"]] for each in swap)
        words = case.base.query.text.replace(before["name"], after["name"])
        assert words.replace(f" {before['their']} ", f" {after['their']} ") == case.query.text
        assert case.allowed == case.base.allowed != frozenset()


def test_frames_take_turns_and_a_frame_meets_every_swap_once() -> None:
    cases = swapped(FRAMES, LEXICON, SWAPS, count=12)(MATERIAL)
    frames = [FRAMES[Label.POSITIVE][0], FRAMES[Label.NEGATIVE][0], FRAMES[Label.POSITIVE][1]]
    assert [case.group for case in cases] == frames * 4
    met = Counter((case.group, case.tags["name before"]) for case in cases)
    assert len(met) == 12


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    maker = swapped(FRAMES, LEXICON, SWAPS, count=8)
    assert maker(MATERIAL) == maker(MATERIAL)
    assert maker(MATERIAL) != maker(Material(MATERIAL.prompt, (), (), seed=1))


def test_too_few_sentences_are_an_error() -> None:
    with pytest.raises(BehaviorError, match=r"'b': 3 frames and 4 swaps give 12 cases, 13 are wanted"):
        behavior_of("b", make=swapped(FRAMES, LEXICON, SWAPS, count=13)).cases(MATERIAL)


def test_a_frame_that_the_swap_leaves_as_it_is_is_an_error() -> None:
    with pytest.raises(BehaviorError, match="'b': .* changes nothing in the frame 'Good.'"):
        behavior_of("b", make=swapped({Label.POSITIVE: ("Good.",)}, LEXICON, SWAPS, count=1)).cases(MATERIAL)


def test_an_unknown_slot_is_named() -> None:
    with pytest.raises(DataError, match="unknown slot 'actor'"):
        swapped({Label.POSITIVE: ("{actor} and {name}",)}, LEXICON, SWAPS, count=1)(MATERIAL)
