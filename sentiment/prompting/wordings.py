"""Wordings composed of named parts, and a seeded population of them.

`Parts()` is the wording of the packaged profiles. Every other composition differs from it in the parts
that `Parts.changed` lists, so a wording that does harm can be taken back part by part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import islice
from random import Random
from typing import Any

from sentiment.errors import PromptError
from sentiment.types import Prompt

PLAIN_CUE = "\n\nAnswer:"
"""What ends a plain text whose last words would be the review's: nothing else says that the review is over."""

KEPT = 2
"""In a sampled wording a part keeps the house's option this many times as often as it changes."""


def _options(options: Mapping[str, str]) -> Any:
    """A field of `Parts`: the text of each option by its name, the house's first."""
    return field(default=next(iter(options)), metadata=options)


@dataclass(frozen=True, repr=False)
class Parts:
    """The option chosen for each part of a wording. Raises `PromptError` for an option that does not exist."""

    role: str = _options(
        {
            "none": "",
            "critic": "You are a film critic.",
            "editor": "You sort the mail of a film magazine.",
            "viewer": "You go to the movies every week and read what others write about them.",
        }
    )
    """Who the model is told to be; the first words of the message."""
    system: str = _options(
        {
            "none": "",
            "assistant": "You are a helpful assistant.",
            "classifier": "You label movie reviews by their sentiment.",
            "brief": "Answer every request as briefly as you can.",
        }
    )
    """The system message; a plain prompt has none and begins with these words instead."""
    instruction: str = _options(
        {
            "classify": "Classify the sentiment of the movie review as {labels}. Answer with one word.",
            "question": "Is this movie review {labels}?",
            "feel": "Does the author of this movie review feel {labels} about the film?",
            "decide": "Decide if the movie review is {labels}.",
            "opinion": "What is the opinion of the film in this review, {labels}?",
            "polite": "Could you please tell me if this movie review is {labels}?",
            "verdict": "Somebody wrote about a film. Is the verdict {labels}?",
            "terse": "Sentiment, {labels}?",
            "one-word": "Describe the sentiment of the movie review with one word, {labels}.",
            "careful": (
                "Read the movie review with care. Think about what its author says of the film, and then answer "
                "with one word only: {labels}."
            ),
        }
    )
    """The question or order itself."""
    labels: str = _options({"positive-first": "positive or negative", "negative-first": "negative or positive"})
    """Which label word is named first."""
    order: str = _options(
        {
            "question-first": "{role} {instruction}{separator}{shown}",
            "review-first": "{role}\n{shown}{separator}{instruction}",
        }
    )
    """Whether the instruction or the review comes first."""
    separator: str = _options({"blank-line": "\n\n", "newline": "\n", "space": " ", "dashes": " --- ", "colon": ": "})
    """What stands between instruction and review."""
    casing: str = _options({"as-is": "", "lower": "lower", "upper": "UPPER"})
    """Letters of the instruction, its label words included."""
    wrapper: str = _options(
        {
            "label": "Review: {review}",
            "bare": "{review}",
            "quotes": '"{review}"',
            "tags": "<review>{review}</review>",
            "backticks": "```\n{review}\n```",
            "heading": "### Movie review\n{review}",
        }
    )
    """How the review is set off."""
    cue: str = _options(
        {
            "none": "",
            "answer": "\nAnswer:",
            "answer-space": "\nAnswer: ",
            "sentiment": "\nSentiment:",
            "sentiment-space": "\nSentiment: ",
        }
    )
    """What the answer is to continue, at the very end."""
    chat: str = _options({"template": "chat", "plain": ""})
    """Through the model's chat template, or as plain text, which never ends in the review: see `PLAIN_CUE`."""

    def __post_init__(self) -> None:
        for part, option in asdict(self).items():
            if option not in OPTIONS[part]:
                raise PromptError(f"part {part!r} has no option {option!r}; it has {', '.join(OPTIONS[part])}")

    def __repr__(self) -> str:
        """The changed parts only, as one would write it."""
        return f"Parts({', '.join(f'{part}={option!r}' for part, option in self.changed.items())})"

    @property
    def changed(self) -> dict[str, str]:
        """The parts whose option is not the house's."""
        return {part: option for part, option in asdict(self).items() if option != house_option(part)}


