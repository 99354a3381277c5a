"""The error analysis as one record: how many candidates fail, and one explained failure of each of five kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sentiment.error_analysis.candidates import Candidate
from sentiment.error_analysis.search import Explained, Failure, explain, find_failures, pick
from sentiment.judging.checks import CheckResult
from sentiment.types import Predictor, Prompt, Ruling

KINDS = 5
"""Kinds of failure to show."""


@dataclass(frozen=True)
class ErrorAnalysis:
    """Failures of a predictor among handwritten candidates, and a few of them explained."""

    kind: ClassVar[str] = "error_analysis"
    prompt: Prompt
    """With which they were asked."""
    candidates: Sequence[Candidate]
    failures: Sequence[Failure]
    """In the candidates' order."""
    examples: Sequence[Explained]
    """The most evident failure of each of up to `KINDS` kinds, worst first."""

    def as_dict(self) -> dict[str, Any]:
        """Facts for JSON: counts in all and by kind, and the examples."""
        asked = Counter(candidate.kind for candidate in self.candidates)
        failed = Counter(failure.candidate.kind for failure in self.failures)
        return {
            "prompt": self.prompt.name,
            "candidates": len(self.candidates),
            "failed": len(self.failures),
            "answered": dict(Counter(failure.answer_word for failure in self.failures)),
            "kinds": [{"kind": kind, "candidates": asked[kind], "failed": failed[kind]} for kind in asked],
            "examples": [example.as_dict() for example in self.examples],
        }

    @property
    def result(self) -> CheckResult:
        """There has to be an example of each of `KINDS` kinds."""
        if len(self.examples) >= KINDS:
            return CheckResult(Ruling.PASS, found=self)
        reason = (
            f"failures of {len(self.examples)} different kinds and not of {KINDS} were found among "
            f"{len(self.candidates)} candidates: {len(self.failures)} failures"
        )
        return CheckResult(Ruling.FAIL, reason, self)


def error_analysis(predictor: Predictor, prompt: Prompt, candidates: Sequence[Candidate]) -> ErrorAnalysis:
    """Ask all candidates, and explain up to `KINDS` of the failures."""
    failures = find_failures(predictor, prompt, candidates)
    examples = [explain(predictor, prompt, failure) for failure in pick(failures, KINDS)]
    return ErrorAnalysis(prompt, candidates, failures, examples)
