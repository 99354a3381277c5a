"""The closing tables as lines of text, at most 100 columns wide; whoever prints them owns the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sentiment.metrics import Metrics
from sentiment.report.compare import Comparison
from sentiment.report.runs import Run
from sentiment.report.safety import one_line, visible
from sentiment.types import BehaviorResult

WIDTH = 100


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
        yield "same cases, two approaches (exact McNemar, not adjusted for the number of comparisons)"
        yield from (f"  {comparison_line(comparison)}"[:WIDTH] for comparison in run.comparisons)
    yield ""
    yield from _wrapped(run.closing_sentence)


def comparison_line(comparison: Comparison) -> str:
    """E.g. `negation: base alone wrong 31, sft alone wrong 4, both 9, of 288 cases; p = 3.5e-06`."""
    first, second = (one_line(name, 12) for name in (comparison.first, comparison.second))
    return (
        f"{one_line(comparison.behavior, 32)}: only {first} wrong {comparison.only_first_wrong}, "
        f"only {second} {comparison.only_second_wrong}, both {comparison.both_wrong}, "
        f"of {comparison.n}; p = {comparison.p_value:.2g}"
    )


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
