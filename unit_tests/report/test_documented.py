"""docs/reports.md says what the files hold: its tables and its lines of code are held to that."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

from sentiment.report.frames import COLUMNS
from sentiment.report.results import PROPERTIES
from sentiment.report.write import write_run
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import append, journal_path
from sentiment.runs.run import read_run
from sentiment.safety import csv_recovered
from sentiment.types import Status

DOCUMENT = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")


def table(head: str) -> dict[str, str]:
    """The rows below a table's head: first cell without backticks -> second cell."""
    rows = DOCUMENT.split(f"| {head} | meaning |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    return dict(re.fullmatch(r"\| `(\w+)` \| (.+) \|", row).groups() for row in rows)


def test_the_columns_are_documented_as_they_are() -> None:
    assert list(table("column").items()) == list(COLUMNS.items())


def test_the_properties_are_documented_as_they_are() -> None:
    assert list(table("property").items()) == list(PROPERTIES.items())


def test_each_file_is_read_in_one_line(run_folder: Path, promises, outcomes_of, monkeypatch) -> None:
    append(journal_path(run_folder), promises["firm"], outcomes_of("firm", "sft", 2))
    write_run(run_folder, RunFacts(complete=True))
    monkeypatch.chdir(run_folder)
    names = {"pd": pd, "json": json, "Path": Path}
    lines = DOCUMENT.split("```python\n")[1].split("```")[0].splitlines()
    for line in lines:
        exec(line, names)
    outcomes = read_run(run_folder).outcomes
    assert list(names["outcomes"].columns) == list(COLUMNS)
    texts = [csv_recovered(cell) for cell in names["outcomes"]["text"]]
    assert texts == [each.case.query.text.encode("utf-8", "backslashreplace").decode() for each in outcomes]
    assert names["outcomes"]["p_positive"].dtype == "float64"
    assert len(names["failures"]) == sum(each.verdict.status is Status.FAILED for each in outcomes)
    assert len(names["behaviors"]) == 12
    assert set(names["metrics"].index) == {"base", "sft", "lora", "constant"}
    assert len(names["journal"]) == 40
    assert len(lines) == 5
