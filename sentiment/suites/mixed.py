"""Mixed reviews: praise and blame in one text, where the author's verdict on the whole decides.

The last behavior asks for less certainty where people who rated the text did not agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sentiment.behavior.expectations import nearer_the_middle
from sentiment.errors import NotApplicableError
from sentiment.suites.reading import behaviors_of
from sentiment.types import Behavior, Draft, Kind, Material, Promise, Query, Review, only

DISPUTED = 200
"""Disputed sentences asked about, at most."""


def disputed_cases(material: Material) -> list[Draft]:
    """Disputed sentences, each beside a review with a plain opinion and nearly the same number of words.

    No review serves twice, so length cannot explain a difference in certainty. Raises `NotApplicableError`
    where the data has no human ratings.
    """
    if not material.disputed:
        raise NotApplicableError("this profile's data has no human ratings, so no sentence is known to be disputed")
    free = _shuffled(material.clear, material.seed)
    drafts = []
    for review in _shuffled(material.disputed, material.seed)[: min(DISPUTED, len(free))]:
        clear = min(free, key=lambda other: abs(_words(other) - _words(review)))
        free.remove(clear)
        base = Draft(Query(material.prompt, clear.text), only(clear.label), group=review.id)
        drafts.append(Draft(Query(material.prompt, review.text), base=base, group=review.id))
    return drafts


def _shuffled(reviews: Sequence[Review], seed: int) -> list[Review]:
    """In an order of the ids alone, whatever the order of the pool."""
    return sorted(reviews, key=lambda review: (Random(f"{seed}:{review.id}").random(), review.id))


def _words(review: Review) -> int:
    return len(review.text.split())


BEHAVIORS = (
    *behaviors_of("mixed"),
    Behavior(
        Promise(
            "disputed_sentences_get_middling_probability",
            "mixed reviews",
            Kind.DIR,
            "A sentence on which human raters disagree gets a probability nearer to one half than a clear-cut one.",
            budget=0.35,
        ),
        disputed_cases,
        nearer_the_middle,
    ),
)
