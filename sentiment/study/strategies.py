"""Ways of making a model robust to the variety of prompts (Q9), compared on formats that none of them has seen.

Two are ways of training, four are ways of asking the plainly trained model. Every trained arm has several
seeds. The rule by which one is recommended stands here, before any number: among the strategies that are
significantly better than the plain model (Holm-adjusted) and better in every training, the one with the highest
mean accuracy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from statistics import fmean

import numpy as np

from sentiment.errors import DataError
from sentiment.judging.paired import differ
from sentiment.judging.spread import spread_of
from sentiment.judging.statistics import ALPHA, holm
from sentiment.models.store import training_record
from sentiment.pipeline import Workbench
from sentiment.pipeline.asking import asked_by
from sentiment.prompting.ways import Strategy
from sentiment.prompting.wordings import held_out_prompts
from sentiment.study.arms import Arm
from sentiment.study.formats import asked_in
from sentiment.study.measures import Errors, crossed_interval, errors_of, one_differs
from sentiment.study.record import Ends
from sentiment.types import Approach, Predictor

PLAIN, FORCED, CANONICAL = "plain", "forced choice", "canonical prompt"
CONSISTENCY = 1.0
"""Weight of the consistency loss."""


@dataclass(frozen=True)
class Measured:
    """What is averaged over the trainings of a strategy. Shares lie in [0, 1]."""

    accuracy: float
    """Mean over formats and reviews."""
    house_accuracy: float
    """With the training prompt."""
    unanswered: float
    worst: float
    """Accuracy of the worst format, found on one half of the reviews and measured on the other."""
    spread: float
    spread_by_chance: float
    flip_rate: float
    """Share of the answers that differ from the one to the training prompt, or name no label."""
    training_seconds: float
    queries_per_answer: float


@dataclass(frozen=True)
class Asked:
    """One strategy in one training, on all held-out formats."""

    errors: Errors
    """(formats, reviews)"""
    errors_at_home: list[int]
    """Per review, with the prompt of the training."""
    measured: Measured

    @property
    def accuracy(self) -> float:
        """Mean over formats and reviews."""
        return self.measured.accuracy


@dataclass(frozen=True)
class StrategyRow:
    """One strategy: means over its trainings, fields as in `Measured`, and how they differ from the plain model's."""

    strategy: str
    accuracy: float
    house_accuracy: float
    unanswered: float
    worst: float
    spread: float
    spread_by_chance: float
    flip_rate: float
    training_seconds: float
    queries_per_answer: float
    accuracy_by_seed: tuple[float, ...]
    gain: float
    """Accuracy less that of the plain model."""
    gain_interval: Ends
    """Reviews and formats drawn again."""
    gain_by_seed: tuple[float, ...]
    p_value: float | None
    """Of "it is like the plain model", exact and two-sided; None for the plain model itself."""
    p_over_forced: float | None
    """The same against forced choice, Holm-adjusted; None for these two."""
    gain_over_forced: float


@dataclass(frozen=True)
class TestedRow(StrategyRow):
    """Any strategy but the plain model."""

    p_adjusted: float
    """`p_value`, Holm-adjusted over the strategies."""


@dataclass(frozen=True)
class Choice:
    """What the rule recommends, by name; None where no strategy is better."""

    recommended: str | None
    as_good: tuple[str, ...]
    """Those that it is not shown to be better than."""
    cheapest: str | None
    """Of the recommended one and those as good."""
    as_it_stands: str | None
    """The best one that answers the user's prompt as it stands, for which only the model may differ."""


@dataclass(frozen=True)
class StrategyFindings:
    """All strategies on the same held-out formats. Sizes as in the profile's `study`, the choice as in `Choice`."""

    training_rows: int
    seeds: int
    formats: int
    reviews: int
    mixed: int
    ensemble: int
    unlabelled: int
    consistency: float
    """Weight of the consistency loss."""
    rows: tuple[TestedRow | StrategyRow, ...]
    recommended: str | None
    as_good: tuple[str, ...]
    cheapest: str | None
    as_it_stands: str | None


def strategies(bench: Workbench) -> StrategyFindings:
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
                found.setdefault(name, []).append(_asked(bench, asked, seconds, queries))
            predictor.release()
    summaries = _compared(found)
    return StrategyFindings(
        training_rows=len(rows),
        seeds=sizes.seeds,
        formats=sizes.held_out,
        reviews=sizes.held_out_reviews,
        mixed=sizes.mixed,
        ensemble=sizes.ensemble,
        unlabelled=sizes.unlabelled,
        consistency=CONSISTENCY,
        rows=summaries,
        **vars(_chosen(summaries, found, trained=[arm.name for arm in arms])),
    )


