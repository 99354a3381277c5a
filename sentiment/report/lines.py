"""The lines of a journal: an outcome, a ruling or a finding as JSON can hold it, and back.

Reading takes nothing for granted: whatever is missing, of another kind or not finite raises `ValueError`, `KeyError`,
`TypeError`, `AttributeError`, `RecursionError` or `PromptError`, and the line counts as unreadable.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from sentiment.errors import ReportError
from sentiment.report.facts import check_finding
from sentiment.report.run_folder import plain
from sentiment.types import (
    Approach,
    Behavior,
    BehaviorResult,
    Case,
    Change,
    Interval,
    Kind,
    Label,
    Outcome,
    Prediction,
    Prompt,
    Query,
    Ruling,
    Status,
    Verdict,
)


@dataclass(frozen=True)
class Finding:
    """Facts that a test hands to the report: the worst prompt, the failures that it explained."""

    kind: str
    predictor: str
    facts: Mapping[str, Any]
    """As JSON can hold it."""


def outcome_line(behavior: Behavior, outcome: Outcome) -> dict[str, Any]:
    """A judged case."""
    return {
        "behavior": _behavior_line(behavior),
        "predictor": str(outcome.predictor),
        "case": _case_line(outcome.case),
        "prediction": _prediction_line(outcome.prediction),
        "base_prediction": None if outcome.base_prediction is None else _prediction_line(outcome.base_prediction),
        "status": outcome.verdict.status.value,
        "reason": outcome.verdict.reason,
    }


def result_line(result: BehaviorResult) -> dict[str, Any]:
    """A behavior's ruling."""
    facts = {
        "predictor": str(result.predictor),
        "ruling": result.ruling.value,
        "reason": result.reason,
        "known": result.known,
        "change": None if result.change is None else asdict(result.change),
        "against": None if result.against is None else asdict(result.against),
    }
    return {"result": facts, "behavior": _behavior_line(result.behavior)}


def finding_line(finding: Finding) -> dict[str, Any]:
    """A finding."""
    return {"finding": plain(asdict(finding))}


def parse_line(line: Mapping[str, Any]) -> tuple[Behavior, Outcome | BehaviorResult] | Finding:
    """What stands in a line; outcomes and rulings come with their behavior, whose cases and expectation cannot be
    called."""
    if "finding" in line:
        return _parse_finding(line["finding"])
    behavior = _parse_behavior(line["behavior"])
    if "result" in line:
        return behavior, _parse_result(behavior, line["result"])
    return behavior, _parse_outcome(behavior, line)


def _behavior_line(behavior: Behavior) -> dict[str, Any]:
    return {
        "name": behavior.name,
        "capability": behavior.capability,
        "kind": behavior.kind.value,
        "promise": behavior.promise,
        "budget": {approach.value: share for approach, share in behavior.budget.items()},
        "min_live": behavior.min_live,
        "partner": behavior.partner,
        "gated": behavior.gated,
    }


def _case_line(case: Case) -> dict[str, Any]:
    prompt = case.query.prompt
    return {
        "id": case.id,
        "label": case.label.word if case.label is not None else None,
        "group": case.group,
        "tags": dict(case.tags),
        "text": case.query.text,
        "prompt": {
            "name": prompt.name,
            "template": prompt.template,
            "positive": prompt.positive,
            "negative": prompt.negative,
            "system": prompt.system,
            "chat": prompt.chat,
            "parts": dict(prompt.parts),
        },
        "base": None if case.base is None else _case_line(case.base),
    }


