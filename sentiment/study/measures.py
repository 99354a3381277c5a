"""Measures that several experiments share: answers as errors, and how sure a difference over many formats is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment.types import Interval, Label, Outcome, Prediction

RESAMPLES = 2000
Errors = NDArray[np.float64]
"""0 where an answer is right, 1 where it is wrong or missing."""


def is_wrong(answer: Prediction | None, label: Label | None) -> int:
    """1 where the answer is not the label, and where it has neither."""
    return int(answer is None or answer.label is not label)


def is_wrong_by_likelihood(answer: Prediction, label: Label | None) -> int:
    """1 where the likelier of the two label words is not the label, whatever the model would write."""
    return 1 if answer.p_positive is None else int(Label(answer.p_positive > 0.5) is not label)


def errors_of(outcomes: Sequence[Outcome], reviews: int) -> tuple[Errors, list[int]]:
    """(formats, reviews), and per review the error with the prompt of the training.

    `outcomes`: format by format, each over the same `reviews`.
    """
    wrong = [is_wrong(outcome.prediction, outcome.case.label) for outcome in outcomes]
    at_home = [is_wrong(outcome.base_prediction, outcome.case.label) for outcome in outcomes[:reviews]]
    return np.array(wrong, dtype=float).reshape(-1, reviews), at_home


def most_common(texts: Iterable[str], most: int = 3) -> tuple[tuple[str, int], ...]:
    """The answers given most often, with their counts."""
    counts = Counter(text.strip() for text in texts)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ranked[:most])


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
    """One-sided p-value of "the one prompt is no better than the `count` others".

    `one` and `others`: per review, the errors with the one prompt (0 or 1) and with all others together. If the
    one were like the others, each of the `count + 1` answers to a review would be as likely to be its own: its
    errors are then a sum of independent coins, and their distribution is exact (the Poisson binomial). Flipping
    signs would not do: one answer against the sum of many is not symmetrical.
    """
    return float(min(1.0, _chances(one, others, count)[: sum(one) + 1].sum()))


def one_differs(one: Sequence[int], others: Sequence[int], count: int) -> float:
    """The same, two-sided: "the one prompt is neither better nor worse than the others"."""
    chances, found = _chances(one, others, count), sum(one)
    return float(min(1.0, 2 * min(chances[: found + 1].sum(), chances[found:].sum())))


def _chances(one: Sequence[int], others: Sequence[int], count: int) -> NDArray[np.float64]:
    """(reviews + 1,): probability of each number of errors, were the one prompt's answers dealt."""
    chances = np.ones(1)
    for mine, rest in zip(one, others, strict=True):
        share = (mine + rest) / (count + 1)
        chances = np.convolve(chances, [1 - share, share])
    return chances
