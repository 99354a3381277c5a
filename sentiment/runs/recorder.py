"""A run while it goes on: what is judged goes to disk at once, and the page follows.

The run folder is whole from the first moment: `run.json`, an empty journal and a page that says
INCOMPLETE. A disk that refuses is told once; the run goes on, and its verdicts are shown all the same.
"""

from __future__ import annotations

import fcntl
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sentiment.errors import ReportError
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import (
    Finding,
    Journal,
    append,
    append_finding,
    append_result,
    append_subject,
    journal_path,
    read_journal,
)
from sentiment.runs.records import plain
from sentiment.runs.run import Run, run_of
from sentiment.runs.run_folder import JOURNALLED, JOURNALS, sweep, write_facts, writing
from sentiment.types import BehaviorResult, Outcome, Promise, SubjectFacts

PAUSE = 3.0
"""Least seconds between two writings of the page."""
SHARE = 0.1
"""Writing the page takes at most this share of the run's time: the pause grows with what the last one took."""


class Writer(Protocol):
    """Shows a run; raises `ReportError` where the disk refuses."""

    def page(self, folder: Path, run: Run) -> None:
        """Write the page alone, of a run that goes on."""
        ...

    def files(self, folder: Path, run: Run) -> Path:
        """Write every file, for good; the page's path."""
        ...

    def index(self, reports: Path) -> None:
        """Bring the list of all runs up to date."""
        ...


class Recorder:
    """Keeps what a run finds out, in memory and on disk; the writer shows it.

    `worker` names the process where several write; then another one has the page. `note` hears what goes
    wrong with the disk.
    """

    def __init__(
        self,
        folder: Path,
        facts: RunFacts,
        writer: Writer,
        worker: str | None = None,
        note: Callable[[str], object] = print,
    ) -> None:
        self.folder = folder
        self._facts = replace(facts, run=folder.name, complete=False)
        self._path = journal_path(folder, worker)
        self._writer, self._worker, self._note = writer, worker, note
        self._promises: dict[str, Promise] = {}
        self._subjects: dict[str, SubjectFacts] = {}
        self._outcomes: dict[tuple[str, str], Sequence[Outcome]] = {}
        self._results: dict[tuple[str, str], BehaviorResult] = {}
        self._findings: dict[tuple[str, str], Finding] = {}
        self._refused = False
        self._next = 0.0
        self._final: Run | None = None

    def start(self) -> None:
        """Put the folder's first files there; nothing is judged yet."""
        with self._told():
            self._facts = replace(self._facts, against_lacks=tuple(self._lacking()))
            write_facts(self.folder, self._facts)
            with writing(self._path):
                self._path.touch()
            self._write_page()
            self._writer.index(self.folder.parent)
            sweep(self.folder.parent)

    def _lacking(self) -> list[str]:
        """What is wrong with the earlier run that this one is held against; said at once."""
        from sentiment.runs.sides import lacking

        lacks = lacking(Path(self._facts.against)) if self._facts.against else []
        for line in lacks:
            self._note(f"held against a run that is not whole: {line}")
        return lacks

    def declared(self, subjects: Iterable[SubjectFacts]) -> None:
        """Keep who may be asked, in the order that the page shows them in."""
        for subject in subjects:
            self._subjects[subject.name] = subject
            with self._told(), self._once("declared", subject.name) as is_first:
                if is_first:
                    append_subject(self._path, subject)

    def judged(self, promise: Promise, predictor: str, outcomes: Sequence[Outcome]) -> None:
        """Keep a behavior's outcomes."""
        self._promises[promise.name] = promise
        self._outcomes[promise.name, predictor] = outcomes
        with self._told(), self._once("judged", promise.name, predictor) as is_first:
            if is_first:
                append(self._path, promise, outcomes)
        self.refresh()

    def ruled(self, results: Sequence[BehaviorResult]) -> None:
        """Keep the rulings."""
        for result in results:
            key = (result.promise.name, result.predictor)
            self._promises[result.promise.name], self._results[key] = result.promise, result
            with self._told(), self._once("ruled", *key) as is_first:
                if is_first:
                    append_result(self._path, result)
        self.refresh()

    def found(self, finding: Finding) -> None:
        """Keep what a test found out beside its ruling."""
        self._findings[finding.kind, finding.predictor] = Finding(finding.kind, finding.predictor, plain(finding.facts))
        with self._told():
            append_finding(self._path, finding)
        self.refresh()

    def has(self, behavior: str, predictor: str) -> bool:
        """Whether the outcomes of that predictor on the behavior were kept."""
        return (behavior, predictor) in self._outcomes

    def refresh(self) -> None:
        """Write the page anew, unless that was done a moment ago or is another process's."""
        if self._worker is None and time.monotonic() >= self._next:
            with self._told():
                self._write_page()

    def run(self) -> Run:
        """All that was found so far. Raises `ReportError` where workers' journals cannot be read."""
        return self._final or run_of(self._journal(), self._facts)

    def finish(self, facts: RunFacts) -> Path | None:
        """Write every file for good; the page's path, or None where the disk refused or Ctrl-C came in between.

        `complete` among the facts says that everything selected was run. On disk it becomes true last, so that a
        run whose report was cut off says so; `sentiment report` then writes it from the journal.
        """
        try:
            with self._told(always=True):
                journal = self._journal()
                self._facts = replace(
                    facts,
                    run=self.folder.name,
                    complete=False,
                    ended=facts.complete,
                    counts=journal.counts,
                    against_lacks=self._facts.against_lacks,
                )
                write_facts(self.folder, self._facts)
                self._final = run_of(journal, self._facts)
                return self._writer.files(self.folder, self._final)
        except KeyboardInterrupt:
            with self._told():
                write_facts(self.folder, self._facts)
            again = f"sentiment report {shlex.quote(str(self.folder))}"
            self._note(f"report: interrupted while it was written, so it is incomplete; {again} writes it")
        return None

    def _journal(self) -> Journal:
        """What this process found, or the workers' journals have."""
        if not self._promises and any(path != self._path for path in self.folder.glob(JOURNALS)):
            return read_journal(self.folder)
        outcomes = [outcome for each in self._outcomes.values() for outcome in each]
        return Journal(self._promises, outcomes, self._results, self._subjects, list(self._findings.values()))

    def _write_page(self) -> None:
        began = time.monotonic()
        self._writer.page(self.folder, self.run())
        self._next = time.monotonic() + max(PAUSE, (time.monotonic() - began) / SHARE)

    @contextmanager
    def _told(self, always: bool = False) -> Iterator[None]:
        """Say what the disk refused, the first time, and go on. But what a worker cannot put into its journal nobody
        else knows of: there the error ends the test."""
        try:
            yield
        except ReportError as error:
            if self._worker is not None:
                raise
            if always or not self._refused:
                self._note(f"report: {error}")
            self._refused = True

    @contextmanager
    def _once(self, *key: str) -> Iterator[bool]:
        """Whether no other worker has written this yet; whoever asks meanwhile waits."""
        if self._worker is None:
            yield True
            return
        path, line = self.folder / JOURNALLED, "\t".join(key) + "\n"
        with writing(path), path.open("a+", encoding="utf-8") as file:
            with suppress(OSError):  # without locks two may write it: readers take a case that stands twice for one
                fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            is_first = line not in file.readlines()
            yield is_first
            if is_first:
                file.write(line)
