"""The cases worth reading: one card per case that an approach failed, with what every approach answered.

The page shows the first few of each behavior by itself and holds the others as data for its script, as many
as there is room for; `failures.csv` has all.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

from markupsafe import Markup

from sentiment.behavior.judge import is_approach
from sentiment.report.diff import Segment, word_diff
from sentiment.report.runs import Run
from sentiment.report.safety import visible
from sentiment.report.templates import embedded_json
from sentiment.types import BehaviorResult, Case, Label, Outcome, Prediction, Prompt, Status

SEGMENT_SHOWN = 1_500
"""Characters of one stretch of a text that are shown; a longer one loses its middle."""
TEXT_SHOWN = 6_000
"""Characters of a whole text that are shown, deleted ones included."""
MOST_COMMANDS = 6
"""Predictors up to which a command is made for every set of them."""

NEW, FIXED = "new", "fixed"


@dataclass(frozen=True)
class Card:
    """A case, and what each predictor answered."""

    case: Case
    outcomes: Mapping[str, Outcome]
    """By predictor, in the order of the run."""
    notes: Mapping[str, str]
    """By predictor: `new` for a failure that was none before, `fixed` for one that is none any more."""

    @property
    def failing(self) -> list[str]:
        """The predictors that fail it."""
        return [name for name, outcome in self.outcomes.items() if outcome.verdict.status is Status.FAILED]

    @property
    def base_label(self) -> Label | None:
        """What was right before the edit; None where that is unknown, or the prompt alone was edited."""
        base = self.case.base
        return base.label if base and base.query.text != self.case.query.text else None

    @cached_property
    def segments(self) -> list[Segment]:
        """The text, with what was edited in it; control characters are written out."""
        return _clipped(word_diff(*map(visible, _texts(self.case))))


def cards_of(results: Sequence[BehaviorResult]) -> list[Card]:
    """The cards of one behavior, from the results of the predictors that count: new failures first, those that
    were fixed since the baseline last, and otherwise in case order."""
    notes: dict[str, dict[str, str]] = {}
    answers: dict[str, dict[str, Outcome]] = {}
    for result in results:
        for change in (result.change, result.against):
            if change is not None:
                marks = dict.fromkeys(change.fixed, FIXED) | dict.fromkeys(change.new_failures, NEW)
                for case, mark in marks.items():
                    notes.setdefault(case, {}).setdefault(result.predictor, mark)
        for outcome in result.outcomes:
            answers.setdefault(outcome.case.id, {})[result.predictor] = outcome
    cards = [
        Card(next(iter(by_name.values())).case, by_name, notes.get(case, {}))
        for case, by_name in answers.items()
        if case in notes or any(outcome.verdict.status is Status.FAILED for outcome in by_name.values())
    ]
    return sorted(cards, key=lambda card: (not card.failing, NEW not in card.notes.values()))


def shown_predictors(run: Run) -> list[str]:
    """Those whose failures are shown: the approaches, or all where there is none. Floors fail by design."""
    return [name for name in run.predictors if is_approach(name)] or list(run.predictors)


def house_prompt(run: Run) -> Prompt | None:
    """The prompt that most texts were asked with."""
    prompts = [(outcome.case.base or outcome.case).query.prompt for outcome in run.outcomes]
    asked = Counter((prompt.name, prompt.template) for prompt in prompts)
    most = max(asked, key=asked.__getitem__, default=None)
    return next((prompt for prompt in prompts if (prompt.name, prompt.template) == most), None)


def rerun_command(facts: Mapping[str, Any], case: str, predictors: Iterable[str]) -> str:
    """The command that judges this one case again, with the run's own `rerun_command` where it has one."""
    return _command(facts, predictors) + shlex.quote(visible(case))


def _command(facts: Mapping[str, Any], predictors: Iterable[str]) -> str:
    """All of it but the case's id."""
    words = [str(facts.get("rerun_command") or "pytest behavior_tests")]
    chosen = [name for name in predictors if is_approach(name)]
    if chosen:
        words.append(f"-m {shlex.quote(' or '.join(chosen))}")
    return visible(" ".join([*words, "--case", ""]))


