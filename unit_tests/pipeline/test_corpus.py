from __future__ import annotations

import dataclasses

import pytest

from sentiment.errors import LeakError
from sentiment.pipeline.corpus import Corpus
from sentiment.pipeline.workbench import Workbench
from sentiment.profiles import Profile
from sentiment.types import Approach, Draft, Label, Material, Query, only
from unit_tests.making import behavior_of


def test_a_behavior_that_shows_a_training_text_is_stopped_by_name(tiny: Profile) -> None:
    corpus = Corpus(tiny, note=lambda line: None)
    trained_on = corpus.pools.train[0]

    def drafts(material: Material) -> list[Draft]:
        shouted = f"  {trained_on.text.upper()}!! "
        return [Draft(Query(material.prompt, text), only(Label.POSITIVE)) for text in ("unseen", shouted)]

    leaky = behavior_of("leaky", make=drafts)
    with pytest.raises(LeakError, match=r"'leaky': 1 text\(s\) belong to the training pools.*suite pool"):
        corpus.cases_of(leaky)


def test_a_planted_leak_stops_before_training_with_count_and_remedy(tiny: Profile) -> None:
    bench = Workbench(tiny, note=lambda line: None)
    pools = bench.pools
    planted = dataclasses.replace(pools, train=(*pools.train, pools.suite[0]))
    bench.__dict__["pools"] = planted
    with pytest.raises(LeakError, match=r"1 text\(s\) given as train .*suite pool.*remove"):
        bench.weights(Approach.LORA)
