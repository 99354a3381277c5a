from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from sentiment.report.results import results_of
from sentiment.report.write import RunWriter, write_run
from sentiment.runs import recorder as live
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Finding, read_journal
from sentiment.runs.recorder import Recorder
from sentiment.runs.run import read_run
from sentiment.runs.run_folder import new_run_folder
from sentiment.types import BehaviorResult, Interval, Ruling

FACTS = RunFacts(profile="tiny", selection="lora")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return new_run_folder(tmp_path / "reports", "tiny", "lora")


@pytest.fixture(name="said")
def _said() -> list[str]:
    return []


@pytest.fixture(name="recorder")
def _recorder(folder: Path, said: list[str]) -> Recorder:
    recorder = Recorder(folder, FACTS, RunWriter(), note=said.append)
    recorder.start()
    return recorder


@pytest.fixture(name="ruled")
def _ruled(promises) -> BehaviorResult:
    return BehaviorResult(promises["firm"], "lora", (), 0, 0, Interval(0, 1), Ruling.KNOWN, "as known", known="why")


def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def test_from_the_start_the_folder_is_a_run_that_says_incomplete(recorder: Recorder, folder: Path) -> None:
    assert "INCOMPLETE" in page(folder)
    facts = json.loads((folder / "run.json").read_text())
    assert (facts["profile"], facts["complete"], facts["run"]) == ("tiny", False, folder.name)
    assert folder.name in (folder.parent / "index.html").read_text()
    assert not (folder.parent / "latest").exists()
    write_run(folder)
    assert (folder / "results.json").is_file()


def test_what_is_judged_is_on_disk_at_once_and_on_the_page(
    recorder: Recorder, folder: Path, promises, outcomes_of, ruled, monkeypatch
) -> None:
    monkeypatch.setattr(live, "PAUSE", 0)
    monkeypatch.setattr(live, "SHARE", 1e9)
    outcomes = outcomes_of("firm", "lora", 3)
    recorder._next = 0
    recorder.judged(promises["firm"], "lora", outcomes)
    assert read_journal(folder).outcomes == outcomes
    assert "INCOMPLETE" in page(folder)
    assert "firm" in page(folder)
    recorder.ruled([ruled])
    recorder.found(Finding("noise_floor", "lora", {"largest": 0.0}))
    journal = read_journal(folder)
    assert journal.results["firm", "lora"].ruling is Ruling.KNOWN
    assert journal.findings == [Finding("noise_floor", "lora", {"largest": 0.0})]
    assert "as known" in page(folder)


def test_the_page_is_written_rarely_and_for_a_small_share_of_the_time(
    recorder: Recorder, folder: Path, promises, outcomes_of, monkeypatch
) -> None:
    written = []
    now = [100.0]

    def write(self: RunWriter, target: Path, run: object) -> None:
        written.append(now[0])
        now[0] += 0.8

    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(RunWriter, "page", write)
    recorder._next = 0
    while now[0] < 200:
        recorder.refresh()
        now[0] += 0.1
    pauses = [second - first for first, second in pairwise(written)]
    assert 8 <= min(pauses) <= max(pauses) < 9.5
    assert 0.8 * len(written) / 100 < 0.11


def test_memory_and_disk_say_the_same(recorder: Recorder, folder: Path, promises, outcomes_of, ruled) -> None:
    for predictor in ("lora", "constant"):
        recorder.judged(promises["accuracy"], predictor, outcomes_of("accuracy", predictor, 4))
    recorder.judged(promises["firm"], "lora", outcomes_of("firm", "lora", 3, unanswered=1))
    recorder.ruled([ruled])
    recorder.found(Finding("odd", "lora", {"share": float("nan"), "path": Path("x"), "pair": (1, 2)}))
    assert recorder.has(promises["accuracy"].name, "constant")
    assert not recorder.has("firm", "constant")
    found = recorder.finish(replace(FACTS, complete=True))
    assert found == folder / "report.html"
    assert results_of(recorder.run()) == results_of(read_run(folder))
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    write_run(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert "INCOMPLETE" not in page(folder)
    assert (folder.parent / "latest" / "report.html").read_bytes() == before["report.html"]


def test_of_two_workers_that_judge_the_same_at_the_same_moment_one_journals_it(
    folder: Path, promises, outcomes_of
) -> None:
    outcomes = outcomes_of("firm", "lora", 3)
    one, other = (Recorder(folder, FACTS, RunWriter(), worker) for worker in ("gw0", "gw1"))
    meanwhile = Thread(target=other.judged, args=(promises["firm"], "lora", outcomes))

    class BeingWritten(list):
        def __iter__(self):
            meanwhile.start()
            meanwhile.join(0.3)  # it waits for the one that writes
            return super().__iter__()

    one.judged(promises["firm"], "lora", BeingWritten(outcomes))
    meanwhile.join()
    assert [path.read_text().count("\n") for path in folder.glob("journal*.jsonl")] == [len(outcomes)]


def test_a_full_disk_is_told_once_and_verdicts_are_there_all_the_same(
    folder: Path, said: list[str], promises, outcomes_of, ruled
) -> None:
    if not Path("/dev/full").is_char_device():
        pytest.skip("needs /dev/full")
    (folder / "journal.jsonl").symlink_to("/dev/full")
    recorder = Recorder(folder, FACTS, RunWriter(), note=said.append)
    recorder.start()
    for name in ("firm", "steady"):
        recorder.judged(promises[name], "lora", outcomes_of(name, "lora", 3))
    recorder.ruled([ruled])
    assert said == [
        f"report: cannot write {folder / 'journal.jsonl'}: No space left on device; "
        "choose another folder with --[behavior-]reports"
    ]
    assert [(r.promise.name, r.failed, r.ruling) for r in recorder.run().results] == [
        ("firm", 3, Ruling.KNOWN), ("steady", 3, Ruling.INCONCLUSIVE),
    ]  # fmt: skip


def test_a_folder_that_vanished_costs_the_report_and_nothing_else(
    recorder: Recorder, folder: Path, said: list[str], promises, outcomes_of
) -> None:
    recorder.judged(promises["firm"], "lora", outcomes_of("firm", "lora", 3))
    (folder.parent / "gone").mkdir()
    folder.rename(folder.parent / "gone" / "run")
    folder.write_text("a file")
    assert recorder.finish(replace(FACTS, complete=True)) is None
    (line,) = said
    assert line.startswith(f"report: cannot write {folder}")
    assert recorder.run().results[0].failed == 3


def test_of_several_workers_one_writes_what_all_know(folder: Path, said, promises, outcomes_of, ruled) -> None:
    controller = Recorder(folder, FACTS, RunWriter(), note=said.append)
    controller.start()
    workers = [Recorder(folder, RunFacts(), RunWriter(), name, said.append) for name in ("gw0", "gw1", "gw2")]
    outcomes = outcomes_of("firm", "lora", 3)
    for worker in workers:
        worker.judged(promises["firm"], "lora", outcomes)
        worker.ruled([ruled])
    workers[2].found(Finding("spread", "lora", {}))
    assert sum(len(path.read_bytes().splitlines()) for path in folder.glob("journal*")) == 40 + 1 + 1
    assert controller.run().results[0].ruling is Ruling.KNOWN
    controller.finish(replace(FACTS, complete=True))
    assert said == []
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    assert read_run(folder).closing_sentence == controller.run().closing_sentence
