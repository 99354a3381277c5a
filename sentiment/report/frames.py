"""Outcomes as a table with stable columns, and the table as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from math import isfinite
from typing import Any

import pandas as pd

from sentiment.safety import csv_safe
from sentiment.types import Label, Outcome, Prediction, Promise, Status

COLUMNS: dict[str, str] = {
    "behavior": "name of the behavior",
    "capability": "what it is about",
    "kind": "MFT, INV or DIR",
    "predictor": "name of the subject",
    "status": "passed, failed or skipped",
    "reason": "why it failed or was skipped, or passed although the answer turned",
    "label": "the true label, where it is known",
    "answer": "the label that was answered; empty: neither",
    "p_positive": "P(positive) among the two labels, 0 to 1",
    "label_mass": "probability of the two labels together, 0 to 1",
    "answer_text": "what the model wrote",
    "cut": "whether the review was cut to fit",
    "text": "the text that was judged",
    "base_text": "the text it was edited from; empty without one",
    "base_answer": "the label that was answered to the base",
    "base_p_positive": "P(positive) of the base, 0 to 1",
    "prompt": "name of the wording",
    "template": "the wording",
    "group": "cases of one group vary the same thing",
    "tags": "slot fillers and the like, as JSON",
    "case": "id of the case, to judge it alone",
    "shares": "share of each label in the probability of all, 0 to 1, as JSON; empty: not known",
    "allowed": "the labels that are right, with blanks between them",
}
"""Column -> meaning. New columns are added at the end; none is renamed or moved."""

NUMERIC = ("p_positive", "label_mass", "base_p_positive")


def outcomes_frame(promises: Mapping[str, Promise], outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """One row per outcome, the columns of `COLUMNS`; numbers as float64, `cut` as bool, the rest as object."""
    rows = [_row(promises[outcome.behavior], outcome) for outcome in outcomes]
    # object, not pandas' string type: that one cannot hold a lone surrogate
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in COLUMNS})
    return frame.astype({**dict.fromkeys(NUMERIC, "float64"), "cut": "bool"})


def failures_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The failed rows."""
    return frame[frame["status"] == Status.FAILED.value]


def to_csv(frame: pd.DataFrame) -> bytes:
    """UTF-8 CSV in which no text cell is a formula (see `csv_safe`); numbers are left alone.

    All text is quoted, since a bare carriage return would otherwise end the row for some readers. Lone
    surrogates, which UTF-8 cannot hold, are written as escapes; the journal has them as they were.
    """
    safe = frame.copy()
    for name in safe.select_dtypes(object).columns:
        safe[name] = pd.Series([csv_safe(cell) for cell in safe[name]], index=safe.index, dtype=object)
    buffer = StringIO()
    safe.to_csv(buffer, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    return buffer.getvalue().encode("utf-8", "backslashreplace")


def _row(promise: Promise, outcome: Outcome) -> dict[str, Any]:
    case, answer, base = outcome.case, outcome.prediction, outcome.base_prediction
    return {
        "behavior": promise.name,
        "capability": promise.capability,
        "kind": promise.kind.value,
        "predictor": str(outcome.predictor),
        "status": outcome.verdict.status.value,
        "reason": outcome.verdict.reason,
        "label": _word(case.label),
        "answer": _word(answer.label),
        "p_positive": answer.p_positive,
        "label_mass": answer.label_mass,
        "answer_text": answer.text,
        "cut": answer.cut,
        "text": case.query.text,
        "base_text": case.base.query.text if case.base else "",
        "base_answer": _word(base.label) if base else "",
        "base_p_positive": base.p_positive if base else None,
        "prompt": case.query.prompt.name,
        "template": case.query.prompt.template,
        "group": case.group,
        "tags": json.dumps(dict(case.tags)),
        "case": case.id,
        "shares": _shares(answer),
        "allowed": " ".join(label.word for label in sorted(case.allowed)),
    }


def _shares(answer: Prediction) -> str:
    shares = answer.shares or {}
    known = all(map(isfinite, shares.values()))
    return json.dumps({label.word: shares[label] for label in sorted(shares)}) if shares and known else ""


def _word(label: Label | None) -> str:
    return "" if label is None else label.word
