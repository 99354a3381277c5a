"""From outcomes to rulings: every behavior of a run at once, since their tests are one family.

A behavior is held against its budget (a promise, written down before the first run) and against the
committed baseline (what the subject did before, on the same cases). Both tests respect groups, and the
p-values are adjusted by Holm's method for the baseline's whole family, whatever part of it was selected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sentiment.judging.baseline import Baseline, Record, digest_of_cases, failed_ids
from sentiment.judging.paired import differences, least_visible, worse
from sentiment.judging.statistics import ALPHA, exceeds_budget_in_groups, holm, least_over_budget, wilson
from sentiment.types import BehaviorResult, Change, Interval, Outcome, Promise, Ruling, Status

LEAST_GROUPS = 20
"""Where cases share groups, fewer groups than this are inconclusive."""
LEAST_LIVE_QUICK = 30
"""Judged cases that are enough for the ruling of a quick run."""
UNDERPOWERED = 100
"""A ruling on fewer judged cases than this says so."""


@dataclass(frozen=True)
class Rules:
    """What the outcomes of a subject are held against."""

    baseline: Baseline | None = None
    judges: bool = True
    """False: everything is reported and nothing judged, as where the profile promises nothing."""
    budgets: bool = True
    """Whether the budgets of behaviors hold for the subject."""
    quick: bool = False
    """Only the first cases of each behavior were judged; the baseline, which has all, is left aside."""

    def record(self, promise: Promise) -> Record | None:
        """What the baseline knows of the behavior."""
        return self.baseline.behaviors.get(promise.name) if self.baseline else None

    def budget(self, promise: Promise) -> float | None:
        """The promise's, where it holds."""
        return promise.budget if self.budgets else None


@dataclass(frozen=True)
class _Held:
    """One behavior with its raw p-values; None where the test does not apply."""

    result: BehaviorResult
    record: Record | None
    over: float | None = None
    worse: float | None = None
    better: float | None = None

    @property
    def is_known(self) -> bool:
        return self.record is not None and self.record.over_budget


def ruled_all(
    promises: Sequence[Promise], outcomes: Mapping[str, Sequence[Outcome]], predictor: str, rules: Rules
) -> dict[str, BehaviorResult]:
    """The result of every behavior that has outcomes, by name, for the subject called `predictor`.

    A behavior whose every case was skipped is inconclusive; one without any case has failed.
    """
    unjudged = {}
    chosen = []
    for promise in promises:
        if promise.name not in outcomes:
            continue
        if any(outcome.verdict.status is not Status.SKIPPED for outcome in outcomes[promise.name]):
            chosen.append(promise)
        else:
            unjudged[promise.name] = _unjudged(promise, predictor, outcomes[promise.name])
    budgets = sum(promise.gated and rules.budget(promise) is not None for promise in chosen)
    family = max(1, rules.baseline.family if rules.baseline and not rules.quick else budgets)
    held = [_held(promise, outcomes[promise.name], predictor, rules, ALPHA / family) for promise in chosen]
    # an accepted weakness is over its budget by its own account, so that test is none of the family
    red = {(h.result.promise.name, "over"): h.over for h in held if h.over is not None and not h.is_known}
    red |= {(h.result.promise.name, "worse"): h.worse for h in held if h.worse is not None}
    green = {(h.result.promise.name, "better"): h.better for h in held if h.better is not None}
    adjusted: dict[tuple[str, str], float] = {}
    for tests in (red, green):
        adjusted |= dict(zip(tests, holm(list(tests.values()), family), strict=True))
    return unjudged | {
        each.result.promise.name: _ruled(
            replace(
                each,
                **{
                    kind: adjusted.get((each.result.promise.name, kind), getattr(each, kind))
                    for kind in ("over", "worse", "better")
                },
            ),
            rules,
            ALPHA / family,
        )
        for each in held
    }


def over_budget(promise: Promise, outcomes: Sequence[Outcome]) -> bool:
    """Whether the failure rate is significantly over the budget, by the test of this behavior alone."""
    counts = _by_group(outcomes)
    return promise.budget is not None and bool(counts) and exceeds_budget_in_groups(counts, promise.budget) < ALPHA


def inconclusive(promise: Promise, predictor: str, reason: str) -> BehaviorResult:
    """The result of a behavior that could not be asked."""
    return BehaviorResult(promise, predictor, (), 0, 0, Interval(0.0, 1.0), Ruling.INCONCLUSIVE, reason)


