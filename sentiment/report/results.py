"""What machines read of a run: `results.json`, and the statistics of a test in JUnit XML."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sentiment.behavior.judge import budget_of
from sentiment.report.compare import Comparison
from sentiment.report.run_folder import write_atomically
from sentiment.report.runs import Run
from sentiment.report.safety import visible, whole_line
from sentiment.types import BehaviorResult, Change

SCHEMA_VERSION = 1
"""Of `results.json`; raised when a field is renamed, removed or changes its meaning."""

PROPERTIES: dict[str, str] = {
    "behavior": "name of the behavior",
    "predictor": "base, sft or lora",
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
"""Of the test that holds an approach to the accuracy that its profile promises."""
OF_OURS = {"ruling", ACCURACY_FLOOR}
"""Properties that tell a test of ours."""


def results_of(run: Run) -> dict[str, Any]:
    """What `results.json` holds, as described by `results.schema.json`. Shares lie in [0, 1]."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run": dict(run.facts),
        "closing_sentence": run.closing_sentence,
        "unreadable_journal_lines": run.unreadable,
        "behaviors": [behavior_facts(result) for result in run.results],
        "metrics": {name: metrics.as_dict() for name, metrics in run.metrics.items()},
        "broken_floors": run.broken_floors,
        "failed_checks": run.failed_checks,
        "prompt_spread": {name: spread.as_dict() for name, spread in run.spreads.items()},
        "findings": [asdict(finding) for finding in run.findings],
        "comparisons": [_comparison(comparison) for comparison in run.comparisons],
    }


def behavior_facts(result: BehaviorResult) -> dict[str, Any]:
    """One entry of `behaviors`."""
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
        "groups": result.groups,
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
