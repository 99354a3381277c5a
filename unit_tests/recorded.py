"""A run's journal, made by real judging of a hostile corpus and of plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.judging.judge import judge
from sentiment.runs.journal import append, append_subject, journal_path
from sentiment.types import (
    TWO_LABELS,
    Behavior,
    Kind,
    Label,
    Outcome,
    Prediction,
    Promise,
    Prompt,
    Query,
    Role,
    Shows,
    SubjectFacts,
    shares_of,
)
from unit_tests.making import behavior_of, case_of

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><style>*{display:none}</style>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "=HYPERLINK(\"http://example.org\")",
    "+1-1",
    "@SUM(A1)",
    "\tcell",
    "\rcarriage\rreturn",
    "a,b\n\"c\"",
    "\x1b[31mred\x07\x00\x9b2J",
    "\u202etxet desrever\u2066",
    "lone \ud800 surrogate \udfff",
    "$\\frac{1}{0}$ and $unclosed",
    "'=quoted",
)  # fmt: skip

SUBJECTS = (
    SubjectFacts("base", promises=False),
    SubjectFacts("sft"),
    SubjectFacts("lora"),
    SubjectFacts("constant", Role.FLOOR, promises=False),
)


@pytest.fixture(name="hostile")
def _hostile() -> Sequence[str]:
    return HOSTILE


@pytest.fixture(name="behaviors")
def _behaviors() -> dict[str, Behavior]:
    def make(name: str, capability: str, expectation=has_label, **facts) -> Behavior:
        kind = Kind.INV if expectation is same_as_base else Kind.MFT
        return behavior_of(name, capability, kind, "It <b>holds</b>.", expectation, **facts)

    budget = 0.15
    return {
        "accuracy": make("held_out", "accuracy", shows=Shows.ACCURACY),
        "firm": make("firm", "negation", budget=budget, min_live=10, partner="steady"),
        "steady": make("steady", "robustness", same_as_base, budget=budget, min_live=10),
    }


@pytest.fixture(name="promises")
def _promises(behaviors: dict[str, Behavior]) -> dict[str, Promise]:
    return {name: behavior.promise for name, behavior in behaviors.items()}


@pytest.fixture(name="outcomes_of")
def _outcomes_of(behaviors: dict[str, Behavior]) -> Callable[..., list[Outcome]]:
    """Outcomes of one predictor on n hostile texts, the first `wrong` of them failed."""

    def make(name: str, predictor: str, wrong: int, n: int = 40, unanswered: int = 0) -> list[Outcome]:
        behavior, answers, cases = behaviors[name], {}, []
        for i in range(n):
            text, label = f"{HOSTILE[i % len(HOSTILE)]} {i}", Label(i % 2)
            query = Query(Prompt(HOSTILE[1], "{review}" + HOSTILE[0]), text)
            base = (
                case_of(name, Query(query.prompt, f"base {i}"), label=label)
                if behavior.promise.kind is Kind.INV
                else None
            )
            cases.append(case_of(behavior.name, query, label=label, base=base, group=f"g{i}", tags={HOSTILE[2]: text}))
            said = None if i < unanswered else TWO_LABELS.opposite(label) if i < wrong else label
            answers[query] = Prediction(said, shares_of(0.25), 0.5, HOSTILE[11])
            if base is not None:
                answers[base.query] = Prediction(label, shares_of(0.75), None, "x")
        return judge(behavior, cases, predictor, answers)

    return make


@pytest.fixture(name="run_folder")
def _run_folder(tmp_path: Path, promises: dict[str, Promise], outcomes_of: Callable[..., list[Outcome]]) -> Path:
    """A folder with the journals of two workers: three subjects and a floor on three behaviors."""
    folder = tmp_path / "reports" / "20260102T030405Z-tiny-all"
    folder.mkdir(parents=True)
    for worker in ("gw0", "gw1"):
        for subject in SUBJECTS:
            append_subject(journal_path(folder, worker), subject)
    for name, promise in promises.items():
        for predictor, wrong in (("base", 20), ("sft", 2), ("lora", 15), ("constant", 20)):
            worker = "gw0" if predictor == "base" else "gw1"
            unanswered = 5 if predictor == "base" else 0
            append(
                journal_path(folder, worker),
                promise,
                outcomes_of(name, predictor, wrong, unanswered=unanswered),
            )
    return folder
