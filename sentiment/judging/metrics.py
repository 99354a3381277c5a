"""Accuracy, macro F1, precision and recall, and the confusion matrix.

An unanswered review is wrong in accuracy, a miss in its class's recall, and in no class's precision.
Macro means the plain mean over the two classes; a figure that would divide by zero is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from sentiment.errors import DataError
from sentiment.judging.checks import CheckResult
from sentiment.judging.statistics import ALPHA, falls_below, wilson
from sentiment.types import (
    Interval,
    Label,
    Outcome,
    Prediction,
    Predictor,
    Prompt,
    Query,
    Review,
    Ruling,
    Status,
)

WINDOW = 4096
UNANSWERED = 2
"""Column of the confusion matrix for answers that held neither label."""

Counts = tuple[tuple[int, int, int], tuple[int, int, int]]


@dataclass(frozen=True)
class Metrics:
    """How well one predictor labelled n reviews. All shares lie in [0, 1]."""

    n: int
    accuracy: float
    interval: Interval
    """Wilson 95 % interval of the accuracy."""
    macro_f1: float
    macro_precision: float
    macro_recall: float
    confusion: Counts
    """Counts. Rows: true negative, true positive. Columns: answered negative, positive, neither."""

    @property
    def unanswered(self) -> int:
        """Reviews whose answer held neither label."""
        return sum(row[UNANSWERED] for row in self.confusion)

    @property
    def right(self) -> int:
        """Reviews that got their label."""
        return sum(self.confusion[label][label] for label in Label)

    @property
    def support(self) -> tuple[int, int]:
        """Reviews per true class, indexed by `Label`."""
        negative, positive = (sum(row) for row in self.confusion)
        return negative, positive

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, lists and names, for JSON."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "accuracy_interval": [self.interval.low, self.interval.high],
            "macro_f1": self.macro_f1,
            "macro_precision": self.macro_precision,
            "macro_recall": self.macro_recall,
            "unanswered": self.unanswered,
            "support": {label.word: self.support[label] for label in Label},
            "confusion": [list(row) for row in self.confusion],
        }


def metrics_of(labels: Sequence[Label], predictions: Sequence[Prediction]) -> Metrics:
    """The metrics of predictions against true labels, both in the same order.

    Raises `ValueError` when the lengths differ and `DataError` when there is nothing to measure.
    """
    from sklearn.metrics import precision_recall_fscore_support  # here: it takes longer to load than to compute

    if not labels:
        raise DataError("nothing to measure: no labelled review was given")
    answers = [UNANSWERED if prediction.label is None else int(prediction.label) for prediction in predictions]
    truths = [int(label) for label in labels]
    pairs = list(zip(truths, answers, strict=True))
    negative, positive = ([pairs.count((truth, answer)) for answer in (0, 1, UNANSWERED)] for truth in (0, 1))
    precision, recall, f1, _ = precision_recall_fscore_support(
        truths, answers, labels=[0, 1], average="macro", zero_division=0
    )
    right = negative[0] + positive[1]
    return Metrics(
        n=len(truths),
        accuracy=right / len(truths),
        interval=wilson(right, len(truths)),
        macro_f1=float(f1),
        macro_precision=float(precision),
        macro_recall=float(recall),
        confusion=((negative[0], negative[1], negative[2]), (positive[0], positive[1], positive[2])),
    )


def macro_intervals(metrics: Metrics, *, resamples: int = 2000, seed: int = 0) -> dict[str, Interval]:
    """95 % intervals of `macro_f1`, `macro_precision` and `macro_recall`: percentiles of the bootstrap over reviews.

    Efron (1979), Annals of Statistics 7. Reviews are drawn anew from the confusion matrix, so no text is needed.
    """
    cells = np.array(metrics.confusion, dtype=float).ravel() / metrics.n
    drawn = np.random.default_rng(seed).multinomial(metrics.n, cells, size=resamples).reshape(-1, 2, 3)
    hits = np.stack([drawn[:, 0, 0], drawn[:, 1, 1]], axis=1)  # (resamples, classes), as all of these
    said, there = drawn.sum(axis=1)[:, :UNANSWERED], drawn.sum(axis=2)
    shares = {
        "macro_f1": 2 * hits / np.maximum(said + there, 1),
        "macro_precision": hits / np.maximum(said, 1),
        "macro_recall": hits / np.maximum(there, 1),
    }
    ends = {name: np.quantile(each.mean(axis=1), [0.025, 0.975]) for name, each in shares.items()}
    return {name: Interval(float(low), float(high)) for name, (low, high) in ends.items()}


def metrics_of_outcomes(outcomes: Iterable[Outcome]) -> Metrics:
    """The metrics of judged cases that carry their true label."""
    measured = [
        (outcome.case.label, outcome.prediction)
        for outcome in outcomes
        if outcome.case.label is not None and outcome.verdict.status is not Status.SKIPPED
    ]
    return metrics_of([label for label, _ in measured], [prediction for _, prediction in measured])


def evaluate_model(predictor: Predictor, reviews: Iterable[Review], prompt: Prompt) -> Metrics:
    """The predictor's metrics on labelled reviews, asked with `prompt`, holding a window of texts at a time.

    `reviews` is gone through twice. Raises `DataError` before asking anything when a review has no label or
    all have the same one: figures over two classes would then mean little.
    """
    labels = [_label_of(review) for review in reviews]
    if len(set(labels)) == 1:
        raise DataError(f"all {len(labels)} reviews are {labels[0].word}: give reviews of both classes")
    predictions: list[Prediction] = []
    texts = (review.text for review in reviews)
    while window := [Query(prompt, text) for text in islice(texts, WINDOW)]:
        predictions += predictor.predict(window)
    return metrics_of(labels, predictions)


def floor_result(metrics: Metrics, floor: float) -> CheckResult:
    """Whether the promised accuracy is kept: fails when it is significantly below `floor`, and is inconclusive when it
    is below, but not significantly.

    One-sided exact binomial test at ALPHA, see `falls_below`.
    """
    if metrics.right >= floor * metrics.n:
        return CheckResult(Ruling.PASS)
    p_value = falls_below(metrics.right, metrics.n, floor)
    below = f"accuracy {metrics.accuracy:.3f} ({metrics.right} of {metrics.n}) is below the promised {floor:g}"
    if p_value < ALPHA:
        return CheckResult(Ruling.FAIL, f"{below} (exact one-sided p = {p_value:.2g})")
    return CheckResult(Ruling.INCONCLUSIVE, f"{below}, but not significantly (exact one-sided p = {p_value:.2g})")


def _label_of(review: Review) -> Label:
    if review.label is None:
        raise DataError(f"review {review.id!r} has no label, so no answer to it can be right or wrong")
    return review.label
