"""What must hold of facts read from disk before the report reckons with them; what else is there is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PlainValidator, ValidationError


def _any_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is expected, got {type(value).__name__}")
    return value


Text = Annotated[str, PlainValidator(_any_text)]
"""Also with lone surrogates, which pydantic's own `str` refuses."""


class _Facts(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class _Run(_Facts):
    complete: bool | None = None
    """It came to its end, its report is written, and none of its cases is missing."""
    ended: bool | None = None
    """Everything that was selected was run; the report may be missing, or short of cases."""
    quick: bool | None = None
    promises: bool | None = None
    accuracy_floor: dict[Text, float | None] | None = None
    failed_checks: dict[Text, Text] | None = None
    duration: float | None = None
    counts: dict[Text, NonNegativeInt] | None = None
    """How many cases, rulings and findings the run had."""
    against_lacks: list[Text] | None = None
    """What was wrong with the earlier run that it was held against."""


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


LEVELS = 20
"""Facts of ours are nested less deeply than this; what walks deeper ones would not return."""


def check_run(facts: Mapping[str, Any]) -> None:
    """Raises `ValueError` when the content of `run.json` cannot be reckoned with."""
    _check(_Run, facts)


def check_finding(kind: str, facts: Mapping[str, Any]) -> None:
    """Raises `ValueError` when the report's sentence on such a finding could not be made of the facts.

    Facts of another version, which lack some, are no mistake: they are shown as they are.
    """
    _check(_FINDINGS.get(kind, _Facts), facts)


def _check(shape: type[_Facts], facts: Mapping[str, Any]) -> None:
    if _is_deeper(facts, LEVELS):
        raise ValueError("nested too deeply")
    try:
        shape.model_validate(dict(facts))
    except ValidationError as error:
        wrong = [each for each in error.errors() if each["type"] != "missing" or len(each["loc"]) > 1]
        if wrong:
            raise ValueError(f"{'.'.join(map(str, wrong[0]['loc']))}: {wrong[0]['msg']}") from None


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if inner is None:
        return False
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)
