"""The cards as data for the page's script, as many as there is room for; `failures.csv` has all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import Markup

from sentiment.report.cards import Card
from sentiment.report.diff import Segment
from sentiment.report.shown import ShownCase, ShownPrompt, shown_card
from sentiment.report.templates import embedded_json
from sentiment.runs.run import Run
from sentiment.safety import visible
from sentiment.types import Outcome, Prompt, Status

HOLE = "\0"
"""Stands in a command for the case's id, so that the command is there once for many cases. No text holds it."""

Text = int | list[str | list[str]]
"""The place of a text among the strings; of an edited one its stretches, `[change, text]` where one is changed."""


class AnswerData(NamedTuple):
    """A `ShownAnswer`, its texts by their places among the strings, with what the script searches by."""

    subject: int
    """Its place among the predictors."""
    status: str
    mark: str
    """`new`, `fixed` or empty."""
    who: int
    said: int
    p: int
    verdict: int
    reason: int
    note: int


class CardData(NamedTuple):
    """A `ShownCase`, likewise."""

    behavior: int
    digest: str
    """The id without the name of its behavior."""
    text: Text
    right: int
    before: int
    tags: int
    asked: int
    answers: list[AnswerData]
    prompt: int
    """Its place among the prompts; -1 for the house prompt."""
    command: int
    sure: float
    """How far the surest wrong answer lies from doubt, in P."""
    moved: float
    """The largest change of P."""


@dataclass
class Shelf:
    """Cards as small lists, with every repeated string kept once."""

    predictors: Sequence[str]
    room: int
    """Bytes of the page that are left."""
    cards: list[CardData] = field(default_factory=list)
    strings: dict[str, int] = field(default_factory=dict)
    prompts: dict[ShownPrompt, int] = field(default_factory=dict)

    def put(self, behavior: int, card: Card, shown: ShownCase) -> bool:
        """Whether there was room for the card, with its strings and its prompt; if not, all is as before."""
        strings, prompts, room = len(self.strings), len(self.prompts), self.room
        data = self._card(behavior, card, shown)
        self._take(data)
        if self.room >= 0:
            self.cards.append(data)
            return True
        for kept, before in ((self.strings, strings), (self.prompts, prompts)):
            while len(kept) > before:
                kept.popitem()
        self.room = room
        return False

    def _card(self, behavior: int, card: Card, shown: ShownCase) -> CardData:
        return CardData(
            behavior=behavior,
            digest=shown.id.split(":", 1)[-1],
            text=self._text(shown.text),
            right=self._string(shown.right),
            before=self._string(shown.before),
            tags=self._string(shown.tags),
            asked=self._string(shown.asked),
            answers=self._answers(card, shown),
            prompt=self._prompt(shown.prompt[0]) if shown.prompt else -1,
            command=self._string(shown.command.replace(shown.id, HOLE)),
            sure=max(map(_sureness, card.outcomes.values())),
            moved=max(map(_movement, card.outcomes.values())),
        )

    def _answers(self, card: Card, shown: ShownCase) -> list[AnswerData]:
        return [
            AnswerData(
                subject=self.predictors.index(name),
                status=each.status,
                mark=card.notes.get(name, ""),
                who=self._string(each.who),
                said=self._string(each.said),
                p=self._string(each.p),
                verdict=self._string(each.verdict),
                reason=self._string(each.reason),
                note=self._string(each.note),
            )
            for name, each in zip(card.outcomes, shown.answers, strict=True)
        ]

    def _text(self, segments: Sequence[Segment]) -> Text:
        if any(segment.change != "same" for segment in segments):
            return _stretches(segments)
        return self._string("".join(segment.text for segment in segments))

    def _prompt(self, prompt: ShownPrompt) -> int:
        if prompt not in self.prompts:
            self.prompts[prompt] = len(self.prompts)
            self._take(_prompt_data(prompt))
        return self.prompts[prompt]

    def _string(self, text: str) -> int:
        if text not in self.strings:
            self.strings[text] = len(self.strings)
            self._take(text)
        return self.strings[text]

    def _take(self, value: Any) -> None:
        self.room -= _size(value) + 1  # the comma


def page_data(run: Run, house: Prompt | None, cards: Mapping[str, Sequence[Card]], room: int) -> Markup:
    """What the page's script shows, in at most `room` bytes: cards by rank, so that what does not fit is missing
    evenly. Of each behavior, `left` counts the failing and the fixed cases that are missing."""
    data: dict[str, Any] = {
        "fields": {"card": CardData._fields, "answer": AnswerData._fields},
        "behaviors": [visible(name) for name in cards],
        "predictors": [visible(name) for name in run.judged],
        "left": [_counts(listed) for listed in cards.values()],
        "prompts": [],
        "strings": [],
        "cards": [],
    }
    shelf = Shelf(run.judged, room - _size(data))
    for place, card in _by_rank(list(cards.values())):
        if not shelf.put(place, card, shown_card(card, run.facts.rerun, house)):
            break
        data["left"][place][0 if card.failing else 1] -= 1
    data["prompts"] = [_prompt_data(prompt) for prompt in shelf.prompts]
    data["strings"] = list(shelf.strings)
    data["cards"] = sorted(shelf.cards, key=lambda card: card.behavior)
    return embedded_json(data)


def _prompt_data(prompt: ShownPrompt) -> dict[str, Any]:
    return {"name": prompt.name, "how": prompt.how, "template": _stretches(prompt.template)}


def _stretches(segments: Sequence[Segment]) -> list[str | list[str]]:
    return [segment.text if segment.change == "same" else [segment.change, segment.text] for segment in segments]


def _by_rank(shelves: Sequence[Sequence[Card]]) -> Iterator[tuple[int, Card]]:
    """The first of each, then the second of each, and so on."""
    for rank in range(max(map(len, shelves), default=0)):
        for place, cards in enumerate(shelves):
            if rank < len(cards):
                yield place, cards[rank]


def _counts(cards: Sequence[Card]) -> list[int]:
    """How many of them fail, and how many do not any more."""
    failing = sum(bool(card.failing) for card in cards)
    return [failing, len(cards) - failing]


def _sureness(outcome: Outcome) -> float:
    p = outcome.prediction.p_positive
    return 0.0 if p is None or outcome.verdict.status is not Status.FAILED else round(abs(p - 0.5), 4)


def _movement(outcome: Outcome) -> float:
    base = outcome.base_prediction
    before, p = None if base is None else base.p_positive, outcome.prediction.p_positive
    return 0.0 if before is None or p is None else round(abs(p - before), 4)


def _size(value: Any) -> int:
    """Bytes of the value in the page, where some signs are escaped."""
    return len(embedded_json(value).encode())
