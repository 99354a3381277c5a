"""Five failures of the fine-tuned model, of five kinds, each with measured evidence (Q10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sentiment.error_analysis.analysis import error_analysis
from sentiment.error_analysis.candidates import read_candidates
from sentiment.error_analysis.search import SmallestEdit
from sentiment.pipeline import Workbench
from sentiment.study.record import from_json
from sentiment.types import Approach


@dataclass(frozen=True)
class KindCount:
    """How many candidates of a kind were answered wrongly."""

    kind: str
    candidates: int
    failed: int


@dataclass(frozen=True)
class PhraseLeftOut:
    """A few words of a text, and the answer to the text without them."""

    text: str
    start: int
    end: int
    p_without: float | None
    label_without: str | None


@dataclass(frozen=True)
class FailureExample:
    """A wrong answer with its evidence."""

    id: str
    kind: str
    text: str
    label: str
    why_hard: str
    answer: str | None
    """The label that was answered; None where it was neither."""
    answer_text: str
    p_positive: float | None
    phrases: tuple[PhraseLeftOut, ...]
    carrying: PhraseLeftOut | None
    smallest_edit: SmallestEdit | None
    tried: int
    """Edits that were asked."""
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class FailureFindings:
    """Failures among handwritten candidates, and a few of them explained."""

    prompt: str
    candidates: int
    failed: int
    answered: Mapping[str, int]
    """Wrong answers, by what was answered."""
    kinds: tuple[KindCount, ...]
    examples: tuple[FailureExample, ...]


def failures(bench: Workbench) -> FailureFindings:
    """What the error analysis of sft finds among the candidates that come with the package."""
    predictor = bench.predictor(Approach.SFT)
    candidates = read_candidates()
    bench.pools.refuse_trained_on((candidate.text for candidate in candidates), "the error analysis")
    found = error_analysis(predictor, bench.profile.house_prompt, candidates)
    predictor.release()
    return from_json(FailureFindings, found.as_dict())
