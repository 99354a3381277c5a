"""What machines read of a run: `results.json`, and the statistics of a test in JUnit XML."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sentiment.judging.compare import Comparison
from sentiment.judging.judge import excused_flips
from sentiment.runs.records import plain
from sentiment.runs.run import Run
from sentiment.runs.run_folder import write_atomically
from sentiment.safety import visible, whole_line
from sentiment.types import BehaviorResult, Change

SCHEMA_VERSION = 2
"""Of `results.json`; raised when a field is renamed, removed or changes its meaning."""

PROPERTIES: dict[str, str] = {
    "behavior": "name of the behavior",
    "predictor": "name of the subject",
    "failed": "judged cases that failed",
    "judged": "cases that passed or failed",
    "groups": "groups of judged cases; the tests count these",
    "rate": "failed / judged, 0 to 1",
    "interval_low": "lower end of the rate's Wilson 95 % interval",
    "interval_high": "upper end of it",
    "budget": "failure rate that is promised",
    "ruling": "pass, fail, known, inconclusive, improved or reported",
    "baseline_rate": "failure rate in the committed baseline",
    "p_worse": 'p-value of "no worse than the baseline", Holm-adjusted',
}
"""Property -> meaning. One without a value (no budget, no baseline) is left out."""
ACCURACY_FLOOR = "accuracy_floor"
"""Of the test that holds a subject to the accuracy that its profile promises."""
OF_OURS = {"ruling", ACCURACY_FLOOR}
"""Properties that tell a test of ours."""


def results_of(run: Run) -> dict[str, Any]:
    """What `results.json` holds, as described by `results.schema.json`. Shares lie in [0, 1]."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run": run.facts.as_json(),
        "closing_sentence": run.closing_sentence,
        "unreadable_journal_lines": run.unreadable,
        "subjects": [plain(run.subjects[name]) for name in run.predictors],
        "behaviors": [behavior_facts(result) for result in run.results],
        "metrics": {name: metrics.as_dict() for name, metrics in run.metrics.items()},
        "broken_floors": run.broken_floors,
        "failed_checks": dict(run.failed_checks),
        "prompt_spread": {name: spread.as_dict() for name, spread in run.spreads.items()},
        "findings": [asdict(finding) for finding in run.findings],
        "comparisons": [_comparison(comparison) for comparison in run.comparisons],
    }


def behavior_facts(result: BehaviorResult) -> dict[str, Any]:
    """One entry of `behaviors`."""
    return {
        "behavior": result.promise.name,
        "capability": result.promise.capability,
        "kind": result.promise.kind.value,
        "promise": result.promise.claim,
        "partner": result.promise.partner,
        "predictor": str(result.predictor),
        "judged": result.judged,
        "failed": result.failed,
        "skipped": result.skipped,
        "unanswered": result.unanswered,
        "excused": excused_flips(result.outcomes),
        "groups": result.groups,
        "rate": result.rate if result.judged else None,
        "interval": [result.interval.low, result.interval.high] if result.judged else None,
        "budget": result.budget,
        "ruling": result.ruling.value,
        "reason": result.reason,
        "gated": result.promise.gated,
        "known": result.known or None,
        "baseline": _change(result.change),
        "against": _change(result.against),
    }


def _change(change: Change | None) -> dict[str, Any] | None:
    return None if change is None else asdict(change)


def _comparison(comparison: Comparison) -> dict[str, Any]:
    counts = comparison.counts
    return {
        "behavior": comparison.behavior,
        "first": comparison.first,
        "second": comparison.second,
        "both_right": counts.both_right,
        "only_first_wrong": counts.fixed,
        "only_second_wrong": counts.broken,
        "both_wrong": counts.both_wrong,
        "difference": counts.difference,
        "p_value": counts.p_value,
        "p_adjusted": comparison.p_adjusted,
    }


def junit_properties(result: BehaviorResult) -> list[tuple[str, str]]:
    """The statistics of a behavior, for its test case; names as in `PROPERTIES`."""
    facts = behavior_facts(result)
    low, high = facts["interval"] or (None, None)
    baseline = facts["baseline"] or {}
    facts |= {"interval_low": low, "interval_high": high}
    facts |= {"baseline_rate": baseline.get("rate"), "p_worse": baseline.get("p_worse")}
    return [(name, _as_text(facts[name])) for name in PROPERTIES if facts[name] is not None]


def statistics_as_output(path: Path) -> None:
    """Move the statistics of a JUnit XML file, which pytest has just written, from `<properties>` of their test case
    into its `<system-out>`, one `name: value` a line.

    The schemas of xUnit 2 know properties of a suite alone; servers show a test's output beside it. Test cases of
    others stay as they are. Raises `ReportError` where the file cannot be written again.
    """
    tree = ElementTree.parse(path)
    for case in tree.iter("testcase"):
        properties = case.find("properties")
        facts = {each.get("name", ""): each.get("value", "") for each in properties or ()}
        if properties is None or not facts.keys() & OF_OURS:
            continue
        case.remove(properties)
        output = case.find("system-out")
        if output is None:
            output = ElementTree.SubElement(case, "system-out")
        lines = [f"{name}: {whole_line(value)}" for name, value in facts.items()]
        output.text = "\n".join([*lines, *filter(None, [output.text])])
    content = ElementTree.tostring(tree.getroot(), encoding="unicode")
    declaration = '<?xml version="1.0" encoding="utf-8"?>'
    write_atomically(path.resolve(), declaration + content, remedy="name another file with --junitxml")


def _as_text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else visible(str(value))
