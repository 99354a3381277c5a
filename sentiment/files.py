"""Files on disk: written whole or not at all, hashed, and rid of what killed processes left behind.

What is not whole yet lies in a folder `.<name>.<random>.building` beside its place, which the process that
makes it holds a lock on. So a reader never meets half of a file, and whoever comes next can tell the
work of a living process from the remains of a dead one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows, where an unfinished folder is told by its age alone
    fcntl = None  # type: ignore[assignment]

from sentiment.errors import SentimentError

UNFINISHED = ".building"
"""Suffix of every folder that holds something unfinished."""
ABANDONED = 24 * 3600.0
"""Seconds after which an unfinished folder is given up where the file system knows no locks."""
_FULL_OR_CLOSED = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)
_TORN_BY_TORCH = "inline_container"
"""In the message of torch's writer when the disk took only a part, whatever the reason."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write the file beside its place, flush it to disk and rename it; a reader sees all or nothing.

    Text is UTF-8. Raises `OSError`.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    with aside(path) as folder:
        whole = folder / path.name
        whole.write_bytes(data)
        flush(whole)
        whole.replace(path)
    flush(path.parent)


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A folder of one's own beside `path`, to make something in that is renamed into place when it is whole.

    In the end the folder is deleted, if it was not itself renamed; what killed processes left of the same
    place is deleted at the beginning. Raises `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, path.name)
    folder, lock = _held(path)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def sweep(folder: Path, name: str = "") -> None:
    """Delete what killed processes left unfinished in a folder: of the place called `name`, or of every one.

    What a living process works on stays, and so does what cannot be deleted: it costs room, nothing else.
    """
    begins = (f".{name}.", f"{name}.") if name else ("",)  # they were not hidden once
    with suppress(OSError):
        for left in list(folder.iterdir()):
            if left.name.endswith(UNFINISHED) and left.name.startswith(begins):
                with suppress(OSError):
                    _remove_if_left(left)


def remove(path: Path) -> None:
    """Delete whatever lies there: a file, a link, a folder or nothing. Raises `OSError`."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk itself. Raises `OSError`."""
    with suppress(OSError) if path.is_dir() else nullcontext():  # not every system can do that to a folder
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _held(path: Path) -> tuple[Path, int | None]:
    """A new folder beside `path`, and the descriptor that holds its lock, where there is such a thing."""
    while True:
        folder = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
        folder.mkdir()
        if fcntl is None:
            return folder, None
        with suppress(FileNotFoundError):  # swept away before it was locked
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # a file system without locks: its age will have to do
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, lock
            os.close(lock)


def _remove_if_left(folder: Path) -> None:
    """Delete the folder unless a living process holds it, or may do so where there are no locks. Raises `OSError`."""
    if fcntl is None:
        if _is_old(folder):
            remove(folder)
        return
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if _is_free(lock, folder):
            remove(folder)
    finally:
        os.close(lock)


def _is_free(lock: int, folder: Path) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return _is_old(folder)
    return True


def _is_old(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime > ABANDONED


def digest_of(facts: object, length: int = 20) -> str:
    """Hex digest of anything JSON can hold; equal facts give equal digests."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parsed_json(text: str | bytes) -> Any:
    """What the JSON text holds. Raises `ValueError` for what is none, or is nested beyond reason."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


@contextmanager
def disk_told(path: Path, raised: type[SentimentError], remedy: str) -> Iterator[None]:
    """What the disk refuses becomes one line: what could not be written, why, and what to do.

    Libraries report a full disk in their own ways; any other error of theirs passes as it is.
    """
    try:
        yield
    except SentimentError:
        raise
    except Exception as error:
        reason = refusal(error)
        if reason is None:
            raise
        raise raised(f"cannot write {path}: {reason}; {remedy}") from None


def refusal(error: Exception) -> str | None:
    """Why the disk refused to be written to, where that is what the error, or what caused it, tells."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return str(error.args[0][0][-1])  # the first of many files
    said: BaseException | None = error
    while said is not None:
        for code in _FULL_OR_CLOSED:
            if os.strerror(code) in str(said):
                return os.strerror(code)
        if _TORN_BY_TORCH in str(said):
            return "the disk took only a part of it"
        said = said.__cause__ or said.__context__
    return None
