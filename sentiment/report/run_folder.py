"""Where a run's files lie, and writing them so that a reader never sees half of one.

reports/
  <UTC time>-<profile>-<selection>/   one per run, never overwritten
  latest/                             a copy of the newest one that was written to its end
  index.html                          a list of all
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sentiment.errors import ReportError

FACTS = "run.json"
RESULTS = "results.json"
PAGE = "report.html"
JOURNALS = "journal*.jsonl"
LATEST = "latest"
INDEX = "index.html"

REMEDY = "choose another folder with --reports"
_TRIES = 1000
_MOMENT = re.compile(r"(\d{8})T(\d{6})Z-")


def new_run_folder(reports: Path, profile: str, selection: str, now: datetime | None = None) -> Path:
    """A new, empty folder for a run; `selection` says what was asked for, e.g. `base or lora`.

    Raises `ReportError` when it cannot be made.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = "-".join([moment, _slug(Path(profile).stem), _slug(selection)])
    with writing(reports / name):
        for attempt in range(1, _TRIES):
            folder = reports / (name if attempt == 1 else f"{name}-{attempt}")
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            return folder
    raise ReportError(f"no free name for a run folder beside {reports / name}; choose another folder with --reports")


def write_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write what the run was (profile, model, device, versions, ...) to `run.json`."""
    write_atomically(folder / FACTS, to_json(facts))


def read_facts(folder: Path) -> dict[str, Any]:
    """What `run.json` says; empty when there is none, as after a kill. Raises `ReportError` when unreadable."""
    path = folder / FACTS
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ReportError(f"{path} cannot be read: {error}") from None
    if not isinstance(facts, dict):
        raise ReportError(f"{path} must hold a JSON object, got {type(facts).__name__}")
    return facts


def to_json(value: Any) -> str:
    """JSON text, pure ASCII (so any string survives), with null for figures that are not finite."""
    return json.dumps(plain(value), indent=1, allow_nan=False) + "\n"


def write_atomically(path: Path, content: str | bytes, remedy: str = REMEDY) -> None:
    """Write the file beside its place, flush it to disk and rename it; a reader sees all or nothing.

    Text is UTF-8. Raises `ReportError` in one line, with the remedy, when the disk is full or read-only.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    with writing(path, remedy):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        aside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.chmod(0o644)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def runs_in(reports: Path) -> list[Path]:
    """The run folders, newest first: named as `new_run_folder` names them, and holding a journal or `run.json`."""
    try:
        found = [folder for folder in reports.iterdir() if _is_run(folder)]
    except OSError as error:
        raise ReportError(f"{reports} cannot be read: {error.strerror}; name the folder of the runs") from None
    return sorted(found, key=_age)


def original(folder: Path) -> Path:
    """The run that `folder` is the copy of, where it is `latest`; else the folder itself."""
    if folder.name == LATEST and folder.is_dir():
        name = str(read_facts(folder).get("run") or "")
        return next((run for run in runs_in(folder.parent) if run.name == name), folder)
    return folder


def copy_to_latest(run: Path) -> None:
    """Make `latest/` beside the run a copy of it, put into place in one step."""
    latest = run.parent / LATEST
    with writing(latest):
        aside = Path(tempfile.mkdtemp(prefix=f".{LATEST}.", dir=run.parent))
        try:
            shutil.copytree(run, aside / "new")
            for attempt in range(_TRIES):  # another run may put its own copy into place between the two steps
                if latest.exists():
                    with suppress(FileNotFoundError):
                        latest.rename(aside / f"old-{attempt}")
                try:
                    (aside / "new").rename(latest)
                except FileExistsError:
                    continue
                except OSError as error:
                    if error.errno != errno.ENOTEMPTY:
                        raise
                    continue
                return
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def prune(reports: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` run folders, and return those that are gone.

    Nothing else in `reports` is touched: not `latest`, no link, no folder that is not a run. Raises
    `ReportError`.
    """
    if keep < 1:
        raise ReportError(f"keep {keep} runs? give a number of at least 1")
    gone = runs_in(reports)[keep:]
    for run in gone:
        with writing(run):
            aside = Path(tempfile.mkdtemp(prefix=".pruned.", dir=reports))
            run.rename(aside / run.name)  # in one step, so that half a run is never listed
            shutil.rmtree(aside)
    return gone


@contextmanager
def writing(path: Path, remedy: str = REMEDY) -> Iterator[None]:
    """Turn an operating-system error into a `ReportError` that names the path and the remedy."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReportError(f"cannot write {path}: {reason}; {remedy}") from None


def _is_run(folder: Path) -> bool:
    if not _MOMENT.match(folder.name) or folder.is_symlink() or not folder.is_dir():
        return False
    return (folder / FACTS).is_file() or any(folder.glob(JOURNALS))


def _age(folder: Path) -> tuple[int, ...]:
    """Sorts newest first: by the time in the name, then by the number after it."""
    moment = _MOMENT.match(folder.name)
    repeat = re.search(r"-(\d+)\Z", folder.name)
    digits = int(moment[1] + moment[2]) if moment else 0
    return -digits, -int(repeat[1]) if repeat else 0


def _slug(text: str) -> str:
    """A short name that every file system takes."""
    return re.sub(r"[^A-Za-z0-9_.]+", "_", text).strip("_.")[:40] or "all"


def plain(value: Any) -> Any:
    """The value as what JSON can hold: figures that are not finite become null, unknown kinds their text."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)
