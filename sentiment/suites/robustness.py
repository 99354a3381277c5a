"""Robustness of the input: how a review is typed, marked up or padded, and its length, do not change the answer."""

from __future__ import annotations

from collections import deque

from sentiment.behavior.expectations import has_label
from sentiment.behavior.written import ACCURACY
from sentiment.errors import NotApplicableError
from sentiment.suites.reading import behaviors_of
from sentiment.types import TWO_LABELS, Behavior, Draft, Kind, Label, Material, Promise, Query, Review, only

LONG_CASES = 150
LONG_WORDS = 150


def long_reviews(material: Material) -> list[Draft]:
    """Reviews of one label joined until they have 150 words, at least two of them; the labels take turns.

    A suite pool of 1,500 sentences has about 14,000 words of each label, which is 150 texts of that length
    without using a review twice, so every case is a group of its own. They are about 200 tokens long and
    nothing of them is cut away at 256. More words would mean reviews used again, or cut, and twice the time.
    Whole reviews are long enough that two of them are joined.
    """
    left = {label: deque(_shuffled(material, label)) for label in Label}
    drafts: list[Draft] = []
    label = Label.NEGATIVE
    while len(drafts) < LONG_CASES and (parts := _enough(left[label])):
        text = " ".join(part.text.strip() for part in parts)
        drafts.append(Draft(Query(material.prompt, text), only(label), group=parts[0].id))
        label = TWO_LABELS.opposite(label)
    if not drafts:
        raise NotApplicableError(f"the suite pool has no two reviews of a label with {LONG_WORDS} words together")
    return drafts


def _shuffled(material: Material, label: Label) -> list[Review]:
    reviews = [review for review in material.suite if review.label is label]
    return material.random(label.word).sample(reviews, len(reviews))


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


BEHAVIORS = (
    *behaviors_of("robustness"),
    Behavior(
        Promise(
            "very_long_reviews_keep_their_label",
            "robustness",
            Kind.MFT,
            "Many sentences of one opinion, joined to a long review, get the label of that opinion.",
            budget=0.20,
            partner=ACCURACY,
        ),
        long_reviews,
        has_label,
        quick=16,
    ),
)
