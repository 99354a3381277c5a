"""Outcomes of made-up behaviors, judged for real: the answers are made up, the verdicts are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from sentiment.behavior.expectations import has_label
from sentiment.behavior.judge import judge
from sentiment.types import Approach, Behavior, Case, Kind, Label, Outcome, Prediction, Prompt, Query

PROMPT = Prompt("p", "{review}")


@pytest.fixture(scope="session", name="behavior")
def _behavior() -> Callable[..., Behavior]:
    def make(name: str = "b", budget: float | None = 0.15, expectation=has_label, **facts) -> Behavior:
        budgets = {} if budget is None else {Approach.SFT: budget}
        given = {"capability": "c", "kind": Kind.MFT, "budget": budgets, **facts}
        return Behavior(name, promise="It holds.", cases=lambda material: (), expectation=expectation, **given)

    return make


@pytest.fixture(scope="session", name="outcomes")
def _outcomes() -> Callable[..., list[Outcome]]:
    def make(
        behavior: Behavior, n: int, failed: int | Iterable[int], *, size: int = 1, start: int = 0
    ) -> list[Outcome]:
        """`n` outcomes, of which the first `failed` or those at the given places failed; `size` to a group."""
        wrong = set(range(failed) if isinstance(failed, int) else failed)
        cases, answers = [], {}
        for i in range(start, start + n):
            query = Query(PROMPT, f"text {i}")
            cases.append(Case.of(behavior.name, query, label=Label.POSITIVE, group=f"g{i // size}"))
            answers[query] = Prediction(Label.NEGATIVE if i in wrong else Label.POSITIVE)
        return judge(behavior, cases, "sft", answers)

    return make
