"""The closing tables as lines of text, at most 100 columns wide; whoever prints them owns the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sentiment.judging.compare import Comparison
from sentiment.judging.metrics import Metrics
from sentiment.judging.spread import spread_lines
from sentiment.judging.statistics import ALPHA
from sentiment.report.signs import SIGNS
from sentiment.runs.journal import Finding
from sentiment.runs.run import Run
from sentiment.runs.run_folder import PAGE
from sentiment.safety import one_line, visible, whole_line
from sentiment.types import BehaviorResult, Ruling

WIDTH = 100
IDS_SHOWN = 5
"""Case ids listed per behavior and direction."""
COLUMNS_SHOWN = 3
"""Predictors that fit beside each other."""


def closing_lines(run: Run, *, tells_why: bool = False) -> Iterator[str]:
    """What a run ends with: behaviors by capability, accuracy, comparisons, and an honest sentence; with
    `tells_why` also what stopped the run, which pytest says by itself."""
    yield from _behaviors(run)
    if run.metrics:
        yield ""
        yield from table(
            ["accuracy", "[95 %]", "n", "macro F1", "precision", "recall", "unanswered"],
            [_metrics_row(name, metrics) for name, metrics in run.metrics.items()],
        )
    yield from _comparisons(run.comparisons)
    for spread in run.spreads.values():
        yield ""
        yield from (one_line(line, WIDTH) for line in spread_lines(spread))
    yield from _changes(run.results)
    yield from _explained(run.findings)
    for test, reason in run.failed_checks.items():
        yield ""
        yield one_line(f"{test} failed:", WIDTH)
        yield from wrapped(reason)
    yield ""
    yield from wrapped(run.closing_sentence if tells_why else run.findings_sentence)


def path_line(folder: Path) -> str:
    """Where the report is. Not cut: it is to be opened."""
    page = folder / PAGE
    return whole_line(f"report: {page}" if page.is_file() else f"no report was written to {folder}")


def rate_with_interval(share: float, low: float, high: float) -> str:
    """In per cent, e.g. `5.0 [2.9, 8.5]`."""
    return f"{100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Iterator[str]:
    """Words to the left, numbers to the right; a row of one cell is a heading of its own."""
    rows = [list(head), *map(list, body)]
    whole = [row for row in rows if len(row) > 1]
    widths = [max(len(row[column]) for row in whole) for column in range(len(head))]
    numbers = _are_numbers(whole)
    for row in rows:
        cells = (
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, numbers, strict=False)
        )
        yield "  ".join(cells).rstrip()


def wrapped(sentence: str) -> Iterator[str]:
    """The sentence in lines of at most `WIDTH` characters."""
    line = ""
    for word in visible(sentence).split():
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}".lstrip()
    yield line


def shortened(name: str, width: int) -> str:
    """A name on one line, with its beginning and its end, which tell it from its like."""
    line = one_line(name, max(width, len(name) * 6))
    if len(line) <= width:
        return line
    end = (width - 1) // 3
    return f"{line[: width - 1 - end]}…{line[len(line) - end :]}"


def _behaviors(run: Run) -> Iterator[str]:
    """One row per behavior, a column per judged subject: floors have their place in the table of accuracies."""
    shown = run.judged[:COLUMNS_SHOWN]
    found = {(result.promise.name, result.predictor): result for result in run.results}
    promises = {result.promise.name: result.promise for result in run.results if result.predictor in shown}
    if not promises:
        return
    cells = {name: [_cell(found.get((name, predictor))) for predictor in shown] for name in promises}
    sizes = {name: max(len(found[name, p].outcomes) for p in shown if (name, p) in found) for name in promises}
    heads = [one_line(predictor, 16) for predictor in shown]
    widths = [max(len(head), *(len(row[i]) for row in cells.values())) for i, head in enumerate(heads)]
    count = max(len("cases"), *(len(str(size)) for size in sizes.values()))
    room = WIDTH - sum(width + 2 for width in widths) - count - 2
    body: list[list[str]] = []
    capability = None
    for name, promise in promises.items():
        if promise.capability != capability:
            capability = promise.capability
            body.append([one_line(capability, WIDTH)])
        body.append([f"  {shortened(name, room - 2)}", str(sizes[name]), *cells[name]])
    yield from table(["failures in % [95 %]", "cases", *heads], body)
    rulings = {found[name, p].ruling for name in promises for p in shown if (name, p) in found}
    meanings = [f"{each.word}: {each.meaning}" for ruling, each in SIGNS.items() if ruling in rulings and each.meaning]
    if meanings:
        yield from wrapped("; ".join(meanings))
    if len(run.judged) > len(shown):
        more = len(run.judged) - len(shown)
        yield f"{more} more {'predictor is' if more == 1 else 'predictors are'} in the report"


def _cell(result: BehaviorResult | None) -> str:
    """E.g. `FAIL  12 [9,17]`."""
    if result is None:
        return ""
    word = f"{SIGNS[result.ruling].word:5}"
    if not result.judged:
        return f"{word} nothing judged"
    rate, low, high = map(_two_digits, (result.rate, result.interval.low, result.interval.high))
    return f"{word} {rate} [{low},{high}]"


def _two_digits(share: float) -> str:
    percent = 100 * share
    return f"{percent:.1f}" if round(percent, 1) < 10 else f"{percent:.0f}"


def _comparisons(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Those that differ for sure; the others are counted."""
    if not comparisons:
        return
    clear = [each for each in comparisons if each.p_adjusted < ALPHA]
    yield ""
    if clear:
        yield "same cases, two subjects: failures that the second fixes, and breaks (exact paired p, by Holm)"
        yield from table(
            ["behavior", "first", "second", "fixed", "broken", "both wrong", "cases", "p"],
            map(_comparison_row, clear),
        )
    others = len(comparisons) - len(clear)
    if others:
        what = "one comparison shows" if others == 1 else f"{others} comparisons show"
        yield f"{what} no significant difference between two subjects; all are in the report"


def _comparison_row(comparison: Comparison) -> list[str]:
    return [
        shortened(comparison.behavior, 44),
        one_line(comparison.first, 8),
        one_line(comparison.second, 8),
        str(comparison.counts.fixed),
        str(comparison.counts.broken),
        str(comparison.counts.both_wrong),
        str(comparison.counts.n),
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
            f"{result.predictor} {result.promise.name}: {100 * change.rate:.1f} % before, {result.reason}", WIDTH
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
        if finding.kind != "error_analysis" or not finding.facts.keys() >= {"failed", "candidates", "examples"}:
            continue
        facts = finding.facts
        yield ""
        wrong = f"{facts['failed']} of {facts['candidates']} difficult reviews are answered wrongly"
        yield one_line(f"{finding.predictor}: {wrong}; explained in the report:", WIDTH)
        for example in facts["examples"]:
            yield one_line(f"  {example['kind']}: {example['text']}", WIDTH)


def _metrics_row(name: str, metrics: Metrics) -> list[str]:
    return [
        one_line(name, 16),
        rate_with_interval(metrics.accuracy, metrics.interval.low, metrics.interval.high),
        str(metrics.n),
        f"{metrics.macro_f1:.3f}",
        f"{metrics.macro_precision:.3f}",
        f"{metrics.macro_recall:.3f}",
        str(metrics.unanswered),
    ]


def _are_numbers(rows: Sequence[Sequence[str]]) -> list[bool]:
    """Whether a column starts with a digit in every row below the head."""
    return [all(cell[:1].isdigit() for cell in column[1:]) for column in zip(*rows, strict=True)]
