"""What training without the instruction format does (Q1.1, Q1.2): the same rows, once formatted and twice raw."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any, Literal

from sklearn.metrics import roc_auc_score

from sentiment.behavior.paired import differ
from sentiment.behavior.statistics import holm
from sentiment.metrics import metrics_of
from sentiment.models.rendering import rendered
from sentiment.models.tokens import IGNORED
from sentiment.pipeline import Workbench
from sentiment.prompts import BARE
from sentiment.study.arms import Arm
from sentiment.study.measures import is_wrong, is_wrong_by_likelihood, most_common
from sentiment.types import Approach, Label, Prediction, Prompt, Query, Review

Form = Literal["instruction", "raw", "raw-labelled"]
FORMS: dict[Form, str] = {
    "instruction": "prompt and answer; only the answer is supervised",
    "raw": "the review alone; every token is supervised",
    "raw-labelled": "the review and its label behind it, no instruction; every token is supervised",
}


def raw_text(bench: Workbench) -> dict[str, Any]:
    """LoRA trained on the same rows in three forms, asked with the house prompt and with the bare review."""
    sizes, house = bench.profile.study, bench.profile.house_prompt
    rows = bench.training_rows[: sizes.rows]
    reviews = bench.pools.test[: sizes.raw_reviews]
    labels = [Label(review.label) for review in reviews if review.label is not None]
    found: list[dict[str, Any]] = []
    errors: dict[tuple[str, str], list[int]] = {}
    for arm in (Arm("untrained", Approach.BASE), *(Arm(form, Approach.LORA, form=form) for form in FORMS)):
        predictor = arm.predictor(bench, bench.profile.seed, rows)
        for prompt in (house, BARE):
            answers = predictor.predict([Query(prompt, review.text) for review in reviews])
            errors[arm.name, prompt.name] = [is_wrong(a, label) for a, label in zip(answers, labels, strict=True)]
            found.append(_row(arm, prompt, labels, answers))
        predictor.release()
    for key, control in (("p_against_formatted", "instruction"), ("p_against_untrained", "untrained")):
        tested = [row for row in found if (row["trained_on"], row["asked_with"]) != (control, house.name)]
        p_values = [
            _differ(errors[control, house.name], errors[row["trained_on"], row["asked_with"]]) for row in tested
        ]
        for row, adjusted in zip(tested, holm(p_values), strict=True):
            row[key] = adjusted
    return {
        "training_rows": len(rows),
        "test_reviews": len(labels),
        "forms": [{"form": form, "what": what, **_supervised(bench, form, rows)} for form, what in FORMS.items()],
        "learning_rate": bench.profile.lora.learning_rate,
        "most_tokens": bench.profile.scoring.max_new_tokens,
        "rows": found,
    }


def _supervised(bench: Workbench, form: Form, rows: Sequence[Review]) -> dict[str, float]:
    """Supervised tokens per row, and the share of them that belong to the answer and its end."""
    own = Arm(form, Approach.LORA, form=form).bench(bench, bench.profile.seed)
    renderer = own.renderer(own.weights(Approach.BASE))
    counts = [sum(label != IGNORED for label in row["labels"]) for row in rendered(rows, renderer, own.profile).rows]
    prompt = bench.profile.house_prompt if form == "instruction" else BARE
    answers = [len(renderer.frame(prompt).answers[row.label]) + 1 for row in rows if row.label is not None]
    total = 0 if form == "raw" else sum(answers)
    return {"supervised_tokens": sum(counts) / len(counts), "answer_share": total / sum(counts)}


def _differ(one: Sequence[int], other: Sequence[int]) -> float:
    return differ([b - a for a, b in zip(one, other, strict=True)])


def _row(arm: Arm, prompt: Prompt, labels: Sequence[Label], answers: Sequence[Prediction]) -> dict[str, Any]:
    metrics = metrics_of(labels, answers)
    masses = [answer.label_mass for answer in answers if answer.label_mass is not None]
    shares = [0.5 if answer.p_positive is None else answer.p_positive for answer in answers]
    return {
        "trained_on": arm.name,
        "asked_with": prompt.name,
        "accuracy": metrics.accuracy,
        "accuracy_interval": [metrics.interval.low, metrics.interval.high],
        "unanswered": metrics.unanswered,
        "by_likelihood": 1 - fmean(is_wrong_by_likelihood(a, label) for a, label in zip(answers, labels, strict=True)),
        "auc": float(roc_auc_score(labels, shares)),
        "label_mass": sum(masses) / len(masses) if masses else None,
        "answers": most_common(answer.text for answer in answers),
        "p_against_formatted": None,
        "p_against_untrained": None,
    }
