"""Figures in documents are those of the files that they name."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.weaknesses import dispersion, reasons, table
from sentiment.judging.baseline import baseline_path, read_baseline
from sentiment.judging.known import read_known, stale
from sentiment.runs.run_folder import to_json
from sentiment.study.document import answers_markdown, study_markdown, tables
from sentiment.study.figures import FIGURES
from sentiment.study.run import study_of
from sentiment.types import Approach

ROOT = Path(__file__).parents[1]
BASELINES = ROOT / "behavior_tests" / "baselines"


def test_the_page_of_weaknesses_shows_the_committed_baselines() -> None:
    page = (ROOT / "docs" / "weaknesses.md").read_text(encoding="utf-8")
    for part in (table, reasons, dispersion):
        assert "\n".join(part("smollm2")) in page


@pytest.mark.parametrize("approach", list(Approach))
def test_every_known_weakness_has_a_reason_and_the_seeds_are_three(approach: Approach) -> None:
    found = read_baseline(baseline_path(BASELINES, "smollm2", approach), "smollm2", approach)
    assert found is not None
    assert found.seeds == ([0] if approach is Approach.BASE else [0, 1, 2])
    over_budget = {name: record.over_budget for name, record in found.behaviors.items()}
    assert all(len(record.known) > 20 for record in found.behaviors.values() if record.over_budget)
    assert stale(read_known(BASELINES / "smollm2", approach), over_budget) == []


def test_at_least_twenty_failures_per_capability_and_approach_were_read() -> None:
    with (ROOT / "docs" / "oracle-audit.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["oracle"] for row in rows} <= {"right", "wrong", "ambiguous"}
    assert all(row["note"] for row in rows if row["oracle"] != "right")
    assert all(row["case"].startswith(f"{row['behavior']}:") for row in rows)
    assert len({(row["case"], row["approach"]) for row in rows}) == len(rows)  # none counts twice
    for approach in Approach:
        found = read_baseline(baseline_path(BASELINES, "smollm2", approach), "smollm2", approach)
        assert found is not None
        capability = {name: record.capability for name, record in found.behaviors.items()}
        counts = Counter(capability.get(row["behavior"]) for row in rows if row["approach"] == approach.value)
        assert {name: counts[name] for name in capability.values() if counts[name] < 20} == {}


@pytest.mark.parametrize("run", sorted((ROOT / "docs").glob("study-*/results.json")), ids=lambda path: path.parent.name)
def test_a_committed_study_says_what_its_results_hold(run: Path) -> None:
    study = study_of(json.loads(run.read_text(encoding="utf-8")))
    figures = {name: f"figures/{name}.png" for name, (step, _) in FIGURES.items() if step in study.steps}
    confusion = {approach.value: f"figures/confusion-{approach}.png" for approach in Approach}
    assert to_json(asdict(study)) == run.read_text(encoding="utf-8")
    assert study_markdown(study, figures, confusion) == (run.parent / "study.md").read_text(encoding="utf-8")
    for name, frame in tables(study).items():
        assert len(pd.read_csv(run.parent / "tables" / f"{name}.csv")) == len(frame)


def test_the_written_answers_are_those_of_the_committed_study() -> None:
    study = study_of(json.loads((ROOT / "docs" / "study-smollm2" / "results.json").read_text(encoding="utf-8")))
    answers = answers_markdown(study, "study-smollm2")
    assert answers == (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")


def test_the_code_that_the_study_names_is_where_it_says() -> None:
    """Whatever each module is said to hold is defined or imported there."""
    template = (ROOT / "sentiment" / "study" / "templates" / "study.md.j2").read_text(encoding="utf-8")
    rows = [line for line in template.splitlines() if re.match(r"\| Q\d", line)]
    assert len(rows) > 10
    for module, names in re.findall(r"`([\w/]+\.py)`(?:: ((?:`[\w.]+`(?:, )?)+))?", "\n".join(rows)):
        source = (ROOT / "sentiment" / module).read_text(encoding="utf-8")
        for name in re.findall(r"\w+(?=`)", names):
            assert re.search(rf"^\s*(def|class) {name}\b", source, re.MULTILINE), (module, name)
