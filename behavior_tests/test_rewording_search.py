"""A property over the wordings of the population: none costs accuracy; one that does is taken back part by part."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sentiment.error_analysis.rewording_search import CostsAccuracyError, PopulationSearch
from sentiment.suites.prompts import REVIEWS, REWORDING, population

# no deadline: the first answer loads the model; no database: answers are stored, so a search is repeated at once
SEARCH = settings(deadline=None, database=None, phases=(Phase.explicit, Phase.generate, Phase.shrink))


@pytest.mark.whole_run
def test_no_rewording_costs_accuracy(behavior_predictor, behavior_material, behavior_notes) -> None:
    """With no wording of the population is the model significantly less accurate than with the house prompt."""
    house, prompts = behavior_material.prompt, population(behavior_material)
    search = PopulationSearch(behavior_predictor, house, prompts, behavior_material.suite[:REVIEWS])
    costly = None

    # a weakness that was found is kept by pasting its line here: @example(parts=Parts(...))
    @settings(SEARCH, max_examples=len(prompts))
    @given(parts=st.sampled_from(search.wordings))
    def keeps_the_accuracy(parts) -> None:
        search.refuse(parts)

    try:
        keeps_the_accuracy()
    except CostsAccuracyError as error:
        costly = error.parts
    accepted, unpromised = behavior_notes.accepted(REWORDING), behavior_notes.unpromised
    behavior_notes.conclude(search.result(costly, accepted, unpromised))
