"""The lines of a journal: a subject, an outcome, a ruling or a finding as JSON can hold it, and back.

A line holds what its record does, under the record's names, but for what `_case`, `_prediction` and `_promise` say.
Reading takes nothing for granted, and knows what lines of the first schema meant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from sentiment.runs.findings import check_finding
from sentiment.runs.records import plain, reader
from sentiment.types import (
    Behavior,
    BehaviorResult,
    Case,
    Finding,
    Interval,
    Label,
    Outcome,
    Prediction,
    Promise,
    Prompt,
    Shows,
    SubjectFacts,
)

_SHOWN = {
    "held_out_reviews_get_their_label": Shows.ACCURACY,
    "rewording_keeps_the_answer": Shows.PROMPT_SPREAD,
}
"""What behaviors of the first schema showed; they did not say so themselves."""
_TRAINED = ("sft", "lora")
"""Whom the budgets of the first schema held for."""

_PROMPT = [each.name for each in fields(Prompt)]
_RULED = ("predictor", "ruling", "reason", "budget", "known", "change", "against")
"""Of a result, what its outcomes do not tell."""

_read_promise = reader(Promise, whole=True)
_read_outcome = reader(Outcome, whole=True)
_read_result = reader(BehaviorResult, whole=True)
_read_finding = reader(Finding, whole=True)
_read_subject = reader(SubjectFacts, whole=True)


def subject_line(subject: SubjectFacts) -> dict[str, Any]:
    """A subject, before its first outcome."""
    return {"subject": plain(subject)}


def outcome_lines(promise: Promise, outcomes: Iterable[Outcome]) -> Iterator[dict[str, Any]]:
    """Judged cases of one behavior."""
    behavior = _promise_line(promise)
    return ({"behavior": behavior, **_outcome_line(outcome)} for outcome in outcomes)


def result_line(result: BehaviorResult) -> dict[str, Any]:
    """A behavior's ruling."""
    return {
        "result": {name: plain(getattr(result, name)) for name in _RULED},
        "behavior": _promise_line(result.promise),
    }


def behavior_line(behavior: Behavior) -> dict[str, Any]:
    """What a behavior promises, and what it expects by name: the head of its cases in a file of them."""
    expected = getattr(behavior.expectation, "__name__", type(behavior.expectation).__name__)
    return {"behavior": _promise_line(behavior.promise), "expectation": expected}


def finding_line(finding: Finding) -> dict[str, Any]:
    """A finding."""
    return {"finding": plain(finding)}


def parse_line(line: Any) -> tuple[Promise, Outcome | BehaviorResult] | Finding | SubjectFacts:
    """What stands in a line; outcomes and rulings come with the promise that they are about.

    Raises `ValueError` for whatever is no such line: where something is missing, of another kind, or not finite.
    """
    try:
        if "finding" in line:
            return _finding(line["finding"])
        if "subject" in line:
            return _read_subject(line["subject"])
        promise = _promise(line["behavior"])
        return promise, _result(promise, line["result"]) if "result" in line else _outcome(promise, line)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no line of a journal: {error}") from None


def _promise_line(promise: Promise) -> dict[str, Any]:
    """What a behavior promises; its claim is called `promise`."""
    return {"promise" if name == "claim" else name: value for name, value in plain(promise).items()}


def _outcome_line(outcome: Outcome) -> dict[str, Any]:
    return {
        "predictor": str(outcome.predictor),
        "case": case_line(outcome.case),
        "prediction": _prediction_line(outcome.prediction),
        "base_prediction": None if outcome.base_prediction is None else _prediction_line(outcome.base_prediction),
        "status": outcome.verdict.status.value,
        "reason": outcome.verdict.reason,
    }


def case_line(case: Case) -> dict[str, Any]:
    """A case: id, text, prompt, allowed labels as words, base (a case again), group, tags."""
    prompt = case.query.prompt
    return {
        "id": case.id,
        "allowed": [label.word for label in sorted(case.allowed)],
        "group": case.group,
        "tags": dict(case.tags),
        "text": case.query.text,
        "prompt": {**{name: getattr(prompt, name) for name in _PROMPT}, "parts": dict(prompt.parts)},
        "base": None if case.base is None else case_line(case.base),
    }


def _prediction_line(prediction: Prediction) -> dict[str, Any]:
    shares = prediction.shares
    return {
        "label": None if prediction.label is None else prediction.label.word,
        "shares": None if shares is None else {label.word: _number(share) for label, share in shares.items()},
        "label_mass": _number(prediction.label_mass),
        "text": prediction.text,
        "cut": prediction.cut,
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _finding(facts: Mapping[str, Any]) -> Finding:
    finding = _read_finding(facts)
    check_finding(finding.kind, finding.facts)
    return finding


def _promise(facts: Mapping[str, Any]) -> Promise:
    budget, shows = facts["budget"], facts.get("shows")
    if isinstance(budget, Mapping):  # of the first schema: one per approach, all the same
        budget = max(budget.values(), default=None)
    if "shows" not in facts:
        shows = _SHOWN.get(facts["name"])
    return _read_promise({**facts, "claim": facts["promise"], "budget": _share(budget), "shows": shows})


def _result(promise: Promise, facts: Mapping[str, Any]) -> BehaviorResult:
    """A ruling; outcomes, counts and interval are to be filled in."""
    budget = facts["budget"] if "budget" in facts else promise.budget if facts["predictor"] in _TRAINED else None
    open_yet = {"outcomes": (), "failed": 0, "judged": 0, "interval": Interval(0.0, 1.0)}
    return _read_result({**facts, **open_yet, "promise": promise, "budget": _share(budget)})


def _outcome(promise: Promise, line: Mapping[str, Any]) -> Outcome:
    base = line["base_prediction"]
    return _read_outcome(
        {
            "behavior": promise.name,
            "predictor": line["predictor"],
            "case": _case(line["case"]),
            "prediction": _prediction(line["prediction"]),
            "base_prediction": None if base is None else _prediction(base),
            "verdict": {"status": line["status"], "reason": line["reason"]},
        }
    )


def _case(facts: Mapping[str, Any]) -> dict[str, Any]:
    base = facts["base"]
    words = facts["allowed"] if "allowed" in facts else _first_labels(facts["label"])
    return {
        **facts,
        "query": {"prompt": facts["prompt"], "text": facts["text"]},
        "allowed": [_label(word) for word in words],
        "base": None if base is None else _case(base),
    }


def _first_labels(word: Any) -> list[Any]:
    """The words of the labels that a case of the first schema allows: its one label, or none."""
    return [] if word is None else [word]


def _prediction(facts: Mapping[str, Any]) -> dict[str, Any]:
    word = facts["label"]
    return {**facts, "label": None if word is None else _label(word), "shares": _shares(facts)}


def _shares(facts: Mapping[str, Any]) -> dict[Label, float] | None:
    """None also where one is missing, as one that was not finite is."""
    if "shares" not in facts:  # of the first schema
        p_positive = _share(facts["p_positive"])
        return None if p_positive is None else {Label.NEGATIVE: 1 - p_positive, Label.POSITIVE: p_positive}
    if facts["shares"] is None:
        return None
    shares = {_label(word): _share(share) for word, share in facts["shares"].items()}
    return None if not shares or None in shares.values() else shares


def _share(value: Any) -> Any:
    """The value, if it is none or lies in [0, 1]; whether it is a number at all shows when the record is read."""
    if value is not None and not 0 <= value <= 1:
        raise ValueError(f"a share is expected, got {value!r}")
    return value


def _label(word: str) -> Label:
    return Label[word.upper()]
