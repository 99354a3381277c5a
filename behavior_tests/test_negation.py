"""Negation: a denied quality is blame, a denied fault is praise, and two denials are none."""

from sentiment.suites import negation

BEHAVIORS = negation.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
