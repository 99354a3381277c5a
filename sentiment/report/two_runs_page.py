"""A comparison of two runs as lines for a terminal, and as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sentiment.report.diff import Segment, word_diff
from sentiment.report.shown import ShownCase, column_head, shown_answer
from sentiment.report.templates import render
from sentiment.report.terminal import WIDTH, shortened, table, wrapped
from sentiment.report.two_runs import Row, TwoRuns
from sentiment.runs.sides import Side
from sentiment.safety import one_line, visible
from sentiment.types import Case, Outcome

CASES_SHOWN = 4000
"""Of all the fixed and broken cases of a page; each list gets its share, and says what is cut."""
TEXT_SHOWN = 1200
"""Characters of a text."""
_HEAD = ("before", "after", "fixed", "broken", "wrong", "right", "p", "")


def comparison_lines(found: TwoRuns) -> Iterator[str]:
    """The table, at most 100 columns wide."""
    yield one_line(f"before: {found.first.folder}", WIDTH)
    yield one_line(f"after:  {found.second.folder}", WIDTH)
    yield from (one_line(f"differs: {name}, {old} -> {new}", WIDTH) for name, old, new in found.differences)
    for warning in found.warnings:
        yield from wrapped(f"warning: {warning}")
    for pair in found.pairs:
        rows = _of_pair(found, pair)
        if rows:
            yield ""
            yield from _table(_named(pair), rows)
    yield "before, after: failures in %; wrong, right: in both runs"
    yield "p: one-sided exact paired test by group, in the direction of the change, adjusted by Holm's method"
    if any(row.verdict and not row.promise.gated for row in found.rows):
        yield "in brackets: reported, not judged"
    yield ""
    yield from wrapped(found.closing_sentence)


def comparison_html(found: TwoRuns) -> str:
    """The page, with the sentences of what was fixed and broken."""
    lists = sum(bool(cases) for row in found.rows for cases in (row.fixed, row.broken))
    return render(
        "two_runs.html.j2",
        found=found,
        groups=[(_named(pair), _of_pair(found, pair)) for pair in found.pairs],
        shown=max(10, CASES_SHOWN // max(1, lists)),
        shown_pair=lambda old, new: _shown(found.second, old, new),
        tone="bad" if found.worse else "good" if any(row.verdict == "better" for row in found.rows) else "open",
    )


def _shown(side: Side, old: Outcome, new: Outcome) -> ShownCase:
    """The case with both answers; `side` is that of the new one."""
    case = new.case
    judged = [] if side.is_floor(new.predictor) else [new.predictor]
    return ShownCase(
        id="",
        text=_segments(case),
        right="" if case.label is None else case.label.word,
        before="",
        tags=visible(f"prompt {case.query.prompt.name}"),
        asked=column_head(case),
        answers=(shown_answer("first run", old), shown_answer("second run", new)),
        prompt=(),
        command=side.facts.rerun.of_case(case.id, judged),
    )


def _of_pair(found: TwoRuns, pair: tuple[str, str]) -> list[Row]:
    return [row for row in found.rows if row.pair == pair]


def _named(pair: tuple[str, str]) -> str:
    return pair[0] if pair[0] == pair[1] else f"{pair[0]} -> {pair[1]}"


def _table(title: str, rows: Sequence[Row]) -> Iterator[str]:
    cells = [_cells(row) for row in rows]
    room = WIDTH - sum(max(map(len, column)) + 2 for column in zip(_HEAD, *cells, strict=True))
    body: list[list[str]] = []
    capability = None
    for row, figures in zip(rows, cells, strict=True):
        if row.promise.capability != capability:
            capability = row.promise.capability
            body.append([one_line(capability, WIDTH)])
        body.append([f"  {shortened(row.promise.name, room - 2)}", *figures])
    return table([one_line(title, room), *_HEAD], body)


def _cells(row: Row) -> list[str]:
    counts = row.counts
    numbers = [counts.fixed, counts.broken, counts.both_wrong, counts.both_right]
    verdict = row.verdict if row.promise.gated or not row.verdict else f"({row.verdict})"
    return [
        f"{100 * counts.first_rate:.1f}",
        f"{100 * counts.second_rate:.1f}",
        *map(str, numbers),
        f"{row.p_value:.2g}",
        verdict,
    ]


def _segments(case: Case) -> tuple[Segment, ...]:
    """The text, with what was edited in it marked where it varies another."""
    text = _clipped(case.query.text)
    return tuple(word_diff(_clipped(case.base.query.text), text)) if case.base else (Segment("same", text),)


def _clipped(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= TEXT_SHOWN else f"{shown[:TEXT_SHOWN]}…"
