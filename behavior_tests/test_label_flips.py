"""Label flips: a few words are changed, and a review says the opposite; and what wrong labels do to training.

The pairs in `pairs/label_flips.jsonl` are written by hand. Within a pair everything stays but the words that carry
the verdict: an adjective, a negation, what the audience did, the number of stars. Whoever goes by the subject, the
length or the tone of a review answers both texts alike, and gets one of them wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sentiment.behavior.cases import paired
from sentiment.behavior.expectations import both_right
from sentiment.behavior.paired import worse
from sentiment.behavior.pairs import read_pairs
from sentiment.behavior.statistics import ALPHA
from sentiment.data.flipped import with_flipped_labels
from sentiment.pipeline import Workbench
from sentiment.report.safety import visible
from sentiment.types import Approach, Behavior, BehaviorResult, Kind, Query

PAIRS = read_pairs(Path(__file__).parent / "pairs" / "label_flips.jsonl")
"""Short and long reviews, praise and blame take turns, so that any first part of them is mixed."""

NOISE_RATES = (0.0, 0.1, 0.2, 0.4)
"""Shares of the training labels that the experiment flips."""
NOISE_ROWS = 600
"""Training rows of the experiment, few enough for minutes."""
NOISE_REVIEWS = 400
"""Held-out reviews that it is measured on."""

BEHAVIORS: tuple[Behavior, ...] = (
    Behavior(
        name="a_minimal_edit_flips_the_label",
        capability="label flips",
        kind=Kind.DIR,
        promise="A review, and the same review with the few words changed that decide it, both get their label.",
        cases=paired("a_minimal_edit_flips_the_label", PAIRS),
        expectation=both_right,
        budget={Approach.SFT: 0.40, Approach.LORA: 0.40},
        min_live=100,
    ),
)


def test_label_flips(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each label-flip behavior keeps its budget."""
    gate(result)


@pytest.mark.slow
def test_flipped_training_labels_cost_accuracy(
    approach: Approach, workbench: Workbench, report_note: Callable[[str, Mapping[str, Any]], None]
) -> None:
    """The same rows, the same recipe, ever more wrong labels: the report shows the accuracy at each rate, and with
    the most of them it is significantly lower than with none."""
    if approach is Approach.BASE:
        pytest.skip("base is not trained")
    reviews = workbench.material.test[:NOISE_REVIEWS]
    queries = [Query(workbench.material.prompt, review.text) for review in reviews]
    wrong: dict[float, list[bool]] = {}
    for rate in NOISE_RATES:
        rows = with_flipped_labels(workbench.training_rows[:NOISE_ROWS], rate, workbench.profile.seed)
        predictor = workbench.predictor(approach, rows)
        answers = predictor.predict(queries)
        predictor.release()
        wrong[rate] = [answer.label is not review.label for answer, review in zip(answers, reviews, strict=True)]
    accuracy = [{"rate": rate, "accuracy": 1 - sum(found) / len(found)} for rate, found in wrong.items()]
    report_note("label_noise", {"rows": NOISE_ROWS, "reviews": len(reviews), "rates": accuracy})
    found = [int(bad) - int(good) for good, bad in zip(wrong[NOISE_RATES[0]], wrong[NOISE_RATES[-1]], strict=True)]
    if not workbench.profile.promises:
        pytest.skip(f"profile {visible(workbench.profile.name)} promises nothing; measured: {accuracy}")
    assert worse(found) < ALPHA, accuracy
