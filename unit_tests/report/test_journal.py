from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sentiment.errors import ReportError
from sentiment.report.journal import Finding, append, append_finding, append_result, journal_path, read_journal
from sentiment.types import BehaviorResult, Change, Interval, Label, Prediction, Ruling, Status, Verdict

CHANGE = Change(0.125, 0.5, 1.0, None, ("firm:a", "firm:b"), ())


@pytest.fixture(name="result")
def _result(behaviors) -> BehaviorResult:
    known = "<b>read</b> \u202eliterally\n"
    facts = {"change": CHANGE, "against": replace(CHANGE, visible=0.04, fixed=("firm:c",)), "known": known}
    return BehaviorResult(behaviors["firm"], "sft", (), 0, 0, Interval(0, 1), Ruling.KNOWN, "9 of 40", **facts)


def test_what_is_read_is_what_was_written(tmp_path: Path, behaviors, outcomes_of) -> None:
    path = journal_path(tmp_path)
    written = [*outcomes_of("firm", "sft", 3, unanswered=1), *outcomes_of("steady", "sft", 2)]
    append(path, behaviors["firm"], written[:40])
    append(path, behaviors["steady"], written[40:])
    journal = read_journal(tmp_path)
    assert journal.outcomes == written
    assert [outcome.case.tags for outcome in journal.outcomes] == [outcome.case.tags for outcome in written]
    assert journal.unreadable == 0
    for name in ("firm", "steady"):
        read, given = journal.behaviors[name], behaviors[name]
        assert replace(read, cases=given.cases, expectation=given.expectation) == given


def test_a_ruling_is_read_back_with_what_it_was_held_against(tmp_path: Path, result) -> None:
    append_result(journal_path(tmp_path), result)
    journal = read_journal(tmp_path)
    read = journal.results["firm", "sft"]
    assert (read.ruling, read.reason, read.known) == (result.ruling, result.reason, result.known)
    for got, given in ((read.change, result.change), (read.against, result.against)):
        as_written = replace(got, new_failures=tuple(got.new_failures), fixed=tuple(got.fixed))
        assert as_written == given
    assert journal.behaviors["firm"].name == "firm"
    assert (journal.outcomes, journal.unreadable) == ([], 0)


def test_a_ruling_without_a_baseline_stays_without(tmp_path: Path, result) -> None:
    append_result(journal_path(tmp_path), replace(result, change=None, against=None, known=""))
    read = read_journal(tmp_path).results["firm", "sft"]
    assert (read.change, read.against, read.known) == (None, None, "")


def test_a_behavior_ruled_again_counts_once_and_approaches_are_apart(tmp_path: Path, result) -> None:
    for ruling, predictor in ((Ruling.FAIL, "sft"), (Ruling.PASS, "sft"), (Ruling.IMPROVED, "lora")):
        append_result(journal_path(tmp_path), replace(result, ruling=ruling, predictor=predictor))
    results = read_journal(tmp_path).results
    assert {key: each.ruling for key, each in results.items()} == {
        ("firm", "sft"): Ruling.PASS,
        ("firm", "lora"): Ruling.IMPROVED,
    }


def test_findings_are_read_back_and_of_equal_ones_the_last(tmp_path: Path, hostile) -> None:
    path = journal_path(tmp_path)
    facts = {"worst": {"prompt": hostile[0], "accuracy": 0.5}, "texts": list(hostile[:3]), "none": None}
    for finding in (Finding("spread", "sft", {}), Finding("spread", "lora", {}), Finding("spread", "sft", facts)):
        append_finding(path, finding)
    assert read_journal(tmp_path).findings == [Finding("spread", "sft", facts), Finding("spread", "lora", {})]


def test_a_figure_of_a_finding_that_is_not_finite_is_missing_and_the_rest_is_kept(tmp_path: Path) -> None:
    odd = {"worst": float("nan"), "of": [0.5, float("inf"), {"low": float("-inf")}], "prompts": 50}
    append_finding(journal_path(tmp_path), Finding("spread", "sft", odd))
    journal = read_journal(tmp_path)
    assert journal.findings == [
        Finding("spread", "sft", {"worst": None, "of": [0.5, None, {"low": None}], "prompts": 50})
    ]
    assert journal.unreadable == 0


