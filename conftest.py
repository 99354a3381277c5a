"""This repository's own additions to the plugin: the model behind a subject, and what options were called before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from sentiment.plugin import awake
from sentiment.types import Approach, Label, Predictor, Query, Review

if TYPE_CHECKING:
    from sentiment.error_analysis.wrong_labels import Train
    from sentiment.pipeline import Workbench
    from sentiment.predictors.stored import StoredPredictor

RENAMED = {
    "--profile": "--behavior-profile",
    "--weights": "--behavior-weights",
    "--on-base": "--behavior-on-base",
    "--quick": "--behavior-quick",
    "--slow": "--behavior-slow",
    "--case": "--behavior-case",
    "--reports": "--behavior-reports",
    "--strict-behaviors": "--behavior-strict",
    "--against": "--behavior-against",
    "--update-baseline": "--behavior-update-baseline",
    "--pairs": "--behavior-pairs",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The names that options had, so that each can say its new one."""
    group = parser.getgroup("behavior-renamed", "renamed: each says its new name")
    for old, new in RENAMED.items():
        with suppress(ValueError):  # another plugin has that name
            group.addoption(old, nargs="?", const="", metavar="", help=f"now {new}", dest=f"renamed{old}", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an option by its old name."""
    used = [old for old in RENAMED if config.getoption(f"renamed{old}", default=None) is not None]
    if used:
        raise pytest.UsageError("; ".join(f"{old} is now {RENAMED[old]}" for old in used))


@pytest.fixture
def behavior_bench(behavior_subject: str, request: pytest.FixtureRequest) -> Workbench:
    """The profile at work."""
    return awake(request.config).run.bench


@pytest.fixture
def generated(behavior_bench: Workbench, behavior_predictor: StoredPredictor) -> Callable[[Query], Label | None]:
    """The reference: what generating the answer token by token gives."""
    from sentiment.models.generate import predict_sentiment
    from sentiment.models.score import ModelPredictor

    model, longest = behavior_predictor.model, behavior_bench.profile.scoring.max_new_tokens
    if not isinstance(model, ModelPredictor):
        pytest.skip("this subject is no language model")
    return lambda query: predict_sentiment(model.model, model.renderer, query.prompt, query.text, longest)


@pytest.fixture
def trained_on(behavior_subject: str, behavior_bench: Workbench) -> Train:
    """Trains the subject on other rows."""
    approaches = {approach.value: approach for approach in Approach if approach is not Approach.BASE}
    if behavior_subject not in approaches:
        pytest.skip(f"{behavior_subject} is not trained")

    @contextmanager
    def trained(rows: tuple[Review, ...]) -> Iterator[Predictor]:
        predictor = behavior_bench.predictor(approaches[behavior_subject], rows)
        yield predictor
        predictor.release()

    return trained
