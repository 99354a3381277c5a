from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from sentiment.behavior.cases import edited, paired, templated, twinned
from sentiment.behavior.pairs import Pair
from sentiment.errors import BehaviorError
from sentiment.types import Case, Draft, Label, Maker, Material, Prompt, Query, Review, only
from unit_tests.making import behavior_of

PROMPT = Prompt("p", "{review}")
LEXICON = {"praise": ("good", "engaging", "honest"), "film": ("film", "movie")}
SUITE = [Review(f"r{i}", f"Text number {i}.", Label(i % 2)) for i in range(20)]
MATERIAL = Material(PROMPT, (), SUITE, seed=0)


def made(maker: Maker, material: Material = MATERIAL, name: str = "b") -> list[Case]:
    """What the behavior of that name makes of it."""
    return behavior_of(name, make=maker).cases(material)


def test_templated_cases_remember_frame_and_slots() -> None:
    frames = ["A {praise} {film}.", "This {film} is {praise}."]
    cases = made(templated(frames, LEXICON, Label.POSITIVE, count=8))
    assert Counter(case.group for case in cases) == {"A {praise} {film}.": 4, "This {film} is {praise}.": 4}
    assert {case.label for case in cases} == {Label.POSITIVE}
    assert set(cases[0].tags) == {"praise", "film"}
    assert cases[0].id.startswith("b:")
    assert len({case.id for case in cases}) == 8


def test_any_first_few_of_templated_cases_are_spread_over_the_frames() -> None:
    frames = [f"Take {n}: a {{praise}} {{film}}." for n in range(6)]
    cases = made(templated(frames, LEXICON, Label.POSITIVE, count=30))
    for some in range(1, 31):
        counts = Counter(case.group for case in cases[:some])
        assert max(counts.values()) - min(counts[frame] for frame in frames) <= 1


def test_twins_share_their_words_and_have_a_label_each() -> None:
    twins = [("The {film} is {praise}.", "as if the {film} were an {praise} {film}.")]
    cases = made(twinned(twins, LEXICON, (Label.POSITIVE, Label.NEGATIVE), count=6))
    for case in cases:
        film, praise = case.tags["film"], case.tags["praise"]
        article = "a" if praise == "good" else "an"
        assert case.base.query.text == f"The {film} is {praise}."
        assert case.query.text == f"As if the {film} were {article} {praise} {film}."
        assert (case.base.label, case.label) == (Label.POSITIVE, Label.NEGATIVE)
        assert case.group == case.base.group == twins[0][0]
    assert len({case.id for case in cases}) == 6


def test_a_twin_that_spans_lines_is_refused_before_any_run() -> None:
    with pytest.raises(BehaviorError, match="^a frame must be one line"):
        twinned([("A {film}.", "A\n{film}.")], LEXICON, (Label.POSITIVE, Label.NEGATIVE))


def test_edited_cases_keep_label_and_review_and_drop_what_the_edit_left_alone() -> None:
    def shout(review: Review, random) -> Review:
        return review if review.id == "r1" else replace(review, text=review.text.upper())

    cases = made(edited(shout, count=5))
    assert [case.group for case in cases] == ["r0", "r2", "r3", "r4", "r5"]
    assert [case.query.text for case in cases[:2]] == ["TEXT NUMBER 0.", "TEXT NUMBER 2."]
    assert all(case.base.query.text == f"Text number {case.group[1:]}." for case in cases)
    assert all(case.label is case.base.label for case in cases)


def test_a_review_is_edited_alike_whatever_else_is_in_the_suite() -> None:
    def number(review: Review, random) -> Review:
        return replace(review, text=f"{review.text} {random.random()}")

    whole = {case.group: case.query.text for case in made(edited(number))}
    part = {case.group: case.query.text for case in made(edited(number), replace(MATERIAL, suite=SUITE[::-3]))}
    assert part.items() <= whole.items()
    assert len(set(whole.values())) == 20
    reseeded = {case.group: case.query.text for case in made(edited(number), replace(MATERIAL, seed=1))}
    other = {case.group: case.query.text for case in made(edited(number), name="c")}
    assert not set(whole.values()) & (set(reseeded.values()) | set(other.values()))


