"""Wordings for robust training, and those that it never sees."""

from __future__ import annotations

from sentiment.profiles import load_profile
from sentiment.prompting.wordings import HELD_OUT, OPTIONS, held_out_prompts, training_prompts

HOUSE = load_profile("smollm2").house_prompt


def held_out(prompt) -> set[tuple[str, str]]:
    return {(part, option) for part, option in prompt.parts.items() if option in HELD_OUT.get(part, ())}


def test_training_sees_the_house_prompt_and_no_held_out_option() -> None:
    prompts = training_prompts(40, 0, HOUSE)
    assert prompts[0] == HOUSE
    assert len({prompt.digest for prompt in prompts}) == 40
    assert not any(held_out(prompt) for prompt in prompts[1:])
    assert prompts[:10] == training_prompts(10, 0, HOUSE)


def test_every_held_out_prompt_has_an_option_that_training_never_sees() -> None:
    prompts = held_out_prompts(25, 0, HOUSE)
    assert len({prompt.digest for prompt in prompts}) == 25
    assert all(held_out(prompt) for prompt in prompts)
    assert set().union(*map(held_out, prompts)) == {
        (p, option) for p, options in HELD_OUT.items() for option in options
    }
    assert not {prompt.digest for prompt in prompts} & {prompt.digest for prompt in training_prompts(16, 0, HOUSE)}


def test_held_out_options_exist_and_are_not_the_house_s() -> None:
    for part, options in HELD_OUT.items():
        assert set(options) < set(list(OPTIONS[part])[1:])
