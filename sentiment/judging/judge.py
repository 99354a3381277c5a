"""From answers to outcomes: each case is held against what its behavior expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sentiment.types import PASSED, Behavior, Case, Kind, Outcome, Prediction, Query, Status, Verdict

WITHIN_NOISE = "within the noise floor"
"""How the reason of an excused flip begins."""


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
    abstains: bool = False,
) -> list[Outcome]:
    """One outcome per case, in order. `answers` must hold every query of `queries_of(cases)`.

    `noise` is how far P(positive) moves when the very same text is scored in another batch: an answer that
    an edit flips by no more than that is not the edit's doing, and passes with that reason. To a predictor that
    `abstains` by nature no answer is an answer: an edit that leaves it without one has changed nothing.
    """
    outcomes = []
    for case in cases:
        prediction = answers[case.query]
        base = answers[case.base.query] if case.base else None
        verdict = behavior.expectation(case, prediction, base)
        if behavior.promise.kind is Kind.INV and verdict.status is Status.FAILED:
            moved = _moved(prediction, base)
            if moved is not None and moved <= noise:
                verdict = _excused(verdict, moved, noise)
            elif abstains and base is not None and prediction.label is None and base.label is None:
                verdict = PASSED
        outcomes.append(Outcome(behavior.name, predictor, case, prediction, base, verdict))
    return outcomes


def excused_flips(outcomes: Iterable[Outcome]) -> int:
    """How many of them passed although the answer turned, because it moved no further than noise does."""
    verdicts = (outcome.verdict for outcome in outcomes)
    return sum(each.status is Status.PASSED and each.reason.startswith(WITHIN_NOISE) for each in verdicts)


def _moved(prediction: Prediction, base: Prediction | None) -> float | None:
    """By how much P(positive) differs from the base's; None where one of the two has no label or no probability."""
    if base is None or prediction.label is None or base.label is None:
        return None
    if prediction.p_positive is None or base.p_positive is None:
        return None
    return abs(prediction.p_positive - base.p_positive)


def _excused(failure: Verdict, moved: float, noise: float) -> Verdict:
    alone = f"P(positive) moved by {moved:.2g}, and the company in a batch alone moves it by up to {noise:.2g}"
    return Verdict(Status.PASSED, f"{WITHIN_NOISE}: {failure.reason}, but {alone}")