OPTIONS: Mapping[str, Mapping[str, str]] = {part.name: part.metadata for part in fields(Parts)}
"""Every part's options and their texts, the house's first."""


HELD_OUT: Mapping[str, Collection[str]] = {
    "role": {"viewer"},
    "instruction": {"feel", "opinion", "verdict", "one-word", "careful"},
    "wrapper": {"tags", "backticks", "heading"},
    "cue": {"sentiment", "sentiment-space"},
}
"""Options that training on many wordings never sees, so that robustness is measured on wordings that are new to it."""


def house_option(part: str) -> str:
    """The option of that part in the wording of the packaged profiles."""
    return next(iter(OPTIONS[part]))


def compose(parts: Parts, name: str = "composed") -> Prompt:
    """The prompt made of these parts; it remembers them in `Prompt.parts`."""
    text = {part: OPTIONS[part][option] for part, option in asdict(parts).items()}
    instruction = _cased(text["instruction"].replace("{labels}", text["labels"]), text["casing"])
    if parts.separator == "colon" and parts.order == "question-first":
        instruction = instruction.rstrip(".?")
    template = text["order"].format(
        role=text["role"], instruction=instruction, separator=text["separator"], shown=text["wrapper"]
    )
    chat, system, cue = bool(text["chat"]), text["system"], text["cue"]
    if not chat and not cue and parts.order == "question-first":
        cue = PLAIN_CUE
    template = template.lstrip() + cue
    if system and not chat:
        template, system = f"{system}\n\n{template}", ""
    return Prompt(name, template, system=system or None, chat=chat, parts=asdict(parts))


def sample_prompts(count: int, seed: int, house: Prompt | None = None) -> list[Prompt]:
    """`count` distinct prompts, none of them the house's: `reworded-01`, `reworded-02`, ...

    Each part changes on its own, in one prompt of `KEPT + 1`, so that the effect of one part is not
    mistaken for another's; its other options take turns. So about one prompt in eleven differs in a single
    part and one in a hundred in seven or more. A larger `count` begins with the same prompts.
    """
    return [replace(prompt, name=f"reworded-{i:02}") for i, prompt in enumerate(islice(_drawn(seed, house), count), 1)]


def training_prompts(count: int, seed: int, house: Prompt) -> list[Prompt]:
    """The house prompt and `count - 1` composed ones without any option of `HELD_OUT`, all distinct."""
    seen = (prompt for prompt in _drawn(f"training:{seed}", house) if not _held_out_options(prompt))
    return [house, *(replace(prompt, name=f"trained-{i:02}") for i, prompt in enumerate(islice(seen, count - 1), 2))]


def held_out_prompts(count: int, seed: int, house: Prompt) -> list[Prompt]:
    """`count` distinct prompts, each with an option of `HELD_OUT`, which `training_prompts` never have."""
    unseen = (prompt for prompt in _drawn(f"held-out:{seed}", house) if _held_out_options(prompt))
    return [replace(prompt, name=f"held-out-{i:02}") for i, prompt in enumerate(islice(unseen, count), 1)]


def _held_out_options(prompt: Prompt) -> list[str]:
    return [option for part, option in prompt.parts.items() if option in HELD_OUT.get(part, ())]


def _drawn(seed: int | str, house: Prompt | None) -> Iterator[Prompt]:
    """Distinct prompts, none of them the house's, without end while there are more."""
    decks = {part: _deck(options, Random(f"{seed}:{part}")) for part, options in OPTIONS.items()}
    seen = {compose(Parts()).digest, house.digest if house else ""}
    while True:
        prompt = compose(Parts(**{part: next(deck) for part, deck in decks.items()}))
        if prompt.digest not in seen:
            seen.add(prompt.digest)
            yield prompt


def _deck(options: Mapping[str, str], random: Random) -> Iterator[str]:
    house, *others = options
    deck = [*others, *[house] * (KEPT * len(others))]
    while True:
        random.shuffle(deck)
        yield from deck


def _cased(text: str, casing: str) -> str:
    return {"": text, "lower": text.lower(), "UPPER": text.upper()}[casing]
