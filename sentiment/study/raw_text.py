"""What training without the instruction format does (Q1.1, Q1.2): the same rows, once formatted and twice raw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sentiment.behavior.paired import differ
from sentiment.metrics import metrics_of
from sentiment.pipeline import Workbench
from sentiment.prompts import BARE
from sentiment.study.arms import Arm
from sentiment.types import Approach, Label, Prediction, Prompt, Query

Form = Literal["instruction", "raw", "raw-labelled"]
FORMS: dict[Form, str] = {
    "instruction": "prompt and answer; only the answer is supervised",
    "raw": "the review alone; every token is supervised",
    "raw-labelled": "the review and its label behind it, no instruction; every token is supervised",
}


def raw_text(bench: Workbench) -> dict[str, Any]:
    """LoRA trained on the same rows in three forms, asked with the house prompt and with the bare review."""
    sizes = bench.profile.study
    rows = bench.training_rows[: sizes.rows]
    reviews = bench.pools.test
    labels = [Label(review.label) for review in reviews if review.label is not None]
    found, wrong = [], {}
    for arm in (Arm("untrained", Approach.BASE), *(Arm(form, Approach.LORA, form=form) for form in FORMS)):
        predictor = arm.predictor(bench, bench.profile.seed, rows)
        for prompt in (bench.profile.house_prompt, BARE):
            answers = predictor.predict([Query(prompt, review.text) for review in reviews])
            wrong[arm.name, prompt.name] = [int(a.label is not label) for a, label in zip(answers, labels, strict=True)]
            found.append(_row(arm, prompt, labels, answers))
        predictor.release()
    formatted = wrong["instruction", bench.profile.house_prompt.name]
    for row in found:
        other = wrong[row["trained_on"], row["asked_with"]]
        row["p_against_formatted"] = differ([b - a for a, b in zip(formatted, other, strict=True)])
    return {"training_rows": len(rows), "test_reviews": len(labels), "forms": FORMS, "rows": found}


def _row(arm: Arm, prompt: Prompt, labels: Sequence[Label], answers: Sequence[Prediction]) -> dict[str, Any]:
    metrics = metrics_of(labels, answers)
    masses = [answer.label_mass for answer in answers if answer.label_mass is not None]
    return {
        "trained_on": arm.name,
        "asked_with": prompt.name,
        "accuracy": metrics.accuracy,
        "accuracy_interval": [metrics.interval.low, metrics.interval.high],
        "unanswered": metrics.unanswered,
        "label_mass": sum(masses) / len(masses) if masses else None,
        "answers": _most_common([answer.text for answer in answers]),
    }


def _most_common(texts: Sequence[str], most: int = 3) -> list[list[Any]]:
    """The answers given most often, with their counts."""
    counts: dict[str, int] = {}
    for text in texts:
        counts[text.strip()] = counts.get(text.strip(), 0) + 1
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [[text, count] for text, count in ranked[:most]]