def _ways(bench: Workbench, arm: Arm, predictor: Predictor) -> Iterator[tuple[str, Predictor, int]]:
    """The arm itself and, of the plain one, the ways of asking it; with the queries that one answer costs."""
    yield arm.name, predictor, 1
    if arm.name == PLAIN:
        yield FORCED, asked_by(Strategy.FORCED, predictor, bench), 1
        yield "calibrated label prior", asked_by(Strategy.CALIBRATED, predictor, bench), 1
        yield "ensemble of prompts", asked_by(Strategy.ENSEMBLE, predictor, bench), 1 + bench.profile.study.ensemble
        yield CANONICAL, asked_by(Strategy.CANONICAL, predictor, bench), 1


def _asked(bench: Workbench, predictor: Predictor, training_seconds: float, queries_per_answer: int) -> Asked:
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
    measured = Measured(
        accuracy=1 - float(errors.mean()),
        house_accuracy=1 - fmean(at_home),
        unanswered=fmean(outcome.prediction.label is None for outcome in outcomes),
        worst=_worst(errors),
        spread=spread.spread,
        spread_by_chance=spread.noise_mean,
        flip_rate=spread.flip_rate,
        training_seconds=training_seconds,
        queries_per_answer=queries_per_answer,
    )
    return Asked(errors, at_home, measured)


def _worst(errors: Errors) -> float:
    """Accuracy of the format that is worst on one half of the reviews, on the other half; mean of both ways round."""
    half = np.arange(errors.shape[1]) // 2 % 2 == 0  # classes take turns, so both halves hold both
    found = []
    for chosen_on, measured_on in ((half, ~half), (~half, half)):
        worst = errors[:, chosen_on].mean(axis=1).argmax()
        found.append(1 - float(errors[worst, measured_on].mean()))
    return fmean(found)


def _compared(found: Mapping[str, Sequence[Asked]]) -> tuple[TestedRow | StrategyRow, ...]:
    """One row per strategy: means over the trainings, and how sure it is that they differ from the plain model's."""
    rows = {name: _row(name, found) for name in found}
    adjusted = _adjusted({name: row.p_value for name, row in rows.items()})
    over_forced = _adjusted({name: row.p_over_forced for name, row in rows.items()})
    summaries: list[TestedRow | StrategyRow] = []
    for name, raw in rows.items():
        row = replace(raw, p_over_forced=over_forced.get(name))
        summaries.append(TestedRow(**vars(row), p_adjusted=adjusted[name]) if name in adjusted else row)
    return tuple(summaries)


def _adjusted(p_values: Mapping[str, float | None]) -> dict[str, float]:
    """Holm's, over those that there are."""
    tested = {name: p for name, p in p_values.items() if p is not None}
    return dict(zip(tested, holm(list(tested.values())), strict=True))


def _row(name: str, found: Mapping[str, Sequence[Asked]]) -> StrategyRow:
    """The strategy's row, before p-values are adjusted."""
    trainings, plain, forced = found[name], found[PLAIN], found[FORCED]
    by_seed = tuple(each.accuracy - before.accuracy for each, before in zip(trainings, plain, strict=True))
    interval = crossed_interval(_mean_errors(plain) - _mean_errors(trainings))
    names = [field.name for field in fields(Measured)]
    return StrategyRow(
        strategy=name,
        **{key: fmean(getattr(each.measured, key) for each in trainings) for key in names},
        accuracy_by_seed=tuple(each.accuracy for each in trainings),
        gain=fmean(by_seed),
        gain_interval=(interval.low, interval.high),
        gain_by_seed=by_seed,
        p_value=None if name == PLAIN else _p_value(name, trainings, plain),
        p_over_forced=None if name in (PLAIN, FORCED) else _p_value(name, trainings, forced),
        gain_over_forced=fmean(e.accuracy - f.accuracy for e, f in zip(trainings, forced, strict=True)),
    )


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


def _chosen(rows: Sequence[StrategyRow], found: Mapping[str, Sequence[Asked]], trained: Sequence[str]) -> Choice:
    """What the rule makes of the rows; `trained`: names of those for which only the model differs."""
    better = sorted(filter(_is_better, rows), key=lambda row: -row.accuracy)
    if not better:
        return Choice(None, (), None, None)
    best = _mean_errors(found[better[0].strategy])
    alike = [row for row in better if crossed_interval(_mean_errors(found[row.strategy]) - best).low <= 0]
    return Choice(
        recommended=better[0].strategy,
        as_good=tuple(row.strategy for row in alike[1:]),
        cheapest=min(alike, key=lambda row: (row.queries_per_answer, row.training_seconds)).strategy,
        as_it_stands=next((row.strategy for row in better if row.strategy in trained), None),
    )


def _is_better(row: StrategyRow) -> bool:
    return isinstance(row, TestedRow) and row.p_adjusted < ALPHA and min(row.gain_by_seed) > 0