@pytest.mark.parametrize("loses", [{"id": "new"}, {"label": None}])
def test_an_edit_that_loses_the_review_is_an_error_that_names_it(loses) -> None:
    with pytest.raises(BehaviorError, match=r"'b': the edit turned review 'r0' .* use dataclasses\.replace"):
        made(edited(lambda review, random: replace(review, text="x", **loses)))


def test_a_pair_is_its_revision_with_the_original_as_base() -> None:
    pairs = [Pair("p1", "Good.", "Bad.", Label.POSITIVE), Pair("p2", "Dull.", "Never dull.", Label.NEGATIVE)]
    first, second = made(paired(pairs))
    assert (first.query.text, first.label, first.group) == ("Bad.", Label.NEGATIVE, "p1")
    assert (first.base.query.text, first.base.label) == ("Good.", Label.POSITIVE)
    assert (second.label, second.base.label) == (Label.POSITIVE, Label.NEGATIVE)


def test_the_house_prompt_asks_every_case() -> None:
    makers = [
        templated(["A {praise} {film}."], LEXICON, Label.POSITIVE, count=2),
        twinned([("A {film}.", "No {film}.")], LEXICON, (Label.POSITIVE, Label.NEGATIVE), count=2),
        edited(lambda review, random: replace(review, text=review.text + "!")),
        paired([Pair("p", "Good.", "Bad.", Label.POSITIVE)]),
    ]
    house = Prompt("house", "Rate this: {review}")
    for maker in makers:
        for case in made(maker, replace(MATERIAL, prompt=house)):
            assert case.query.prompt is house
            assert case.base is None or case.base.query.prompt is house


def test_an_id_is_the_name_and_a_hash_of_base_text_text_and_prompt_which_committed_baselines_rely_on() -> None:
    plain = Query(PROMPT, "Good.")
    varied = Query(Prompt("other name", "{review}"), "Bad.")
    alone, edit = Draft(varied), Draft(varied, base=Draft(plain))
    for draft, facts in ((alone, f"\0{varied.digest}"), (edit, f"{plain.digest}\0{varied.digest}")):
        assert draft.stamped("b").id == f"b:{hashlib.sha256(facts.encode()).hexdigest()[:12]}"
    assert alone.stamped("b").id == "b:6c87d5903555"
    assert edit.stamped("b").id == "b:bbda7938c8b6"
    assert edit.stamped("b").base.id == Draft(plain).stamped("b").id


def test_an_id_follows_from_nothing_else_but_the_wording_of_the_prompt() -> None:
    bare = Draft(Query(PROMPT, "Good."))
    full = Draft(Query(Prompt("renamed", "{review}"), "Good."), only(Label.POSITIVE), group="g", tags={"a": "b"})
    assert bare.digest == full.digest
    assert bare.digest != Draft(Query(Prompt("p", "So: {review}"), "Good.")).digest


def test_the_group_of_a_stamped_case_is_its_own_or_that_of_its_base_or_one_of_its_own() -> None:
    base, query = Draft(Query(PROMPT, "Good.")), Query(PROMPT, "Bad.")
    assert Draft(query, base=base, group="g").stamped("b").group == "g"
    assert Draft(query, base=base).stamped("b").group == base.stamped("b").group == base.digest
    assert Draft(query, base=Draft(base.query, group="h")).stamped("b").group == "h"
    assert Draft(query).stamped("b").group == Draft(query).digest


def test_makers_draw_by_the_name_of_the_behavior_that_they_make_cases_for() -> None:
    """Frames and swaps are the same for all of one seed; what is drawn for a review is each behavior's own."""
    seen: list[str] = []

    def maker(material: Material) -> list[Draft]:
        seen.append(material.behavior)
        return [Draft(Query(material.prompt, str(material.random("r1").random())))]

    texts = [made(maker, name=name)[0].query.text for name in ("b", "c", "b")]
    assert seen == ["b", "c", "b"]
    assert texts[0] == texts[2] != texts[1]
    assert texts[0] == str(Random("0:b:r1").random())
