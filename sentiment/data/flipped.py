"""Wrong training labels, made on purpose: what a careless annotator would leave behind."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sentiment.data.pools import position
from sentiment.text import text_digest
from sentiment.types import TWO_LABELS, Label, Review


def with_flipped_labels(reviews: Sequence[Review], rate: float, seed: int) -> tuple[Review, ...]:
    """The reviews in their order, the label of a share `rate` of each class turned around.

    Which ones follows from a hash of seed and text, and a higher rate flips all that a lower one does.
    Raises `ValueError` for a rate outside [0, 1] or a review without a label.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"the rate must lie in [0, 1], got {rate}")
    flipped = set()
    for label in Label:
        ranked = sorted(
            (position(text_digest(review.text), seed), place)
            for place, review in enumerate(reviews)
            if review.label is label
        )
        flipped |= {place for _, place in ranked[: round(rate * len(ranked))]}
    return tuple(_flipped(review) if place in flipped else review for place, review in enumerate(reviews))


def _flipped(review: Review) -> Review:
    if review.label is None:
        raise ValueError(f"review {review.id!r} has no label to flip")
    return dataclasses.replace(review, label=TWO_LABELS.opposite(review.label))
