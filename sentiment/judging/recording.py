"""A baseline from the outcomes of several trainings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sentiment.judging.baseline import Baseline, Record, Trainings, digest_of_cases, failed_ids, short_id
from sentiment.judging.paired import differences, over_dispersion
from sentiment.judging.statistics import ALPHA
from sentiment.types import Outcome, Promise, Status


@dataclass(frozen=True)
class Judged:
    """One training's outcomes of all behaviors."""

    seed: int
    outcomes: Mapping[str, Sequence[Outcome]]
    """By behavior."""


def recorded(
    promises: Sequence[Promise],
    trainings: Sequence[Judged],
    *,
    profile: str,
    subject: str,
    model: str,
    over_budget: Callable[[Promise, Sequence[Outcome]], bool],
    recipe: str = "",
) -> Baseline:
    """A baseline from the outcomes of one or more trainings; the budget of a promise is one that holds for the subject.

    A behavior for which `over_budget` holds in any of them is marked: the run stays red until a person says in
    `known.toml` why that is accepted.
    """
    records = {
        promise.name: _record(
            promise, trainings, any(over_budget(promise, each.outcomes[promise.name]) for each in trainings)
        )
        for promise in promises
    }
    family = sum(1 + (record.budget is not None and not record.over_budget) for record in records.values())
    return Baseline(
        profile=profile,
        subject=subject,
        model=model,
        recipe=recipe,
        seeds=[each.seed for each in trainings],
        over_dispersion=round(_pooled(promises, trainings, ALPHA / max(1, family)), 3),
        behaviors=records,
    )


def _record(promise: Promise, trainings: Sequence[Judged], over_budget: bool) -> Record:
    first = trainings[0].outcomes[promise.name]
    rates = {}
    for training in trainings:
        statuses = [each.verdict.status for each in training.outcomes[promise.name]]
        judged = len(statuses) - statuses.count(Status.SKIPPED)
        rates[str(training.seed)] = f"{statuses.count(Status.FAILED)} of {judged}"
    return Record(
        cases=len(first),
        digest=digest_of_cases(first),
        budget=promise.budget,
        over_budget=over_budget,
        churn=round(_per_case(promise.name, trainings, lambda found: sum(each**2 for each in found)), 6),
        shift=round(_per_case(promise.name, trainings, lambda found: sum(found) ** 2), 6),
        capability=promise.capability,
        rates=rates,
        failed=_where(promise.name, trainings, lambda each: each.verdict.status is Status.FAILED),
        skipped=_where(promise.name, trainings, lambda each: each.verdict.status is Status.SKIPPED),
        unanswered=_where(promise.name, trainings, lambda each: each.prediction.label is None),
    )


def _where(behavior: str, trainings: Sequence[Judged], holds: Callable[[Outcome], bool]) -> Trainings:
    found: dict[str, list[str]] = {}
    for training in trainings:
        for outcome in training.outcomes[behavior]:
            if holds(outcome):
                found.setdefault(short_id(outcome.case.id), []).append(str(training.seed))
    return {case: " ".join(found[case]) for case in sorted(found)}


def _repeats(behavior: str, trainings: Sequence[Judged]) -> list[list[int]]:
    """Group differences between every two trainings."""
    groups = {each.case.id: each.case.group for each in trainings[0].outcomes[behavior]}
    failed = [failed_ids(training.outcomes[behavior]) for training in trainings]
    return [differences(one, other, groups) for one, other in combinations(failed, 2)]


def _per_case(behavior: str, trainings: Sequence[Judged], measure: Callable[[Sequence[int]], int]) -> float:
    """A measure of the group differences between every two trainings, per case that both judged."""
    judged = [failed_ids(training.outcomes[behavior]).keys() for training in trainings]
    shared = sum(len(one & other) for one, other in combinations(judged, 2))
    return sum(map(measure, _repeats(behavior, trainings))) / shared if shared else 0.0


def _pooled(promises: Sequence[Promise], trainings: Sequence[Judged], level: float) -> float:
    """Over-dispersion between trainings of one recipe. Behaviors of one capability share their weaknesses, so
    a capability, not a behavior, counts as one observation per training beyond the first."""
    if len(trainings) < 2:
        return 1.0
    repeats = [found for promise in promises for found in _repeats(promise.name, trainings)]
    freedom = (len(trainings) - 1) * len({promise.capability for promise in promises})
    return over_dispersion(repeats, freedom, level)
