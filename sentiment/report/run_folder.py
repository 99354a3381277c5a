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
import re
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sentiment import files
from sentiment.errors import ReportError
from sentiment.report.facts import check_run

FACTS = "run.json"
RESULTS = "results.json"
PAGE = "report.html"
JOURNALS = "journal*.jsonl"
LATEST = "latest"
INDEX = "index.html"
FIGURES = "figures"
JOURNALLED = ".journalled"
"""Under several worker processes: what one of them has put into its journal, so that the others need not."""

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
        facts = files.parsed_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ReportError(f"{path} cannot be read: {error}") from None
    if not isinstance(facts, dict):
        raise ReportError(f"{path} must hold a JSON object, got {type(facts).__name__}")
    try:
        check_run(facts)
    except ValueError as error:
        raise ReportError(f"{path}: {error}") from None
    return facts


def to_json(value: Any) -> str:
    """JSON text, pure ASCII (so any string survives), with null for figures that are not finite."""
    return json.dumps(plain(value), indent=1, allow_nan=False) + "\n"


def write_atomically(path: Path, content: str | bytes, remedy: str = REMEDY) -> None:
    """Write the file so that a reader sees all of it or none.

    Text is UTF-8. Raises `ReportError` in one line, with the remedy, when the disk is full or read-only.
    """
    with writing(path, remedy):
        files.write_atomically(path, content)


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
    with writing(latest), files.aside(latest) as aside:
        shutil.copytree(run, aside / "new", ignore=shutil.ignore_patterns(".*"))  # hidden is what is unfinished
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


def sweep(reports: Path) -> None:
    """Delete what killed processes left unfinished among the runs. Raises `ReportError`."""
    files.sweep(reports)
    for run in runs_in(reports):
        files.sweep(run)
        files.sweep(run / FIGURES)


def prune(reports: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` run folders, and return those that are gone.

    Nothing else in `reports` is touched: not `latest`, no link, no folder that is not a run. Raises
    `ReportError`.
    """
    if keep < 1:
        raise ReportError(f"keep {keep} runs? give a number of at least 1")
    gone = runs_in(reports)[keep:]
    for run in gone:
        with writing(run), files.aside(reports / "pruned") as aside:
            run.rename(aside / run.name)  # in one step, so that half a run is never listed
            shutil.rmtree(aside / run.name)
    return gone


def writing(path: Path, remedy: str = REMEDY) -> AbstractContextManager[None]:
    """What the disk refuses within becomes a `ReportError` that names the path, the reason and the remedy."""
    return files.disk_told(path, ReportError, remedy)


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
