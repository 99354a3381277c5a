"""What training without the instruction format does (Q1.1, Q1.2): the same rows, once formatted and twice raw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from sklearn.metrics import roc_auc_score

from sentiment.judging.metrics import metrics_of
from sentiment.judging.paired import differ
from sentiment.judging.statistics import holm
from sentiment.models.rendering import rendered
from sentiment.models.tokens import IGNORED
from sentiment.pipeline import Workbench
from sentiment.prompting.prompts import BARE
from sentiment.study.arms import Arm
from sentiment.study.measures import is_wrong, is_wrong_by_likelihood, most_common
from sentiment.study.record import Ends
from sentiment.types import Approach, Label, Prediction, Query, Review

Form = Literal["instruction", "raw", "raw-labelled"]
FORMS: dict[Form, str] = {
    "instruction": "prompt and answer; only the answer is supervised",
    "raw": "the review alone; every token is supervised",
    "raw-labelled": "the review and its label behind it, no instruction; every token is supervised",
}


@dataclass(frozen=True)
class FormShown:
    """A form of the training rows, and what of it is supervised."""

    form: str
    what: str
    """In words."""
    supervised_tokens: float
    """Per row."""
    answer_share: float
    """Share of them that belongs to the answer and its end, in [0, 1]."""


@dataclass(frozen=True)
class RawTextRow:
    """A model trained on one form, asked with one prompt. Shares lie in [0, 1]."""

    trained_on: str
    asked_with: str
    accuracy: float
    accuracy_interval: Ends
    """Wilson."""
    unanswered: int
    by_likelihood: float
    """Accuracy of the likelier label word."""
    auc: float
    """Of that likelihood."""
    label_mass: float | None
    """Probability of the two label words together; None where it was not measured."""
    answers: tuple[tuple[str, int], ...]
    """Given most often, with their counts."""
    p_against_formatted: float | None
    """McNemar's exact test, Holm-adjusted; None for the formatted model itself."""
    p_against_untrained: float | None


@dataclass(frozen=True)
class RawTextFindings:
    """What training on the same rows in other forms does."""

    training_rows: int
    test_reviews: int
    forms: tuple[FormShown, ...]
    learning_rate: float
    most_tokens: int
    """Of an answer."""
    rows: tuple[RawTextRow, ...]


Asking = tuple[str, str]
"""Name of the arm, name of the prompt."""


def raw_text(bench: Workbench) -> RawTextFindings:
    """LoRA trained on the same rows in three forms, asked with the house prompt and with the bare review."""
    sizes, house = bench.profile.study, bench.profile.house_prompt
    rows = bench.training_rows[: sizes.rows]
    reviews = bench.pools.test[: sizes.raw_reviews]
    labels = [Label(review.label) for review in reviews if review.label is not None]
    answers: dict[Asking, Sequence[Prediction]] = {}
    for arm in (Arm("untrained", Approach.BASE), *(Arm(form, Approach.LORA, form=form) for form in FORMS)):
        predictor = arm.predictor(bench, bench.profile.seed, rows)
        for prompt in (house, BARE):
            answers[arm.name, prompt.name] = predictor.predict([Query(prompt, review.text) for review in reviews])
        predictor.release()
    errors = {
        asking: [is_wrong(answer, label) for answer, label in zip(given, labels, strict=True)]
        for asking, given in answers.items()
    }
    against_formatted = _p_against(("instruction", house.name), errors)
    against_untrained = _p_against(("untrained", house.name), errors)
    return RawTextFindings(
        training_rows=len(rows),
        test_reviews=len(labels),
        forms=tuple(_shown(bench, form, rows) for form in FORMS),
        learning_rate=bench.profile.lora.learning_rate,
        most_tokens=bench.profile.scoring.max_new_tokens,
        rows=tuple(
            _row(asking, labels, given, against_formatted[asking], against_untrained[asking])
            for asking, given in answers.items()
        ),
    )


def _shown(bench: Workbench, form: Form, rows: Sequence[Review]) -> FormShown:
    own = Arm(form, Approach.LORA, form=form).bench(bench, bench.profile.seed)
    renderer = own.renderer(own.weights(Approach.BASE))
    counts = [sum(label != IGNORED for label in row["labels"]) for row in rendered(rows, renderer, own.profile).rows]
    prompt = bench.profile.house_prompt if form == "instruction" else BARE
    answers = [len(renderer.frame(prompt).answers[row.label]) + 1 for row in rows if row.label is not None]
    total = 0 if form == "raw" else sum(answers)
    return FormShown(form, FORMS[form], sum(counts) / len(counts), total / sum(counts))


def _p_against(control: Asking, errors: Mapping[Asking, Sequence[int]]) -> dict[Asking, float | None]:
    """Holm-adjusted p-value of each against the control; None for the control itself."""
    tested = [asking for asking in errors if asking != control]
    p_values = [differ([b - a for a, b in zip(errors[control], errors[each], strict=True)]) for each in tested]
    return {control: None, **dict(zip(tested, holm(p_values), strict=True))}


def _row(
    asking: Asking,
    labels: Sequence[Label],
    answers: Sequence[Prediction],
    against_formatted: float | None,
    against_untrained: float | None,
) -> RawTextRow:
    metrics = metrics_of(labels, answers)
    masses = [answer.label_mass for answer in answers if answer.label_mass is not None]
    shares = [0.5 if answer.p_positive is None else answer.p_positive for answer in answers]
    trained_on, asked_with = asking
    return RawTextRow(
        trained_on=trained_on,
        asked_with=asked_with,
        accuracy=metrics.accuracy,
        accuracy_interval=(metrics.interval.low, metrics.interval.high),
        unanswered=metrics.unanswered,
        by_likelihood=1 - fmean(is_wrong_by_likelihood(a, label) for a, label in zip(answers, labels, strict=True)),
        auc=float(roc_auc_score(labels, shares)),
        label_mass=sum(masses) / len(masses) if masses else None,
        answers=most_common(answer.text for answer in answers),
        p_against_formatted=against_formatted,
        p_against_untrained=against_untrained,
    )
