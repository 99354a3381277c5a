from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

import sentiment.report
from sentiment.errors import ReportError
from sentiment.judging.judge import judge
from sentiment.report.frames import COLUMNS
from sentiment.report.terminal import WIDTH, closing_lines
from sentiment.report.write import write_run
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import append, journal_path
from sentiment.runs.run import read_run
from sentiment.safety import csv_recovered
from sentiment.types import Label, Prediction, Prompt, Query, shares_of
from unit_tests.making import case_of

SCHEMA = json.loads((Path(sentiment.report.__file__).parent / "results.schema.json").read_text())
FACTS = RunFacts(
    profile="tiny", model="</title><script>alert(1)</script>\x1b[2J\ud800", selection="all", complete=True,
    accuracy_floor={"sft": 0.9, "lora": 0.9}, versions={"torch": "2"},
)  # fmt: skip


class Page(HTMLParser):
    """Every element and attribute of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.words += data


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))


def test_results_follow_the_schema_and_the_counts(run_folder: Path) -> None:
    write_run(run_folder, FACTS)
    results = json.loads((run_folder / "results.json").read_text())
    jsonschema.validate(results, SCHEMA)
    rows = {(row["behavior"], row["predictor"]): row for row in results["behaviors"]}
    assert len(rows) == 12
    lora = rows["firm", "lora"]
    assert (lora["judged"], lora["failed"], lora["rate"], lora["budget"]) == (40, 15, 0.375, 0.15)
    assert (lora["ruling"], rows["firm", "sft"]["ruling"], rows["firm", "base"]["ruling"]) == (
        "fail",
        "pass",
        "reported",
    )
    assert rows["firm", "base"]["unanswered"] == 5
    assert set(results["metrics"]) == {"base", "sft", "lora", "constant"}
    assert results["metrics"]["base"]["unanswered"] == 5
    assert list(results["broken_floors"]) == ["lora"]
    assert {(each["first"], each["second"]) for each in results["comparisons"]} == {
        ("base", "sft"), ("base", "lora"), ("sft", "lora"),
    }  # fmt: skip


def test_subjects_are_named_with_their_role_and_what_they_promise(run_folder: Path) -> None:
    write_run(run_folder, FACTS)
    subjects = json.loads((run_folder / "results.json").read_text())["subjects"]
    assert [(each["name"], each["role"], each["promises"]) for each in subjects] == [
        ("base", "judged", False), ("sft", "judged", True), ("lora", "judged", True), ("constant", "floor", False),
    ]  # fmt: skip


def test_shares_and_right_labels_are_in_the_last_columns(tmp_path: Path, promises, outcomes_of) -> None:
    first, second, third = outcomes_of("firm", "sft", 0, n=3)
    either = replace(first.case, allowed=frozenset(Label))
    unsure = replace(third, prediction=Prediction(Label.NEGATIVE, shares_of(float("nan"))))
    append(journal_path(tmp_path), promises["firm"], [replace(first, case=either), second, unsure])
    write_run(tmp_path)
    rows = read_csv(tmp_path / "outcomes.csv")
    assert list(rows[0])[-2:] == ["shares", "allowed"]
    assert [row["shares"] for row in rows] == ['{"negative": 0.75, "positive": 0.25}'] * 2 + [""]
    assert [(row["label"], row["allowed"]) for row in rows] == [
        ("", "negative positive"), ("positive", "positive"), ("negative", "negative"),
    ]  # fmt: skip


def test_flips_that_noise_excused_are_counted_from_the_journal_on(tmp_path: Path, behaviors) -> None:
    steady, prompt = behaviors["steady"], Prompt("p", "{review}")
    base = case_of("steady", Query(prompt, "base"), label=Label.POSITIVE)
    edits = [case_of("steady", Query(prompt, f"edit {i}"), base=base) for i in range(3)]
    answers = {base.query: Prediction(Label.POSITIVE, shares_of(0.501))}
    answers |= {edit.query: Prediction(Label.NEGATIVE, shares_of(0.5 - 0.004 * i)) for i, edit in enumerate(edits)}
    append(journal_path(tmp_path), steady.promise, judge(steady, edits, "lora", answers, noise=0.006))
    write_run(tmp_path, FACTS)
    results = json.loads((tmp_path / "results.json").read_text())
    jsonschema.validate(results, SCHEMA)
    assert [(row["failed"], row["judged"], row["excused"]) for row in results["behaviors"]] == [(1, 3, 2)]
    assert '<td class="number" data-name="excused">2</td>' in (tmp_path / "report.html").read_text()
    reasons = pd.read_csv(tmp_path / "outcomes.csv")["reason"]
    assert sum(reason.startswith("within the noise floor") for reason in reasons) == 2


def test_the_schema_refuses_a_share_above_one(run_folder: Path) -> None:
    write_run(run_folder, FACTS)
    results = json.loads((run_folder / "results.json").read_text())
    results["behaviors"][0]["rate"] = 1.5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(results, SCHEMA)


def test_csv_cells_are_no_formulas_and_give_back_every_text(run_folder: Path) -> None:
    write_run(run_folder, FACTS)
    rows = read_csv(run_folder / "outcomes.csv")
    outcomes = read_run(run_folder).outcomes
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == len(outcomes) == 480
    for row, outcome in zip(rows, outcomes, strict=True):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
        expected = outcome.case.query.text.encode("utf-8", "backslashreplace").decode()
        assert csv_recovered(row["text"]) == expected
        assert row["case"] == outcome.case.id
    assert len(read_csv(run_folder / "failures.csv")) == sum(o.verdict.status.value == "failed" for o in outcomes)


def test_csv_numbers_stay_numbers_and_unanswered_stays_empty(run_folder: Path) -> None:
    write_run(run_folder, FACTS)
    frame = pd.read_csv(run_folder / "outcomes.csv", lineterminator="\n")
    assert frame["p_positive"].dtype == frame["base_p_positive"].dtype == "float64"
    assert set(frame["cut"]) == {False}
    assert frame["answer"].isna().sum() == 15
    assert len(frame) == 480


def test_a_predictor_may_have_any_name(run_folder: Path, promises, outcomes_of, hostile) -> None:
    names = ["../../x", "", "a" * 300, *hostile]
    for name in names:
        append(journal_path(run_folder), promises["accuracy"], outcomes_of("accuracy", name, 3))
    write_run(run_folder, FACTS)
    assert len(list((run_folder / "figures").iterdir())) == 4 + len(names)
    lines = list(closing_lines(read_run(run_folder)))
    assert max(map(len, lines)) <= WIDTH
    assert all(line.isprintable() for line in lines)


def test_everything_is_made_again_from_the_journals_and_run_json_alone(run_folder: Path) -> None:
    write_run(run_folder, FACTS)
    files = [path for path in run_folder.rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    for path in files:
        if path.suffix != ".jsonl" and path.name != "run.json":
            path.unlink()
    write_run(run_folder)
    assert {path: path.read_bytes() for path in run_folder.rglob("*") if path.is_file()} == before


def test_latest_is_the_newest_run_and_the_index_lists_all(run_folder: Path, promises, outcomes_of) -> None:
    older = run_folder.parent / "20250101T000000Z-tiny-sft"
    older.mkdir()
    append(journal_path(older), promises["firm"], outcomes_of("firm", "sft", 0))
    write_run(run_folder, FACTS)
    write_run(older, RunFacts(profile="older"))
    (older / "run.json").write_text("{")
    write_run(run_folder)
    latest = run_folder.parent / "latest"
    assert (latest / "report.html").read_bytes() == (run_folder / "report.html").read_bytes()
    index = Page((run_folder.parent / "index.html").read_text(encoding="utf-8"))
    assert [value for name, value in index.attributes if name == "href"] == [
        "latest/report.html", f"{run_folder.name}/report.html", f"{older.name}/report.html",
    ]  # fmt: skip
    assert "script" not in index.tags


def test_a_folder_without_a_journal_gets_no_report(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no journal"):
        write_run(tmp_path)
    assert not (tmp_path / "report.html").exists()
