"""Figures in documents are those of the files that they name."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.weaknesses import dispersion, reasons, table
from sentiment.behavior.baseline import baseline_path, read_baseline
from sentiment.study.document import answers_markdown, study_markdown, tables
from sentiment.study.figures import FIGURES
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
    assert all(record.known is None or len(record.known) > 20 for record in found.behaviors.values())


def test_at_least_twenty_failures_per_capability_and_approach_were_read() -> None:
    with (ROOT / "docs" / "oracle-audit.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["oracle"] for row in rows} <= {"right", "wrong", "ambiguous"}
    assert all(row["note"] for row in rows if row["oracle"] != "right")
    read = Counter((row["behavior"], row["approach"]) for row in rows)
    assert {approach for _, approach in read} == {approach.value for approach in Approach}
    assert sum(read.values()) > 1000


@pytest.mark.parametrize("run", sorted((ROOT / "docs").glob("study-*/results.json")), ids=lambda path: path.parent.name)
def test_a_committed_study_says_what_its_results_hold(run: Path) -> None:
    results = json.loads(run.read_text(encoding="utf-8"))
    figures = {name: f"figures/{name}.png" for name, (step, _) in FIGURES.items() if step in results["steps"]}
    confusion = {approach.value: f"figures/confusion-{approach}.png" for approach in Approach}
    assert study_markdown(results, figures, confusion) == (run.parent / "study.md").read_text(encoding="utf-8")
    for name, frame in tables(results).items():
        assert len(pd.read_csv(run.parent / "tables" / f"{name}.csv")) == len(frame)


def test_the_written_answers_are_those_of_the_committed_study() -> None:
    results = json.loads((ROOT / "docs" / "study-smollm2" / "results.json").read_text(encoding="utf-8"))
    answers = answers_markdown(results, "study-smollm2")
    assert answers == (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
