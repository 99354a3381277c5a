"""Accuracy: reviews that no training saw get the label their author gave them."""

from __future__ import annotations

from sentiment.behavior.expectations import has_label
from sentiment.behavior.written import ACCURACY
from sentiment.types import Behavior, Draft, Kind, Material, Promise, Query, Shows, only


def held_out(material: Material) -> list[Draft]:
    """One case per review of the test pool."""
    return [Draft(Query(material.prompt, review.text), only(review.label), group=review.id) for review in material.test]


BEHAVIORS = (
    Behavior(
        Promise(
            ACCURACY,
            "accuracy",
            Kind.MFT,
            "A review from the test pool gets the label its author gave it.",
            shows=Shows.ACCURACY,
        ),
        held_out,
        has_label,
        quick=100,
    ),
)
