"""What wrong training labels do: the same rows, the same recipe, ever more labels turned, the same questions asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from sentiment.data.flipped import with_flipped_labels
from sentiment.judging.checks import CheckResult
from sentiment.judging.paired import worse_than
from sentiment.judging.statistics import ALPHA
from sentiment.types import Predictor, Prompt, Query, Review, Ruling

RATES = (0.0, 0.1, 0.2, 0.4)
"""Shares of the training labels that are turned."""
ROWS = 600
"""Training rows of the experiment, few enough for minutes."""
REVIEWS = 400
"""Held-out reviews that it is measured on."""

Train = Callable[[tuple[Review, ...]], AbstractContextManager[Predictor]]
"""Trains on these rows; what was loaded for the predictor is released when its context ends."""


@dataclass(frozen=True)
class WrongLabels:
    """Accuracy by the share of training labels that were turned."""

    kind: ClassVar[str] = "label_noise"
    rows: int
    """Training rows."""
    right: Mapping[float, Sequence[bool]]
    """Rate -> whether each held-out review got its label. Lowest rate first; the reviews are the same."""

    @property
    def accuracies(self) -> dict[float, float]:
        """Rate -> share of the reviews that got their label."""
        return {rate: sum(each) / len(each) for rate, each in self.right.items()}

    @property
    def p_value(self) -> float:
        """Of "with the most wrong labels no less accurate than with the fewest", on the same reviews."""
        fewest, *_, most = self.right.values()
        return worse_than(fewest, most)

    def as_dict(self) -> dict[str, Any]:
        """Facts for JSON."""
        rates = [{"rate": rate, "accuracy": accuracy} for rate, accuracy in self.accuracies.items()]
        return {"rows": self.rows, "reviews": len(next(iter(self.right.values()))), "rates": rates}

    def result(self, unpromised: str | None = None) -> CheckResult:
        """Wrong labels have to cost accuracy, or the training does not learn from its rows.

        `unpromised` is why nothing is expected of the trainings; they are then only reported.
        """
        measured = ", ".join(f"{100 * share:.1f} % at {100 * rate:g} %" for rate, share in self.accuracies.items())
        found = f"accuracy by share of training labels turned: {measured} (p = {self.p_value:.2g})"
        if unpromised:
            return CheckResult(Ruling.REPORTED, f"{unpromised}; {found}", self)
        if self.p_value >= ALPHA:
            return CheckResult(Ruling.FAIL, f"wrong training labels do not cost accuracy significantly; {found}", self)
        return CheckResult(Ruling.PASS, found=self)


def train_on_wrong_labels(
    train: Train, rows: Sequence[Review], reviews: Sequence[Review], prompt: Prompt, seed: int
) -> WrongLabels:
    """Train at each of `RATES` on the first `ROWS` rows, and ask about the first `REVIEWS` reviews. All have labels."""
    rows, reviews = rows[:ROWS], reviews[:REVIEWS]
    queries = [Query(prompt, review.text) for review in reviews]
    right = {}
    for rate in RATES:
        with train(with_flipped_labels(rows, rate, seed)) as predictor:
            answers = predictor.predict(queries)
        right[rate] = [answer.label is review.label for answer, review in zip(answers, reviews, strict=True)]
    return WrongLabels(len(rows), right)
