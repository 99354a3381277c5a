"""Behavioral tests for sentiment classifiers made from small language models, and for any other.

    import sentiment

    results = sentiment.judge(lambda texts: [score(text) for text in texts], name="mine")

What is named here is stable; nothing else is. Nothing is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sentiment.errors import SentimentError
    from sentiment.pipeline.python import Results, evaluate, judge
    from sentiment.types import (
        Behavior,
        Case,
        Draft,
        Kind,
        Label,
        Material,
        Prediction,
        Predictor,
        Promise,
        Prompt,
        Query,
        Review,
        Subject,
        SubjectFacts,
        Verdict,
    )

__version__ = "0.1.0"

__all__ = [
    "Behavior",
    "Case",
    "Draft",
    "Kind",
    "Label",
    "Material",
    "Prediction",
    "Predictor",
    "Promise",
    "Prompt",
    "Query",
    "Results",
    "Review",
    "SentimentError",
    "Subject",
    "SubjectFacts",
    "Verdict",
    "evaluate",
    "judge",
]

_PLACES = {
    "Results": "sentiment.pipeline.python",
    "SentimentError": "sentiment.errors",
    "evaluate": "sentiment.pipeline.python",
    "judge": "sentiment.pipeline.python",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES.get(name, "sentiment.types")), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
