from __future__ import annotations

import hashlib
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random
from runpy import run_path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import PromptError
from sentiment.judging.judge import queries_of
from sentiment.profiles import load_profile
from sentiment.prompting.prompts import OTHER_WORDS, WORDINGS, hostile_prompts, load_prompt, mistyped
from sentiment.prompting.wordings import OPTIONS, Parts, compose, house_option, sample_prompts
from sentiment.suites.prompts import BEHAVIORS
from sentiment.types import Behavior, Label, Material, Prompt, Review

HOUSE = compose(Parts(), "house")
ROOT = Path(__file__).parents[2]
CATALOG = run_path(str(ROOT / "behavior_tests" / "test_prompts.py"))
REWORDED, OTHER, HOSTILE = BEHAVIORS
SUITE = [Review(f"r{i}", f"Review number {i}.", Label(i % 2)) for i in range(60)]
MATERIAL = Material(HOUSE, (), SUITE, seed=0)
PARTS = st.builds(Parts, **{part: st.sampled_from(list(options)) for part, options in OPTIONS.items()})


@pytest.mark.parametrize("profile", ["smollm2", "qwen3"])
def test_the_default_parts_make_the_house_prompt_of_the_packaged_profiles(profile: str) -> None:
    assert compose(Parts()).digest == load_profile(profile).house_prompt.digest


@given(PARTS)
def test_every_composition_is_a_prompt_that_remembers_its_parts(parts: Parts) -> None:
    prompt = compose(parts)
    assert Parts(**prompt.parts) == parts
    assert prompt.words == ("negative", "positive")
    assert {"positive", "negative"} <= set(re.findall("[a-z]+", prompt.template.lower()))
    assert (prompt.system is None) == (parts.system == "none" or not prompt.chat)


@given(PARTS)
def test_every_part_shows_in_the_prompt(parts: Parts) -> None:
    for part, option in parts.changed.items():
        back = Parts(**{**parts.changed, part: house_option(part)})
        assert compose(back).digest != compose(parts).digest, (part, option)


def test_instructions_are_many_and_a_single_change_changes_one_thing() -> None:
    assert len(OPTIONS["instruction"]) >= 8
    digests = [compose(Parts(**{part: o})).digest for part, options in OPTIONS.items() for o in list(options)[1:]]
    assert len(set(digests)) == len(digests) == sum(len(options) - 1 for options in OPTIONS.values())


def test_a_plain_prompt_says_in_its_text_what_a_chat_says_in_its_system_message() -> None:
    chat, plain = (
        compose(Parts(system="brief", cue="answer")),
        compose(Parts(system="brief", cue="answer", chat="plain")),
    )
    assert chat.system == "Answer every request as briefly as you can."
    assert plain.system is None
    assert plain.template == f"{chat.system}\n\n{chat.template}"


@given(PARTS)
def test_a_plain_prompt_goes_on_after_the_review(parts: Parts) -> None:
    """A plain text that ends in the review is continued by more of the review, or ends there."""
    prompt = compose(parts)
    assert prompt.chat or re.search("[a-z]", prompt.halves[1].replace("</review>", ""), re.IGNORECASE)


def test_parts_show_what_was_changed_and_refuse_unknown_options() -> None:
    parts = Parts(casing="upper", cue="answer")
    assert repr(parts) == "Parts(casing='upper', cue='answer')"
    assert parts.changed == {"casing": "upper", "cue": "answer"}
    with pytest.raises(PromptError, match="part 'order' has no option 'sideways'; it has question-first, review-first"):
        Parts(order="sideways")


def test_composed_examples_read_as_meant() -> None:
    assert compose(Parts(role="critic", order="review-first", separator="newline", cue="answer")).template == (
        "You are a film critic.\nReview: {review}\nClassify the sentiment of the movie review as positive or "
        "negative. Answer with one word.\nAnswer:"
    )
    assert compose(Parts(instruction="question", separator="colon", labels="negative-first")).template == (
        "Is this movie review negative or positive: Review: {review}"
    )
    assert compose(Parts(instruction="terse", casing="upper", wrapper="quotes")).template == (
        'SENTIMENT, POSITIVE OR NEGATIVE?\n\n"{review}"'
    )


def test_the_population_is_distinct_named_and_never_the_house_prompt() -> None:
    prompts = sample_prompts(50, seed=0, house=HOUSE)
    assert [prompt.name for prompt in prompts] == [f"reworded-{i:02}" for i in range(1, 51)]
    assert len({prompt.digest for prompt in prompts} | {HOUSE.digest}) == 51
    assert all(prompt.words == HOUSE.words for prompt in prompts)


@pytest.mark.parametrize("seed", range(3))
def test_the_population_covers_every_option_evenly_and_has_small_and_large_changes(seed: int) -> None:
    prompts = sample_prompts(60, seed)
    for part, options in OPTIONS.items():
        used = Counter(prompt.parts[part] for prompt in prompts)
        others = [used[option] for option in list(options)[1:]]
        assert min(others) >= 1
        assert max(others) - min(others) <= 3
        assert 0.25 <= sum(others) / 60 <= 0.42
    sizes = Counter(len(Parts(**prompt.parts).changed) for prompt in prompts)
    assert sizes[1] + sizes[2] >= 8
    assert sum(count for size, count in sizes.items() if size >= 5) >= 5


