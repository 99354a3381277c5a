"""The shared words: one frozen record per thing that flows from a review to a report.

Only the standard library is imported here, so every room of the package can speak these words
without loading anything. The flow is

    Review -> Query (a Prompt and a text) -> Prediction -> Verdict -> Outcome -> BehaviorResult
"""

from sentiment.types.asking import REVIEW_SLOT, Prediction, Predictor, Prompt, Query, Review, StreamingPredictor
from sentiment.types.behaviors import (
    PASSED,
    Behavior,
    Case,
    Draft,
    Edit,
    Expectation,
    Kind,
    Maker,
    Material,
    Promise,
    Shows,
    Status,
    Verdict,
)
from sentiment.types.labels import TWO_LABELS, Label, LabelSet, only, shares_of
from sentiment.types.results import BehaviorResult, Change, Finding, Interval, Outcome, Ruling
from sentiment.types.subjects import Approach, Role, Subject, SubjectFacts

__all__ = [
    "PASSED",
    "REVIEW_SLOT",
    "TWO_LABELS",
    "Approach",
    "Behavior",
    "BehaviorResult",
    "Case",
    "Change",
    "Draft",
    "Edit",
    "Expectation",
    "Finding",
    "Interval",
    "Kind",
    "Label",
    "LabelSet",
    "Maker",
    "Material",
    "Outcome",
    "Prediction",
    "Predictor",
    "Promise",
    "Prompt",
    "Query",
    "Review",
    "Role",
    "Ruling",
    "Shows",
    "Status",
    "StreamingPredictor",
    "Subject",
    "SubjectFacts",
    "Verdict",
    "only",
    "shares_of",
]
