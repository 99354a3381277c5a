"""Accuracy: reviews that no training saw get the label their author gave them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sentiment.behavior.expectations import has_label
from sentiment.metrics import floor_verdict, metrics_of_outcomes
from sentiment.profiles import Profile
from sentiment.report.results import ACCURACY_FLOOR
from sentiment.report.safety import visible
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Kind, Material, Query, Status

HELD_OUT = "held_out_reviews_get_their_label"
"""The report computes its accuracy table from the outcomes of this behavior."""


def held_out(material: Material) -> list[Case]:
    """One case per review of the test pool."""
    return [
        Case.of(HELD_OUT, Query(material.prompt, review.text), label=review.label, group=review.id)
        for review in material.test
    ]


BEHAVIORS: tuple[Behavior, ...] = (
    Behavior(
        name=HELD_OUT,
        capability="accuracy",
        kind=Kind.MFT,
        promise="A review from the test pool gets the label its author gave it.",
        cases=held_out,
        expectation=has_label,
        quick=100,
    ),
)


def test_behavior(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """The behavior is judged; it has no budget, the promise is the floor below."""
    gate(result)


def test_accuracy_floor(
    result: BehaviorResult,
    profile: Profile,
    approach: Approach,
    request: pytest.FixtureRequest,
) -> None:
    """The accuracy is not below what the profile promises for the approach; significantly below, the test fails."""
    if request.config.getoption("--quick") or request.config.getoption("--case"):
        pytest.skip("accuracy is promised for whole runs, not for a quick look or a single case")
    floors = {str(trained): floor for trained, floor in profile.accuracy_floor.items()}
    if approach.value not in floors:
        pytest.skip(f"profile {visible(profile.name)} promises no accuracy for {approach}")
    request.node.user_properties.append((ACCURACY_FLOOR, floors[approach.value]))
    is_strict = request.config.getoption("--strict-behaviors")
    verdict = floor_verdict(metrics_of_outcomes(result.outcomes), floors[approach.value])
    if verdict.status is Status.FAILED or (verdict.status is Status.SKIPPED and is_strict):
        pytest.fail(verdict.reason, pytrace=False)
    if verdict.status is Status.SKIPPED:
        pytest.skip(verdict.reason)
