"""A run while it goes on: what is judged goes to disk at once, and the page follows.

The run folder is whole from the first moment: `run.json`, an empty journal and a page that says
INCOMPLETE. A disk that refuses is told once; the run goes on, and its verdicts are shown all the same.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sentiment.errors import ReportError
from sentiment.report.journal import (
    Finding,
    Journal,
    append,
    append_finding,
    append_result,
    journal_path,
    read_journal,
)
from sentiment.report.run_folder import JOURNALLED, JOURNALS, plain, sweep, write_facts, writing
from sentiment.report.runs import Run, run_of
from sentiment.types import Behavior, BehaviorResult, Outcome

PAUSE = 3.0
"""Least seconds between two writings of the page."""
SHARE = 0.1
"""Writing the page takes at most this share of the run's time: the pause grows with what the last one took."""


class Recorder:
    """Keeps what a run finds out, in memory and on disk.

    `worker` names the process where several write; then another one has the page. `note` hears what goes
    wrong with the disk.
    """

    def __init__(
        self, folder: Path, facts: Mapping[str, Any], worker: str | None = None, note: Callable[[str], object] = print
    ) -> None:
        self.folder = folder
        self._facts: Mapping[str, Any] = {**facts, "run": folder.name, "complete": False}
        self._path = journal_path(folder, worker)
        self._worker, self._note = worker, note
        self._behaviors: dict[str, Behavior] = {}
        self._outcomes: dict[tuple[str, str], Sequence[Outcome]] = {}
        self._results: dict[tuple[str, str], BehaviorResult] = {}
        self._findings: dict[tuple[str, str], Finding] = {}
        self._refused = False
        self._next = 0.0
        self._final: Run | None = None

    def start(self) -> None:
        """Put the folder's first files there; nothing is judged yet."""
        from sentiment.report.index import write_index

        with self._told():
            self._facts = {**self._facts, **self._lacking()}
            write_facts(self.folder, self._facts)
            with writing(self._path):
                self._path.touch()
            self._write_page()
            write_index(self.folder.parent)
            sweep(self.folder.parent)

    def _lacking(self) -> dict[str, Any]:
        """What is wrong with the earlier run that this one is held against; said at once."""
        from sentiment.report.sides import lacking

        against = self._facts.get("against")
        lacks = lacking(Path(str(against))) if against else []
        for line in lacks:
            self._note(f"held against a run that is not whole: {line}")
        return {"against_lacks": lacks} if lacks else {}

    def judged(self, behavior: Behavior, predictor: str, outcomes: Sequence[Outcome]) -> None:
        """Keep a behavior's outcomes."""
        self._behaviors[behavior.name] = behavior
        self._outcomes[behavior.name, predictor] = outcomes
        with self._told(), self._once("judged", behavior.name, predictor) as is_first:
            if is_first:
                append(self._path, behavior, outcomes)
        self.refresh()

    def ruled(self, results: Sequence[BehaviorResult]) -> None:
        """Keep the rulings."""
        for result in results:
            key = (result.behavior.name, result.predictor)
            self._behaviors[result.behavior.name], self._results[key] = result.behavior, result
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

    def has(self, behavior: Behavior, predictor: str) -> bool:
        """Whether the outcomes of that predictor on the behavior were kept."""
        return (behavior.name, predictor) in self._outcomes

    def refresh(self) -> None:
        """Write the page anew, unless that was done a moment ago or is another process's."""
        if self._worker is None and time.monotonic() >= self._next:
            with self._told():
                self._write_page()

    def run(self) -> Run:
        """All that was found so far. Raises `ReportError` where workers' journals cannot be read."""
        return self._final or run_of(self._journal(), self._facts)

    def finish(self, facts: Mapping[str, Any]) -> Path | None:
        """Write every file for good; the page's path, or None where the disk refused or Ctrl-C came in between.

        `complete` among the facts says that everything selected was run. On disk it becomes true last, so that a
        run whose report was cut off says so; `sentiment report` then writes it from the journal.
        """
        from sentiment.report.write import write_files

        try:
            with self._told(always=True):
                journal = self._journal()
                ended = {"ended": bool(facts.get("complete")), "counts": journal.counts}
                lacks = {key: value for key, value in self._facts.items() if key == "against_lacks"}
                self._facts = plain({**facts, **lacks, **ended, "run": self.folder.name, "complete": False})
                write_facts(self.folder, self._facts)
                self._final = run_of(journal, self._facts)
                return write_files(self.folder, self._final)
        except KeyboardInterrupt:
            with self._told():
                write_facts(self.folder, {**self._facts, "complete": False})
            again = f"sentiment report {shlex.quote(str(self.folder))}"
            self._note(f"report: interrupted while it was written, so it is incomplete; {again} writes it")
        return None

    def _journal(self) -> Journal:
        """What this process found, or the workers' journals have."""
        if not self._behaviors and any(path != self._path for path in self.folder.glob(JOURNALS)):
            return read_journal(self.folder)
        outcomes = [outcome for each in self._outcomes.values() for outcome in each]
        return Journal(self._behaviors, outcomes, self._results, list(self._findings.values()))

    def _write_page(self) -> None:
        from sentiment.report.write import write_page

        began = time.monotonic()
        write_page(self.folder, self.run())
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
        """Whether no other worker has written this yet. Two that ask at the same moment may both be told so: the
        journal takes a case that stands there twice for one."""
        if self._worker is None:
            yield True
            return
        path, line = self.folder / JOURNALLED, "\t".join(key) + "\n"
        with writing(path), path.open("a+", encoding="utf-8") as file:
            file.seek(0)
            is_first = line not in file.readlines()
            yield is_first
            if is_first:
                file.write(line)
