"""The worst of fresh wordings, looked for on some reviews and measured on others: reported, never judged."""

import pytest
from hypothesis import Phase, given, settings, target
from hypothesis import strategies as st

from sentiment.error_analysis.rewording_search import WorstWordingSearch
from sentiment.prompting.wordings import OPTIONS, Parts

SEARCH = settings(
    deadline=None, database=None, max_examples=40, derandomize=True, phases=(Phase.generate, Phase.target)
)


@pytest.mark.slow
def test_the_worst_wording_that_a_search_finds(behavior_predictor, behavior_material, behavior_notes) -> None:
    """Each wording is drawn with what the ones before did in view."""
    search = WorstWordingSearch(behavior_predictor, behavior_material.prompt, behavior_material.suite)

    @SEARCH
    @given(parts=st.builds(Parts, **{part: st.sampled_from(list(options)) for part, options in OPTIONS.items()}))
    def probe(parts) -> None:
        target(search.harm(parts))

    probe()
    behavior_notes.tell(search.worst())
