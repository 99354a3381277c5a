"""Error analysis: five failures of the fine-tuned model, of five different kinds, each with measured evidence.

The candidates are handwritten, with label and reason on record before any model is asked
(`sentiment/behavior/candidates.jsonl`). Which of them become failures is the model's doing; the report shows the
most evident one of each of five kinds: the answer, the phrase that carries it, and the smallest edit that turns it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sentiment.behavior.candidates import read_candidates
from sentiment.behavior.error_analysis import KINDS, error_analysis
from sentiment.pipeline import Workbench
from sentiment.types import Approach, Predictor

APPROACHES = (Approach.SFT,)


def test_five_kinds_of_failure_are_shown(
    predictor: Predictor,
    workbench: Workbench,
    report_note: Callable[[str, Mapping[str, Any]], None],
    pytestconfig: pytest.Config,
) -> None:
    """Of five kinds of difficulty one failure each is found, explained by measurement, and put into the report."""
    if pytestconfig.getoption("--quick") or pytestconfig.getoption("--case"):
        pytest.skip("failures are analysed in whole runs, not in a quick look or for a single case")
    candidates = read_candidates()
    workbench.pools.refuse_trained_on((candidate.text for candidate in candidates), "the error analysis")
    found = error_analysis(predictor, workbench.material.prompt, candidates)
    report_note("error_analysis", found)
    if len(found["examples"]) < KINDS:
        reason = f"fewer than five different kinds of failure were found among {len(candidates)} candidates"
        pytest.fail(f"{reason}: {found['failed']} failures", pytrace=False)
