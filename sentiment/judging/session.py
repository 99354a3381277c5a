"""A session: subjects are asked, judged and ruled, each once, and a recorder is told.

It does not know how a subject came to be, nor who runs it: pytest, a command and a notebook all do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sentiment.errors import ReportError, SentimentError, SubjectError
from sentiment.judging.against import held_against
from sentiment.judging.asking import Answered, Source, answered, noise_floor, selected
from sentiment.judging.baseline import Baseline
from sentiment.judging.judge import judge, queries_of
from sentiment.judging.noise import UNMEASURED, Noise
from sentiment.judging.recording import Judged, recorded
from sentiment.judging.rulings import Rules, inconclusive, over_budget, ruled_all
from sentiment.predictors.stored import StoredPredictor
from sentiment.types import Behavior, BehaviorResult, Finding, Outcome, Promise, Role, Shows, Subject, SubjectFacts


def in_one(unanswered: Sequence[str]) -> str:
    """What `Session.unanswered` says, shortened; empty where all is answered."""
    more = f", and {len(unanswered) - 1} more" if len(unanswered) > 1 else ""
    return f"{unanswered[0]}{more}" if unanswered else ""


class Recorder(Protocol):
    """Hears what a session finds out, as it does."""

    def declared(self, subjects: Iterable[SubjectFacts]) -> None:
        """Who may be asked."""
        ...

    def judged(self, promise: Promise, predictor: str, outcomes: Sequence[Outcome]) -> None:
        """All outcomes of one behavior."""
        ...

    def ruled(self, results: Sequence[BehaviorResult]) -> None:
        """The rulings on one subject."""
        ...

    def found(self, finding: Finding) -> None:
        """Anything else."""
        ...


@dataclass(frozen=True)
class Earlier:
    """An earlier run that this one is held against."""

    name: str
    """As its user named it."""
    outcomes: Sequence[Outcome]

    def of(self, subject: str) -> dict[str, list[Outcome]]:
        """The subject's outcomes by behavior."""
        found: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            if outcome.predictor == subject:
                found.setdefault(outcome.behavior, []).append(outcome)
        return found


