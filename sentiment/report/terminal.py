"""The closing tables as lines of text, at most 100 columns wide; whoever prints them owns the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sentiment.behavior.spread import spread_lines
from sentiment.metrics import Metrics
from sentiment.report.compare import Comparison
from sentiment.report.journal import Finding
from sentiment.report.runs import Run
from sentiment.report.safety import one_line, visible
from sentiment.types import BehaviorResult, Ruling

WIDTH = 100
IDS_SHOWN = 5
"""Case ids listed per behavior and direction."""


def closing_lines(run: Run) -> Iterator[str]:
    """What a run ends with: behaviors, accuracy, paired comparisons, and an honest sentence."""
    if run.results:
        yield from _table(
            ["approach", "behavior", "cases", "failed", "rate [95 %]", "ruling"], map(_behavior_row, run.results)
        )
    if run.metrics:
        yield ""
        yield from _table(
            ["approach", "accuracy [95 %]", "n", "macro F1", "precision", "recall", "unanswered"],
            (_metrics_row(name, metrics) for name, metrics in run.metrics.items()),
        )
    if run.comparisons:
        yield ""
        yield "same cases, two approaches: failures that the second fixes, and breaks (exact paired p, by Holm)"
        yield from _table(
            ["behavior", "first", "second", "fixed", "broken", "both wrong", "cases", "p"],
            map(_comparison_row, run.comparisons),
        )
    for spread in run.spreads.values():
        yield ""
        yield from (one_line(line, WIDTH) for line in spread_lines(spread))
    yield from _changes(run.results)
    yield from _explained(run.findings)
    yield ""
    yield from _wrapped(run.closing_sentence)


def percent_with_interval(share: float, low: float, high: float) -> str:
    """E.g. `5.0 % [2.9, 8.5]`."""
    return f"{100 * share:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def _behavior_row(result: BehaviorResult) -> list[str]:
    rate = "-"
    if result.judged:
        rate = percent_with_interval(result.rate, result.interval.low, result.interval.high)
    name = one_line(result.behavior.name, 36)
    predictor = one_line(result.predictor, 10)
    return [predictor, name, str(result.judged), str(result.failed), rate, result.ruling.value]


def _comparison_row(comparison: Comparison) -> list[str]:
    return [
        one_line(comparison.behavior, 32),
        one_line(comparison.first, 8),
        one_line(comparison.second, 8),
        str(comparison.fixed),
        str(comparison.broken),
        str(comparison.both_wrong),
        str(comparison.n),
        f"{comparison.p_adjusted:.2g}",
    ]


def _changes(results: Sequence[BehaviorResult]) -> Iterator[str]:
    """Cases that fail now and did not before, where the change is significant; `results.json` has all."""
    for result in results:
        change = result.against or result.change
        if change is None or result.ruling not in (Ruling.FAIL, Ruling.IMPROVED):
            continue
        yield ""
        yield one_line(
            f"{result.predictor} {result.behavior.name}: {100 * change.rate:.1f} % before, {result.reason}", WIDTH
        )
        for what, ids in (("new failures", change.new_failures), ("fixed", change.fixed)):
            if ids:
                more = f" and {len(ids) - IDS_SHOWN} more in results.json" if len(ids) > IDS_SHOWN else ""
                yield f"  {len(ids)} {what}:"
                yield from (f"    {one_line(each, WIDTH - 4)}" for each in ids[:IDS_SHOWN])
                if more:
                    yield f"   {more}"


def _explained(findings: Sequence[Finding]) -> Iterator[str]:
    """The failures that the error analysis explained."""
    for finding in findings:
        if finding.kind != "error_analysis":
            continue
        facts = finding.facts
        yield ""
        wrong = f"{facts['failed']} of {facts['candidates']} difficult reviews are answered wrongly"
        yield f"{finding.predictor}: {wrong}; explained in the report:"
        for example in facts["examples"]:
            yield one_line(f"  {example['kind']}: {example['text']}", WIDTH)


def _metrics_row(name: str, metrics: Metrics) -> list[str]:
    return [
        one_line(name, 10),
        percent_with_interval(metrics.accuracy, metrics.interval.low, metrics.interval.high),
        str(metrics.n),
        f"{metrics.macro_f1:.3f}",
        f"{metrics.macro_precision:.3f}",
        f"{metrics.macro_recall:.3f}",
        str(metrics.unanswered),
    ]


def _table(head: Sequence[str], body: Iterator[list[str]]) -> Iterator[str]:
    """Words to the left, numbers to the right."""
    rows = [list(head), *body]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, _is_number(rows), strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _is_number(rows: Sequence[Sequence[str]]) -> list[bool]:
    """Whether a column starts with a digit or a dash in every row below the head."""
    return [all(cell[:1].isdigit() or cell == "-" for cell in column[1:]) for column in zip(*rows, strict=True)]


def _wrapped(sentence: str) -> Iterator[str]:
    line = ""
    for word in visible(sentence).split():
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}".lstrip()
    yield line
