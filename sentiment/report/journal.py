"""The journal: one JSON line per judged case, per ruling and per finding, on disk as soon as it is known.

Everything else in a run folder is made from it, so a run that was stopped at any moment can still be
reported. Each line stands alone: it repeats what is needed of its behavior. Under several worker
processes each writes its own file, `journal-<worker>.jsonl`.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from sentiment.errors import PromptError, ReportError
from sentiment.report.run_folder import plain, writing
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


@dataclass(frozen=True)
class Journal:
    """What the journal files of one folder hold."""

    behaviors: Mapping[str, Behavior]
    """By name; their cases and expectation cannot be called."""
    outcomes: Sequence[Outcome]
    """One per behavior, predictor and case; where a case was judged twice, the later line counts."""
    results: Mapping[tuple[str, str], BehaviorResult] = field(default_factory=dict)
    """The rulings, by behavior and predictor; their outcomes, counts and interval are to be filled in."""
    findings: Sequence[Finding] = ()
    """What tests found out beside their rulings; of equal ones the last."""
    unreadable: int = 0
    """Lines left out because they were torn (by a kill) or are not ours."""


def journal_path(folder: Path, worker: str | None = None) -> Path:
    """The journal file of this process; `worker` names it where several write."""
    return folder / (f"journal-{worker}.jsonl" if worker else "journal.jsonl")


def append(path: Path, behavior: Behavior, outcomes: Iterable[Outcome]) -> None:
    """Add the outcomes to the file and flush it to disk. Raises `ReportError` when it cannot."""
    _append(path, [_line(behavior, outcome) for outcome in outcomes])


def append_result(path: Path, result: BehaviorResult) -> None:
    """Add a behavior's ruling. Raises `ReportError`."""
    facts = {
        "predictor": str(result.predictor),
        "ruling": result.ruling.value,
        "reason": result.reason,
        "known": result.known,
        "change": None if result.change is None else asdict(result.change),
        "against": None if result.against is None else asdict(result.against),
    }
    _append(path, [{"result": facts, "behavior": _behavior_line(result.behavior)}])


def append_finding(path: Path, finding: Finding) -> None:
    """Add a finding. Raises `ReportError`."""
    _append(path, [{"finding": plain(asdict(finding))}])


def _append(path: Path, values: Iterable[Mapping[str, Any]]) -> None:
    lines = "".join(json.dumps(value, allow_nan=False) + "\n" for value in values)
    with writing(path), path.open("ab+") as file:
        if _is_torn(path):
            lines = "\n" + lines
        file.write(lines.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def read_journal(folder: Path) -> Journal:
    """All journal files of the folder, merged. Raises `ReportError` when there is none or it cannot be read."""
    paths = sorted(folder.glob("journal*.jsonl"))
    if not paths:
        raise ReportError(f"{folder} holds no journal (journal.jsonl): is it a run folder?")
    behaviors: dict[str, Behavior] = {}
    outcomes: dict[tuple[str, str, str], Outcome] = {}
    results: dict[tuple[str, str], BehaviorResult] = {}
    findings: dict[tuple[str, str], Finding] = {}
    unreadable = 0
    for path in paths:
        for line in _lines(path):
            try:
                facts = json.loads(line)
                if "finding" in facts:
                    finding = _parse_finding(facts["finding"])
                    findings[finding.kind, finding.predictor] = finding
                    continue
                behavior = _parse_behavior(facts["behavior"])
                if "result" in facts:
                    result = _parse_result(behavior, facts["result"])
                    results[behavior.name, result.predictor] = result
                else:
                    outcome = _parse(behavior, facts)
                    outcomes[behavior.name, outcome.predictor, outcome.case.id] = outcome
                behaviors[behavior.name] = behavior
            except (ValueError, KeyError, TypeError, AttributeError, PromptError):
                unreadable += 1
    return Journal(behaviors, list(outcomes.values()), results, list(findings.values()), unreadable)


def _lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().split(b"\n") if line.strip()]
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}") from None


def _is_torn(path: Path) -> bool:
    """Whether the file ends within a line, as after a kill."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _line(behavior: Behavior, outcome: Outcome) -> dict[str, Any]:
    return {
        "behavior": _behavior_line(behavior),
        "predictor": str(outcome.predictor),
        "case": _case_line(outcome.case),
        "prediction": _prediction_line(outcome.prediction),
        "base_prediction": None if outcome.base_prediction is None else _prediction_line(outcome.base_prediction),
        "status": outcome.verdict.status.value,
        "reason": outcome.verdict.reason,
    }


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
    if not isinstance(facts["facts"], Mapping):
        raise TypeError(f"the facts of a finding are an object, got {facts['facts']!r}")
    return Finding(_text(facts["kind"]), _text(facts["predictor"]), facts["facts"])


def _text(value: Any) -> str:
    """The value, if it is text. Raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError(f"text is expected, got {value!r}")
    return value


def _parse_behavior(facts: Mapping[str, Any]) -> Behavior:
    return Behavior(
        name=_text(facts["name"]),
        capability=_text(facts["capability"]),
        kind=Kind(facts["kind"]),
        promise=_text(facts["promise"]),
        cases=_not_kept,
        expectation=_not_kept,
        budget={Approach(approach): float(share) for approach, share in facts["budget"].items()},
        min_live=facts["min_live"],
        partner=facts["partner"],
        gated=facts["gated"],
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
        change=None if facts["change"] is None else Change(**facts["change"]),
        against=None if facts["against"] is None else Change(**facts["against"]),
        known=facts["known"],
    )


def _parse(behavior: Behavior, line: Mapping[str, Any]) -> Outcome:
    base = line["base_prediction"]
    return Outcome(
        behavior=behavior.name,
        predictor=_text(line["predictor"]),
        case=_parse_case(line["case"]),
        prediction=_parse_prediction(line["prediction"]),
        base_prediction=None if base is None else _parse_prediction(base),
        verdict=Verdict(Status(line["status"]), _text(line["reason"])),
    )


def _parse_case(facts: Mapping[str, Any]) -> Case:
    return Case(
        id=_text(facts["id"]),
        query=Query(Prompt(**facts["prompt"]), _text(facts["text"])),
        label=_parse_label(facts["label"]),
        base=None if facts["base"] is None else _parse_case(facts["base"]),
        group=_text(facts["group"]),
        tags={_text(slot): _text(filler) for slot, filler in facts["tags"].items()},
    )


def _parse_prediction(facts: Mapping[str, Any]) -> Prediction:
    return Prediction(**{**facts, "label": _parse_label(facts["label"])})


def _parse_label(word: str | None) -> Label | None:
    return None if word is None else Label[word.upper()]


def _not_kept(*_: object) -> NoReturn:
    raise ReportError("a journal keeps a behavior's outcomes, not how its cases were made")
