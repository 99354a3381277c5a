"""A run's journal, made by real judging of a hostile corpus and of plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.behavior.judge import judge
from sentiment.report.journal import append, journal_path
from sentiment.report.runs import ACCURACY_BEHAVIOR
from sentiment.types import Approach, Behavior, Case, Kind, Label, Outcome, Prediction, Prompt, Query

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


@pytest.fixture(name="hostile")
def _hostile() -> Sequence[str]:
    return HOSTILE


@pytest.fixture(name="behaviors")
def _behaviors() -> dict[str, Behavior]:
    def make(name: str, capability: str, expectation=has_label, **facts) -> Behavior:
        kind = Kind.INV if expectation is same_as_base else Kind.MFT
        return Behavior(name, capability, kind, "It <b>holds</b>.", lambda material: (), expectation, **facts)

    budget = {Approach.SFT: 0.15, Approach.LORA: 0.15}
    return {
        "accuracy": make(ACCURACY_BEHAVIOR, "accuracy"),
        "firm": make("firm", "negation", budget=budget, min_live=10, partner="steady"),
        "steady": make("steady", "robustness", same_as_base, budget=budget, min_live=10),
    }


@pytest.fixture(name="outcomes_of")
def _outcomes_of(behaviors: dict[str, Behavior]) -> Callable[..., list[Outcome]]:
    """Outcomes of one predictor on n hostile texts, the first `wrong` of them failed."""

    def make(name: str, predictor: str, wrong: int, n: int = 40, unanswered: int = 0) -> list[Outcome]:
        behavior, answers, cases = behaviors[name], {}, []
        for i in range(n):
            text, label = f"{HOSTILE[i % len(HOSTILE)]} {i}", Label(i % 2)
            query = Query(Prompt(HOSTILE[1], "{review}" + HOSTILE[0]), text)
            base = Case.of(name, Query(query.prompt, f"base {i}"), label=label) if behavior.kind is Kind.INV else None
            cases.append(Case.of(behavior.name, query, label=label, base=base, group=f"g{i}", tags={HOSTILE[2]: text}))
            said = None if i < unanswered else label.flipped if i < wrong else label
            answers[query] = Prediction(said, 0.25, 0.5, HOSTILE[11])
            if base is not None:
                answers[base.query] = Prediction(label, 0.75, None, "x")
        return judge(behavior, cases, predictor, answers)

    return make


@pytest.fixture(name="run_folder")
def _run_folder(tmp_path: Path, behaviors: dict[str, Behavior], outcomes_of: Callable[..., list[Outcome]]) -> Path:
    """A folder with the journals of two workers: three approaches and a floor on three behaviors."""
    folder = tmp_path / "reports" / "20260102T030405Z-tiny-all"
    folder.mkdir(parents=True)
    for name, behavior in behaviors.items():
        for predictor, wrong in (("base", 20), ("sft", 2), ("lora", 15), ("constant", 20)):
            worker = "gw0" if predictor == "base" else "gw1"
            unanswered = 5 if predictor == "base" else 0
            append(journal_path(folder, worker), behavior, outcomes_of(name, predictor, wrong, unanswered=unanswered))
    return folder