def test_torn_rulings_and_findings_are_left_out_and_counted(tmp_path: Path, behaviors, outcomes_of, result) -> None:
    path = journal_path(tmp_path)
    append_result(path, result)
    append_finding(path, Finding("spread", "sft", {"a": 1}))
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in (1, 50, first - 2, first - 1, first, first + 1, first + 20, len(whole) - 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        journal = read_journal(tmp_path)
        assert len(journal.results) == (cut >= first - 1)
        assert len(journal.findings) == (cut >= len(whole) - 1)
        assert journal.unreadable == (cut not in (first - 1, first, len(whole) - 1))
    append(path, behaviors["firm"], outcomes_of("firm", "sft", 3))
    assert len(read_journal(tmp_path).outcomes) == 40


def test_each_line_stands_alone_and_is_ascii(tmp_path: Path, behaviors, outcomes_of) -> None:
    append(journal_path(tmp_path), behaviors["firm"], outcomes_of("firm", "sft", 3))
    lines = journal_path(tmp_path).read_bytes().decode("ascii").splitlines()
    assert len(lines) == 40
    (tmp_path / "other").mkdir()
    journal_path(tmp_path / "other").write_text(lines[17] + "\n")
    assert len(read_journal(tmp_path / "other").outcomes) == 1


def test_a_line_torn_by_a_kill_is_left_out_and_counted(tmp_path: Path, behaviors, outcomes_of) -> None:
    path = journal_path(tmp_path)
    append(path, behaviors["firm"], outcomes_of("firm", "sft", 3))
    whole = path.read_bytes()
    for cut in (1, 10, 200):
        path.write_bytes(whole[:-cut])
        journal = read_journal(tmp_path)
        assert len(journal.outcomes) + journal.unreadable == 40
        assert journal.unreadable == (cut > 1)


def test_writing_goes_on_after_a_torn_line(tmp_path: Path, behaviors, outcomes_of) -> None:
    path = journal_path(tmp_path)
    append(path, behaviors["firm"], outcomes_of("firm", "sft", 3))
    path.write_bytes(path.read_bytes()[:-50])
    append(path, behaviors["firm"], outcomes_of("firm", "lora", 3))
    journal = read_journal(tmp_path)
    assert (len(journal.outcomes), journal.unreadable) == (79, 1)


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "null",
        '"x"',
        '{"behavior": {"name": "b"}}',
        "\x00",
        "1e999",
        '{"finding": 3}',
        '{"finding": {"kind": []}}',
    ],
)
def test_a_foreign_line_is_left_out_and_counted(tmp_path: Path, behaviors, outcomes_of, line: str) -> None:
    path = journal_path(tmp_path)
    append(path, behaviors["firm"], outcomes_of("firm", "sft", 3))
    with path.open("a") as file:
        file.write(line + "\n")
    assert read_journal(tmp_path).unreadable == 1


def test_a_case_judged_twice_counts_once_with_its_later_outcome(tmp_path: Path, behaviors, outcomes_of) -> None:
    first = outcomes_of("firm", "sft", 0)
    again = replace(first[0], prediction=Prediction(Label.POSITIVE), verdict=Verdict(Status.FAILED, "other"))
    append(journal_path(tmp_path), behaviors["firm"], first)
    append(journal_path(tmp_path), behaviors["firm"], [again])
    journal = read_journal(tmp_path)
    assert len(journal.outcomes) == 40
    assert journal.outcomes[0] == again


def test_the_journals_of_all_workers_are_one(tmp_path: Path, behaviors, outcomes_of) -> None:
    append(journal_path(tmp_path, "gw0"), behaviors["firm"], outcomes_of("firm", "sft", 3))
    append(journal_path(tmp_path, "gw1"), behaviors["firm"], outcomes_of("firm", "lora", 3))
    assert {outcome.predictor for outcome in read_journal(tmp_path).outcomes} == {"sft", "lora"}


def test_a_figure_that_is_not_a_number_is_written_as_missing(tmp_path: Path, behaviors, outcomes_of) -> None:
    odd = replace(outcomes_of("firm", "sft", 0)[0], prediction=Prediction(Label.POSITIVE, float("nan"), float("inf")))
    append(journal_path(tmp_path), behaviors["firm"], [odd])
    line = json.loads(journal_path(tmp_path).read_text())
    assert (line["prediction"]["p_positive"], line["prediction"]["label_mass"]) == (None, None)


def test_a_folder_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="holds no journal"):
        read_journal(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_line(tmp_path: Path, behaviors, outcomes_of) -> None:
    journal_path(tmp_path).symlink_to("/dev/full")
    with pytest.raises(ReportError) as caught:
        append(journal_path(tmp_path), behaviors["firm"], outcomes_of("firm", "sft", 0))
    assert os.strerror(errno.ENOSPC) in str(caught.value)
    assert "\n" not in str(caught.value)


FOREIGN = {
    "facts that are no object": {"finding": {"kind": "x", "predictor": "y", "facts": 3}},
    "a kind that is no text": {"finding": {"kind": ["x"], "predictor": "y", "facts": {}}},
    "an unknown field": {"finding": {"kind": "x"}},
    "a number": 5,
}


@pytest.mark.parametrize("line", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_line_of_another_shape_is_counted_and_left_out(tmp_path: Path, line) -> None:
    journal_path(tmp_path).write_text(json.dumps(line) + "\n")
    journal = read_journal(tmp_path)
    assert (journal.findings, journal.outcomes, journal.unreadable) == ([], [], 1)


@pytest.mark.parametrize("change", [{"text": 5}, {"tags": {"a": 1}}, {"group": None}, {"id": {}}])
def test_a_case_of_another_shape_is_counted_and_left_out(tmp_path: Path, behaviors, outcomes_of, change) -> None:
    path = journal_path(tmp_path)
    append(path, behaviors["firm"], outcomes_of("firm", "sft", 1)[:1])
    line = json.loads(path.read_text())
    path.write_text(json.dumps({**line, "case": {**line["case"], **change}}) + "\n")
    assert read_journal(tmp_path).unreadable == 1
