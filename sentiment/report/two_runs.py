"""Two runs on the cases that both judged: what the second fixes, and what it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sentiment.errors import ReportError
from sentiment.judging.compare import compare
from sentiment.judging.paired import PairedCounts
from sentiment.judging.statistics import ALPHA, holm
from sentiment.runs.sides import Side, as_text, count_of, read_side, warnings_of, why_nothing_is_shared
from sentiment.types import Outcome, Promise, Status

PREDICTORS = "--predictors BEFORE:AFTER"
FACTS = ("profile", "model", "weights", "data", "seed", "quick", "dtype", "device", "commit", "versions")
"""Of `run.json`: what may explain a difference."""


@dataclass(frozen=True)
class Row:
    """One behavior, and a pair of predictors."""

    promise: Promise
    pair: tuple[str, str]
    """Of the first run, and of the second."""
    counts: PairedCounts
    p_worse: float
    """That of the counts, Holm-adjusted over all rows."""
    p_better: float
    """The same."""
    fixed: Sequence[tuple[Outcome, Outcome]]
    """Before and after, of the cases that failed before only."""
    broken: Sequence[tuple[Outcome, Outcome]]
    """Of those that fail after only."""

    @property
    def p_value(self) -> float:
        """In the direction of the change."""
        return self.p_worse if self.counts.broken >= self.counts.fixed else self.p_better

    @property
    def verdict(self) -> str:
        """`worse` or `better` where that is significant, else empty."""
        return "worse" if self.p_worse < ALPHA else "better" if self.p_better < ALPHA else ""


@dataclass(frozen=True)
class TwoRuns:
    """The comparison of two runs."""

    first: Side
    second: Side
    pairs: Sequence[tuple[str, str]]
    """Predictor of the first run, predictor of the second."""
    rows: Sequence[Row]
    """By pair, then by capability and behavior."""
    only_first: int
    """Cases of these predictors that only the first run judged."""
    only_second: int
    warnings: Sequence[str]
    """What a reader has to know before the figures."""

    @property
    def worse(self) -> list[Row]:
        """Significantly worse, and gated: what turns the exit status to 1."""
        return [row for row in self.rows if row.verdict == "worse" and row.promise.gated]

    @property
    def shared(self) -> int:
        """Cases that both judged, over all pairs."""
        return sum(row.counts.n for row in self.rows)

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Facts of the runs that are not the same: name, before, after."""
        facts = [(name, getattr(self.first.facts, name), getattr(self.second.facts, name)) for name in FACTS]
        return [(name, as_text(before), as_text(after)) for name, before, after in facts if before != after]

    @property
    def closing_sentence(self) -> str:
        """What the comparison showed, without claiming more."""
        worse, better = len(self.worse), sum(row.verdict == "better" for row in self.rows)
        ungated = sum(row.verdict == "worse" for row in self.rows) - worse
        said = [f"{count_of(worse, 'behavior')} significantly worse" if worse else "No behavior is significantly worse"]
        said += [f"{better} significantly better"] if better else []
        said += [f"{ungated} worse that nothing is promised of"] if ungated else []
        fixed, broken = (sum(getattr(row.counts, what) for row in self.rows) for what in ("fixed", "broken"))
        cases = f"of {self.shared:,} shared cases {fixed:,} are fixed and {broken:,} broken"
        lonely = f"; {self.only_first:,} only in the first run, {self.only_second:,} only in the second"
        return f"{', '.join(said)}: {cases}{lonely if self.only_first or self.only_second else ''}."


def compare_runs(first: Path, second: Path, predictors: Sequence[str] = ()) -> TwoRuns:
    """The second run held against the first, case by case.

    `predictors` are pairs such as `lora:sft`; without any, those judged subjects that both runs have, each against
    itself. Raises `ReportError`, which says what differs, when the runs share no case.
    """
    before, after = read_side(first), read_side(second)
    pairs = [_pair(text, before, after) for text in predictors] or _shared_predictors(before, after)
    rows, only_first, only_second, relabelled = [], 0, 0, 0
    for names in pairs:
        for promise in _in_order(before, after):
            old = {outcome.case.id: outcome for outcome in before.outcomes.get((promise.name, names[0]), ())}
            new = {outcome.case.id: outcome for outcome in after.outcomes.get((promise.name, names[1]), ())}
            shared = [case for case in old if case in new and old[case].case.allowed == new[case].case.allowed]
            relabelled += sum(case in new for case in old) - len(shared)
            only_first += len(old.keys() - new.keys())
            only_second += len(new.keys() - old.keys())
            if shared:
                rows.append(_row(promise, [(old[case], new[case]) for case in shared], names))
    if not rows:
        raise ReportError(f"{first} and {second} cannot be compared: {why_nothing_is_shared(before, after, pairs)}")
    warnings = warnings_of(before, after)
    if relabelled:
        warnings.append(f"{count_of(relabelled, 'case')} left out: the label that is expected is not the same")
    return TwoRuns(before, after, pairs, _adjusted(rows), only_first, only_second, warnings)


def _pair(text: str, before: Side, after: Side) -> tuple[str, str]:
    first, colon, second = text.partition(":")
    if not colon:
        second = first
    for side, name in ((before, first), (after, second)):
        if name not in side.predictors:
            raise ReportError(f"--predictors {text}: {side.folder} has no {name!r}, but {', '.join(side.predictors)}")
    return first, second


def _shared_predictors(before: Side, after: Side) -> list[tuple[str, str]]:
    both = [name for name in before.predictors if name in after.predictors]
    # a floor is the same in every run: it says nothing unless it is asked for by name
    chosen = [name for name in both if not after.is_floor(name)]
    if not chosen:
        judged = [[name for name in side.predictors if not side.is_floor(name)] for side in (before, after)]
        names = [", ".join(each) or "floors alone" for each in judged]
        raise ReportError(
            f"{before.folder} ({names[0]}) and {after.folder} ({names[1]}) have no judged subject in common; "
            f"name two with {PREDICTORS}"
        )
    return [(name, name) for name in chosen]


def _in_order(before: Side, after: Side) -> list[Promise]:
    """Of every behavior that either run has, as the later one describes it."""
    promises = {**before.promises, **after.promises}
    return sorted(promises.values(), key=lambda promise: (promise.capability, promise.name))


def _row(promise: Promise, cases: Sequence[tuple[Outcome, Outcome]], names: tuple[str, str]) -> Row:
    old, new = [before for before, _ in cases], [after for _, after in cases]
    counts = compare(old, new)
    assert counts is not None
    passed = Status.PASSED
    return Row(
        promise,
        names,
        counts,
        p_worse=counts.p_worse,
        p_better=counts.p_better,
        fixed=[each for each in cases if each[0].verdict.status is not passed and each[1].verdict.status is passed],
        broken=[each for each in cases if each[0].verdict.status is passed and each[1].verdict.status is not passed],
    )


def _adjusted(rows: Sequence[Row]) -> list[Row]:
    worsened, bettered = (holm([getattr(row, name) for row in rows]) for name in ("p_worse", "p_better"))
    return [replace(row, p_worse=p, p_better=q) for row, p, q in zip(rows, worsened, bettered, strict=True)]
