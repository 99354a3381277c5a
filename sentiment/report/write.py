"""Writing a run folder: the one place that knows which files it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sentiment.behavior.judge import budget_of
from sentiment.errors import ReportError
from sentiment.report.compare import Comparison
from sentiment.report.figures import confusion_png
from sentiment.report.frames import failures_frame, outcomes_frame, to_csv
from sentiment.report.page import index_html, report_html
from sentiment.report.run_folder import (
    INDEX,
    PAGE,
    copy_to_latest,
    finished_runs,
    read_facts,
    to_json,
    write_atomically,
    write_facts,
)
from sentiment.report.runs import Run, read_run
from sentiment.types import BehaviorResult, Change

SCHEMA_VERSION = 1
"""Of `results.json`; raised when a field is renamed, removed or changes its meaning."""

_PLAIN_NAME = re.compile("[a-z][a-z0-9-]{0,39}")
"""Names of predictors that may stand in a file name; others are numbered."""


def write_run(folder: Path, facts: Mapping[str, Any] | None = None) -> Path:
    """Make every file of the run folder from its journals and `run.json`; returns the page's path.

    `facts`, where given, become `run.json` first. The folder beside it named `latest`, and the list of
    runs, are brought up to date. Raises `ReportError` when there is no journal or the disk refuses.
    """
    if facts is not None:
        write_facts(folder, facts)
    run = read_run(folder)
    frame = outcomes_frame({result.behavior.name: result.behavior for result in run.results}, run.outcomes)
    write_atomically(folder / "outcomes.csv", to_csv(frame))
    write_atomically(folder / "failures.csv", to_csv(failures_frame(frame)))
    write_atomically(folder / "results.json", to_json(results_of(run)))
    write_atomically(folder / PAGE, report_html(run, _figures(run, folder / "figures")))
    _publish(folder.parent)
    return folder / PAGE


def results_of(run: Run) -> dict[str, Any]:
    """What `results.json` holds, as described by `results.schema.json`. Shares lie in [0, 1]."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run": dict(run.facts),
        "closing_sentence": run.closing_sentence,
        "unreadable_journal_lines": run.unreadable,
        "behaviors": [_behavior(result) for result in run.results],
        "metrics": {name: metrics.as_dict() for name, metrics in run.metrics.items()},
        "broken_floors": run.broken_floors,
        "prompt_spread": {name: spread.as_dict() for name, spread in run.spreads.items()},
        "findings": [asdict(finding) for finding in run.findings],
        "comparisons": [_comparison(comparison) for comparison in run.comparisons],
    }


def _behavior(result: BehaviorResult) -> dict[str, Any]:
    return {
        "behavior": result.behavior.name,
        "capability": result.behavior.capability,
        "kind": result.behavior.kind.value,
        "promise": result.behavior.promise,
        "partner": result.behavior.partner,
        "predictor": str(result.predictor),
        "judged": result.judged,
        "failed": result.failed,
        "skipped": result.skipped,
        "unanswered": result.unanswered,
        "groups": len({outcome.case.group for outcome in result.outcomes}),
        "rate": result.rate if result.judged else None,
        "interval": [result.interval.low, result.interval.high] if result.judged else None,
        "budget": budget_of(result.behavior, result.predictor),
        "ruling": result.ruling.value,
        "reason": result.reason,
        "gated": result.behavior.gated,
        "known": result.known or None,
        "baseline": _change(result.change),
        "against": _change(result.against),
    }


def _change(change: Change | None) -> dict[str, Any] | None:
    return None if change is None else asdict(change)


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "behavior": comparison.behavior,
        "first": comparison.first,
        "second": comparison.second,
        "both_right": comparison.both_right,
        "only_first_wrong": comparison.only_first_wrong,
        "only_second_wrong": comparison.only_second_wrong,
        "both_wrong": comparison.both_wrong,
        "difference": comparison.difference,
        "p_value": comparison.p_value,
        "p_adjusted": comparison.p_adjusted,
    }


def _figures(run: Run, folder: Path) -> dict[str, bytes]:
    """Draw each measured predictor's confusion matrix; the PNG by predictor."""
    drawn = {}
    for place, (name, metrics) in enumerate(run.metrics.items()):
        path = folder / f"confusion-{name if _PLAIN_NAME.fullmatch(name) else place}.png"
        confusion_png(metrics, f"{name}: {metrics.n:,} held-out reviews", path)
        drawn[name] = path.read_bytes()
    return drawn


def _publish(reports: Path) -> None:
    runs = finished_runs(reports)
    copy_to_latest(runs[0])
    write_atomically(reports / INDEX, index_html([(run, _facts_or_nothing(run)) for run in runs]))


def _facts_or_nothing(run: Path) -> dict[str, Any]:
    """A neighbour's broken `run.json` must not keep this run from being listed."""
    try:
        return read_facts(run)
    except ReportError:
        return {}
