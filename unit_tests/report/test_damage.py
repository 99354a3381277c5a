"""Runs that were cut off, shortened or changed on disk say so, and nothing of them is taken for what it is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sentiment.errors import ReportError
from sentiment.report import write
from sentiment.report.index import rows_of
from sentiment.report.page import report_html
from sentiment.report.results import results_of
from sentiment.report.summary import job_summary
from sentiment.report.terminal import closing_lines
from sentiment.report.two_runs import compare_runs
from sentiment.report.write import RunWriter, write_run
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Finding, append, append_finding, append_result, journal_path, read_journal
from sentiment.runs.recorder import Recorder
from sentiment.runs.run import read_run
from sentiment.runs.run_folder import copy_to_latest, read_facts, write_facts
from sentiment.types import BehaviorResult, Change, Interval, Prompt, Role, Ruling, SubjectFacts
from unit_tests.test_files import killed_at_work_on

FACTS = RunFacts(profile="tiny", selection="lora", complete=True, accuracy_floor={"lora": 0.5}, duration=1.5)
EXAMPLE = {
    "kind": "denied praise", "text": "Not good.", "label": "negative", "answer": None, "p_positive": 0.9,
    "why_hard": "a denial", "evidence": ["It is."], "carrying": {"start": 0, "end": 3}, "smallest_edit": {"text": "No"},
}  # fmt: skip
SHARES = {"accuracy": 0.5, "accuracy_before": 0.9}
FINDINGS = (
    Finding("noise_floor", "lora", {"queries": 12, "flips": 0, "largest": 0.01}),
    Finding("label_noise", "lora", {"rows": 9, "reviews": 9, "rates": [{"rate": 0.5, "accuracy": 0.5}]}),
    Finding("error_analysis", "lora", {
        "candidates": 9, "failed": 1, "kinds": [{"kind": "x", "candidates": 9, "failed": 1}], "examples": [EXAMPLE],
    }),
    Finding("prompt_finding", "lora", {
        **SHARES, "tried": 9, "smallest": {"voice": "shouted"}, "example": "@example()", "template": "{review}?",
        "p_value": 0.01, "reviews": 9, "flips": [{"text": "a \ud800", "label": "x", "before": None, "now": "y"}],
    }),
    Finding("worst_prompt", "lora", {
        **SHARES, "tried": 9, "template": "{review}?", "reviews": 9, "accuracy_on_other_reviews": 0.5,
        "accuracy_before_on_other_reviews": 0.5,
    }),
)  # fmt: skip
CHANGE = Change(0.1, 0.01, 0.9, 0.2, ["firm:a"], ["firm:b"])


@pytest.fixture(name="said")
def _said() -> list[str]:
    return []


@pytest.fixture(name="result")
def _result(promises) -> BehaviorResult:
    facts = {"change": CHANGE, "against": replace(CHANGE, visible=None)}
    return BehaviorResult(promises["steady"], "lora", (), 0, 0, Interval(0, 1), Ruling.FAIL, "worse", **facts)


@pytest.fixture(name="recorder")
def _recorder(tmp_path: Path, said: list[str], promises, outcomes_of, result) -> Recorder:
    """A run in which all was judged and ruled, before its report is written."""
    folder = tmp_path / "reports" / "20260102T030405Z-tiny-lora"
    folder.mkdir(parents=True)
    recorder = Recorder(folder, FACTS, RunWriter(), note=said.append)
    recorder.start()
    for name in ("steady", "firm"):
        recorder.judged(promises[name], "lora", outcomes_of(name, "lora", 3))
    recorder.ruled([result])
    for finding in FINDINGS:
        recorder.found(finding)
    return recorder


@pytest.fixture(name="run")
def _run(recorder: Recorder) -> Path:
    """The same, with its report."""
    recorder.finish(FACTS)
    return recorder.folder


def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def shorten(folder: Path, lines: int) -> bytes:
    path = journal_path(folder)
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:lines]))
    return whole


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        (85, "1 of 5 findings"),
        (80, "1 of 1 rulings and 5 of 5 findings"),
        (60, "20 of 80 cases, 1 of 1 rulings and 5 of 5 findings"),
        (0, "80 of 80 cases, 1 of 1 rulings and 5 of 5 findings"),
    ],
)
def test_a_shortened_journal_is_incomplete_and_says_how_much_is_missing(run: Path, lines: int, lost: str) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    assert read_facts(run).complete is True
    whole = shorten(run, lines)
    write_run(run)
    found = f"INCOMPLETE: {lost} that the run had are missing from its journal."
    assert read_run(run).closing_sentence.startswith(found)
    assert found in page(run)
    assert "run incomplete" in page(run)
    results = json.loads((run / "results.json").read_text())
    assert results["closing_sentence"].startswith(found)
    assert results["run"]["complete"] is False
    assert [row.state for row in rows_of(run.parent)] == ["incomplete"]
    journal_path(run).write_bytes(whole)
    write_run(run)
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


def test_a_torn_line_is_a_missing_case(run: Path) -> None:
    path = journal_path(run)
    path.write_bytes(path.read_bytes()[:500] + b"\n" + path.read_bytes().split(b"\n", 1)[1])
    assert read_run(run).closing_sentence.startswith("INCOMPLETE: 1 of 80 cases that the run had are missing")


def test_compare_warns_of_what_a_run_has_lost(run: Path, tmp_path: Path) -> None:
    write_facts(run, replace(read_facts(run), counts={"cases": 100, "rulings": 1}))
    (line,) = set(compare_runs(run, run).warnings)
    assert line == f"{run.name} is incomplete: 20 of 100 cases are missing from its journal"
    shorten(run, 0)
    with pytest.raises(ReportError, match="holds no judged case \\(100 of 100 cases and 1 of 1 rulings\\)"):
        compare_runs(run, run)


def test_being_held_against_a_run_that_lost_cases_is_said_at_once_and_in_the_report(
    run: Path, said: list[str], promises, outcomes_of
) -> None:
    shorten(run, 60)
    folder = run.parent / "20260102T030406Z-tiny-lora"
    folder.mkdir()
    recorder = Recorder(folder, replace(FACTS, against=str(run)), RunWriter(), note=said.append)
    recorder.start()
    (line,) = said
    assert line == (
        f"held against a run that is not whole: {run.name} is incomplete: 20 of 80 cases, 1 of 1 rulings and 5 of 5 "
        "findings are missing from its journal"
    )
    recorder.judged(promises["firm"], "lora", outcomes_of("firm", "lora", 3))
    recorder.finish(replace(FACTS, against=str(run)))
    assert "Held against a run that is not whole" in recorder.run().closing_sentence
    assert "20 of 80 cases" in page(folder)


def test_the_journal_of_a_lost_worker_is_missed(tmp_path: Path, said: list[str], promises, outcomes_of) -> None:
    folder = tmp_path / "reports" / "20260102T030405Z-tiny-lora"
    folder.mkdir(parents=True)
    controller = Recorder(folder, FACTS, RunWriter(), note=said.append)
    controller.start()
    for worker, name in (("gw0", "firm"), ("gw1", "steady")):
        told = Recorder(folder, RunFacts(), RunWriter(), worker, said.append)
        told.judged(promises[name], "lora", outcomes_of(name, "lora", 3))
    controller.finish(FACTS)
    assert read_facts(folder).counts == {"cases": 80, "rulings": 0, "findings": 0}
    journal_path(folder, "gw1").unlink()
    assert read_run(folder).closing_sentence.startswith("INCOMPLETE: 40 of 80 cases that")


def test_a_worker_that_cannot_write_its_journal_fails_its_test(tmp_path: Path, said, promises, outcomes_of) -> None:
    """Its cases would be missing from the report, and nobody else knows of them."""
    worker = Recorder(tmp_path / "nowhere", RunFacts(), RunWriter(), "gw0", said.append)
    with pytest.raises(ReportError, match="cannot write"):
        worker.judged(promises["firm"], "lora", outcomes_of("firm", "lora", 3))


def test_a_run_from_before_there_were_counts_is_read_as_it_was(run: Path) -> None:
    facts = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({key: facts[key] for key in facts if key not in ("counts", "ended")}))
    shorten(run, 60)
    assert not read_run(run).lost
    assert read_run(run).facts.complete


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("where", ["outcomes_frame", "_draw_figures", "results_of", "report_html"])
def test_a_report_that_was_interrupted_says_so_and_is_mended(
    recorder: Recorder, said: list[str], where: str, monkeypatch
) -> None:
    folder = recorder.folder
    with monkeypatch.context() as patch:
        patch.setattr(write, where, interrupted)
        assert recorder.finish(FACTS) is None
    (line,) = said
    assert line.endswith(f"sentiment report {folder} writes it")
    assert read_facts(folder).complete is False
    assert "INCOMPLETE" in page(folder)
    assert [row.state for row in rows_of(folder.parent)] == ["incomplete"]
    assert recorder.run().results  # the closing table is shown all the same
    write_run(folder)
    assert read_facts(folder).complete is True
    assert "INCOMPLETE" not in page(folder)
    assert [row.state for row in rows_of(folder.parent)] == ["complete"]


def test_a_run_that_was_stopped_does_not_become_complete_by_writing_its_report_again(recorder: Recorder) -> None:
    recorder.finish(replace(FACTS, complete=False))
    for _ in range(2):
        assert "INCOMPLETE: the run has not come to its end" in page(recorder.folder)
        assert read_facts(recorder.folder).complete is False
        write_run(recorder.folder)


def test_what_killed_runs_left_goes_with_the_next_run_and_is_never_copied(run: Path, said: list[str]) -> None:
    reports = run.parent
    for path in (run / "outcomes.csv", run / "figures" / "confusion-lora.png", reports / "latest"):
        killed_at_work_on(path)
    copy_to_latest(run)
    assert [path.name for path in (reports / "latest").rglob(".*")] == []
    assert len(list(reports.rglob(".*"))) == 2
    folder = reports / "20260102T030406Z-tiny-lora"
    folder.mkdir()
    Recorder(folder, FACTS, RunWriter(), note=said.append).start()
    assert list(reports.rglob(".*")) == []


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Every place in a value made of objects and lists."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def changed(value: Any, path: tuple, new: Any) -> Any:
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return value


WRONG = (None, "x", -1, 10**400, True, [], {"a": 1})


def show(folder: Path) -> None:
    """Everything that is made of a run."""
    run = read_run(folder)
    if not run.unreadable and not run.facts.unreadable_facts:
        report_html(run)
        list(closing_lines(run))
        job_summary(run, folder)
        results_of(run)


TOLD = replace(
    FACTS, failed_checks={"a test": "why"}, counts={"cases": 1}, ended=True, versions={"python": "3"}, seed=1,
    house_prompt=Prompt("house", "{review}?", parts={"voice": "calm"}), against_lacks=("it is short",),
    subjects=(SubjectFacts("lora", facts={"model": "m"}), SubjectFacts("constant", Role.FLOOR)), others={"odd": [1]},
)  # fmt: skip


@pytest.fixture(name="small")
def _small(tmp_path: Path, promises, outcomes_of, result) -> Path:
    """A run of one case, one ruling and every kind of finding."""
    folder = tmp_path / "20260102T030405Z-tiny-small"
    folder.mkdir()
    write_facts(folder, TOLD)
    append(journal_path(folder), promises["steady"], outcomes_of("steady", "lora", 1, n=1))
    append_result(journal_path(folder), result)
    for finding in FINDINGS:
        append_finding(journal_path(folder), finding)
    return folder


def test_no_wrong_value_in_a_journal_line_is_more_than_an_unreadable_line(small: Path) -> None:
    lines = [json.loads(line) for line in journal_path(small).read_text().splitlines()]
    for number, line in enumerate(lines):
        for path in places(line):
            for wrong in WRONG:
                mixed = [*lines[:number], changed(line, path, wrong), *lines[number + 1 :]]
                journal_path(small).write_text("".join(json.dumps(each) + "\n" for each in mixed))
                try:
                    show(small)
                except Exception as error:  # to say which
                    raise AssertionError(f"{path} is {wrong!r}: {error!r}") from error


def test_no_wrong_value_in_run_json_is_more_than_unreadable_facts(small: Path) -> None:
    facts = json.loads((small / "run.json").read_text())
    for path in places(facts):
        for wrong in WRONG:
            (small / "run.json").write_text(json.dumps(changed(facts, path, wrong)))
            try:
                show(small)
                compare_runs(small, small)
            except ReportError:
                pass
            except Exception as error:
                raise AssertionError(f"{path} is {wrong!r}: {error!r}") from error


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' * 500 + "1" + "}" * 500, '{"a": 1e400}', "\ud800"], ids=len)
def test_nothing_in_a_file_is_too_odd_to_be_told(small: Path, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    (small / "run.json").write_bytes(data)
    finding = b'{"finding": {"kind": "odd", "predictor": "lora", "facts": ' + data + b"}}\n"
    with journal_path(small).open("ab") as file:
        file.write(data + b"\n" + finding)
    assert read_journal(small).unreadable >= 1
    show(small)
    (small / "results.json").write_bytes(data)
    assert [row.found for row in rows_of(small.parent)] == [""]


def test_a_page_is_not_complete_before_it_says_so(recorder: Recorder, monkeypatch) -> None:
    """At no moment does run.json call a run complete whose page or results are missing."""
    seen = []
    written = write.write_atomically

    def watched(path: Path, content: str | bytes) -> None:
        seen.append((path.name, read_facts(recorder.folder).complete))
        written(path, content)

    monkeypatch.setattr(write, "write_atomically", watched)
    recorder.finish(FACTS)
    assert seen == [(name, False) for name in ("outcomes.csv", "failures.csv", "results.json", "report.html")]
    assert read_facts(recorder.folder).complete is True
