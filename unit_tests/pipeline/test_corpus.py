from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sentiment.errors import DataError, LeakError
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


def judged_on(tiny: Profile, tmp_path: Path, seen: int = 0) -> tuple[Corpus, list[str]]:
    """The tiny profile, judged on a file of 200 reviews alone, of which the first `seen` were trained on."""
    rows = [(f"number {i} was {'good' if i % 2 else 'bad'}", i % 2) for i in range(200)]
    test, trained, said = tmp_path / "test.csv", tmp_path / "trained.csv", []
    test.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    trained.write_text("text\n" + "".join(f"{text.upper()}!\n" for text, _ in rows[:seen]))
    data = {"test": str(test), "seen": [str(trained)] if seen else [], "suite": 60}
    return Corpus(tiny.model_copy(update={"data": tiny.data.model_copy(update=data)}), note=said.append), said


def test_a_file_to_judge_on_suffices_and_nothing_is_trained_from_it(tiny: Profile, tmp_path: Path) -> None:
    corpus, said = judged_on(tiny, tmp_path)
    pools = corpus.pools
    assert (pools.train, pools.validation) == ((), ())
    assert len(pools.suite) == 60
    assert 70 < len(pools.test) < 130
    assert not {review.text for review in pools.test} & {review.text for review in pools.suite}
    assert [line.partition(":")[0] for line in said] == ["reviews", "test", "suite"]
    assert [floor.name for floor in corpus.floors] == ["constant"]
    with pytest.raises(DataError, match="data to judge on alone .*: name weights, or set test to a number of rows"):
        corpus.training_rows  # noqa: B018


def test_texts_that_somebody_trained_on_are_judged_nowhere(tiny: Profile, tmp_path: Path) -> None:
    corpus, said = judged_on(tiny, tmp_path, seen=150)
    pools = corpus.pools
    assert len(pools.test) + len(pools.suite) <= 50
    assert "dropped 150: trained on, as [data] seen says" in said
    assert any("trained.csv: 150 texts that were trained on" in line for line in said)
    assert corpus.seen is not None
    assert len(corpus.seen) == 150
    with pytest.raises(LeakError, match="belong to the training pools"):
        pools.refuse_trained_on(["Number 7 was good"], "a behavior of hers")


def test_files_of_seen_texts_are_checked(tiny: Profile, tmp_path: Path) -> None:
    data = tiny.data.model_copy(update={"seen": [str(tmp_path / "nothing.csv")]})
    with pytest.raises(DataError, match="nothing.csv: no such file"):
        Corpus(tiny.model_copy(update={"data": data}), note=lambda line: None).pools  # noqa: B018
    (tmp_path / "empty.csv").write_text('text\n" "\n')
    data = tiny.data.model_copy(update={"seen": [str(tmp_path / "empty.csv")]})
    with pytest.raises(DataError, match="none of its 1 rows has a text"):
        Corpus(tiny.model_copy(update={"data": data}), note=lambda line: None).pools  # noqa: B018
