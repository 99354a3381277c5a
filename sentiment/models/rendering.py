"""How labelled reviews become training rows: one wording, several, pairs of wordings, or no instruction at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from torch.utils.data import Dataset

from sentiment.models.tokens import IGNORED, InstructionDataset, Renderer
from sentiment.profiles import Profile
from sentiment.prompting.prompts import BARE
from sentiment.prompting.wordings import training_prompts
from sentiment.types import Label, Prompt, Query, Review

RAW_VERSION = 2
"""Raised by hand when rows without an instruction change; weights of other versions are not used."""


class RenderedDataset(Dataset):
    """Rows made in advance. Item: `{"input_ids", "labels"}`, or two such rows, with the ids of the answers' first
    tokens, under `renderings`."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.rows[index]


def rendered(reviews: Sequence[Review], renderer: Renderer, profile: Profile) -> InstructionDataset | RenderedDataset:
    """The training rows that `profile.rendering` asks for; the plain recipe is an `InstructionDataset`.

    The wordings follow from the data seed, so that trainings of several seeds share them; which row gets
    which follows from the training seed.
    """
    settings, house = profile.rendering, profile.house_prompt
    if settings.form == "instruction" and settings.wordings == 1:
        return InstructionDataset(reviews, renderer, house)
    labelled = [(review.text, review.label) for review in reviews if review.label is not None]
    if settings.form != "instruction":
        answered = settings.form == "raw-labelled"
        return RenderedDataset([_raw(renderer, text, label if answered else None) for text, label in labelled])
    wordings = training_prompts(settings.wordings, profile.data.seed, house)
    drawn = _drawn(wordings, Random(f"wordings:{profile.seed}"))
    if not settings.consistency:
        return RenderedDataset([renderer.supervise(Query(next(drawn), text), label) for text, label in labelled])
    return RenderedDataset([_twins(renderer, drawn, text, label) for text, label in labelled])


def _twins(renderer: Renderer, drawn: Iterator[Prompt], text: str, label: Label) -> dict[str, Any]:
    """One review in two wordings."""
    first = next(drawn)
    second = next(prompt for prompt in drawn if prompt != first)
    return {
        "renderings": [
            {
                **renderer.supervise(Query(prompt, text), label),
                "answers": [ids[0] for ids in renderer.frame(prompt).answers],
            }
            for prompt in (first, second)
        ]
    }


def _raw(renderer: Renderer, text: str, label: Label | None) -> dict[str, list[int]]:
    """The text as language modelling has it: every token but the first is supervised.

    A text without its label gets no end either: the model would learn to end where its answer should begin.
    """
    query = Query(BARE, text)
    ids = renderer.encode([query])[0].ids if label is None else renderer.supervise(query, label)["input_ids"]
    return {"input_ids": ids, "labels": [IGNORED, *ids[1:]]}


def _drawn(prompts: Sequence[Prompt], random: Random) -> Iterator[Prompt]:
    """Prompts in random order without end, each as often as any other."""
    deck = list(prompts)
    while True:
        random.shuffle(deck)
        yield from deck