@dataclass
class Shelf:
    """Cards as data for the page's script: small lists, with every repeated string kept once."""

    predictors: Sequence[str]
    house: Prompt | None
    room: int
    """Bytes of the page that are left."""
    lines: list[list[Any]] = field(default_factory=list)
    strings: dict[str, int] = field(default_factory=dict)
    prompts: dict[Prompt, int] = field(default_factory=dict)

    def put(self, behavior: int, card: Card) -> bool:
        """Whether there was room for the card, with its strings and its prompt; if not, all is as before."""
        strings, prompts, room = len(self.strings), len(self.prompts), self.room
        line = self._line(behavior, card)
        self._take(line)
        if self.room >= 0:
            self.lines.append(line)
            return True
        for kept, before in ((self.strings, strings), (self.prompts, prompts)):
            while len(kept) > before:
                kept.popitem()
        self.room = room
        return False

    def _line(self, behavior: int, card: Card) -> list[Any]:
        """`[behavior, id, label, base label, text, prompt, tags, answers]`; the id without the name of its behavior."""
        changes = any(segment.change != "same" for segment in card.segments)
        text = (
            [segment.text if segment.change == "same" else [segment.change, segment.text] for segment in card.segments]
            if changes
            else self._string("".join(segment.text for segment in card.segments))
        )
        return [
            behavior,
            visible(card.case.id.split(":", 1)[-1]),
            _class(card.case.label),
            _class(card.base_label),
            text,
            self._prompt(card.case.query.prompt),
            self._string(tags_of(card.case)),
            [self._answer(name, outcome, card.notes.get(name, "")) for name, outcome in card.outcomes.items()],
        ]

    def _answer(self, name: str, outcome: Outcome, note: str) -> list[Any]:
        """`[predictor, status, answer, p, base answer, base p, reason, note]`."""
        base = outcome.base_prediction
        return [
            self.predictors.index(name),
            outcome.verdict.status.value[0],
            *_said(outcome.prediction),
            *(_said(base) if base else (None, None)),
            self._string(visible(outcome.verdict.reason)[:SEGMENT_SHOWN]),
            note[:1],
        ]

    def _prompt(self, prompt: Prompt) -> int:
        if prompt == self.house:
            return -1
        if prompt not in self.prompts:
            self.prompts[prompt] = len(self.prompts)
            self._take(prompt_facts(prompt, self.house))
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
    names = shown_predictors(run)
    data: dict[str, Any] = {
        "behaviors": [visible(name) for name in cards],
        "predictors": [visible(name) for name in names],
        "commands": _commands(run.facts, names),
        "left": [_counts(listed) for listed in cards.values()],
        "prompts": [],
        "strings": [],
        "cards": [],
    }
    shelf = Shelf(names, house, room - _size(data))
    for place, card in _by_rank(list(cards.values())):
        if not shelf.put(place, card):
            break
        data["left"][place][0 if card.failing else 1] -= 1
    data["prompts"] = [prompt_facts(prompt, house) for prompt in shelf.prompts]
    data["strings"] = list(shelf.strings)
    data["cards"] = sorted(shelf.lines, key=lambda line: line[0])
    return embedded_json(data)


def prompt_facts(prompt: Prompt, house: Prompt | None) -> dict[str, Any]:
    """A wording for the page: its template is shown as changed from the house prompt's."""
    segments = _clipped(word_diff(*(visible(each.template) for each in (house or prompt, prompt))))
    how = [f"answers {prompt.positive} or {prompt.negative}"]
    how += [f"system message: {prompt.system}"] if prompt.system else []
    how += [] if prompt.chat else ["sent without the chat template"]
    return {"name": visible(prompt.name), "how": visible("; ".join(how)), "template": [list(each) for each in segments]}


def tags_of(case: Case) -> str:
    """Slot fillers and the like on one line."""
    line = " · ".join(f"{key}: {value}" for key, value in case.tags.items() if value)
    return visible(line if len(line) <= 300 else f"{line[:300]}…")


def _texts(case: Case) -> tuple[str, str]:
    text = case.query.text
    return (case.base.query.text if case.base else text), text


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


def _size(value: Any) -> int:
    """Bytes of the value in the page, where some signs are escaped."""
    return len(embedded_json(value).encode())


def _commands(facts: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """By the numbers of the failing predictors, joined with commas: the command up to the case's id."""
    most = len(names) if len(names) <= MOST_COMMANDS else 1
    chosen = [each for size in range(most + 1) for each in combinations(range(len(names)), size)]
    return {",".join(map(str, places)): _command(facts, [names[place] for place in places]) for places in chosen}


def _said(prediction: Prediction) -> tuple[int, float | None]:
    p = prediction.p_positive
    return _class(prediction.label), None if p is None else round(p, 4)


def _class(label: Label | None) -> int:
    return -1 if label is None else int(label)


def _clipped(segments: Iterable[Segment]) -> list[Segment]:
    """Long stretches lose their middle, and a long text its end; both say how much."""
    clipped, left = [], TEXT_SHOWN
    for change, text in segments:
        cut = len(text) - SEGMENT_SHOWN
        if cut > 0:
            ends = text[: SEGMENT_SHOWN // 2], text[-SEGMENT_SHOWN // 2 :]
            text = f"{ends[0]} […{cut:,} characters…] {ends[1]}"
        clipped.append(Segment(change, text))
        left -= len(text)
        if left <= 0:
            clipped.append(Segment("same", " […cut here; outcomes.csv has the whole text]"))
            break
    return clipped
