"""All behaviors of an approach, asked in one go and ruled together; and the baseline from several trainings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from sentiment import cache
from sentiment.behavior.baseline import TRAINING_SEEDS, Baseline, Judged, recorded
from sentiment.behavior.judge import judge, queries_of
from sentiment.behavior.noise import Noise, measure_noise, noise_of
from sentiment.behavior.rulings import Rules, inconclusive, over_budget, ruled_all
from sentiment.errors import CacheError, NotApplicableError, SentimentError
from sentiment.models.predictions import StoredPredictor
from sentiment.pipeline import Workbench
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Outcome, Prediction

NOISE_TEXTS = 12
"""Reviews on which the noise floor is measured."""


@dataclass(frozen=True)
class Answered:
    """One model's outcomes of several behaviors."""

    outcomes: Mapping[str, Sequence[Outcome]]
    """By behavior, all that could be asked."""
    not_applicable: Mapping[str, str]
    """Behavior -> why this profile's data cannot feed it."""
    noise: Noise


def answered(
    workbench: Workbench,
    predictor: StoredPredictor,
    behaviors: Sequence[Behavior],
    case_id: str | None = None,
    heard: Callable[[Behavior, Sequence[Outcome]], object] = lambda behavior, outcomes: None,
) -> Answered:
    """Every case of the behaviors (or the one case of that id), each distinct query asked once.

    `heard` is told of each behavior as soon as all its cases are judged. Raises `SentimentError` when no
    behavior has a case of that id.
    """
    cases: dict[str, list[Case]] = {}
    not_applicable = {}
    for behavior in behaviors:
        try:
            made = workbench.cases_of(behavior)
        except NotApplicableError as error:
            not_applicable[behavior.name] = str(error)
            continue
        cases[behavior.name] = [case for case in made if case_id in (None, case.id)]
    if case_id is not None and not any(cases.values()):
        raise SentimentError(f"--case {case_id}: this profile has no such case")
    noise = noise_floor(workbench, predictor)
    waiting = {
        behavior.name: (behavior, queries_of(cases[behavior.name])) for behavior in behaviors if behavior.name in cases
    }
    total, count = len(waiting), sum(map(len, cases.values()))
    outcomes: dict[str, list[Outcome]] = {}

    def look(known: Mapping[str, Prediction]) -> str:
        """Judge every behavior whose answers are all there; returns how far that is."""
        for name, (behavior, queries) in list(waiting.items()):
            if all(query.digest in known for query in queries):
                answers = {query: known[query.digest] for query in queries}
                outcomes[name] = judge(behavior, cases[name], predictor.name, answers, noise.tolerance)
                heard(behavior, outcomes[name])
                del waiting[name]
        judged = sum(map(len, outcomes.values()))
        now = f", at {next(iter(waiting))}" if waiting else ""
        return f"{predictor.name}: {len(outcomes)} of {total} behaviors, {judged:,} of {count:,} cases judged{now}"

    predictor.predict(queries_of(case for each in cases.values() for case in each), look)
    return Answered(outcomes, not_applicable, noise)


def noise_floor(workbench: Workbench, predictor: StoredPredictor) -> Noise:
    """The predictor's noise floor, measured once and kept beside its stored answers."""
    path = predictor.path.with_suffix(".noise.json")
    stored = cache.kept(path, [field.name for field in fields(Noise)], workbench.note)
    if stored is not None:
        try:
            return noise_of(stored)
        except ValueError as error:
            workbench.note(f"{path} is damaged ({error}) and is measured anew")
    texts = [review.text for review in workbench.material.suite[:NOISE_TEXTS]]
    noise = measure_noise(predictor.model, workbench.profile.house_prompt, texts)
    try:
        cache.keep(path, noise.as_dict())
    except CacheError as error:
        workbench.note(f"{error}; the next run has to measure the noise floor again")
    return noise


def ruled_together(
    behaviors: Sequence[Behavior], found: Answered, approach: Approach, rules: Rules
) -> dict[str, BehaviorResult]:
    """The result of every behavior, by name."""
    results = ruled_all(behaviors, found.outcomes, approach.value, rules)
    unasked = [behavior for behavior in behaviors if behavior.name in found.not_applicable]
    return results | {
        behavior.name: inconclusive(behavior, approach.value, found.not_applicable[behavior.name])
        for behavior in unasked
    }


def baseline_of(
    workbench: Workbench, approach: Approach, behaviors: Sequence[Behavior], earlier: Baseline | None
) -> Baseline:
    """Train, where need be, and judge every seed of a baseline (base, which nothing trains, once).

    Weights and answers are stored as they come, so an interrupted recording goes on where it stopped.
    Behaviors that the profile's data cannot feed are left out.
    """
    seeds = (workbench.profile.seed,) if approach is Approach.BASE else TRAINING_SEEDS
    trainings = []
    for seed in seeds:
        workbench.note(f"baseline of {approach}: seed {seed}")
        seeded = workbench.varied(seed=seed)
        predictor = seeded.predictor(approach)
        found = answered(seeded, predictor, behaviors)
        predictor.release()
        trainings.append(Judged(seed, found.outcomes))
    return recorded(
        [behavior for behavior in behaviors if behavior.name in trainings[0].outcomes and behavior.gated],
        trainings,
        profile=workbench.profile.name,
        approach=approach,
        model=workbench.profile.model.id,
        over_budget=lambda behavior, outcomes: over_budget(behavior, approach.value, outcomes),
        earlier=earlier,
    )
