"""The cache folder: built aside, marked complete last, renamed into place, locked while built.

Everything that is expensive (assets, weights, predictions) lies in one folder that is safe to delete
at any time. An entry is a folder named by the hash of everything that went into it. It is trusted
only when its marker, written last, lists every file with its size and SHA-256. What is stored already
is read without a lock, so a cache that can only be read serves as well.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

from sentiment.errors import CacheError
from sentiment.files import aside, digest_of, disk_told, file_digest, flush, parsed_json, remove, write_atomically

MARKER = "complete.json"
WORK = ".work"
"""Suffix of the folder that an interrupted build goes on from."""
REMEDY = "make room there, or set SENTIMENT_CACHE to a folder that can be written"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by the sentiment package; safe to delete.\n"

Note = Callable[[str], object]


def cache_root() -> Path:
    """`$SENTIMENT_CACHE`, else the platform's user cache folder; created on first use.

    Raises `CacheError` when it cannot be made, or nobody says where it should be.
    """
    try:
        root = Path(os.environ.get("SENTIMENT_CACHE") or platformdirs.user_cache_dir("sentiment-behavior"))
        root = root.expanduser()
    except (RuntimeError, KeyError):
        raise CacheError("no folder for the cache: this user has no home folder; set SENTIMENT_CACHE") from None
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CacheError(f"cache folder {root} cannot be created ({error.strerror}); set SENTIMENT_CACHE") from None
    with suppress(OSError):  # a courtesy to backups and to git, which a folder that is only read does without
        if not (root / "CACHEDIR.TAG").exists():
            write_atomically(root / "CACHEDIR.TAG", _TAG)
            write_atomically(root / ".gitignore", "*\n")
    return root


def storing(path: Path) -> AbstractContextManager[None]:
    """What the disk refuses within becomes a `CacheError` that names the path, the reason and the remedy."""
    return disk_told(path, CacheError, REMEDY)


@dataclass(frozen=True)
class Entry:
    """A finished folder in the cache."""

    path: Path
    facts: dict
    """What it was built from, as given to `build`."""
    files: dict[str, dict]
    """Relative name -> {size, sha256}."""

    @property
    def size(self) -> int:
        """Bytes on disk, without the marker."""
        return sum(file["size"] for file in self.files.values())


def read_entry(path: Path, marker: str = MARKER) -> Entry | None:
    """The entry at `path`, or None when it is absent, unfinished or its files changed size."""
    try:
        said = parsed_json((path / marker).read_bytes())
        files = {str(name): {"size": facts["size"], "sha256": facts["sha256"]} for name, facts in said["files"].items()}
        whole = all((path / name).stat().st_size == facts["size"] for name, facts in files.items())
        return Entry(path, said["facts"], files) if whole else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def verify_entry(entry: Entry) -> str | None:
    """The first file whose content is not what the marker says, or that cannot be read; None when all is well."""
    for name, facts in entry.files.items():
        try:
            if file_digest(entry.path / name) != facts["sha256"]:
                return name
        except OSError:
            return name
    return None


def distrust(path: Path) -> None:
    """Take the entry's marker away, so that whoever wants it builds it anew."""
    (path / MARKER).unlink(missing_ok=True)


@contextmanager
def locked(path: Path, note: Note | None = None) -> Iterator[None]:
    """Hold the lock beside `path`; `note` hears once when another process holds it.

    Raises `CacheError` where no lock can be made, as in a folder that can only be read.
    """
    lock = FileLock(str(path) + ".lock")
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if note is not None and lock_is_held(lock):
            note(f"waiting for another process that builds {path.name}")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def lock_is_held(lock: FileLock) -> bool:
    """Whether another process holds the lock right now."""
    try:
        with lock.acquire(timeout=0):
            return False
    except TimeoutError:
        return True


