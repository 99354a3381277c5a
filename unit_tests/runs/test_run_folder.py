from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sentiment.errors import ReportError
from sentiment.runs.facts import RunFacts
from sentiment.runs.run_folder import (
    copy_to_latest,
    new_run_folder,
    original,
    prune,
    read_facts,
    runs_in,
    to_json,
    write_atomically,
    write_facts,
)

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


def test_runs_of_the_same_second_get_folders_of_their_own(tmp_path: Path) -> None:
    names = [new_run_folder(tmp_path / "reports", "tiny", "base or lora", NOON).name for _ in range(3)]
    first = "20260102T120000Z-tiny-base_or_lora"
    assert names == [first, f"{first}-2", f"{first}-3"]


@pytest.mark.parametrize("selection", ["", "../../etc", "<script>", "a" * 500, "\x00\ud800", "not (sft/lora)"])
def test_any_selection_makes_a_plain_folder_name(tmp_path: Path, selection: str) -> None:
    folder = new_run_folder(tmp_path, "profiles/my own.toml", selection, NOON)
    assert folder.parent == tmp_path
    assert folder.name.startswith("20260102T120000Z-my_own-")
    assert len(folder.name) < 120
    assert folder.name.isascii()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"cannot write .*file.*reports"):
        new_run_folder(tmp_path / "file", "tiny", "all")


def test_facts_come_back_as_plain_json(tmp_path: Path) -> None:
    odd = {"loss": float("nan"), "path": Path("x")}
    facts = RunFacts(seed=0, model="\ud800", accuracy_floor={"sft": 0.9}, others=odd)
    write_facts(tmp_path, facts)
    assert read_facts(tmp_path) == replace(facts, others={"loss": None, "path": "x"})
    assert (tmp_path / "run.json").read_text().isascii()


def test_missing_facts_are_empty_and_broken_ones_are_named(tmp_path: Path) -> None:
    assert read_facts(tmp_path) == RunFacts()
    for broken in ("{", "[]"):
        (tmp_path / "run.json").write_text(broken)
        with pytest.raises(ReportError, match=r"run\.json"):
            read_facts(tmp_path)


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ReportError, match="taken"):
        write_atomically(tmp_path / "taken", "new")
    assert path.read_text() == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["results.json", "taken"]


NAMES = ["20260102T120000Z-a-x", "20260102T120000Z-a-x-2", "20260102T120001Z-a-x", "20270101T000000Z-a-x"]


@pytest.fixture(name="reports")
def _reports(tmp_path: Path) -> Path:
    """Four runs, and much that is none."""
    for name in [*NAMES, "latest", "notes", "20280101T000000Z-looks-like-one"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "kept.txt").write_text(name)
    for name in NAMES[:3]:
        write_facts(tmp_path / name, RunFacts(run=name))
    (tmp_path / NAMES[3] / "journal-gw0.jsonl").write_text("")
    write_facts(tmp_path / "latest", RunFacts(run=NAMES[1]))
    (tmp_path / "20290101T000000Z-link").symlink_to(tmp_path / NAMES[0])
    (tmp_path / "index.html").write_text("")
    return tmp_path


def test_runs_are_told_from_other_folders_and_the_newest_comes_first(reports: Path) -> None:
    assert [run.name for run in runs_in(reports)] == [NAMES[3], NAMES[2], NAMES[1], NAMES[0]]


def test_a_folder_of_runs_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "nowhere"):
        with pytest.raises(ReportError, match=f"{path.name} cannot be read"):
            runs_in(path)


def test_pruning_keeps_the_newest_runs_and_all_that_is_no_run(reports: Path) -> None:
    before = {path.name for path in reports.iterdir()}
    assert [run.name for run in prune(reports, 2)] == [NAMES[1], NAMES[0]]
    assert {path.name for path in reports.iterdir()} == before - {NAMES[0], NAMES[1]}
    assert prune(reports, 2) == []
    for name in ("latest", "notes", "20280101T000000Z-looks-like-one"):
        assert (reports / name / "kept.txt").read_text() == name


@pytest.mark.parametrize("keep", [0, -1])
def test_pruning_never_deletes_the_newest(reports: Path, keep: int) -> None:
    with pytest.raises(ReportError, match="at least 1"):
        prune(reports, keep)
    assert len(runs_in(reports)) == 4


def test_latest_leads_to_the_run_that_it_is_a_copy_of(reports: Path) -> None:
    assert original(reports / "latest") == reports / NAMES[1]
    assert original(reports / NAMES[0]) == reports / NAMES[0]
    prune(reports, 1)
    assert original(reports / "latest") == reports / "latest"


def test_latest_is_a_copy_and_holds_nothing_of_the_one_before(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_atomically(tmp_path / name / f"{name}.txt", name)
        copy_to_latest(tmp_path / name)
    assert [each.name for each in (tmp_path / "latest").iterdir()] == ["two.txt"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["latest", "one", "two"]
    assert json.loads(to_json({"ok": True})) == {"ok": True}
