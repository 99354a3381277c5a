"""Longer training reviews from short ones: several sentences joined, most of them of the review's label.

A model that sees only single sentences in training is thrown by long reviews, which also hold a sentence
or two of the other opinion.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from random import Random

from sentiment.types import TWO_LABELS, Label, Review

SHORTEST, LONGEST = 3, 8
"""Sentences of a joined review, both included."""
OF_THE_OTHER_LABEL = 4
"""One sentence in this many is of the other label."""


def with_joined(reviews: Sequence[Review], share: float, seed: int) -> tuple[Review, ...]:
    """The reviews, with the last `share` of them joined to longer ones; each is used once.

    Classes take turns, so a balanced input gives balanced output. Sentences that fill no further review
    stay single. The same for the same seed.
    """
    first = len(reviews) - round(share * len(reviews))
    random = Random(seed)
    left = {label: deque(review for review in reviews[first:] if review.label is label) for label in Label}
    joined: list[Review] = []
    label = Label.NEGATIVE
    while True:
        count = random.randint(SHORTEST, LONGEST)
        others, opposite = count // OF_THE_OTHER_LABEL, TWO_LABELS.opposite(label)
        if len(left[label]) < count - others or len(left[opposite]) < others:
            break
        parts = [left[label].popleft() for _ in range(count - others)]
        parts += [left[opposite].popleft() for _ in range(others)]
        random.shuffle(parts)
        text = " ".join(part.text.strip() for part in parts)
        joined.append(Review("+".join(part.id for part in parts), text, label, parts[0].source))
        label = opposite
    return (*reviews[:first], *joined, *left[Label.NEGATIVE], *left[Label.POSITIVE])
