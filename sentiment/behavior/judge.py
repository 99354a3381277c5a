"""From answers to outcomes, and from outcomes to a ruling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sentiment.behavior.statistics import ALPHA, exceeds_budget, wilson
from sentiment.errors import DataError
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Outcome, Prediction, Query, Ruling, Status


def queries_of(cases: Iterable[Case]) -> list[Query]:
    """The distinct queries that judging these cases needs, bases included, in order of first use."""
    wanted = (each.query for case in cases for each in (case, case.base) if each is not None)
    return list(dict.fromkeys(wanted))


def judge(
    behavior: Behavior, cases: Iterable[Case], predictor: str, answers: Mapping[Query, Prediction]
) -> list[Outcome]:
    """One outcome per case, in order. `answers` must hold every query of `queries_of(cases)`."""
    outcomes = []
    for case in cases:
        prediction = answers[case.query]
        base = answers[case.base.query] if case.base else None
        verdict = behavior.expectation(case, prediction, base)
        outcomes.append(Outcome(behavior.name, predictor, case, prediction, base, verdict))
    return outcomes


def ruled(behavior: Behavior, predictor: str, outcomes: Sequence[Outcome]) -> BehaviorResult:
    """The behavior as a whole, for the approach (or floor) named `predictor`.

    Without a budget it is reported only; below `min_live` judged cases it is inconclusive; it fails
    when the exact one-sided test finds the failure rate above the budget (p < ALPHA). Raises
    `DataError` when not a single case was judged: that is never a pass.
    """
    judged = sum(outcome.verdict.status is not Status.SKIPPED for outcome in outcomes)
    failed = sum(outcome.verdict.status is Status.FAILED for outcome in outcomes)
    if judged == 0:
        raise DataError(_nothing_judged(behavior, predictor, outcomes))
    ruling, reason = _ruling(behavior, predictor, failed, judged)
    return BehaviorResult(behavior, predictor, outcomes, failed, judged, wilson(failed, judged), ruling, reason)


def budget_of(behavior: Behavior, predictor: str) -> float | None:
    """The failure rate promised for that approach; None for floors and where nothing is promised."""
    return next((share for approach, share in behavior.budget.items() if approach.value == str(predictor)), None)


def is_approach(predictor: str) -> bool:
    """Whether the name is that of an approach, and not of a floor."""
    return predictor in {approach.value for approach in Approach}


def _ruling(behavior: Behavior, predictor: str, failed: int, judged: int) -> tuple[Ruling, str]:
    facts = f"{failed} of {judged} fail ({100 * failed / judged:.1f} %)"
    budget = budget_of(behavior, predictor)
    if budget is None:
        return Ruling.REPORTED, f"{facts}; no budget for {predictor}"
    if judged < behavior.min_live:
        return Ruling.INCONCLUSIVE, f"{facts}; a ruling needs {behavior.min_live} judged cases"
    p_value = exceeds_budget(failed, judged, budget)
    limit = f"the budget of {100 * budget:g} %"
    if p_value < ALPHA:
        return Ruling.FAIL, f"{facts}, over {limit} (exact one-sided p = {p_value:.2g})"
    if failed > budget * judged:
        return Ruling.PASS, f"{facts}, not significantly over {limit} (exact one-sided p = {p_value:.2g})"
    return Ruling.PASS, f"{facts}, within {limit}"


def _nothing_judged(behavior: Behavior, predictor: str, outcomes: Sequence[Outcome]) -> str:
    where = f"behavior {behavior.name!r} judged no case of {predictor}"
    if not outcomes:
        return f"{where}: it made none from this profile's data"
    return f"{where}: all {len(outcomes)} were skipped, the first because {outcomes[0].verdict.reason}"
