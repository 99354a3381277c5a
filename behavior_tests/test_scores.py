"""Explicit scores: a number alone is an opinion, and one beside clear words does not outweigh them."""

from sentiment.suites import scores

BEHAVIORS = scores.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
