"""Contracts of the harness itself: what has to hold before any number means something."""

from sentiment.judging.contracts import labels_do_not_depend_on_the_batch, labels_equal_the_reference
from sentiment.types import Query

ROWS = 16


def test_labels_do_not_depend_on_the_batch(behavior_notes) -> None:
    """The same review gets the same label alone, in a batch, in reverse order and padded to a long one."""
    behavior_notes.conclude(labels_do_not_depend_on_the_batch(behavior_notes.noise))


def test_labels_equal_generate(behavior_predictor, behavior_material, generated, behavior_notes) -> None:
    """The fast predictor gives the very labels that generating answers one by one gives."""
    queries = [Query(behavior_material.prompt, review.text) for review in behavior_material.suite[:ROWS]]
    behavior_notes.conclude(labels_equal_the_reference(behavior_predictor, generated, queries))
