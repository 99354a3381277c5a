from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sentiment.errors import ReportError
from sentiment.report.journal import append, journal_path, read_journal
from sentiment.types import Label, Prediction, Status, Verdict


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


@pytest.mark.parametrize("line", ["{}", "[]", "null", '"x"', '{"behavior": {"name": "b"}}', "\x00", "1e999"])
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
