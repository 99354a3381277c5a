"""`index.html`: the list of all runs, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sentiment.errors import ReportError
from sentiment.files import parsed_json
from sentiment.report.templates import render
from sentiment.runs.facts import RunFacts
from sentiment.runs.run_folder import INDEX, LATEST, PAGE, RESULTS, read_facts, runs_in, write_atomically


@dataclass(frozen=True)
class Row:
    """One run in the list."""

    folder: str
    link: str
    """Relative to the list; empty where the run has no page."""
    what: str
    """Profile, model and selection."""
    state: str
    found: str
    """Its closing sentence; empty where it was not written to its end."""


def write_index(reports: Path) -> None:
    """Bring the list of runs up to date. Raises `ReportError`."""
    write_atomically(reports / INDEX, index_html(rows_of(reports), has_latest=(reports / LATEST / PAGE).is_file()))


def index_html(rows: list[Row], has_latest: bool) -> str:
    """The page that lists these runs."""
    return render("index.html.j2", rows=rows, latest=f"{LATEST}/{PAGE}" if has_latest else "")


def rows_of(reports: Path) -> list[Row]:
    """Every run folder; a broken file of one keeps none from being listed. Raises `ReportError`."""
    return [_row(run) for run in runs_in(reports)]


def _row(run: Path) -> Row:
    try:
        facts = read_facts(run)
    except ReportError:
        facts = RunFacts()
    has_page = (run / PAGE).is_file()
    return Row(run.name, f"{quote(run.name)}/{PAGE}" if has_page else "", facts.title, _state(facts), _closing(run))


def _state(facts: RunFacts) -> str:
    return ("complete" if facts.complete else "incomplete") + (", quick" if facts.quick else "")


def _closing(run: Path) -> str:
    try:
        return str(parsed_json((run / RESULTS).read_bytes())["closing_sentence"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""
