"""Outcomes of made-up behaviors, judged for real: the answers are made up, the verdicts are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from sentiment.behavior.expectations import has_label
from sentiment.judging.judge import judge
from sentiment.types import Behavior, Label, Outcome, Prediction, Prompt, Query
from unit_tests.making import behavior_of, case_of
from unit_tests.recorded import _behaviors, _outcomes_of  # noqa: F401

PROMPT = Prompt("p", "{review}")


@pytest.fixture(scope="session", name="behavior")
def _behavior() -> Callable[..., Behavior]:
    def make(name: str = "b", budget: float | None = 0.15, expectation=has_label, **facts) -> Behavior:
        return behavior_of(name, budget=budget, expectation=expectation, **facts)

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
            cases.append(case_of(behavior.name, query, label=Label.POSITIVE, group=f"g{i // size}"))
            answers[query] = Prediction(Label.NEGATIVE if i in wrong else Label.POSITIVE)
        return judge(behavior, cases, "sft", answers)

    return make
