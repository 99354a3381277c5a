"""The error analysis as one record: how many candidates fail, and one explained failure of each of five kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sentiment.behavior.candidates import Candidate
from sentiment.behavior.search import explain, find_failures, pick
from sentiment.types import Predictor, Prompt

KINDS = 5
"""Kinds of failure to show."""


def error_analysis(predictor: Predictor, prompt: Prompt, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Failures of the predictor among the candidates, counted by kind, and up to `KINDS` of them explained."""
    failures = find_failures(predictor, prompt, candidates)
    asked, failed = Counter(c.kind for c in candidates), Counter(failure.candidate.kind for failure in failures)
    return {
        "prompt": prompt.name,
        "candidates": len(candidates),
        "failed": len(failures),
        "answered": dict(Counter(failure.answer_word for failure in failures)),
        "kinds": [{"kind": kind, "candidates": asked[kind], "failed": failed[kind]} for kind in asked],
        "examples": [explain(predictor, prompt, failure).as_dict() for failure in pick(failures, KINDS)],
    }
