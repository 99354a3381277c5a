"""Ways of making a model robust to the variety of prompts (Q9), compared on formats that none of them has seen.

Two are ways of training, four are ways of asking the plainly trained model. Every trained arm has several
seeds. The rule by which one is recommended stands here, before any number: among the strategies that are
significantly better than the plain model (Holm-adjusted) and better in every training, the one with the highest
mean accuracy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from sentiment.behavior.paired import differ
from sentiment.behavior.spread import spread_of
from sentiment.behavior.statistics import ALPHA, holm
from sentiment.errors import DataError
from sentiment.models.store import training_record
from sentiment.pipeline import Workbench
from sentiment.robust import Strategy
from sentiment.study.arms import Arm
from sentiment.study.formats import asked_in
from sentiment.study.measures import Errors, crossed_interval, errors_of, one_differs
from sentiment.types import Approach, Predictor
from sentiment.wordings import held_out_prompts

PLAIN, FORCED, CANONICAL = "plain", "forced choice", "canonical prompt"
CONSISTENCY = 1.0
"""Weight of the consistency loss."""


@dataclass(frozen=True)
class Asked:
    """One strategy in one training, on all held-out formats."""

    errors: Errors
    """(formats, reviews)"""
    errors_at_home: list[int]
    """Per review, with the prompt of the training."""
    facts: dict[str, float]
    """What is averaged over the trainings."""

    @property
    def accuracy(self) -> float:
        """Mean over formats and reviews."""
        return 1 - float(self.errors.mean())


def strategies(bench: Workbench) -> dict[str, Any]:
    """Accuracy over held-out formats, spread, flips and cost of every strategy, tested against the plain model."""
    sizes = bench.profile.study
    rows = bench.training_rows[: sizes.rows]
    arms = [
        Arm(PLAIN, Approach.LORA),
        Arm("mixed formats", Approach.LORA, wordings=sizes.mixed),
        Arm("consistency loss", Approach.LORA, wordings=sizes.mixed, consistency=CONSISTENCY),
    ]
    found: dict[str, list[Asked]] = {}
    for seed in range(sizes.seeds):
        for arm in arms:
            bench.note(f"strategies: {arm.name}, seed {seed}")
            predictor = arm.predictor(bench, seed, rows)
            seconds = training_record(arm.bench(bench, seed).recipe(arm.approach, rows))["seconds"]
            for name, asked, queries in _ways(bench, arm, predictor):
                cost = {"training_seconds": seconds, "queries_per_answer": queries}
                found.setdefault(name, []).append(_asked(bench, asked, cost))
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
        **_recommended(summaries, found, trained=[arm.name for arm in arms]),
    }


def _ways(bench: Workbench, arm: Arm, predictor: Predictor) -> Iterator[tuple[str, Predictor, int]]:
    """The arm itself and, of the plain one, the ways of asking it; with the queries that one answer costs."""
    yield arm.name, predictor, 1
    if arm.name == PLAIN:
        yield FORCED, bench.asking(predictor, Strategy.FORCED), 1
        yield "calibrated label prior", bench.asking(predictor, Strategy.CALIBRATED), 1
        yield "ensemble of prompts", bench.asking(predictor, Strategy.ENSEMBLE), 1 + bench.profile.study.ensemble
        yield CANONICAL, bench.asking(predictor, Strategy.CANONICAL), 1


def _asked(bench: Workbench, predictor: Predictor, cost: Mapping[str, float]) -> Asked:
    sizes, material = bench.profile.study, bench.material
    prompts = held_out_prompts(sizes.held_out, material.seed, material.prompt)
    reviews = material.suite[: sizes.held_out_reviews]
    outcomes = asked_in(predictor, material.prompt, prompts, reviews)
    spread = spread_of(outcomes)
    if spread is None:
        raise DataError(
            f"the study needs at least 10 reviews of the suite pool, it has {len(reviews)}; raise data.suite"
        )
    errors, at_home = errors_of(outcomes, len(reviews))
    facts = {
        "accuracy": 1 - float(errors.mean()),
        "house_accuracy": 1 - fmean(at_home),
        "unanswered": fmean(outcome.prediction.label is None for outcome in outcomes),
        "worst": _worst(errors),
        "spread": spread.spread,
        "spread_by_chance": spread.noise_mean,
        "flip_rate": spread.flip_rate,
        **cost,
    }
    return Asked(errors, at_home, facts)


def _worst(errors: Errors) -> float:
    """Accuracy of the format that is worst on one half of the reviews, on the other half; mean of both ways round."""
    half = np.arange(errors.shape[1]) // 2 % 2 == 0  # classes take turns, so both halves hold both
    found = []
    for chosen_on, measured_on in ((half, ~half), (~half, half)):
        worst = errors[:, chosen_on].mean(axis=1).argmax()
        found.append(1 - float(errors[worst, measured_on].mean()))
    return fmean(found)


def _compared(found: Mapping[str, Sequence[Asked]]) -> list[dict[str, Any]]:
    """One row per strategy: means over the trainings, and how sure it is that they differ from the plain model's."""
    plain = found[PLAIN]
    rows: list[dict[str, Any]] = []
    for name, trainings in found.items():
        by_seed = [each.accuracy - before.accuracy for each, before in zip(trainings, plain, strict=True)]
        interval = crossed_interval(_mean_errors(plain) - _mean_errors(trainings))
        rows.append(
            {
                "strategy": name,
                **{key: fmean(each.facts[key] for each in trainings) for key in trainings[0].facts},
                "accuracy_by_seed": [each.accuracy for each in trainings],
                "gain": fmean(by_seed),
                "gain_interval": [interval.low, interval.high],
                "gain_by_seed": by_seed,
                "p_value": None if name == PLAIN else _p_value(name, trainings, plain),
                "p_over_forced": None if name in (PLAIN, FORCED) else _p_value(name, trainings, found[FORCED]),
                "gain_over_forced": fmean(
                    e.accuracy - f.accuracy for e, f in zip(trainings, found[FORCED], strict=True)
                ),
            }
        )
    for key in ("p_value", "p_over_forced"):
        tested = [row for row in rows if row[key] is not None]
        for row, adjusted in zip(tested, holm([row[key] for row in tested]), strict=True):
            row["p_adjusted" if key == "p_value" else "p_over_forced"] = adjusted
    return rows


