"""Sarcasm: words of praise that mean blame, told apart from the same words meant as they stand."""

from sentiment.suites import sarcasm

BEHAVIORS = sarcasm.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