def _prediction_line(prediction: Prediction) -> dict[str, Any]:
    return {
        "label": prediction.label.word if prediction.label is not None else None,
        "p_positive": _number(prediction.p_positive),
        "label_mass": _number(prediction.label_mass),
        "text": prediction.text,
        "cut": prediction.cut,
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _parse_finding(facts: Mapping[str, Any]) -> Finding:
    finding = Finding(_text(facts["kind"]), _text(facts["predictor"]), facts["facts"])
    if not isinstance(finding.facts, Mapping):
        raise TypeError(f"the facts of a finding are an object, got {finding.facts!r}")
    check_finding(finding.kind, finding.facts)
    return finding


def _text(value: Any) -> str:
    """The value, if it is text. Raises `TypeError`."""
    return _of(str, value)


def _finite(value: Any) -> float:
    """The value, if it is a number that is finite. Raises `TypeError` or `ValueError`."""
    number = _of((int, float), value)
    if isinstance(value, bool) or not -sys.float_info.max <= number <= sys.float_info.max:
        raise ValueError(f"a finite number is expected, got {value!r}")
    return float(number)


def _share(value: Any) -> float:
    """The value, if it lies in [0, 1]. Raises `TypeError` or `ValueError`."""
    share = _finite(value)
    if not 0 <= share <= 1:
        raise ValueError(f"a share is expected, got {value!r}")
    return share


def _of(kinds: Any, value: Any) -> Any:
    if not isinstance(value, kinds):
        raise TypeError(f"{kinds} is expected, got {value!r}")
    return value


def _or_none(parse: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else parse(value)


def _parse_behavior(facts: Mapping[str, Any]) -> Behavior:
    return Behavior(
        name=_text(facts["name"]),
        capability=_text(facts["capability"]),
        kind=Kind(facts["kind"]),
        promise=_text(facts["promise"]),
        cases=_not_kept,
        expectation=_not_kept,
        budget={Approach(approach): _share(share) for approach, share in facts["budget"].items()},
        min_live=_of(int, facts["min_live"]),
        partner=_or_none(_text, facts["partner"]),
        gated=_of(bool, facts["gated"]),
    )


def _parse_result(behavior: Behavior, facts: Mapping[str, Any]) -> BehaviorResult:
    return BehaviorResult(
        behavior,
        _text(facts["predictor"]),
        outcomes=(),
        failed=0,
        judged=0,
        interval=Interval(0.0, 1.0),
        ruling=Ruling(facts["ruling"]),
        reason=_text(facts["reason"]),
        change=_or_none(_parse_change, facts["change"]),
        against=_or_none(_parse_change, facts["against"]),
        known=_text(facts["known"]),
    )


def _parse_change(facts: Mapping[str, Any]) -> Change:
    return Change(
        rate=_finite(facts["rate"]),
        p_worse=_finite(facts["p_worse"]),
        p_better=_finite(facts["p_better"]),
        visible=_or_none(_finite, facts["visible"]),
        new_failures=list(map(_text, _of(list, facts["new_failures"]))),
        fixed=list(map(_text, _of(list, facts["fixed"]))),
    )


def _parse_outcome(behavior: Behavior, line: Mapping[str, Any]) -> Outcome:
    return Outcome(
        behavior=behavior.name,
        predictor=_text(line["predictor"]),
        case=_parse_case(line["case"]),
        prediction=_parse_prediction(line["prediction"]),
        base_prediction=_or_none(_parse_prediction, line["base_prediction"]),
        verdict=Verdict(Status(line["status"]), _text(line["reason"])),
    )


def _parse_case(facts: Mapping[str, Any]) -> Case:
    return Case(
        id=_text(facts["id"]),
        query=Query(_parse_prompt(facts["prompt"]), _text(facts["text"])),
        label=_or_none(_parse_label, facts["label"]),
        base=_or_none(_parse_case, facts["base"]),
        group=_text(facts["group"]),
        tags=_texts(facts["tags"]),
    )


def _parse_prompt(facts: Mapping[str, Any]) -> Prompt:
    return Prompt(
        name=_text(facts["name"]),
        template=_text(facts["template"]),
        positive=_text(facts["positive"]),
        negative=_text(facts["negative"]),
        system=_or_none(_text, facts["system"]),
        chat=_of(bool, facts["chat"]),
        parts=_texts(facts["parts"]),
    )


def _texts(facts: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in facts.items()}


def _parse_prediction(facts: Mapping[str, Any]) -> Prediction:
    return Prediction(
        label=_or_none(_parse_label, facts["label"]),
        p_positive=_or_none(_finite, facts["p_positive"]),
        label_mass=_or_none(_finite, facts["label_mass"]),
        text=_text(facts["text"]),
        cut=_of(bool, facts["cut"]),
    )


def _parse_label(word: str) -> Label:
    return Label[word.upper()]


def _not_kept(*_: object) -> NoReturn:
    raise ReportError("a journal keeps a behavior's outcomes, not how its cases were made")