def worsening(
    then: Mapping[str, int],
    trainings: int,
    now: Sequence[Outcome],
    level: float,
    variance: Callable[[int], float | None] = lambda cases: None,
) -> Change | None:
    """What changed on the cases that both have; p-values as they are, not adjusted for a family.

    `then` tells in how many of `trainings` a case failed; `variance` gives, for a number of cases, that between
    trainings. None when no case is in both.
    """
    current = {case: trainings * failed for case, failed in failed_ids(now).items()}
    shared = [case for case in current if case in then]
    if not shared:
        return None
    groups = {each.case.id: each.case.group for each in now}
    found = differences(then, current, groups)
    spread = variance(len(shared))
    room = {case: trainings - then[case] for case in shared if then[case] < trainings}
    open_groups = len({groups[case] for case in room})
    least = least_visible(open_groups, sum(room.values()) // trainings, trainings, spread, level)
    return Change(
        rate=sum(then[case] for case in shared) / trainings / len(shared),
        p_worse=worse(found, spread),
        p_better=worse([-each for each in found], spread),
        visible=None if least is None else least / len(shared),
        new_failures=tuple(case for case in shared if current[case] and not then[case]),
        fixed=tuple(case for case in shared if not current[case] and then[case] == trainings),
    )


def _held(promise: Promise, outcomes: Sequence[Outcome], predictor: str, rules: Rules, level: float) -> _Held:
    counts = _by_group(outcomes)
    failed, judged = sum(bad for bad, _ in counts), sum(n for _, n in counts)
    record = rules.record(promise)
    change, baseline = None, rules.baseline
    if promise.gated and record and baseline and not rules.quick and record.digest == digest_of_cases(outcomes):
        then = record.times_failed(outcome.case.id for outcome in outcomes)
        change = worsening(then, len(baseline.seeds), outcomes, level, partial(baseline.variance, promise.name))
    known = record.known if record and record.over_budget else ""
    interval = wilson(failed, judged)
    budget = rules.budget(promise)
    result = BehaviorResult(
        promise, predictor, outcomes, failed, judged, interval, Ruling.REPORTED, "", change, budget=budget, known=known
    )
    tested = budget if promise.gated else None
    if record and record.over_budget:
        level = ALPHA  # as in `over_budget`, which marked it
    over = None if tested is None else exceeds_budget_in_groups(counts, tested, level)
    if change is None:
        return _Held(result, record, over)
    return _Held(result, record, over, change.p_worse, change.p_better)


def _ruled(held: _Held, rules: Rules, level: float) -> BehaviorResult:
    """The result with its ruling; the p-values of `held` are adjusted by now."""
    ruling, reason = _ruling(held, rules, level)
    result = held.result
    unanswered = f", {result.unanswered} without an answer" if result.unanswered else ""
    facts = f"{result.failed} of {result.judged} fail ({100 * result.rate:.1f} %{unanswered})"
    change = result.change
    if change is not None:
        assert held.worse is not None
        assert held.better is not None
        change = replace(change, p_worse=held.worse, p_better=held.better)
    return replace(result, ruling=ruling, reason=f"{facts}{reason}", change=change)


def _ruling(held: _Held, rules: Rules, level: float) -> tuple[Ruling, str]:
    result, budget, change = held.result, held.result.budget, held.result.change
    if not result.promise.gated or not rules.judges:
        return Ruling.REPORTED, "; reported, not judged"
    if held.is_known and not result.known:
        return Ruling.FAIL, (
            "; over its budget in the baseline: say in known.toml why that is accepted, or mend it and record anew"
        )
    stale = held.record is not None and change is None and not rules.quick
    if budget is None and change is None and not stale:
        return Ruling.REPORTED, f"; no budget and no baseline for {result.predictor}"
    few = too_few(result, rules.quick)
    if few:
        return Ruling.INCONCLUSIVE, f"; {few}{_detectable(result, budget, level)}"
    weak = f"; underpowered with fewer than {UNDERPOWERED} cases" if result.judged < UNDERPOWERED else ""
    is_over = budget is not None and held.over is not None and held.over < ALPHA
    if change is not None and held.worse is not None and held.worse < ALPHA:
        return Ruling.FAIL, f", worse than the baseline's {_percent(change.rate)} (paired p = {held.worse:.2g}){weak}"
    if is_over and not held.is_known:
        return Ruling.FAIL, f", over the budget of {_percent(budget)} (one-sided p = {held.over:.2g}){weak}"
    if stale:
        return (
            Ruling.INCONCLUSIVE,
            "; its cases are not those of the baseline: record it anew with --behavior-update-baseline",
        )
    better = ""
    if change is not None and held.better is not None and held.better < ALPHA:
        better = f", better than the baseline's {_percent(change.rate)} (paired p = {held.better:.2g})"
    if is_over:
        was = better or _was(change)
        return Ruling.KNOWN, f"{was}, over the budget of {_percent(budget)}, as known: {result.known}"
    if budget is not None and result.failed > budget * result.judged:
        over = f"over the budget of {_percent(budget)}, but not significantly (one-sided p = {held.over:.2g})"
        return Ruling.INCONCLUSIVE, f"{better or _was(change)}, {over}{_detectable(result, budget, level)}{weak}"
    if better:
        return Ruling.IMPROVED, better
    if budget is None and change is not None and change.visible is None:
        return Ruling.INCONCLUSIVE, f"{_was(change)}: a test that cannot fail keeps no promise"
    stale_reason = "; known as a weakness, but not over its budget here" if held.is_known else ""
    within = "" if budget is None else f", within the budget of {_percent(budget)}"
    return Ruling.PASS, f"{within}{_was(change)}{stale_reason}{weak}"


def too_few(result: BehaviorResult, quick: bool) -> str:
    """Why the cases are too few for a ruling; empty: they are enough."""
    least = min(result.promise.min_live, LEAST_LIVE_QUICK) if quick else result.promise.min_live
    if result.judged < least:
        return f"a ruling needs {least} judged cases"
    if result.groups < min(LEAST_GROUPS, result.judged):
        return f"a ruling needs {LEAST_GROUPS} groups, these cases have {result.groups}"
    return ""


def _detectable(result: BehaviorResult, budget: float | None, level: float) -> str:
    """What this many cases could show, in words."""
    if budget is None:
        if result.change is None:
            return ""
        visible = result.change.visible
        return "; these show nothing" if visible is None else f"; these can show a rise by {_percent(visible)} or more"
    least = least_over_budget(_by_group(result.outcomes), budget, level)
    if least is None:
        return "; these show nothing"
    return f"; these can show a rate of {_percent(least)} or more to be over {_percent(budget)}"


def little_shown(results: Sequence[BehaviorResult]) -> str:
    """For a quick run, in words: from which rate on the cases of each budget show that it is not kept."""
    kept = [(each, each.budget) for each in results if each.ruling is not Ruling.REPORTED]
    tests = [(each, budget) for each, budget in kept if each.promise.gated and each.judged and budget is not None]
    family = Counter(each.predictor for each, _ in tests)
    shown: dict[float, float] = {}
    for each, budget in tests:
        least = least_over_budget(_by_group(each.outcomes), budget, ALPHA / family[each.predictor])
        shown[budget] = max(shown.get(budget, 0.0), 1.0 if least is None else least)
    if not shown:
        return ""
    rates = ", ".join(f"{_percent(budget)} from {_percent(least)} on" for budget, least in sorted(shown.items()))
    return f", which show a budget to be broken only far above it ({rates})"


def _was(change: Change | None) -> str:
    if change is None:
        return ""
    sees = "no rise would show" if change.visible is None else f"a rise of {100 * change.visible:.3g} points would show"
    return f"; baseline {_percent(change.rate)}, {sees}"


def _by_group(outcomes: Sequence[Outcome]) -> list[tuple[int, int]]:
    """(failed, judged) of every group with a judged case."""
    counts: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        if outcome.verdict.status is not Status.SKIPPED:
            failed, judged = counts.get(outcome.case.group, (0, 0))
            counts[outcome.case.group] = failed + (outcome.verdict.status is Status.FAILED), judged + 1
    return list(counts.values())


def _unjudged(promise: Promise, predictor: str, outcomes: Sequence[Outcome]) -> BehaviorResult:
    """Nothing was judged: inconclusive where all was skipped, and a failure where there was no case at all."""
    where = f"behavior {promise.name!r} judged no case of {predictor}"
    if not outcomes:
        empty = inconclusive(promise, predictor, f"{where}: it made none from this profile's data")
        return replace(empty, ruling=Ruling.FAIL)
    reason = f"{where}: all {len(outcomes)} were skipped, the first because {outcomes[0].verdict.reason}"
    return replace(inconclusive(promise, predictor, reason), outcomes=outcomes)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.3g} %"
