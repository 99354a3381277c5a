"""Mixed reviews: praise and blame in one text, where the author's verdict on the whole decides."""

from sentiment.suites import mixed

BEHAVIORS = mixed.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
