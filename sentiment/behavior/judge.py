"""From answers to outcomes: each case is held against what its behavior expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sentiment.types import PASSED, Approach, Behavior, Case, Kind, Outcome, Prediction, Query, Status


def queries_of(cases: Iterable[Case]) -> list[Query]:
    """The distinct queries that judging these cases needs, bases included, in order of first use."""
    wanted = (each.query for case in cases for each in (case, case.base) if each is not None)
    return list(dict.fromkeys(wanted))


def judge(
    behavior: Behavior,
    cases: Iterable[Case],
    predictor: str,
    answers: Mapping[Query, Prediction],
    noise: float = 0.0,
) -> list[Outcome]:
    """One outcome per case, in order. `answers` must hold every query of `queries_of(cases)`.

    `noise` is how far P(positive) moves when the very same text is scored in another batch: an answer that
    an edit flips by no more than that is not the edit's doing, and passes.
    """
    outcomes = []
    for case in cases:
        prediction = answers[case.query]
        base = answers[case.base.query] if case.base else None
        verdict = behavior.expectation(case, prediction, base)
        if behavior.kind is Kind.INV and verdict.status is Status.FAILED and _within(noise, prediction, base):
            verdict = PASSED
        outcomes.append(Outcome(behavior.name, predictor, case, prediction, base, verdict))
    return outcomes


def budget_of(behavior: Behavior, predictor: str) -> float | None:
    """The failure rate promised for that approach; None for floors and where nothing is promised."""
    return next((share for approach, share in behavior.budget.items() if approach.value == str(predictor)), None)


def is_approach(predictor: str) -> bool:
    """Whether the name is that of an approach, and not of a floor."""
    return predictor in {approach.value for approach in Approach}


def _within(noise: float, prediction: Prediction, base: Prediction | None) -> bool:
    if base is None or prediction.label is None or base.label is None:
        return False
    if prediction.p_positive is None or base.p_positive is None:
        return False
    return abs(prediction.p_positive - base.p_positive) <= noise
