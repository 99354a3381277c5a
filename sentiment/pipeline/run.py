"""A run from its settings to its report, whoever runs it: pytest, the command line or a notebook."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sentiment import cache
from sentiment.behavior.pairs import read_pairs
from sentiment.errors import BehaviorError, ReportError, SubjectError
from sentiment.judging.baseline import Baseline
from sentiment.judging.rulings import Rules
from sentiment.judging.session import Earlier, Session
from sentiment.pipeline.baselines import Baselines
from sentiment.pipeline.chosen import chosen_profile, go_offline_if_asked
from sentiment.pipeline.facts import LIBRARIES, run_facts
from sentiment.pipeline.settings import Settings
from sentiment.pipeline.subjects import own_subject
from sentiment.pipeline.workbench import Workbench
from sentiment.predictors.stored import forget
from sentiment.profiles import load_profile
from sentiment.report.write import RunWriter
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import read_journal
from sentiment.runs.recorder import Recorder
from sentiment.runs.rerun import Rerun
from sentiment.runs.run_folder import new_run_folder, shared_run_folder
from sentiment.safety import whole_line
from sentiment.types import Approach, Behavior, Role, Subject, SubjectFacts

WITHOUT_MODEL = "smollm2"
"""Profile whose data and house prompt judge subjects where no language model is among them."""

Note = Callable[[str], None]


class JudgingRun:
    """Everything that one run needs, each thing made on first use.

    `asked` says in words what was selected, for the run folder's name; `rerun` how a part of it is run again; `own` are
    subjects besides those of the settings, and without `with_approaches` there are no others.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        asked: str = "all",
        rerun: Rerun,
        note: Note = print,
        own: Sequence[Subject] = (),
        with_approaches: bool = True,
    ) -> None:
        go_offline_if_asked()
        self.settings, self.asked, self.rerun, self.note = settings, asked, rerun, note
        self.started = time.time()
        named = load_profile(settings.profile) if settings.profile is not None else None
        trains = named is not None and named.data.test_file is None
        self.has_approaches = with_approaches and (not (settings.subjects or own) or trains or bool(settings.weights))
        """Whether base, sft and lora are among the subjects."""
        self.has_models = self.has_approaches or any(each.kind == "model" for each in settings.subjects.values())
        if self.has_models:
            profile, self._why = chosen_profile(settings.profile)
        else:
            profile, self._why = named or load_profile(WITHOUT_MODEL), "its data and prompt alone"
        first = next(iter(settings.weights), None)
        self.bench = Workbench(profile, first, settings.on_base, quick=settings.quick, note=note)
        own_named = [own_subject(name, each, settings.folder, self.bench) for name, each in settings.subjects.items()]
        self._own = [*own_named, *own]

    @cached_property
    def subjects(self) -> list[Subject]:
        """The profile's approaches where a language model is judged, those of one's own, and the floors.

        Raises `SubjectError` for a name that two have.
        """
        approaches = [self.bench.subject(approach) for approach in Approach] if self.has_approaches else []
        floors = self.bench.floors
        taken = [*Approach, *(floor.name for floor in floors)]
        names = [subject.name for subject in self._own]
        for name in names:
            if name in taken:
                raise SubjectError(f"{name!r} is the name of {_owner(name)}: give your classifier another")
            if names.count(name) > 1:
                raise SubjectError(f"two subjects are called {name!r}: give one of them another name")
        return [*approaches, *self._own, *floors]

    def subject(self, name: str) -> Subject:
        """The subject of that name."""
        return next(subject for subject in self.subjects if subject.name == name)

    @property
    def judged(self) -> list[str]:
        """Names of the subjects that are no floors."""
        return [subject.name for subject in self.subjects if subject.facts.role is Role.JUDGED]

    def reads_prompts(self, names: Iterable[str]) -> bool:
        """Whether one of these subjects does, so that behaviors which vary the prompt apply."""
        return any(subject.facts.reads_prompts for subject in self.subjects if subject.name in names)

    def check(self) -> None:
        """Read every file and look at every setting that is used later, before anything is downloaded or trained.

        Raises `SentimentError`.
        """
        self.subjects  # noqa: B018  (two of one name stop here)
        if self.has_models:
            self.bench.device  # noqa: B018  (a CUDA profile without CUDA stops here)
            self.bench.given  # noqa: B018  (weights that cannot be judged stop here)
            for path in self.settings.weights[1:]:
                self.bench.of_weights(path).given  # noqa: B018
        for path in self.settings.pairs:
            try:
                read_pairs(path)
            except BehaviorError as error:
                raise BehaviorError(f"pairs {error}") from None
        self.earlier  # noqa: B018

    def check_baselines(self, names: Iterable[str]) -> None:
        """Read the baselines of these subjects, which are needed last. Raises `BaselineError`."""
        for name in names:
            self.baseline(name)

    def header(self) -> list[str]:
        """What is about to run, and why. Raises `SentimentError` where the cache cannot be used."""
        root, size = cache.cache_root(), cache.size()
        facts = self.facts
        model = f", model {facts.model}" if facts.model else ""
        device = f"device: {facts.device}, {facts.dtype}; " if self.has_models else ""
        lines = [
            f"profile: {facts.profile} ({self._why}){model}, data {facts.data}",
            f"{device}cache: {root}, {size / 2**20:,.0f} MiB",
        ]
        if self.bench.given is not None:
            lines.append(f"weights: {self.bench.given.says}")
        lines += [f"subject: {each.name}, {each.facts.says}" for each in self._own]
        return [whole_line(line) for line in lines]

    @cached_property
    def facts(self) -> RunFacts:
        """What `run.json` says of it."""
        settings = self.settings
        kinds = {each.kind for each in settings.subjects.values()}
        libraries = [name for name in LIBRARIES if self.has_models or "classifier" in kinds]
        libraries += [name for name in ("openai",) if "endpoint" in kinds]
        facts = run_facts(self.bench, with_models=self.has_models, libraries=libraries)
        if not self.has_approaches:  # others are judged, and the subjects' own facts say which
            facts = replace(facts, model=None, adapter=None, accuracy_floor={})
        return replace(
            facts,
            selection=self.asked,
            started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started)),
            against=str(settings.against) if settings.against else None,
            accuracy_floor={} if settings.case else facts.accuracy_floor,
            rerun=self.rerun,
            subjects=tuple(subject.facts for subject in self.subjects),
        )

    @cached_property
    def earlier(self) -> Earlier | None:
        """The run that this one is held against. Raises `ReportError` when that is none."""
        against = self.settings.against
        if against is None:
            return None
        try:
            return Earlier(str(against), list(read_journal(against).outcomes))
        except ReportError as error:
            raise ReportError(f"against {against}: {error}") from None

    def baseline(self, name: str) -> Baseline | None:
        """The committed record that the subject is ruled against. Raises `BaselineError`."""
        return self._baselines.of(self.subject(name))

    def rules(self, subject: SubjectFacts) -> Rules:
        """What a subject's outcomes are held against."""
        promises = self.bench.profile.promises or self.settings.profile is None
        return Rules(self.baseline(subject.name), promises, subject.promises, self.settings.quick)

    def record_baseline(self, session: Session, name: str) -> None:
        """Judge the subject's trainings, which may have to be trained first, and write their baseline."""
        self._baselines.record(session, self.subject(name))

    def session(self, behaviors: Mapping[str, Sequence[Behavior]], recorder: Recorder) -> Session:
        """What asks these behaviors of each subject."""
        return Session(
            self.subjects,
            behaviors,
            self.bench,
            recorder,
            self.rules,
            case=self.settings.case,
            earlier=self.earlier,
            note=self.note,
        )

    def recorder(self) -> Recorder:
        """What keeps the run's outcomes, in a folder of its own."""
        recorder = Recorder(self.new_folder(), self.facts, RunWriter(), note=self.note)
        recorder.start()
        return recorder

    def new_folder(self) -> Path:
        """A new run folder; where the disk refuses it, one that will be gone with the machine's temporary files."""
        profile = self.bench.profile.name
        try:
            return new_run_folder(self.settings.reports, profile, self.asked)
        except ReportError as error:
            elsewhere = Path(tempfile.mkdtemp(prefix="sentiment-reports-"))
            self.note(f"report: {error}; this run is kept in {elsewhere}")
            return new_run_folder(elsewhere, profile, self.asked)

    def shared_folder(self, started: float, run_id: str) -> Path:
        """The run folder of several processes of one `run_id`: whichever needs it first makes it."""
        moment = datetime.fromtimestamp(started, UTC)
        return shared_run_folder(self.settings.reports, self.bench.profile.name, self.asked, moment, run_id)

    def end(
        self,
        recorder: Recorder,
        session: Session | None,
        *,
        complete: bool,
        failed_checks: Mapping[str, str],
        stopped: str = "",
    ) -> None:
        """Write the report. `complete` says that everything that was selected was run; there is no `session` where
        other processes judged."""
        facts = replace(
            self.facts,
            duration=round(time.time() - self.started, 1),
            complete=complete,
            failed_checks=failed_checks,
            stopped=stopped or None,
        )
        recorder.finish(facts)
        for subject in self._own if complete else ():
            if not subject.lasting:
                self._forget(subject, session)

    def _forget(self, subject: Subject, session: Session | None) -> None:
        """Forget answers that do not outlive a run which came to its end: those that it asked for."""
        if session is not None:
            session.forget_asked(subject.name)
        elif (fingerprint := subject.identify()) is not None:  # several processes asked, and have ended
            forget(fingerprint)

    @cached_property
    def _baselines(self) -> Baselines:
        return Baselines(self.settings, self.bench, self.note)


def _owner(name: str) -> str:
    return "an approach" if name in list(Approach) else "a floor, a reference that every classifier is held against"
