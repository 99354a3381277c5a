"""Label flips: a few words are changed, and a review says the opposite; and what wrong labels do to training."""

import pytest

from sentiment.error_analysis.wrong_labels import train_on_wrong_labels
from sentiment.suites import label_flips

BEHAVIORS = label_flips.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()


@pytest.mark.slow
def test_flipped_training_labels_cost_accuracy(behavior_bench, trained_on, behavior_notes) -> None:
    """The same rows, the same recipe, ever more wrong labels: the report shows the accuracy at each rate, and with
    the most of them it is significantly lower than with none."""
    material, seed = behavior_bench.material, behavior_bench.profile.seed
    found = train_on_wrong_labels(trained_on, behavior_bench.training_rows, material.test, material.prompt, seed)
    behavior_notes.conclude(found.result(behavior_notes.unpromised))
