"""A case in words, as every page shows it: the texts of a card, and nothing that is left to decide.

The macro `case_card` puts them in their places, and so does the script of a run's page, in copies of that macro's card.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sentiment.report.cards import FIXED, NEW, Card
from sentiment.report.diff import Segment, word_diff
from sentiment.runs.rerun import Rerun
from sentiment.safety import visible
from sentiment.types import Case, Label, Outcome, Prediction, Prompt, Status

SEGMENT_SHOWN = 1_500
"""Characters of one stretch of a text that are shown; a longer one loses its middle."""
TEXT_SHOWN = 6_000
"""Characters of a whole text that are shown, deleted ones included."""
TAGS_SHOWN = 300
"""Characters of a case's tags that are shown."""
_VERDICTS = {Status.PASSED: "✓ passed", Status.FAILED: "✗ failed", Status.SKIPPED: "– skipped"}
_NOTES = {NEW: "new failure", FIXED: "fixed since"}


@dataclass(frozen=True)
class ShownPrompt:
    """A wording other than the house prompt."""

    name: str
    how: str
    """Its answer words, its system message, how it is sent."""
    template: tuple[Segment, ...]
    """As changed from the house prompt's."""


@dataclass(frozen=True)
class ShownAnswer:
    """A line of a card: what a subject answered, or a run. Of a pair, what was said before the edit stands before."""

    who: str
    said: str
    p: str
    """P(positive)."""
    status: str
    """The class that colors the verdict."""
    verdict: str
    reason: str
    note: str
    """Whether that is new; perhaps empty, as the reason."""


@dataclass(frozen=True)
class ShownCase:
    """A card. Texts that do not apply are empty, and have no place on it."""

    id: str
    """Of the card's link; empty where the page has none."""
    text: tuple[Segment, ...]
    """With what was edited in it."""
    right: str
    before: str
    """What was right before the edit."""
    tags: str
    asked: str
    """Head of the column of answers."""
    answers: tuple[ShownAnswer, ...]
    prompt: tuple[ShownPrompt, ...]
    """At most one."""
    command: str
    """That judges the case again."""


EXAMPLE = ShownCase(
    id="id",
    text=(Segment("same", "text"),),
    right="right",
    before="before",
    tags="tags",
    asked="asked",
    answers=(ShownAnswer("who", "said", "p", "status", "verdict", "reason", "note"),),
    prompt=(ShownPrompt("name", "how", (Segment("same", "template"),)),),
    command="command",
)
"""A card that has every part, for the script to copy."""


def shown_card(card: Card, rerun: Rerun, house: Prompt | None) -> ShownCase:
    """A case of a run; its prompt where it is not the house prompt."""
    case, prompt = card.case, card.case.query.prompt
    return ShownCase(
        id=visible(case.id),
        text=_clipped(word_diff(*map(visible, _texts(case)))),
        right=_word(case.label),
        before=_word(case.base.label) if case.base and case.base.query.text != case.query.text else "",
        tags=_tags(case),
        asked=column_head(case),
        answers=tuple(shown_answer(name, each, card.notes.get(name, "")) for name, each in card.outcomes.items()),
        prompt=() if prompt == house else (shown_prompt(prompt, house),),
        command=rerun.of_case(case.id, card.failing),
    )


def shown_answer(who: str, outcome: Outcome, note: str = "") -> ShownAnswer:
    """The line of one outcome; `note` as a card has it."""
    both = [each for each in (outcome.base_prediction, outcome.prediction) if each is not None]
    return ShownAnswer(
        who=visible(who),
        said=" → ".join("neither label" if each.label is None else each.label.word for each in both),
        p=" → ".join(map(_share, both)),
        status=outcome.verdict.status.value,
        verdict=_VERDICTS[outcome.verdict.status],
        reason=visible(outcome.verdict.reason)[:SEGMENT_SHOWN],
        note=_NOTES.get(note, ""),
    )


def column_head(case: Case) -> str:
    """What the answers to the case are, in a few words."""
    if case.base is None:
        return "answer"
    return "house prompt → this one" if case.base.query.text == case.query.text else "before the edit → after"


@cache
def shown_prompt(prompt: Prompt, house: Prompt | None) -> ShownPrompt:
    """The wording, as changed from the house prompt; without one, as it is."""
    how = [f"answers {prompt.positive} or {prompt.negative}"]
    how += [f"system message: {prompt.system}"] if prompt.system else []
    how += [] if prompt.chat else ["sent without the chat template"]
    template = _clipped(word_diff(*(visible(each.template) for each in (house or prompt, prompt))))
    return ShownPrompt(visible(prompt.name), visible("; ".join(how)), template)


def _texts(case: Case) -> tuple[str, str]:
    text = case.query.text
    return (case.base.query.text if case.base else text), text


def _word(label: Label | None) -> str:
    return "" if label is None else label.word


def _share(prediction: Prediction) -> str:
    return "" if prediction.p_positive is None else f"{prediction.p_positive:.2f}"


def _tags(case: Case) -> str:
    """Slot fillers and the like on one line."""
    line = " · ".join(f"{key}: {value}" for key, value in case.tags.items() if value)
    return visible(line if len(line) <= TAGS_SHOWN else f"{line[:TAGS_SHOWN]}…")


def _clipped(segments: Iterable[Segment]) -> tuple[Segment, ...]:
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
    return tuple(clipped)
