"""Robustness of the input: how a review is typed, marked up or padded does not change the answer."""

from sentiment.suites import robustness

BEHAVIORS = robustness.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
