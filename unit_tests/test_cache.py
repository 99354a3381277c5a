"""The cache serves where it can only be read, tells what is damaged, and is tidied without hurting anyone's work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import platformdirs
import pytest
from filelock import FileLock

from sentiment import cache
from sentiment.errors import CacheError
from unit_tests.test_files import killed_at_work_on, room_for

FACTS = {"seconds": 1.5, "found": {"rates": [0.25, None]}}


def fill(folder: Path) -> None:
    (folder / "data").write_text("whole")


def never(folder: Path) -> None:
    pytest.fail("built again")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_what_is_there_is_read_without_a_lock(tmp_path: Path) -> None:
    cache.build(tmp_path / "entry", {}, fill)
    (tmp_path / "entry.lock").unlink()
    before = names(tmp_path)
    assert cache.build(tmp_path / "entry", {}, never).path == tmp_path / "entry"
    assert names(tmp_path) == before


def test_where_nothing_can_be_written_the_line_names_the_variable(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match=r"cannot write .*file/entry: .*SENTIMENT_CACHE"):
        cache.build(tmp_path / "file" / "entry", {}, never)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "file"))
    with pytest.raises(CacheError, match=r"file cannot be created .*SENTIMENT_CACHE"):
        cache.cache_root()


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch) -> None:
    def unknown(name: str) -> str:
        raise RuntimeError("could not determine the home directory for '~/.cache'")

    monkeypatch.delenv("SENTIMENT_CACHE")
    monkeypatch.setattr(platformdirs, "user_cache_dir", unknown)
    with pytest.raises(CacheError, match="set SENTIMENT_CACHE"):
        cache.cache_root()


def test_a_tilde_is_the_home_folder(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SENTIMENT_CACHE", "~/cache")
    assert cache.cache_root() == tmp_path / "cache"


def test_a_build_on_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with room_for(1000), pytest.raises(CacheError, match="entry: .*; make room there"):
        cache.build(tmp_path / "entry", {}, lambda folder: (folder / "data").write_bytes(b"0" * 5000))
    assert names(tmp_path) == ["entry.lock"]
    cache.build(tmp_path / "entry", {}, fill)


def test_what_a_killed_build_left_goes_with_the_next_one(tmp_path: Path) -> None:
    killed_at_work_on(tmp_path / "entry")
    (tmp_path / "entry.abc123.building").mkdir()  # as it was called once
    cache.build(tmp_path / "entry", {}, fill)
    assert names(tmp_path) == ["complete.json", "data", "entry", "entry.lock"]


@pytest.mark.parametrize(
    "marker",
    ["", "{", "null", "[]", '{"files": []}', '{"files": {"data": 5}, "facts": {}}', '{"files": {}}', "[" * 100_000],
    ids=lambda marker: repr(marker[:40]),
)
def test_an_entry_whose_marker_is_no_marker_is_built_again(tmp_path: Path, marker: str) -> None:
    path = cache.build(tmp_path / "entry", {}, fill).path
    (path / cache.MARKER).write_text(marker)
    said: list[str] = []
    assert cache.verify_entry(cache.build(path, {}, fill, said.append)) is None
    assert said == [f"{path} is incomplete and is built again"]


def test_whatever_lies_in_the_place_of_an_entry_makes_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "folder" / "within").mkdir(parents=True)
    for name in ("file", "link", "folder"):
        said: list[str] = []
        entry = cache.build(tmp_path / name, {}, fill, said.append)
        assert list(entry.files) == ["data"]
        assert said == [f"{tmp_path / name} is incomplete and is built again"]
    assert cache.fill_aside(tmp_path / "file", {"a": 1}, fill).facts == {"a": 1}


def test_a_file_that_cannot_be_read_is_damaged(tmp_path: Path) -> None:
    entry = cache.build(tmp_path / "entry", {}, fill)
    (entry.path / "data").unlink()
    (entry.path / "data").mkdir()
    assert cache.verify_entry(entry) == "data"


def test_the_work_folder_of_an_entry_goes_unless_somebody_is_at_it(tmp_path: Path) -> None:
    path, work = tmp_path / "entry", tmp_path / "entry.work"
    (work / "checkpoint-5").mkdir(parents=True)
    with FileLock(f"{path}.lock"):
        cache.drop_work(path)
        assert work.is_dir()
    cache.drop_work(path)
    assert not work.exists()
    cache.drop_work(path)


def test_findings_come_back_and_have_a_checksum(tmp_path: Path) -> None:
    path = tmp_path / "new" / "f.json"
    cache.keep(path, FACTS)
    assert cache.kept(path, FACTS, pytest.fail) == FACTS
    path.write_text(json.dumps(FACTS))  # of a version before checksums
    assert cache.kept(path, FACTS, pytest.fail) == FACTS
    assert cache.kept(tmp_path / "nothing", FACTS, pytest.fail) is None


def damages(path: Path) -> list[bytes]:
    text = path.read_bytes()
    changed = [text.replace(b"1.5", b"1.7"), text.replace(b"0.25", b"0.35"), text.replace(b'"rates"', b'"rites"')]
    return [*changed, b"", text[: len(text) // 2], b"null", b"[]", b"{}", b"3", b"\xff\xfe\x00", b"[" * 100_000]


def test_damaged_findings_are_not_used_and_said(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    cache.keep(path, FACTS)
    for number, content in enumerate(damages(path), 1):
        path.write_bytes(content)
        said: list[str] = []
        assert cache.kept(path, FACTS, said.append) is None, content[:40]
        assert [line.startswith(f"{path} is damaged") for line in said] == [True], number
    path.unlink()
    path.mkdir()
    assert cache.kept(path, FACTS, said.append) is None
    cache.keep(path, FACTS)
    assert cache.kept(path, FACTS, pytest.fail) == FACTS


def test_pruning_says_what_it_could_not_delete(monkeypatch) -> None:
    part = cache.cache_root() / "stuck"
    for name in ("a", "b"):
        cache.build(part / name, {}, fill)
    gone = shutil.rmtree

    def refusing(path: Path, ignore_errors: bool = False) -> None:
        gone(part / "a", ignore_errors=True)
        if not ignore_errors:
            raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refusing)
        with pytest.raises(CacheError, match=r"stuck: 4 of 6 files cannot be deleted \(Read-only file system\)"):
            cache.prune("stuck")
    assert cache.prune("stuck") > 0
    assert cache.prune("stuck") == 0
