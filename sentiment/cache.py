"""The cache folder: built aside, marked complete last, renamed into place, locked while built.

Everything that is expensive (assets, weights, predictions) lies in one folder that is safe to delete
at any time. An entry is a folder named by the hash of everything that went into it. It is trusted
only when its marker, written last, lists every file with its size and SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock

from sentiment.errors import SentimentError

MARKER = "complete.json"


def cache_root() -> Path:
    """`$SENTIMENT_CACHE`, else the platform's user cache folder; created on first use."""
    root = Path(os.environ.get("SENTIMENT_CACHE") or platformdirs.user_cache_dir("sentiment-behavior"))
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SentimentError(f"cache folder {root} cannot be created ({error.strerror}); set SENTIMENT_CACHE") from None
    if not (root / "CACHEDIR.TAG").exists():
        (root / "CACHEDIR.TAG").write_text(
            "Signature: 8a477f597d28d172789f06886806bc55\n# Made by the sentiment package; safe to delete.\n"
        )
        (root / ".gitignore").write_text("*\n")
    return root


def digest_of(facts: object, length: int = 20) -> str:
    """Hex digest of anything JSON can hold; equal facts give equal digests."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def read_entry(path: Path) -> Entry | None:
    """The entry at `path`, or None when it is absent, unfinished or its files changed size."""
    try:
        marker = json.loads((path / MARKER).read_text())
        files = marker["files"]
        whole = all((path / name).stat().st_size == facts["size"] for name, facts in files.items())
        return Entry(path, marker["facts"], files) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verify_entry(entry: Entry) -> str | None:
    """The first file whose content is not what the marker says, or None."""
    return next((n for n, facts in entry.files.items() if file_digest(entry.path / n) != facts["sha256"]), None)


def distrust(path: Path) -> None:
    """Take the entry's marker away, so that whoever wants it builds it anew."""
    (path / MARKER).unlink(missing_ok=True)


@contextmanager
def locked(path: Path, note: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock beside `path`; `note` hears once when another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(str(path) + ".lock")
    if note is not None and lock_is_held(lock):
        note(f"waiting for another process that builds {path.name}")
    with lock:
        yield


def lock_is_held(lock: FileLock) -> bool:
    """Whether another process holds the lock right now."""
    try:
        with lock.acquire(timeout=0):
            return False
    except TimeoutError:
        return True


def build(path: Path, facts: dict, fill: Callable[[Path], None], note: Callable[[str], None] | None = None) -> Entry:
    """The entry at `path`, filled by `fill(folder)` when it is absent or unreadable.

    The folder is filled aside on the same disk and renamed into place after its marker is on disk,
    so a process killed at any moment leaves nothing that a later run would trust. Processes that
    want the same entry wait for the first one.
    """
    with locked(path, note):
        found = read_entry(path)
        if found is not None:
            return found
        if path.exists():
            if note is not None:
                note(f"{path} is incomplete and is built again")
            shutil.rmtree(path)
        return fill_aside(path, facts, fill)


def fill_aside(path: Path, facts: dict, fill: Callable[[Path], None]) -> Entry:
    """Fill a folder beside `path` and rename it into place; the caller holds the lock."""
    aside = Path(tempfile.mkdtemp(prefix=path.name + ".", suffix=".building", dir=path.parent))
    try:
        fill(aside)
        _publish(aside, path, facts)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    entry = read_entry(path)
    if entry is None:
        raise SentimentError(f"{path} vanished while it was built; is another process pruning the cache?")
    return entry


def _publish(aside: Path, path: Path, facts: dict) -> None:
    """Flush every file of `aside`, write its marker last, and rename it to `path`."""
    files = {}
    for file in sorted(p for p in aside.rglob("*") if p.is_file()):
        _flush(file)
        files[str(file.relative_to(aside))] = {"size": file.stat().st_size, "sha256": file_digest(file)}
    marker = aside / MARKER
    marker.write_text(json.dumps({"facts": facts, "files": files}, indent=1, default=str))
    _flush(marker)
    aside.replace(path)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def remove(part: str) -> int:
    """Delete one folder of the cache, e.g. `weights`; returns the bytes freed."""
    folder = cache_root() / part
    freed = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else 0
    shutil.rmtree(folder, ignore_errors=True)
    return freed
