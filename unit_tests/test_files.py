"""A file is written whole or not at all; what the killed left goes, what the living work on stays."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sentiment.errors import CacheError
from sentiment.files import UNFINISHED, aside, disk_told, parsed_json, remove, sweep, write_atomically

KILLED = """
import os, signal, sys
from pathlib import Path
from sentiment.files import aside
with aside(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def killed_at_work_on(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [each.suffix for each in path.parent.iterdir() if each.name.startswith(".")] == [UNFINISHED]


def test_what_a_killed_process_left_goes_with_the_next_writing_of_that_file(tmp_path: Path) -> None:
    killed_at_work_on(tmp_path / "one.txt")
    write_atomically(tmp_path / "other.txt", "x")
    assert len(list(tmp_path.glob(f".one.txt*{UNFINISHED}"))) == 1
    write_atomically(tmp_path / "one.txt", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.txt", "other.txt"]
    assert (tmp_path / "one.txt").read_text() == "whole"


def test_a_sweep_takes_the_work_of_the_dead_and_leaves_that_of_the_living(tmp_path: Path) -> None:
    killed_at_work_on(tmp_path / "dead")
    (tmp_path / f"mine{UNFINISHED}").write_text("a file of somebody's")
    with aside(tmp_path / "alive") as folder:
        sweep(tmp_path)
        assert folder.is_dir()
        assert list(tmp_path.glob(".dead*")) == []
    assert [path.name for path in tmp_path.iterdir()] == [f"mine{UNFINISHED}"]


def test_two_that_make_the_same_thing_do_not_take_each_others_work(tmp_path: Path) -> None:
    with aside(tmp_path / "x") as first, aside(tmp_path / "x") as second:
        assert first.is_dir()
        assert second.is_dir()
        assert first != second


def test_a_folder_that_was_renamed_into_place_stays(tmp_path: Path) -> None:
    with aside(tmp_path / "entry") as folder:
        (folder / "data").write_text("x")
        folder.replace(tmp_path / "entry")
    assert (tmp_path / "entry" / "data").read_text() == "x"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "f", "old")
    with room_for(100), pytest.raises(OSError):
        write_atomically(tmp_path / "f", "new" * 100)
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_text() == "old"


def test_new_files_have_the_mode_that_the_user_asks_for(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "f", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640


def test_removing_takes_a_link_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept")
    for name in ("link", "nothing"):
        remove(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "{", "", "\ud800", b"\xff"], ids=repr)
def test_what_is_no_json_is_an_error_that_every_reader_expects(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        parsed_json(text)


def by_torch(path: Path) -> None:
    torch.save({"weight": torch.zeros(100_000)}, path)


def by_safetensors(path: Path) -> None:
    save_file({"weight": torch.zeros(100_000)}, path)


def by_python(path: Path) -> None:
    path.write_bytes(b"0" * 400_000)


@pytest.mark.parametrize("write", [by_torch, by_safetensors, by_python])
def test_a_full_disk_is_one_line_whichever_library_meets_it(tmp_path: Path, write) -> None:
    with room_for(100_000), pytest.raises(CacheError) as caught, disk_told(tmp_path / "x", CacheError, "make room"):
        write(tmp_path / "x")
    line = str(caught.value)
    assert line.startswith(f"cannot write {tmp_path / 'x'}: ")
    assert line.endswith("; make room")
    assert "\n" not in line


def test_other_errors_pass_as_they_are(tmp_path: Path) -> None:
    for error in (KeyError("x"), RuntimeError("a bug"), OSError("of a library, about a model that is not there")):
        with pytest.raises(type(error)) as caught, disk_told(tmp_path, CacheError, "make room"):
            raise error
        assert caught.value is error


def test_a_cause_counts_where_the_library_hides_it(tmp_path: Path) -> None:
    hidden = RuntimeError("could not save")
    hidden.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(CacheError, match="No space left"), disk_told(tmp_path, CacheError, "make room"):
        raise hidden
