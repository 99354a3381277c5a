from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from sentiment.behavior.cases import edited, paired, templated, twinned
from sentiment.behavior.pairs import Pair
from sentiment.errors import BehaviorError
from sentiment.types import Label, Material, Prompt, Review

PROMPT = Prompt("p", "{review}")
LEXICON = {"praise": ("good", "engaging", "honest"), "film": ("film", "movie")}
SUITE = [Review(f"r{i}", f"Text number {i}.", Label(i % 2)) for i in range(20)]
MATERIAL = Material(PROMPT, (), SUITE, seed=0)


def test_templated_cases_remember_frame_and_slots() -> None:
    cases = templated("b", ["A {praise} {film}.", "This {film} is {praise}."], LEXICON, Label.POSITIVE, count=8)(
        MATERIAL
    )
    assert Counter(case.group for case in cases) == {"A {praise} {film}.": 4, "This {film} is {praise}.": 4}
    assert {case.label for case in cases} == {Label.POSITIVE}
    assert set(cases[0].tags) == {"praise", "film"}
    assert cases[0].id.startswith("b:")
    assert len({case.id for case in cases}) == 8


def test_any_first_few_of_templated_cases_are_spread_over_the_frames() -> None:
    frames = [f"Take {n}: a {{praise}} {{film}}." for n in range(6)]
    cases = templated("b", frames, LEXICON, Label.POSITIVE, count=30)(MATERIAL)
    for some in range(1, 31):
        counts = Counter(case.group for case in cases[:some])
        assert max(counts.values()) - min(counts[frame] for frame in frames) <= 1


def test_twins_share_their_words_and_have_a_label_each() -> None:
    twins = [("The {film} is {praise}.", "as if the {film} were an {praise} {film}.")]
    cases = twinned("b", twins, LEXICON, (Label.POSITIVE, Label.NEGATIVE), count=6)(MATERIAL)
    for case in cases:
        film, praise = case.tags["film"], case.tags["praise"]
        article = "a" if praise == "good" else "an"
        assert case.base.query.text == f"The {film} is {praise}."
        assert case.query.text == f"As if the {film} were {article} {praise} {film}."
        assert (case.base.label, case.label) == (Label.POSITIVE, Label.NEGATIVE)
        assert case.group == case.base.group == twins[0][0]
    assert len({case.id for case in cases}) == 6


def test_a_twin_that_spans_lines_is_refused_before_any_run() -> None:
    with pytest.raises(BehaviorError, match="'b': a frame must be one line"):
        twinned("b", [("A {film}.", "A\n{film}.")], LEXICON, (Label.POSITIVE, Label.NEGATIVE))


def test_edited_cases_keep_label_and_review_and_drop_what_the_edit_left_alone() -> None:
    def shout(review: Review, random) -> Review:
        return review if review.id == "r1" else replace(review, text=review.text.upper())

    cases = edited("b", shout, count=5)(MATERIAL)
    assert [case.group for case in cases] == ["r0", "r2", "r3", "r4", "r5"]
    assert [case.query.text for case in cases[:2]] == ["TEXT NUMBER 0.", "TEXT NUMBER 2."]
    assert all(case.base.query.text == f"Text number {case.group[1:]}." for case in cases)
    assert all(case.label is case.base.label for case in cases)


def test_a_review_is_edited_alike_whatever_else_is_in_the_suite() -> None:
    def number(review: Review, random) -> Review:
        return replace(review, text=f"{review.text} {random.random()}")

    whole = {case.group: case.query.text for case in edited("b", number)(MATERIAL)}
    part = {case.group: case.query.text for case in edited("b", number)(replace(MATERIAL, suite=SUITE[::-3]))}
    assert part.items() <= whole.items()
    assert len(set(whole.values())) == 20
    reseeded = {case.group: case.query.text for case in edited("b", number)(replace(MATERIAL, seed=1))}
    other = {case.group: case.query.text for case in edited("c", number)(MATERIAL)}
    assert not set(whole.values()) & (set(reseeded.values()) | set(other.values()))


@pytest.mark.parametrize("loses", [{"id": "new"}, {"label": None}])
def test_an_edit_that_loses_the_review_is_an_error_that_names_it(loses) -> None:
    with pytest.raises(BehaviorError, match=r"'b': the edit turned review 'r0' .* use dataclasses\.replace"):
        edited("b", lambda review, random: replace(review, text="x", **loses))(MATERIAL)


def test_a_pair_is_its_revision_with_the_original_as_base() -> None:
    pairs = [Pair("p1", "Good.", "Bad.", Label.POSITIVE), Pair("p2", "Dull.", "Never dull.", Label.NEGATIVE)]
    first, second = paired("b", pairs)(MATERIAL)
    assert (first.query.text, first.label, first.group) == ("Bad.", Label.NEGATIVE, "p1")
    assert (first.base.query.text, first.base.label) == ("Good.", Label.POSITIVE)
    assert (second.label, second.base.label) == (Label.POSITIVE, Label.NEGATIVE)


def test_the_house_prompt_asks_every_case() -> None:
    makers = [
        templated("b", ["A {praise} {film}."], LEXICON, Label.POSITIVE, count=2),
        twinned("b", [("A {film}.", "No {film}.")], LEXICON, (Label.POSITIVE, Label.NEGATIVE), count=2),
        edited("b", lambda review, random: replace(review, text=review.text + "!")),
        paired("b", [Pair("p", "Good.", "Bad.", Label.POSITIVE)]),
    ]
    house = Prompt("house", "Rate this: {review}")
    for maker in makers:
        for case in maker(replace(MATERIAL, prompt=house)):
            assert case.query.prompt is house
            assert case.base is None or case.base.query.prompt is house
