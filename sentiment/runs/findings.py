"""What must hold of a finding's facts before the report reckons with them; what else is there is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError

from sentiment.runs.records import is_deeper


def _any_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is expected, got {type(value).__name__}")
    return value


Text = Annotated[str, PlainValidator(_any_text)]
"""Also with lone surrogates, which pydantic's own `str` refuses."""


class _Facts(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class _NoiseFloor(_Facts):
    queries: int
    flips: int
    largest: float


class _Flip(_Facts):
    text: Text
    label: Text
    before: Text | None
    now: Text | None


class _PromptFinding(_Facts):
    tried: int
    smallest: dict[Text, Text]
    example: Text
    template: Text
    accuracy_before: float
    accuracy: float
    p_value: float
    reviews: int
    flips: list[_Flip]


class _WorstPrompt(_Facts):
    tried: int
    template: Text
    reviews: int
    accuracy: float
    accuracy_before: float
    accuracy_on_other_reviews: float
    accuracy_before_on_other_reviews: float


class _Rate(_Facts):
    rate: float
    accuracy: float


class _LabelNoise(_Facts):
    rows: int
    reviews: int
    rates: list[_Rate]


class _Kind(_Facts):
    kind: Text
    candidates: int
    failed: int


class _Stretch(_Facts):
    start: int
    end: int


class _Edit(_Facts):
    text: Text


class _Example(_Facts):
    kind: Text
    text: Text
    label: Text
    answer: Text | None
    p_positive: float | None
    why_hard: Text
    evidence: list[Text]
    carrying: _Stretch | None
    smallest_edit: _Edit | None


class _ErrorAnalysis(_Facts):
    candidates: int
    failed: int
    kinds: list[_Kind]
    examples: list[_Example]


_FINDINGS: dict[str, type[_Facts]] = {
    "noise_floor": _NoiseFloor,
    "prompt_finding": _PromptFinding,
    "worst_prompt": _WorstPrompt,
    "label_noise": _LabelNoise,
    "error_analysis": _ErrorAnalysis,
}


def check_finding(kind: str, facts: Mapping[str, Any]) -> None:
    """Raises `ValueError` when the report's sentence on such a finding could not be made of the facts.

    Facts of another version, which lack some, are no mistake: they are shown as they are.
    """
    if is_deeper(facts):
        raise ValueError("nested too deeply")
    try:
        _FINDINGS.get(kind, _Facts).model_validate(dict(facts))
    except ValidationError as error:
        wrong = [each for each in error.errors() if each["type"] != "missing" or len(each["loc"]) > 1]
        if wrong:
            raise ValueError(f"{'.'.join(map(str, wrong[0]['loc']))}: {wrong[0]['msg']}") from None
