"""Where a run's files lie, and writing them so that a reader never sees half of one.

reports/
  <UTC time>-<profile>-<selection>/   one per run, never overwritten
  latest/                             a copy of the newest one that was written to its end
  index.html                          a list of all
"""

from __future__ import annotations

import errno
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sentiment import files
from sentiment.errors import ReportError
from sentiment.runs.facts import RunFacts, facts_of
from sentiment.runs.records import plain

FACTS = "run.json"
RESULTS = "results.json"
PAGE = "report.html"
JOURNALS = "journal*.jsonl"
LATEST = "latest"
INDEX = "index.html"
FIGURES = "figures"
JOURNALLED = ".journalled"
"""Under several worker processes: what one of them has put into its journal, so that the others need not."""

REMEDY = "choose another folder with --[behavior-]reports"
_TRIES = 1000
_MOMENT = re.compile(r"(\d{8})T(\d{6})Z-")


def new_run_folder(reports: Path, profile: str, selection: str, now: datetime | None = None) -> Path:
    """A new, empty folder for a run; `selection` says what was asked for, e.g. `base or lora`.

    Raises `ReportError` when it cannot be made.
    """
    for folder in _candidates(reports, profile, selection, now or datetime.now(UTC)):
        with writing(folder), suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
    raise ReportError(f"no free name for a run folder in {reports}; choose another folder with --[behavior-]reports")


def shared_run_folder(reports: Path, profile: str, selection: str, now: datetime, run_id: str) -> Path:
    """The folder of the run of that id, made by the first of its processes; the others are told its name.

    Raises `ReportError` when it cannot be made.
    """
    mine = f"run\t{run_id}\n"
    for folder in _candidates(reports, profile, selection, now):
        with writing(folder), files.aside(folder) as aside:
            new = aside / "new"
            new.mkdir()
            (new / JOURNALLED).write_text(mine, encoding="utf-8")
            try:
                new.rename(folder)  # in one step, so that whoever finds it knows whose it is
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
        marker = folder / JOURNALLED
        if marker.is_file() and marker.read_text(encoding="utf-8").startswith(mine):
            return folder
    raise ReportError(f"no free name for a run folder in {reports}; choose another folder with --[behavior-]reports")


def _candidates(reports: Path, profile: str, selection: str, now: datetime) -> Iterator[Path]:
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = "-".join([moment, _slug(Path(profile).stem), _slug(selection)])
    return (reports / (name if attempt == 1 else f"{name}-{attempt}") for attempt in range(1, _TRIES))


def write_facts(folder: Path, facts: RunFacts) -> None:
    """Write what the run was to `run.json`."""
    write_atomically(folder / FACTS, to_json(facts.as_json()))


def read_facts(folder: Path) -> RunFacts:
    """What `run.json` says; nothing where there is none, as after a kill. Raises `ReportError` when unreadable."""
    path = folder / FACTS
    try:
        told = files.parsed_json(path.read_bytes())
    except FileNotFoundError:
        return RunFacts()
    except (OSError, ValueError) as error:
        raise ReportError(f"{path} cannot be read: {error}") from None
    if not isinstance(told, dict):
        raise ReportError(f"{path} must hold a JSON object, got {type(told).__name__}")
    try:
        return facts_of(told)
    except ValueError as error:
        raise ReportError(f"{path}: {error}") from None


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
        name = read_facts(folder).run
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
