from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sentiment.errors import ReportError
from sentiment.report.run_folder import (
    copy_to_latest,
    finished_runs,
    new_run_folder,
    read_facts,
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
    with pytest.raises(ReportError, match=r"cannot write .*file.*--reports"):
        new_run_folder(tmp_path / "file", "tiny", "all")


def test_facts_come_back_as_plain_json(tmp_path: Path) -> None:
    write_facts(tmp_path, {"seed": 0, "loss": float("nan"), "path": Path("x"), "name": "\ud800", "floor": {"sft": 0.9}})
    facts = read_facts(tmp_path)
    assert facts == {"seed": 0, "loss": None, "path": "x", "name": "\ud800", "floor": {"sft": 0.9}}
    assert to_json(facts).isascii()


def test_missing_facts_are_empty_and_broken_ones_are_named(tmp_path: Path) -> None:
    assert read_facts(tmp_path) == {}
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


def test_the_newest_run_with_a_report_comes_first(tmp_path: Path) -> None:
    names = ["20260102T120000Z-a-x", "20260102T120000Z-a-x-2", "20260102T120001Z-a-x", "20270101T000000Z-no-report"]
    for name in names:
        (tmp_path / name).mkdir()
    for name in [*names[:3], "latest"]:
        write_atomically(tmp_path / name / "report.html", "x")
    assert [run.name for run in finished_runs(tmp_path)] == [names[2], names[1], names[0]]


def test_latest_is_a_copy_and_holds_nothing_of_the_one_before(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_atomically(tmp_path / name / f"{name}.txt", name)
        copy_to_latest(tmp_path / name)
    assert [each.name for each in (tmp_path / "latest").iterdir()] == ["two.txt"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["latest", "one", "two"]
    assert json.loads(to_json({"ok": True})) == {"ok": True}
