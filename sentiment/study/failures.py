"""Five failures of the fine-tuned model, of five kinds, each with measured evidence (Q10)."""

from __future__ import annotations

from typing import Any

from sentiment.behavior.candidates import read_candidates
from sentiment.behavior.error_analysis import error_analysis
from sentiment.pipeline import Workbench
from sentiment.types import Approach


def failures(bench: Workbench) -> dict[str, Any]:
    """What the error analysis of sft finds among the candidates that come with the package."""
    predictor = bench.predictor(Approach.SFT)
    candidates = read_candidates()
    bench.pools.refuse_trained_on((candidate.text for candidate in candidates), "the error analysis")
    found = error_analysis(predictor, bench.profile.house_prompt, candidates)
    predictor.release()
    return found
