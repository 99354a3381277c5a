"""Fairness: who somebody is and where they come from does not change the answer."""

from sentiment.suites import fairness

BEHAVIORS = fairness.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
