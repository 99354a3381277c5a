"""Does accuracy drop when the test prompt is not the training prompt (Q8)? Trained on one format, asked in many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from sentiment.behavior.expectations import same_as_base
from sentiment.behavior.judge import judge, queries_of
from sentiment.behavior.paired import worse
from sentiment.behavior.smallest_change import worse_than
from sentiment.behavior.spread import spread_of
from sentiment.behavior.statistics import holm, wilson
from sentiment.pipeline import Workbench
from sentiment.prompts import OTHER_WORDS, WORDINGS
from sentiment.types import Approach, Behavior, Case, Kind, Outcome, Predictor, Prompt, Query, Review
from sentiment.wordings import Parts, sample_prompts

REWORDED = Behavior(
    name="formats",
    capability="prompt rewording",
    kind=Kind.INV,
    promise="Another format of the same question gets the same answer.",
    cases=lambda material: (),
    expectation=same_as_base,
)
ALTERNATIVES = tuple(prompt for prompt in WORDINGS if prompt not in OTHER_WORDS)
"""Formats written by hand, with the house prompt's answer words: the single try that the assignment asks for."""


def formats(bench: Workbench) -> dict[str, Any]:
    """sft and lora in every format of a population, and in the handwritten ones, on the same reviews."""
    sizes, material = bench.profile.study, bench.material
    population = sample_prompts(sizes.formats, material.seed, material.prompt)
    reviews = material.suite[: sizes.format_reviews]
    found = {}
    for approach in (Approach.SFT, Approach.LORA):
        predictor = bench.predictor(approach)
        found[approach.value] = {
            **_examined(asked_in(predictor, material.prompt, population, reviews)),
            "handwritten": _by_format(asked_in(predictor, material.prompt, ALTERNATIVES, reviews)),
        }
        predictor.release()
    return {
        "formats": len(population),
        "reviews": len(reviews),
        "house": {"template": material.prompt.template, "chat": material.prompt.chat},
        "approaches": found,
    }


def asked_in(
    predictor: Predictor, house: Prompt, prompts: Sequence[Prompt], reviews: Sequence[Review]
) -> list[Outcome]:
    """Every review in every prompt, each beside its answer to the house prompt."""
    cases = []
    for prompt, review in product(prompts, reviews):
        base = Case.of(REWORDED.name, Query(house, review.text), label=review.label, group=review.id)
        query = Query(prompt, review.text)
        cases.append(Case.of(REWORDED.name, query, label=review.label, base=base, group=review.id))
    queries = queries_of(cases)
    answers = dict(zip(queries, predictor.predict(queries), strict=True))
    return judge(REWORDED, cases, predictor.name, answers)


def wrong(outcome: Outcome) -> int:
    """1 where the format's answer is not the label."""
    return int(outcome.prediction.label is not outcome.case.label)


def wrong_at_home(outcome: Outcome) -> int:
    """1 where the house prompt's answer is not the label."""
    return int(outcome.base_prediction is None or outcome.base_prediction.label is not outcome.case.label)


def _examined(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    spread = spread_of(outcomes)
    by_review: dict[str, int] = {}
    for outcome in outcomes:
        change = wrong(outcome) - wrong_at_home(outcome)
        by_review[outcome.case.group] = by_review.get(outcome.case.group, 0) + change
    judged = len(outcomes)
    return {
        "spread": spread.as_dict() if spread else None,
        "matched_accuracy": 1 - sum(map(wrong_at_home, outcomes)) / judged,
        "mismatched_accuracy": 1 - sum(map(wrong, outcomes)) / judged,
        "mismatched_unanswered": sum(outcome.prediction.label is None for outcome in outcomes) / judged,
        "p_mismatched_is_worse": worse(list(by_review.values())),
        "rows": _by_format(outcomes),
    }


def _by_format(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """One row per format, the worst first; p-values are one-sided, exact and Holm-adjusted over the rows."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.query.prompt.name, []).append(outcome)
    rows: list[dict[str, Any]] = []
    for name, group in groups.items():
        prompt, right = group[0].case.query.prompt, [not wrong(outcome) for outcome in group]
        interval = wilson(sum(right), len(right))
        rows.append(
            {
                "format": name,
                "template": prompt.template,
                "system": prompt.system,
                "chat": prompt.chat,
                "changed": Parts(**prompt.parts).changed if prompt.parts else {},
                "accuracy": sum(right) / len(right),
                "interval": [interval.low, interval.high],
                "unanswered": sum(outcome.prediction.label is None for outcome in group),
                "p_value": worse_than([not wrong_at_home(outcome) for outcome in group], right),
            }
        )
    for row, adjusted in zip(rows, holm([row["p_value"] for row in rows]), strict=True):
        row["p_adjusted"] = adjusted
    return sorted(rows, key=lambda row: (row["accuracy"], row["format"]))
