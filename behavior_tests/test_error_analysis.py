"""Error analysis: five failures of the fine-tuned model, of five different kinds, each with measured evidence.

The candidates are handwritten, with label and reason on record before any model is asked
(`sentiment/error_analysis/candidates.jsonl`). Which of them become failures is the model's doing; the report shows the
most evident one of each of five kinds: the answer, the phrase that carries it, and the smallest edit that turns it.
"""

import pytest

from sentiment.error_analysis.analysis import error_analysis
from sentiment.error_analysis.candidates import read_candidates

SUBJECTS = ("sft",)


@pytest.mark.whole_run
def test_five_kinds_of_failure_are_shown(behavior_predictor, behavior_bench, behavior_notes) -> None:
    """Of five kinds of difficulty one failure each is found, explained by measurement, and put into the report."""
    candidates = read_candidates()
    behavior_bench.pools.refuse_trained_on((candidate.text for candidate in candidates), "the error analysis")
    behavior_notes.conclude(error_analysis(behavior_predictor, behavior_bench.material.prompt, candidates).result)
