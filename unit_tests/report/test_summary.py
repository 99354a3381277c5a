from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from sentiment.report.summary import ANNOTATIONS_SHOWN, job_summary, markdown, tell_github, workflow_commands
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Journal
from sentiment.runs.run import Run, read_run, run_of
from sentiment.runs.run_folder import write_facts

FACTS = RunFacts(profile="tiny", model="</x> `m` | [a](javascript:b)", complete=True, accuracy_floor={"lora": 0.9})


@pytest.fixture(name="run")
def _run(run_folder: Path) -> Run:
    write_facts(run_folder, FACTS)
    return read_run(run_folder)


@pytest.fixture(name="github")
def _github(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    return tmp_path / "summary.md"


def test_the_summary_has_the_sentence_the_matrix_and_three_failing_sentences(run: Run, run_folder: Path) -> None:
    text = job_summary(run, run_folder)
    plain = unescape(text)
    assert run.closing_sentence in plain
    assert "| capability | base | sft | lora |\n|---|---|---|---|" in text
    assert "| negation | ➖ 1 reported; 20 of 40 cases fail | ✅ 1 pass; 2 of 40 cases fail | ❌ 1 fail" in text
    assert re.findall("^### .*", plain, re.MULTILINE) == ["### ❌ lora: firm", "### ❌ lora: steady"]
    assert plain.count("- <code>") == 6
    assert "3 more" not in text


def test_hostile_text_is_shown_and_means_nothing(run: Run, run_folder: Path, hostile) -> None:
    text = job_summary(run, run_folder)
    ours = ("<code>", "</code>", "<br>")
    assert all(tag in ours for tag in re.findall("<[^>]*>", text))
    assert all(line.isprintable() for line in text.splitlines())
    assert "`" not in text
    assert "[a]" not in text
    for each in hostile:
        shown = markdown(each)
        assert re.fullmatch(r"(?:[A-Za-z0-9 ]|&#\d+;|[^\x00-\x7f])*", shown)
    assert unescape(markdown("**a** <b>@me</b> #1 | https://x.y _z_")) == "**a** <b>@me</b> #1 | https://x.y _z_"


def test_the_summary_is_appended_where_github_asks_for_it(run: Run, run_folder: Path, github: Path) -> None:
    github.write_text("earlier\n")
    list(tell_github(run, run_folder))
    assert github.read_text(encoding="utf-8").startswith("earlier\n## tiny")


def test_elsewhere_nothing_is_said(run: Run, run_folder: Path, monkeypatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert list(tell_github(run, run_folder)) == []


def test_a_summary_that_cannot_be_written_is_one_line(run: Run, run_folder: Path, github: Path) -> None:
    github.mkdir()
    lines = list(tell_github(run, run_folder))
    assert lines[0] == (
        f"job summary: cannot write {github}: Is a directory; choose another folder with --[behavior-]reports"
    )
    assert lines[1].startswith("::error ")


def test_broken_promises_are_errors_of_one_line_each(run: Run) -> None:
    lines = list(workflow_commands(run))
    assert [line.split("::")[1] for line in lines] == [
        "error title=lora%3A firm", "error title=lora%3A steady", "error title=lora%3A accuracy",
    ]  # fmt: skip
    assert "37.5 %25" in lines[0]
    assert all(line.isprintable() for line in lines)


def test_inconclusive_behaviors_are_warnings_and_there_are_ten_at_most(promises, outcomes_of) -> None:
    names = [f"x{i}, y:\n" for i in range(14)]
    made = {name: replace(promises["firm"], name=name) for name in names}
    every = [replace(each, behavior=name) for name in names for each in outcomes_of("firm", "sft", 0, n=5)]
    lines = list(workflow_commands(run_of(Journal(made, every), RunFacts(complete=True))))
    assert len(lines) == ANNOTATIONS_SHOWN
    assert lines[0].startswith("::warning title=sft%3A x0%2C y%3A%0A::0 of 5 fail")
    assert lines[-1] == "::warning::5 more warnings are in the report"