def build(path: Path, facts: dict, fill: Callable[[Path], None], note: Note | None = None) -> Entry:
    """The entry at `path`, filled by `fill(folder)` when it is absent or unreadable.

    The folder is filled aside on the same disk and renamed into place after its marker is on disk,
    so a process killed at any moment leaves nothing that a later run would trust. Processes that
    want the same entry wait for the first one. Raises `CacheError` when the disk refuses.
    """
    found = read_entry(path)
    if found is not None:
        return found
    with locked(path, note):
        found = read_entry(path)
        if found is not None:
            return found
        if note is not None and os.path.lexists(path):
            note(f"{path} is incomplete and is built again")
        return fill_aside(path, facts, fill)


def fill_aside(path: Path, facts: dict, fill: Callable[[Path], None]) -> Entry:
    """Fill a folder beside `path` and put it into the place of whatever is there; the caller holds the lock.

    Raises `CacheError` when the disk refuses.
    """
    with storing(path), aside(path) as folder:
        fill(folder)
        mark(folder, facts)
        remove(path)
        folder.replace(path)
        flush(path.parent)
    entry = read_entry(path)
    if entry is None:
        raise CacheError(f"{path} vanished while it was built; is another process pruning the cache?")
    return entry


def mark(folder: Path, facts: dict, marker: str = MARKER) -> None:
    """Flush every file of the folder to the disk, and write its marker last. Raises `OSError`."""
    files = {}
    for path in sorted(folder.rglob("*")):
        flush(path)
        if path.is_file():
            files[str(path.relative_to(folder))] = {"size": path.stat().st_size, "sha256": file_digest(path)}
    write_atomically(folder / marker, json.dumps({"facts": facts, "files": files}, indent=1, default=str))


def drop_work(path: Path) -> None:
    """Delete what was kept to go on from, of an entry that is there, unless a process is at work on it.

    A process that was killed between putting an entry into place and tidying up leaves that behind.
    """
    work = path.with_name(path.name + WORK)
    if work.is_dir():
        with suppress(OSError), FileLock(f"{path}.lock", timeout=0):  # held, or not to be written: it costs room only
            shutil.rmtree(work)


def size() -> int:
    """Bytes in the cache."""
    total = 0
    for file in cache_root().rglob("*"):
        with suppress(OSError):  # another run may replace it
            total += file.stat().st_size if file.is_file() else 0
    return total


def keep(path: Path, facts: dict[str, Any]) -> None:
    """Keep findings as JSON, with a checksum. Raises `CacheError` when the disk refuses."""
    plain = json.loads(json.dumps(facts))
    with storing(path):
        if path.is_dir():  # whoever put it there
            remove(path)
        write_atomically(path, json.dumps({**plain, "checksum": digest_of(plain)}, indent=1))


def kept(path: Path, fields: Collection[str], note: Note) -> dict[str, Any] | None:
    """Findings that were kept and have these fields; None when there are none, or damaged ones, as `note` hears."""
    try:
        facts = parsed_json(path.read_bytes())
        if not isinstance(facts, dict) or not facts.keys() >= set(fields):
            raise ValueError(f"{', '.join(fields)} are expected")
        checksum = facts.pop("checksum", None)  # findings of earlier versions have none
        if checksum not in (None, digest_of(facts)):
            raise ValueError("its checksum is another")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        note(f"{path} is damaged ({error}) and is made anew where it is needed")
        return None
    return facts


def prune(part: str) -> int:
    """Delete one folder of the cache, e.g. `weights`; returns its bytes.

    Raises `CacheError`, which counts the files that are still there, when it cannot be deleted.
    """
    folder = cache_root() / part
    before = _files(folder)
    try:
        remove(folder)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)  # the one that refuses keeps no other
        raise CacheError(
            f"{folder}: {len(_files(folder)):,} of {len(before):,} files cannot be deleted ({error.strerror}); "
            "delete it as a user who may write there"
        ) from None
    return sum(before.values())


def _files(folder: Path) -> dict[Path, int]:
    """Size by file."""
    return {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
