"""One predictor asked all cases of several behaviors, each distinct query once, and judged as answers come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from sentiment import cache
from sentiment.errors import CacheError, NotApplicableError
from sentiment.judging.judge import judge, queries_of
from sentiment.judging.noise import Noise, measure_noise, noise_of
from sentiment.predictors.stored import StoredPredictor
from sentiment.types import Behavior, Case, Material, Outcome, Prediction, Query, SubjectFacts

NOISE_TEXTS = 12
"""Reviews on which the noise floor is measured."""

Note = Callable[[str], object]


class Source(Protocol):
    """Where cases come from."""

    @property
    def material(self) -> Material:
        """What behaviors draw from."""
        ...

    def cases_of(self, behavior: Behavior) -> Sequence[Case]:
        """The behavior's cases, checked. Raises `NotApplicableError` where they cannot be made."""
        ...


@dataclass(frozen=True)
class Selection:
    """The cases that a subject is asked."""

    cases: Mapping[str, Sequence[Case]]
    """By behavior; those that cannot be asked are left out."""
    not_applicable: Mapping[str, str]
    """Behavior -> why it cannot be asked."""


@dataclass(frozen=True)
class Answered:
    """One predictor's outcomes of several behaviors."""

    outcomes: Mapping[str, Sequence[Outcome]]
    """By behavior, all that could be asked."""
    not_applicable: Mapping[str, str]
    """Behavior -> why it could not."""
    noise: Noise
    unanswered: Mapping[str, str]
    """Behavior -> which of its answers are missing, where some are: it cannot be ruled."""


def selected(
    source: Source, subject: SubjectFacts, behaviors: Sequence[Behavior], case_id: str | None = None
) -> Selection:
    """The cases of the behaviors that the subject can be asked; with `case_id` the one case of that id."""
    cases: dict[str, Sequence[Case]] = {}
    not_applicable: dict[str, str] = {}
    for behavior in behaviors:
        try:
            made = source.cases_of(behavior)
        except NotApplicableError as error:
            not_applicable[behavior.name] = str(error)
            continue
        if not subject.reads_prompts and len({query.prompt for query in queries_of(made)}) > 1:
            not_applicable[behavior.name] = f"{subject.name} reads no prompt, and this behavior varies it"
            continue
        cases[behavior.name] = [case for case in made if case_id in (None, case.id)]
    return Selection(cases, not_applicable)


def answered(
    predictor: StoredPredictor,
    subject: SubjectFacts,
    behaviors: Sequence[Behavior],
    selection: Selection,
    noise: Noise,
    heard: Callable[[Behavior, Sequence[Outcome]], object] = lambda behavior, outcomes: None,
) -> Answered:
    """Every selected case; `heard` is told of each behavior as soon as all its cases are judged."""
    waiting: dict[str, tuple[Behavior, list[Query]]] = {
        behavior.name: (behavior, queries_of(selection.cases[behavior.name]))
        for behavior in behaviors
        if behavior.name in selection.cases
    }
    total, count = len(waiting), sum(map(len, selection.cases.values()))
    outcomes: dict[str, list[Outcome]] = {}

    def look(known: Mapping[str, Prediction]) -> str:
        """Judge every behavior whose answers are all there; returns how far that is."""
        for name, (behavior, queries) in list(waiting.items()):
            if all(query.digest in known for query in queries):
                answers = {query: known[query.digest] for query in queries}
                cases = selection.cases[name]
                outcomes[name] = judge(behavior, cases, subject.name, answers, noise.tolerance, subject.abstains)
                heard(behavior, outcomes[name])
                del waiting[name]
        judged = sum(map(len, outcomes.values()))
        now = f", at {next(iter(waiting))}" if waiting else ""
        return f"{subject.name}: {len(outcomes)} of {total} behaviors, {judged:,} of {count:,} cases judged{now}"

    known = predictor.ask(queries_of(case for each in selection.cases.values() for case in each), look)
    unanswered = {
        name: f"{sum(query.digest not in known for query in queries):,} of its {len(queries):,} answers are missing"
        for name, (_, queries) in waiting.items()
    }
    return Answered(outcomes, selection.not_applicable, noise, unanswered)


def noise_floor(predictor: StoredPredictor, material: Material, note: Note) -> Noise:
    """The noise floor of the predictor within, measured once and kept beside its stored answers."""
    path = predictor.path.with_suffix(".noise.json") if predictor.path else None
    stored = cache.kept(path, [field.name for field in fields(Noise)], note) if path else None
    if stored is not None:
        try:
            return noise_of(stored)
        except ValueError as error:
            note(f"{path} is damaged ({error}) and is measured anew")
    noise = measure_noise(predictor.model, material.prompt, [review.text for review in material.suite[:NOISE_TEXTS]])
    if path:
        try:
            cache.keep(path, noise.as_dict())
        except CacheError as error:
            note(f"{error}; the next run has to measure the noise floor again")
    return noise