@dataclass
class Session:
    """What is to be judged, and what was found so far."""

    subjects: Sequence[Subject]
    """Names are unique."""
    behaviors: Mapping[str, Sequence[Behavior]]
    """By subject, what it is asked."""
    source: Source
    recorder: Recorder
    rules: Callable[[SubjectFacts], Rules]
    """What a subject's outcomes are held against."""
    case: str | None = None
    """Judge only the case of this id, and hold it against nothing."""
    earlier: Earlier | None = None
    note: Callable[[str], None] = print
    _predictors: dict[str, StoredPredictor] = field(default_factory=dict, init=False, repr=False)
    _results: dict[str, dict[str, BehaviorResult]] = field(default_factory=dict, init=False, repr=False)
    _floors_judged: set[str] = field(default_factory=set, init=False, repr=False)
    _unanswered: dict[str, Mapping[str, str]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.recorder.declared([subject.facts for subject in self.subjects])

    def subject(self, name: str) -> Subject:
        """The subject of that name."""
        return next(subject for subject in self.subjects if subject.name == name)

    def predictor(self, name: str) -> StoredPredictor:
        """The subject, ready to be asked; the model of any other one is forgotten, so that both need not fit."""
        if name not in self._predictors:
            subject = self.subject(name)
            self._predictors[name] = StoredPredictor(name, subject.identify(), subject.load, self.note)
        for other, predictor in self._predictors.items():
            if other != name:
                predictor.release()
        return self._predictors[name]

    def forget_asked(self, name: str) -> None:
        """Delete the stored answers to what the subject was asked here."""
        if name in self._predictors:
            self._predictors[name].forget_asked()

    def noise(self, name: str) -> Noise:
        """The subject's noise floor."""
        if self.subject(name).recorded:
            return UNMEASURED
        return noise_floor(self.predictor(name), self.source.material, self.note)

    @property
    def unanswered(self) -> list[str]:
        """Behaviors that are not ruled because answers are missing, in words."""
        found = [(name, behavior, why) for name, each in self._unanswered.items() for behavior, why in each.items()]
        return [f"{behavior} of {name} is not ruled: {why}" for name, behavior, why in found]

    def is_unanswered(self, name: str, behavior: str) -> bool:
        """Whether the subject's behavior is not ruled because answers are missing."""
        return behavior in self._unanswered.get(name, {})

    def is_judged(self, name: str) -> bool:
        """Whether the subject's results are known."""
        return name in self._results

    def results(self, name: str) -> dict[str, BehaviorResult]:
        """The result of each of the subject's behaviors, by name: asked, judged and ruled at the first call.

        Raises `SentimentError` where no behavior has the `case`, `ReportError` where the `earlier` run shares none.
        """
        if name not in self._results:
            self._results[name] = self._ruled(self.subject(name))
        return self._results[name]

    def recorded(self, name: str, trainings: Mapping[int, Subject], *, profile: str, recipe: str = "") -> Baseline:
        """A baseline of the subject, of these trainings of one recipe by their seeds.

        Answers are stored as they come, so an interrupted recording goes on where it stopped. Behaviors that cannot be
        asked are left out. Raises `SubjectError` where answers are missing.
        """
        subject, behaviors, judged = self.subject(name), self.behaviors[name], []
        for seed, training in trainings.items():
            self.note(f"baseline of {name}: seed {seed}" if len(trainings) > 1 else f"baseline of {name}")
            predictor = StoredPredictor(name, training.identify(), training.load, self.note)
            found = self._asked(predictor, training)
            if found.unanswered:
                behavior, why = next(iter(found.unanswered.items()))
                raise SubjectError(f"{name}: {behavior}: {why}; a baseline needs them all")
            judged.append(Judged(seed, found.outcomes))
            predictor.release()
        gated = [each.promise for each in behaviors if each.name in judged[0].outcomes and each.promise.gated]
        return recorded(
            gated if subject.facts.promises else [replace(promise, budget=None) for promise in gated],
            judged,
            profile=profile,
            subject=name,
            model=subject.facts.facts.get("model", ""),
            recipe=recipe,
            over_budget=over_budget,
        )

    def _ruled(self, asked: Subject) -> dict[str, BehaviorResult]:
        subject = asked.facts
        found = self._asked(self.predictor(subject.name), asked, self._heard)
        self._unanswered[subject.name] = found.unanswered
        self.recorder.found(Finding(found.noise.kind, subject.name, found.noise.as_dict()))
        promises = [behavior.promise for behavior in self.behaviors[subject.name]]
        if self.case is not None:
            only = [promise for promise in promises if found.outcomes.get(promise.name)]
            results = ruled_all(only, found.outcomes, subject.name, Rules(judges=False))
            for promise in promises:
                if promise.name in found.unanswered:
                    results[promise.name] = inconclusive(promise, subject.name, found.unanswered[promise.name])
        else:
            rules = self.rules(subject)
            results = ruled_all(promises, found.outcomes, subject.name, rules)
            open_ended = {**found.not_applicable, **found.unanswered}
            for promise in promises:
                if promise.name in open_ended:
                    results[promise.name] = inconclusive(promise, subject.name, open_ended[promise.name])
            if self.earlier is not None:
                results = held_against(results, self.earlier.of(subject.name), self.earlier.name, rules.quick)
        self.recorder.ruled(list(results.values()))
        if self.case is None and self.earlier and not any(result.against for result in results.values()):
            raise ReportError(
                f"{self.earlier.name}: that run and this one share no judged case of {subject.name}: other texts, "
                "other prompts or another selection; name a run of the same profile"
            )
        return results

    def _asked(
        self,
        predictor: StoredPredictor,
        subject: Subject,
        heard: Callable[[Behavior, Sequence[Outcome]], object] = lambda behavior, outcomes: None,
    ) -> Answered:
        behaviors = self.behaviors[subject.name]
        selection = selected(self.source, subject.facts, behaviors, self.case)
        if self.case is not None and not any(selection.cases.values()):
            raise SentimentError(f"case {self.case}: nothing that is judged here has such a case")
        noise = UNMEASURED if subject.recorded else noise_floor(predictor, self.source.material, self.note)
        return answered(predictor, subject.facts, behaviors, selection, noise, heard)

    def _heard(self, behavior: Behavior, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            self.recorder.judged(behavior.promise, outcomes[0].predictor, outcomes)
            if behavior.promise.shows is Shows.ACCURACY:
                self._judge_floors(behavior, outcomes)

    def _judge_floors(self, behavior: Behavior, outcomes: Sequence[Outcome]) -> None:
        """The floors on the same cases, once."""
        if behavior.name in self._floors_judged:
            return
        self._floors_judged.add(behavior.name)
        cases = [outcome.case for outcome in outcomes]
        queries = queries_of(cases)
        for floor in self.subjects:
            if floor.facts.role is Role.FLOOR:
                answers = dict(zip(queries, floor.load().predict(queries), strict=True))
                self.recorder.judged(behavior.promise, floor.name, judge(behavior, cases, floor.name, answers))
