"""The committed baselines of a run: which one a subject is ruled against, and how one is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sentiment.errors import BaselineError
from sentiment.judging.baseline import TRAINING_SEEDS, Baseline, baseline_path, read_baseline, write_baseline
from sentiment.judging.known import KNOWN, read_known, stale
from sentiment.judging.session import Session
from sentiment.pipeline.settings import Settings
from sentiment.pipeline.workbench import Workbench
from sentiment.types import Approach, Subject

Note = Callable[[str], None]


class Baselines:
    """Baselines of one profile."""

    def __init__(self, settings: Settings, bench: Workbench, note: Note) -> None:
        self._settings, self._bench, self._note = settings, bench, note
        self._read: dict[str, Baseline | None] = {}

    def of(self, subject: Subject) -> Baseline | None:
        """What the subject is ruled against; None: nothing was recorded of it.

        Weights given by path are another model than the profile's own trainings unless they were trained by the same
        recipe, which trainings of ours say themselves: others are ruled against a baseline of theirs, or against one
        whose folder the user names. Raises `BaselineError`.
        """
        if subject.name not in self._read:
            self._read[subject.name] = self._fitting(subject)
        return self._read[subject.name]

    def record(self, session: Session, subject: Subject) -> None:
        """Judge the subject's trainings, write their baseline, and name what a person has to add.

        Raises `BaselineError` where the place is that of another recipe, or weights are given twice.
        """
        profile, path = self._bench.profile, self._path(subject.name)
        trainings = self._trainings(subject)
        recipe = self._recipe(subject, trainings)
        there = read_baseline(path, profile.name, subject.name)
        if there is not None and not self._fits(there, subject):
            raise BaselineError(f"{path} is of another recipe; keep this one apart: --behavior-baselines DIR")
        baseline = session.recorded(subject.name, trainings, profile=profile.name, recipe=recipe)
        write_baseline(path, baseline)
        self._read.pop(subject.name, None)
        self._note(f"baseline of {subject.name} written to {path}")
        known, file = read_known(path.parent, subject.name), path.with_name(KNOWN)
        over = {behavior: record.over_budget for behavior, record in baseline.behaviors.items()}
        for behavior, is_over in over.items():
            if is_over and behavior not in known:
                rates = ", ".join(baseline.behaviors[behavior].rates.values())
                where = f"below [{subject.name}] in {file}"
                self._note(f"  {behavior} is over its budget ({rates}): say why {where}, or mend it")
        for behavior in stale(known, over):
            self._note(f"  {behavior} is not over its budget: its reason below [{subject.name}] in {file} can go")

    def _fitting(self, subject: Subject) -> Baseline | None:
        path = self._path(subject.name)
        found = read_baseline(path, self._bench.profile.name, subject.name)
        if found is None or self._fits(found, subject):
            return found
        self._note(
            f"{path} is of another recipe than what is judged, so it is left aside: record one of this, or name the "
            "folder of the baselines to hold it against that one all the same"
        )
        return None

    def _fits(self, found: Baseline, subject: Subject) -> bool:
        """Whether the baseline is of what the subject is: of its recipe, where it is an approach."""
        if self._settings.baselines_named or subject.name not in list(Approach):
            return True
        if self._settings.weights:
            return found.recipe == subject.recipe()
        return found.recipe != ""  # a profile's own trainings stay its own while their settings change

    def _trainings(self, subject: Subject) -> Mapping[int, Subject]:
        """By seed, or by number where nobody knows the seeds: what the baseline is made of."""
        weights = self._settings.weights
        if len(weights) > 1:
            benches = [self._bench.of_weights(path) for path in weights]
            return {number: bench.subject(Approach(subject.name)) for number, bench in enumerate(benches)}
        if subject.again is not None:
            return {seed: subject.again(seed) for seed in TRAINING_SEEDS}
        return {self._bench.profile.seed: subject}

    def _recipe(self, subject: Subject, trainings: Mapping[int, Subject]) -> str:
        weights = self._settings.weights
        if len(weights) > 1:
            identities = [each.identify() for each in trainings.values()]
            twice = next((i for i, each in enumerate(identities) if each in identities[:i]), None)
            if twice is not None:
                raise BaselineError(f"{weights[twice]} answers just as {weights[identities.index(identities[twice])]}: "
                                    "a baseline of several trainings needs different ones")  # fmt: skip
            recipes = {each.recipe() for each in trainings.values()}
            if len(recipes) > 1:
                raise BaselineError(
                    "the given weights are of different recipes, as their record.json says; leave some out"
                )
        return subject.recipe()

    def _path(self, name: str) -> Path:
        return baseline_path(self._settings.baselines, self._bench.profile.slug, name)
