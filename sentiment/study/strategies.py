"""Ways of making a model robust to the variety of prompts (Q9), compared on formats that none of them has seen.

Two are ways of training, three are ways of asking the plainly trained model. Every trained arm has several
seeds. The rule by which one is recommended stands here, before any number: among the strategies that are
significantly better than the plain model (Holm-adjusted) and better in every training, the one with the highest
mean accuracy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from sentiment.behavior.paired import differ
from sentiment.behavior.spread import spread_of
from sentiment.behavior.statistics import ALPHA, holm
from sentiment.errors import DataError
from sentiment.models.store import training_record
from sentiment.pipeline import Workbench
from sentiment.robust import Strategy
from sentiment.study.arms import Arm
from sentiment.study.formats import asked_in, wrong, wrong_at_home
from sentiment.types import Approach, Outcome, Predictor, Review
from sentiment.wordings import held_out_prompts

PLAIN = "plain"
CONSISTENCY = 1.0
"""Weight of the consistency loss."""


def strategies(bench: Workbench) -> dict[str, Any]:
    """Accuracy over held-out formats, spread, flips and cost of every strategy, tested against the plain model."""
    sizes = bench.profile.study
    rows = bench.training_rows[: sizes.rows]
    arms = [
        Arm(PLAIN, Approach.LORA),
        Arm("mixed formats", Approach.LORA, wordings=sizes.mixed),
        Arm("consistency loss", Approach.LORA, wordings=sizes.mixed, consistency=CONSISTENCY),
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for seed in range(sizes.seeds):
        for arm in arms:
            bench.note(f"strategies: {arm.name}, seed {seed}")
            predictor = arm.predictor(bench, seed, rows)
            seconds = training_record(arm.bench(bench, seed).recipe(arm.approach, rows))["seconds"]
            for name, asked, queries in _ways(bench, arm, predictor):
                found.setdefault(name, []).append(
                    {"training_seconds": seconds, "queries_per_answer": queries, **_measured(bench, asked)}
                )
            predictor.release()
    summaries = _compared(found)
    return {
        "training_rows": len(rows),
        "seeds": sizes.seeds,
        "formats": sizes.held_out,
        "reviews": sizes.held_out_reviews,
        "mixed": sizes.mixed,
        "ensemble": sizes.ensemble,
        "unlabelled": sizes.unlabelled,
        "consistency": CONSISTENCY,
        "rows": summaries,
        "recommended": _recommended(summaries),
    }


def _ways(bench: Workbench, arm: Arm, predictor: Predictor) -> Iterator[tuple[str, Predictor, int]]:
    """The arm itself and, of the plain one, the ways of asking it; with the queries that one answer costs."""
    yield arm.name, predictor, 1
    if arm.name == PLAIN:
        yield "ensemble of prompts", bench.asking(predictor, Strategy.ENSEMBLE), 1 + bench.profile.study.ensemble
        yield "calibrated label prior", bench.asking(predictor, Strategy.CALIBRATED), 1
        yield "canonical prompt", bench.asking(predictor, Strategy.CANONICAL), 1


def _measured(bench: Workbench, predictor: Predictor) -> dict[str, Any]:
    sizes, material = bench.profile.study, bench.material
    prompts = held_out_prompts(sizes.held_out, material.seed, material.prompt)
    reviews: Sequence[Review] = material.suite[: sizes.held_out_reviews]
    outcomes = asked_in(predictor, material.prompt, prompts, reviews)
    spread = spread_of(outcomes)
    if spread is None:
        raise DataError(
            f"the study needs at least 10 reviews of the suite pool, it has {len(reviews)}; raise data.suite"
        )
    return {
        "accuracy": 1 - fmean(map(wrong, outcomes)),
        "house_accuracy": 1 - fmean(map(wrong_at_home, outcomes)),
        "unanswered": fmean(outcome.prediction.label is None for outcome in outcomes),
        "worst": spread.held_out_worst.accuracy,
        "spread": spread.spread,
        "spread_by_chance": spread.noise_mean,
        "flip_rate": spread.flip_rate,
        "wrong_by_review": _by_review(outcomes),
    }


def _by_review(outcomes: Sequence[Outcome]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.case.group] = counts.get(outcome.case.group, 0) + wrong(outcome)
    return counts


def _compared(found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row per strategy: means over the trainings, and the paired test by review against the plain model."""
    plain = found[PLAIN]
    rows: list[dict[str, Any]] = []
    for name, trainings in found.items():
        means = {key: fmean(each[key] for each in trainings) for key in trainings[0] if key != "wrong_by_review"}
        by_seed = [each["accuracy"] - before["accuracy"] for each, before in zip(trainings, plain, strict=True)]
        changes = [
            sum(each["wrong_by_review"][review] for each in trainings)
            - sum(each["wrong_by_review"][review] for each in plain)
            for review in plain[0]["wrong_by_review"]
        ]
        rows.append(
            {
                "strategy": name,
                **means,
                "accuracy_by_seed": [each["accuracy"] for each in trainings],
                "gain": fmean(by_seed),
                "gain_by_seed": by_seed,
                "p_value": None if name == PLAIN else differ(changes),
            }
        )
    tested = [row for row in rows if row["p_value"] is not None]
    for row, adjusted in zip(tested, holm([row["p_value"] for row in tested]), strict=True):
        row["p_adjusted"] = adjusted
    return rows


def _recommended(rows: Sequence[dict[str, Any]]) -> str | None:
    """By the rule above; None where no strategy is better than the plain model."""
    better = [
        row for row in rows if row["p_value"] is not None and row["p_adjusted"] < ALPHA and min(row["gain_by_seed"]) > 0
    ]
    return max(better, key=lambda row: row["accuracy"])["strategy"] if better else None
