"""Facts of a run: what `run.json` holds, also that of runs of before and of versions to come."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from sentiment.errors import ReportError
from sentiment.report.cards import house_prompt
from sentiment.report.page import report_html
from sentiment.report.two_runs import compare_runs
from sentiment.runs.facts import RunFacts, facts_of
from sentiment.runs.journal import Journal, append, append_subject, journal_path
from sentiment.runs.rerun import Rerun
from sentiment.runs.run import read_run, run_of
from sentiment.runs.run_folder import read_facts, write_facts
from sentiment.types import Prompt, Role, SubjectFacts

HOUSE = Prompt("house", "Is it good? {review}\ud800", system="Be brief.", parts={"voice": "calm"})
WHOLE = RunFacts(
    profile="tiny",
    model="m\ud800",
    weights="/weights",
    base="b",
    base_verified=False,
    adapter="LoRA r 4",
    device="CPU",
    dtype="fp32",
    data="sentences",
    seed=0,
    quick=False,
    promises=True,
    accuracy_floor={"lora": 0.9, "base": None},
    versions={"python": "3.11"},
    commit="abc",
    selection="lora",
    started="2026-01-01T12:00:00Z",
    against="reports/x",
    against_lacks=("x is short",),
    rerun=Rerun("sentiment judge", "--subject", is_repeated=True),
    house_prompt=HOUSE,
    subjects=(SubjectFacts("lora", facts={"model": "m"}), SubjectFacts("always", Role.FLOOR, promises=False)),
    run="20260101T120000Z-tiny-lora",
    duration=1.5,
    complete=True,
    ended=True,
    stopped="no space",
    failed_checks={"test_x": "red"},
    counts={"cases": 1},
    others={"moon": {"phase": [0.5]}},
)
FIRST_SCHEMA = {
    "profile": "tiny", "model": "m", "weights": None, "base": None, "base_verified": None, "adapter": "LoRA r 4",
    "device": "CPU", "dtype": "fp32", "data": "sentences", "seed": 0, "quick": True, "promises": True,
    "accuracy_floor": {}, "versions": {"python": "3.11"}, "commit": None, "selection": "lora",
    "started": "2026-01-01T12:00:00Z", "rerun_command": "pytest behavior_tests --profile tiny", "run": "r",
    "duration": 2, "complete": True, "ended": True, "counts": {"cases": 40, "rulings": 0, "findings": 0},
    "failed_checks": {},
}  # fmt: skip


def test_every_fact_comes_back_as_it_was(tmp_path: Path) -> None:
    not_set = [each.name for each in fields(RunFacts) if getattr(WHOLE, each.name) == getattr(RunFacts(), each.name)]
    assert not_set == ["unreadable_facts"]
    write_facts(tmp_path, WHOLE)
    assert read_facts(tmp_path) == WHOLE
    assert read_facts(tmp_path).house_prompt.parts == HOUSE.parts


def test_every_key_is_there_though_nothing_is_known(tmp_path: Path) -> None:
    write_facts(tmp_path, RunFacts())
    told = json.loads((tmp_path / "run.json").read_text())
    assert told.keys() == {each.name for each in fields(RunFacts)} - {"others", "unreadable_facts"}
    assert told["model"] is told["quick"] is None


def test_facts_of_the_first_schema_are_read_as_what_they_meant() -> None:
    facts = facts_of(FIRST_SCHEMA)
    assert facts.rerun == Rerun("pytest behavior_tests --profile tiny")
    assert (facts.title, facts.quick, facts.house_prompt, facts.subjects) == ("tiny · m · lora", True, None, ())
    assert (facts.weights, facts.duration, facts.came_to_its_end) == (None, 2, True)


def test_what_another_version_wrote_is_kept_and_shown(tmp_path: Path, promises, outcomes_of) -> None:
    write_facts(tmp_path, RunFacts())
    told = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps({**told, "moon_phase": "waxing", "others": [1, 2]}))
    facts = read_facts(tmp_path)
    assert facts.others == {"moon_phase": "waxing", "others": [1, 2]}
    page = report_html(run_of(Journal({}, []), facts))
    assert "<dt><bdi>moon phase</bdi></dt><dd><bdi>waxing</bdi></dd>" in page
    write_facts(tmp_path, facts)
    assert read_facts(tmp_path) == facts


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": "0"}, "seed: Input should be a valid integer"),
        ({"quick": 1}, "quick: Input should be a valid boolean"),
        ({"accuracy_floor": {"lora": "high"}}, "accuracy_floor.lora: "),
        ({"counts": {"cases": True}}, "counts.cases: "),
        ({"subjects": [{"name": "x", "role": "king"}]}, "subjects.0.role: "),
        ({"house_prompt": {"name": "x", "template": "no slot"}}, "prompt 'x': the template needs exactly one"),
        ({"rerun": {"command": 5}}, "rerun.command: "),
        ({"moon": json.loads("[" * 30 + "]" * 30)}, "nested too deeply"),
    ],
)
def test_facts_that_cannot_be_reckoned_with_are_one_line_that_names_them(tmp_path: Path, change, said: str) -> None:
    (tmp_path / "run.json").write_text(json.dumps({**FIRST_SCHEMA, **change}))
    with pytest.raises(ReportError) as caught:
        read_facts(tmp_path)
    assert f"run.json: {said}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_house_prompt_is_the_runs_own_and_not_the_one_asked_most(promises, outcomes_of) -> None:
    journal = Journal({"firm": promises["firm"]}, outcomes_of("firm", "sft", 3))
    assert house_prompt(run_of(journal, RunFacts(house_prompt=HOUSE))) == HOUSE
    assert house_prompt(run_of(journal, RunFacts())) == journal.outcomes[0].case.query.prompt
    assert house_prompt(run_of(Journal({}, []), RunFacts())) is None


def test_a_subject_whose_line_is_lost_is_what_run_json_says(tmp_path: Path, promises, outcomes_of) -> None:
    path = journal_path(tmp_path)
    append_subject(path, SubjectFacts("gpt", facts={"model": "of the journal"}))
    for name in ("gpt", "always"):
        append(path, promises["firm"], outcomes_of("firm", name, 0 if name == "gpt" else 40))
    declared = (SubjectFacts("always", Role.FLOOR, promises=False), SubjectFacts("gpt", Role.FLOOR))
    write_facts(tmp_path, RunFacts(subjects=declared, complete=True))
    run = read_run(tmp_path)
    assert list(run.subjects.values()) == [SubjectFacts("gpt", facts={"model": "of the journal"}), declared[0]]
    assert run.closing_sentence == "Every promise that was judged is kept (1 pass)."
    assert compare_runs(tmp_path, tmp_path).pairs == [("gpt", "gpt")]
    (tmp_path / "run.json").write_text("{")
    assert read_run(tmp_path).judged == ["gpt", "always"]


def test_facts_without_a_word_of_its_subjects_leave_them_to_the_journal(promises, outcomes_of) -> None:
    journal = Journal({"firm": promises["firm"]}, outcomes_of("firm", "sft", 3), named={"sft": SubjectFacts("sft")})
    assert run_of(journal, RunFacts()).subjects == {"sft": SubjectFacts("sft")}
    alone = replace(journal, named={})
    assert run_of(alone, RunFacts(subjects=(SubjectFacts("sft", Role.FLOOR),))).is_floor("sft")
