"""Accuracy: reviews that no training saw get the label their author gave them."""

import pytest

from sentiment.suites import accuracy

BEHAVIORS = accuracy.BEHAVIORS


def test_behavior(judged_behavior) -> None:
    """The behavior is judged; it has no budget, the promise is the floor below."""
    judged_behavior.keeps_its_promise()


@pytest.mark.whole_run
def test_accuracy_floor(judged_behavior) -> None:
    """The accuracy is not below what the profile promises for the subject; significantly below, the test fails."""
    judged_behavior.keeps_its_accuracy()
