"""The behaviors that come with the package: one module per capability, whose sentences stand in a YAML file beside it.

    from sentiment.suites import negation

    BEHAVIORS = negation.BEHAVIORS

A file is read when its module is imported. None of this loads a model library.
"""

from __future__ import annotations

from importlib import import_module

from sentiment.types import Behavior

SUITES = (
    "accuracy",
    "fairness",
    "label_flips",
    "mixed",
    "negation",
    "prompts",
    "robustness",
    "sarcasm",
    "scores",
)
"""The modules of this package that list `BEHAVIORS`."""


def all_behaviors() -> tuple[Behavior, ...]:
    """The behaviors of all suites, in the order of `SUITES`."""
    return tuple(behavior for suite in SUITES for behavior in import_module(f"{__name__}.{suite}").BEHAVIORS)