def _p_value(name: str, trainings: Sequence[Asked], others: Sequence[Asked]) -> float:
    """Two-sided, exact, by review over all formats and trainings; see `one_is_better` for the canonical prompt."""
    if name == CANONICAL:
        home = [error for each in trainings for error in each.errors_at_home]
        formats = [int(count) for each in others for count in each.errors.sum(axis=0)]
        return one_differs(home, formats, len(others[0].errors))
    changes = sum(each.errors.sum(axis=0) for each in trainings) - sum(each.errors.sum(axis=0) for each in others)
    return differ([int(change) for change in changes])


def _mean_errors(trainings: Sequence[Asked]) -> Errors:
    return np.mean([each.errors for each in trainings], axis=0)


def _recommended(
    rows: Sequence[dict[str, Any]], found: Mapping[str, Sequence[Asked]], trained: Sequence[str]
) -> dict[str, Any]:
    """The strategy that the rule names, or None; which others it is not shown to be better than, and the cheapest of
    all these; and the best one that answers the user's prompt as it stands, for which only the model may differ."""
    better = sorted(filter(_is_better, rows), key=lambda row: -row["accuracy"])
    if not better:
        return {"recommended": None, "as_good": [], "cheapest": None, "as_it_stands": None}
    best = _mean_errors(found[better[0]["strategy"]])
    alike = [row for row in better if crossed_interval(_mean_errors(found[row["strategy"]]) - best).low <= 0]
    return {
        "recommended": better[0]["strategy"],
        "as_good": [row["strategy"] for row in alike[1:]],
        "cheapest": min(alike, key=lambda row: (row["queries_per_answer"], row["training_seconds"]))["strategy"],
        "as_it_stands": next((row["strategy"] for row in better if row["strategy"] in trained), None),
    }


def _is_better(row: Mapping[str, Any]) -> bool:
    return row["p_value"] is not None and row["p_adjusted"] < ALPHA and min(row["gain_by_seed"]) > 0
