"""What an answer must be: one function per kind of promise, each an `Expectation`.

An answer that held neither label is never a pass: it fails an MFT case, and on either side an INV or
DIR case. Every failure and every skip says why in words a reader of the report understands.
"""

from __future__ import annotations

from collections.abc import Collection

from sentiment.types import PASSED, TWO_LABELS, Case, Label, Prediction, Status, Verdict


def has_label(case: Case, prediction: Prediction, base: Prediction | None) -> Verdict:
    """MFT: the answer is one of the labels that the case allows."""
    if not case.allowed:
        raise ValueError(f"case {case.id}: an expected label is needed, the case has none")
    if prediction.is_right(case.allowed):
        return PASSED
    return _failed(f"expected {_words(case.allowed)}, {_answered(prediction)}")


def same_as_base(case: Case, prediction: Prediction, base: Prediction | None) -> Verdict:
    """INV: the answer is the one given to the unedited text."""
    before = _base_of(case, base)
    if prediction.label is None or before.label is None:
        return _failed(f"on the edited text the model {_answered(prediction)}; on the base it {_answered(before)}")
    if prediction.label is before.label:
        return PASSED
    cause = "the edit" if case.base and case.base.query.prompt == case.query.prompt else "the other prompt"
    luck = ", which happens to be right" if prediction.is_right(case.allowed) else ""
    return _failed(f"{cause} turned {before.label.word} into {prediction.label.word}{luck}")


def flips_from_base(case: Case, prediction: Prediction, base: Prediction | None) -> Verdict:
    """DIR: the answer is another label than on the base; skipped where the base is already wrong."""
    before = _base_of(case, base)
    if before.label is None:
        return _failed(f"on the base the model {_answered(before)}")
    truth = case.base.allowed if case.base else frozenset()
    if truth and not before.is_right(truth):
        return Verdict(Status.SKIPPED, f"the base is already wrong: {_words(truth)}, {_answered(before)}")
    turned = TWO_LABELS.others(before.label)
    if prediction.is_right(turned):
        return PASSED
    return _failed(f"expected {_words(turned)} after the edit, {_answered(prediction)}")


def both_right(case: Case, prediction: Prediction, base: Prediction | None) -> Verdict:
    """DIR: the base and the edited text both get their own label."""
    before = _base_of(case, base)
    truth = case.base.allowed if case.base else frozenset()
    if not truth or not case.allowed:
        raise ValueError(f"case {case.id}: both texts need a label")
    wrong = [
        f"{which} is {_words(allowed)}, {_answered(answer)}"
        for which, allowed, answer in (("the original", truth, before), ("the edited text", case.allowed, prediction))
        if not answer.is_right(allowed)
    ]
    return _failed("; ".join(wrong)) if wrong else PASSED


def nearer_the_middle(case: Case, prediction: Prediction, base: Prediction | None) -> Verdict:
    """DIR: P(positive) lies nearer to 0.5 than on the base; skipped for a predictor without probabilities."""
    before = _base_of(case, base)
    if prediction.p_positive is None or before.p_positive is None:
        return Verdict(Status.SKIPPED, "the answer came without a probability")
    doubt, sure = abs(prediction.p_positive - 0.5), abs(before.p_positive - 0.5)
    if doubt < sure:
        return PASSED
    wanted = f"nearer to 0.5 than the base's {before.p_positive:.3f}"
    return _failed(f"P(positive) should lie {wanted}; it is {prediction.p_positive:.3f}")


def _base_of(case: Case, base: Prediction | None) -> Prediction:
    if base is None:
        raise ValueError(f"case {case.id}: the answer to its base is needed, the case has no base")
    return base


def _words(allowed: Collection[Label]) -> str:
    return " or ".join(label.word for label in sorted(allowed))


def _answered(prediction: Prediction) -> str:
    if prediction.label is None:
        return f"answered neither label: {prediction.text!r}"
    return f"answered {prediction.label.word}"


def _failed(reason: str) -> Verdict:
    return Verdict(Status.FAILED, reason)