def test_parts_change_independently_of_each_other() -> None:
    changed = [Parts(**prompt.parts).changed for prompt in sample_prompts(1200, seed=1)]
    share = {part: sum(part in one for one in changed) / 1200 for part in OPTIONS}
    for first, second in combinations(OPTIONS, 2):
        both = sum(first in one and second in one for one in changed) / 1200
        assert both == pytest.approx(share[first] * share[second], abs=0.04)


def test_a_larger_population_begins_with_the_smaller_one() -> None:
    assert sample_prompts(12, seed=3) == sample_prompts(40, seed=3)[:12]
    assert {p.digest for p in sample_prompts(40, seed=3)} != {p.digest for p in sample_prompts(40, seed=4)}


def test_the_house_prompt_of_another_profile_is_left_out_too() -> None:
    taken = sample_prompts(20, seed=0)[4]
    assert taken.digest not in {prompt.digest for prompt in sample_prompts(20, seed=0, house=taken)}


def test_the_population_is_the_same_on_every_machine() -> None:
    """Stored answers and baselines follow from it: raise the cases version when this digest has to change."""
    digests = "".join(prompt.digest for prompt in sample_prompts(50, seed=0) + hostile_prompts(HOUSE, seed=0))
    assert hashlib.sha256(digests.encode()).hexdigest()[:16] == "9885d382fd8ada8b"


def test_other_words_are_many_load_by_name_and_some_are_inverted() -> None:
    assert len(OTHER_WORDS) >= 6
    assert all(load_prompt(prompt.name, HOUSE) is prompt for prompt in OTHER_WORDS)
    assert len({prompt.name for prompt in WORDINGS}) == len(WORDINGS)
    assert {("yes", "no"), ("true", "false"), ("positive", "negative")} <= {prompt.words for prompt in OTHER_WORDS}
    for prompt in OTHER_WORDS:
        assert set(prompt.words) <= set(re.findall("[a-z]+", prompt.template))


def test_hostile_prompts_are_of_three_kinds_and_keep_the_question() -> None:
    prompts = hostile_prompts(HOUSE, seed=0)
    kinds = Counter(prompt.parts["hostile"] for prompt in prompts)
    assert set(kinds) == {"distractor", "contradiction", "typos"}
    assert min(kinds.values()) >= 4
    assert len({prompt.digest for prompt in prompts} | {HOUSE.digest}) == len(prompts) + 1
    assert len({prompt.name for prompt in prompts}) == len(prompts)
    assert all(prompt.words == HOUSE.words for prompt in prompts)
    for prompt in prompts:
        assert prompt.parts["hostile"] == "typos" or prompt.template.startswith(HOUSE.template)
    assert hostile_prompts(HOUSE, seed=0) == prompts != hostile_prompts(HOUSE, seed=1)


def test_a_wording_without_words_has_no_typos() -> None:
    kinds = {prompt.parts["hostile"] for prompt in hostile_prompts(Prompt("bare", "{review}"), seed=0)}
    assert kinds == {"distractor", "contradiction"}


@given(st.integers(0, 9), st.integers(0, 1000))
def test_typos_spare_label_words_the_slot_and_the_ends_of_words(count: int, seed: int) -> None:
    typed = mistyped(HOUSE.template, count, Random(seed), HOUSE.words)
    before, after = HOUSE.template.split(), typed.split()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == min(count, 8)
    assert {"positive", "negative.", "{review}", "one", "the"} <= set(after)
    assert all(old[0] == new[0] and old[-1] == new[-1] for old, new in changed)


@pytest.mark.parametrize(
    ("behavior", "prompts", "reviews"),
    [
        pytest.param(REWORDED, 40, 40, id="reworded"),
        pytest.param(OTHER, 8, 40, id="other-words"),
        pytest.param(HOSTILE, 15, 20, id="hostile"),
    ],
)
def test_every_prompt_is_asked_about_every_review_once(behavior: Behavior, prompts: int, reviews: int) -> None:
    cases = behavior.cases(MATERIAL)
    assert len({case.id for case in cases}) == len(cases) == prompts * reviews >= behavior.promise.min_live
    assert set(Counter(case.group for case in cases).values()) == {reviews}
    assert {case.query.text for case in cases} == {review.text for review in SUITE[:reviews]}
    assert all(case.group == case.query.prompt.name for case in cases)
    first = cases[:prompts]
    assert len({case.group for case in first}) == prompts
    assert len({case.query.text for case in first}) == min(prompts, reviews)


def test_a_rewording_is_compared_with_the_house_prompt_and_tags_say_what_changed() -> None:
    for case in REWORDED.cases(MATERIAL):
        assert case.base is not None
        assert case.base.query.prompt is HOUSE
        assert (case.base.query.text, case.base.label) == (case.query.text, case.label)
        assert case.tags == Parts(**case.query.prompt.parts).changed != {}
    assert len(queries_of(REWORDED.cases(MATERIAL))) == 41 * 40


def test_few_reviews_make_few_cases() -> None:
    few = Material(HOUSE, (), SUITE[:3], seed=0)
    assert len(REWORDED.cases(few)) == 120
    assert REWORDED.cases(Material(HOUSE, (), (), seed=0)) == []
