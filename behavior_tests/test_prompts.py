"""Prompt rewording: however the question is put, the answer is about the review."""

from sentiment.suites import prompts

BEHAVIORS = prompts.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
