"""Writing a run folder: the one place that knows which files it holds."""

from __future__ import annotations

import re
from pathlib import Path

from sentiment.report.frames import failures_frame, outcomes_frame, to_csv
from sentiment.report.index import write_index
from sentiment.report.page import report_html
from sentiment.report.results import results_of
from sentiment.runs.facts import RunFacts
from sentiment.runs.run import Run, read_run
from sentiment.runs.run_folder import (
    FIGURES,
    JOURNALLED,
    PAGE,
    RESULTS,
    copy_to_latest,
    original,
    runs_in,
    sweep,
    to_json,
    write_atomically,
    write_facts,
    writing,
)

_PLAIN_NAME = re.compile("[a-z][a-z0-9-]{0,39}")
"""Names of predictors that may stand in a file name; others are numbered."""


def write_run(folder: Path, facts: RunFacts | None = None) -> Path:
    """Make every file of the run folder from its journals and `run.json`; returns the page's path.

    `facts`, where given, become `run.json` first. The folder beside it named `latest`, and the list of
    runs, are brought up to date; of `latest` itself the run that it is a copy of is written. Raises
    `ReportError` when there is no journal or the disk refuses.
    """
    folder = original(folder)
    if facts is not None:
        write_facts(folder, facts)
    return write_files(folder, read_run(folder))


def write_files(folder: Path, run: Run) -> Path:
    """The same for a run that is at hand. The page, and that the run is complete, are written after all else."""
    frame = outcomes_frame({result.promise.name: result.promise for result in run.results}, run.outcomes)
    write_atomically(folder / "outcomes.csv", to_csv(frame))
    write_atomically(folder / "failures.csv", to_csv(failures_frame(frame)))
    _draw_figures(run, folder / FIGURES)
    write_atomically(folder / RESULTS, to_json(results_of(run)))
    write_atomically(folder / PAGE, report_html(run))
    if run.facts.ended is not None:
        write_facts(folder, run.facts)
    with writing(folder / JOURNALLED):
        (folder / JOURNALLED).unlink(missing_ok=True)
    _publish(folder)
    return folder / PAGE


def write_page(folder: Path, run: Run) -> None:
    """The page alone, of a run that goes on. Raises `ReportError`."""
    write_atomically(folder / PAGE, report_html(run))


class RunWriter:
    """What a recorder writes with."""

    def page(self, folder: Path, run: Run) -> None:
        """The page alone."""
        write_page(folder, run)

    def files(self, folder: Path, run: Run) -> Path:
        """Every file."""
        return write_files(folder, run)

    def index(self, reports: Path) -> None:
        """The list of all runs."""
        write_index(reports)


def _draw_figures(run: Run, folder: Path) -> None:
    """Each measured predictor's confusion matrix as PNG."""
    from sentiment.report.figures import confusion_png  # here: a run without an accuracy behavior draws nothing

    for place, (name, metrics) in enumerate(run.metrics.items()):
        path = folder / f"confusion-{name if _PLAIN_NAME.fullmatch(name) else place}.png"
        confusion_png(metrics, f"{name}: {metrics.n:,} held-out reviews", path)


def _publish(folder: Path) -> None:
    """Only among its like: a run that was copied elsewhere leaves its new neighbours alone."""
    runs = runs_in(folder.parent)
    if folder.name not in [run.name for run in runs]:
        return
    sweep(folder.parent)
    finished = [run for run in runs if (run / RESULTS).is_file() and (run / PAGE).is_file()]
    copy_to_latest(finished[0])
    write_index(folder.parent)
