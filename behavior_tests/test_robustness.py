"""Robustness of the input: how a review is typed, marked up or padded does not change the answer.

The reviews are real ones of the suite pool; the base is the review as it was written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random

from sentiment.behavior.additions import html, irrelevant_sentences, neutral_emoji, urls_and_handles
from sentiment.behavior.cases import edited
from sentiment.behavior.edits import casing, contractions, typos, unicode_look, whitespace
from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.errors import NotApplicableError
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Edit, Kind, Label, Material, Query, Review

HELD_OUT = "held_out_reviews_get_their_label"
"""In `test_accuracy.py`; a constant classifier fails it by half."""

LONG = "very_long_reviews_keep_their_label"
LONG_CASES = 150
LONG_WORDS = 150


def _robust(name: str, promise: str, edit: Edit, budget: float = 0.05) -> Behavior:
    return Behavior(
        name=name,
        capability="robustness",
        kind=Kind.INV,
        promise=promise,
        cases=edited(name, edit, count=160),
        expectation=same_as_base,
        budget={Approach.SFT: budget, Approach.LORA: budget},
        partner=HELD_OUT,
    )


def long_reviews(material: Material) -> list[Case]:
    """Reviews of one label joined until they have 150 words, at least two of them; the labels take turns.

    A suite pool of 1,500 sentences has about 14,000 words of each label, which is 150 texts of that length
    without using a review twice, so every case is a group of its own. They are about 200 tokens long and
    nothing of them is cut away at 256. More words would mean reviews used again, or cut, and twice the time.
    Whole reviews are long enough that two of them are joined.
    """
    left = {label: deque(_shuffled(material, label)) for label in Label}
    cases: list[Case] = []
    label = Label.NEGATIVE
    while len(cases) < LONG_CASES and (parts := _enough(left[label])):
        text = " ".join(part.text.strip() for part in parts)
        cases.append(Case.of(LONG, Query(material.prompt, text), label=label, group=parts[0].id))
        label = label.flipped
    if not cases:
        raise NotApplicableError(f"the suite pool has no two reviews of a label with {LONG_WORDS} words together")
    return cases


def _shuffled(material: Material, label: Label) -> list[Review]:
    reviews = [review for review in material.suite if review.label is label]
    return Random(f"{material.seed}:{LONG}:{label.word}").sample(reviews, len(reviews))


def _enough(reviews: deque[Review]) -> list[Review]:
    """As many of the next reviews as it takes, taken out of the queue; none when they do not suffice."""
    parts: list[Review] = []
    words = 0
    while len(parts) < 2 or words < LONG_WORDS:
        if not reviews:
            return []
        parts.append(reviews.popleft())
        words += len(parts[-1].text.split())
    return parts


BEHAVIORS: tuple[Behavior, ...] = (
    _robust(
        "typos_do_not_change_the_answer",
        "A wrong letter in one word of eight does not change the answer.",
        typos(one_in=8),
        budget=0.10,
    ),
    _robust(
        "contractions_do_not_change_the_answer",
        "Writing isn't for is not, or the other way round, does not change the answer.",
        contractions,
    ),
    _robust(
        "letter_case_does_not_change_the_answer",
        "All capitals, no capitals or a capital on every word do not change the answer.",
        casing,
    ),
    _robust(
        "urls_and_handles_do_not_change_the_answer",
        "A web address or an account name before or after a review does not change the answer.",
        urls_and_handles,
    ),
    _robust(
        "html_does_not_change_the_answer",
        "Line break tags, italics and entities do not change the answer.",
        html,
    ),
    _robust(
        "neutral_emoji_do_not_change_the_answer",
        "A picture of a camera or of popcorn does not change the answer.",
        neutral_emoji,
    ),
    _robust(
        "look_alike_characters_do_not_change_the_answer",
        "Typographic quotes, no-break spaces, ligatures and invisible joiners do not change the answer.",
        unicode_look,
    ),
    _robust(
        "whitespace_does_not_change_the_answer",
        "Doubled spaces, tabs, line breaks and blanks at the ends do not change the answer.",
        whitespace,
    ),
    _robust(
        "irrelevant_sentences_do_not_change_the_answer",
        "A sentence about the circumstances of the viewing does not change the answer.",
        irrelevant_sentences,
        budget=0.10,
    ),
    Behavior(
        name=LONG,
        capability="robustness",
        kind=Kind.MFT,
        promise="Many sentences of one opinion, joined to a long review, get the label of that opinion.",
        cases=long_reviews,
        expectation=has_label,
        budget={Approach.SFT: 0.20, Approach.LORA: 0.20},
        quick=16,
        partner=HELD_OUT,
    ),
)


def test_robustness(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each edit, and length, keeps its budget."""
    gate(result)
