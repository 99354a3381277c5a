"""Measures that several experiments share: answers as errors, and how sure a difference over many formats is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.types import Interval, Label, Prediction

RESAMPLES = 2000
Errors = NDArray[np.float64]
"""0 where an answer is right, 1 where it is wrong or missing."""


def is_wrong(answer: Prediction | None, label: Label | None) -> int:
    """1 where the answer is not the label; an answer with neither label is not."""
    return int(answer is None or answer.label is not label)


def is_wrong_by_likelihood(answer: Prediction, label: Label | None) -> int:
    """1 where the likelier of the two label words is not the label, whatever the model would write."""
    return 1 if answer.p_positive is None else int(Label(answer.p_positive > 0.5) is not label)


def most_common(texts: Iterable[str], most: int = 3) -> list[list[Any]]:
    """The answers given most often, with their counts."""
    counts = Counter(text.strip() for text in texts)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [[text, count] for text, count in ranked[:most]]


def crossed_interval(changes: Errors, *, seed: int = 0) -> Interval:
    """95 % interval of the mean of `changes`, (formats, reviews), when both are samples of many.

    The pigeonhole bootstrap (Owen 2007, Annals of Applied Statistics 1(2), 386-411): formats and reviews are
    drawn again, each on their own. It errs on the wide side.
    """
    random = np.random.default_rng(seed)
    formats, reviews = changes.shape
    rows = random.multinomial(formats, [1 / formats] * formats, RESAMPLES) / formats
    columns = random.multinomial(reviews, [1 / reviews] * reviews, RESAMPLES) / reviews
    means = np.einsum("bf,fr,br->b", rows, changes, columns)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(low), float(high))


def one_is_better(one: Sequence[int], others: Sequence[int], count: int) -> float:
    """One-sided p-value of "the one prompt is no better than any of the `count` others".

    `one` and `others`: per review, the errors with the one prompt (0 or 1) and with all others together. If the
    one were like the others, each of the `count + 1` answers to a review would be as likely to be its own: its
    errors are then a sum of independent coins, and their distribution is exact (the Poisson binomial). Flipping
    signs would not do: one answer against the sum of many is not symmetrical.
    """
    shares = [(mine + rest) / (count + 1) for mine, rest in zip(one, others, strict=True)]
    chances = np.ones(1)
    for share in shares:
        chances = np.convolve(chances, [1 - share, share])
    return float(min(1.0, chances[: sum(one) + 1].sum()))
