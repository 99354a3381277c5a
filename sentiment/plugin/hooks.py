"""What the plugin does once a test of ours is collected: one run for all of them, and hooks that act on them alone."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from sentiment.errors import ReportError, SentimentError, SubjectError, users_traceback
from sentiment.judging.session import Session, in_one
from sentiment.pipeline.run import JudgingRun
from sentiment.plugin.collecting import Collecting, is_ours
from sentiment.plugin.judged import UNANSWERED, JudgedBehavior, Notes
from sentiment.plugin.names import FOLDER
from sentiment.plugin.options import option, rerun_of, selection_of, settings_of
from sentiment.plugin.stopping import stop, stopping
from sentiment.predictors.stored import StoredPredictor
from sentiment.report.results import OF_OURS, statistics_as_output
from sentiment.report.write import RunWriter
from sentiment.runs.facts import RunFacts
from sentiment.runs.recorder import Recorder
from sentiment.safety import one_line, visible, whole_line
from sentiment.types import Approach, Behavior

REASON_SHOWN = 300
"""Characters of a failed check's reason."""


class Awake:
    """The run of this pytest session. `started` names its folder where several workers share it."""

    def __init__(self, config: pytest.Config, started: float | None) -> None:
        self.config, self._moment = config, started
        self.failed: dict[str, str] = {}
        """Reason by test, of failures that are not a behavior's ruling."""
        self.broken_setup = False
        """A fixture broke, so what was selected is not all there."""
        self.stopped = ""
        """Why the session ended early; empty: it did not, or nobody said why."""
        self.unanswered: list[str] = []
        """Behaviors that are not ruled because answers are missing, as their tests said."""
        self._recorder: Recorder | None = None

    @cached_property
    def run(self) -> JudgingRun:
        """What the options ask for."""
        settings, asked = settings_of(self.config), selection_of(self.config)
        return JudgingRun(settings, asked=asked, rerun=rerun_of(self.config), note=self.show)

    @cached_property
    def collecting(self) -> Collecting:
        """The items of ours."""
        return Collecting(self.config, self.run, self.show)

    def wake(self) -> None:
        """Look at everything that is asked for, before any of it is done."""
        with stopping(), self.shown():
            self.run.check()
            self._refuse_marks()
            if option(self.config, "update-baseline"):
                self.collecting.refuse_partial_selection()
        for name in self.run.judged:
            self.config.addinivalue_line("markers", f"{name}: the subject of that name")
        self.config.pluginmanager.register(self.collecting)

    def _refuse_marks(self) -> None:
        """Raise `SubjectError` where `-m NAME` would select other tests than those of the subject."""
        marks = {re.split(r"[:(]", line)[0].strip() for line in self.config.getini("markers")} - set(Approach)
        taken = next((name for name in self.run.judged if name in marks), None)
        if taken is not None:
            raise SubjectError(f"{taken!r} is the name of a mark: give your classifier another")

    @property
    def is_worker(self) -> bool:
        """Whether this process is one of pytest-xdist's."""
        return hasattr(self.config, "workerinput")

    @cached_property
    def session(self) -> Session:
        """What asks, judges and rules: made when the first test of ours runs."""
        return self.run.session(self.collecting.behaviors(), self.recorder)

    @property
    def recorder(self) -> Recorder:
        """What keeps this run's outcomes; its folder is made on first use."""
        if self._recorder is None:
            if self._moment is None:
                self._recorder = self.run.recorder()
            else:
                worker = self.config.workerinput  # type: ignore[attr-defined]
                folder = self.run.shared_folder(self._moment, worker["testrunuid"])
                self._recorder = Recorder(folder, RunFacts(), RunWriter(), worker["workerid"], note=self.show)
        return self._recorder

    def follow(self, folder: Path, started: float) -> None:
        """Keep the page of a run whose cases are judged by workers."""
        if self._recorder is None:
            self.run.started = started
            self._recorder = Recorder(folder, self.run.facts, RunWriter(), note=self.show)
            self._recorder.start()

    def predictor(self, name: str) -> StoredPredictor:
        """The subject, ready to be asked."""
        with self.shown():
            return self.session.predictor(name)

    def judged(self, name: str, behavior: Behavior, item: pytest.Item) -> JudgedBehavior:
        """A behavior of a subject; at the first call all of that subject are judged."""
        with self.shown():
            if option(self.config, "update-baseline") and not self.session.is_judged(name):
                self.run.record_baseline(self.session, name)
            result = self.session.results(name)[behavior.name]
        return JudgedBehavior(
            result,
            item,
            option(self.config, "strict"),
            self.run.settings.case is not None,
            self.session.is_unanswered(name, behavior.name),
            self.run.facts.accuracy_floor.get(name),
        )

    def notes(self, name: str) -> Notes:
        """What a test tells of a subject."""
        facts = self.session.subject(name).facts
        is_free = not self.run.rules(facts).judges
        why = f"profile {visible(self.run.bench.profile.name)} promises nothing" if is_free else ""
        if not facts.promises:
            why = f"{name} promises nothing"
        return Notes(name, self.session, self.run.baseline(name), why, option(self.config, "strict"))

    def show(self, line: str) -> None:
        """Print a line, above whatever the terminal shows."""
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None and not self.is_worker:
            with self.shown():
                reporter.ensure_newline()
                reporter.write_line(whole_line(line))

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Let what is printed through pytest's capture, and show where a user's own code raised."""
        with self.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            try:
                yield
            except SubjectError as error:
                for line in users_traceback(error):
                    self.show(line)
                raise

    def pytest_report_collectionfinish(self) -> list[str]:
        """What is about to run, and why."""
        with stopping():
            return self.run.header() if self.collecting.items else []

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        """Collecting met something that a user can cause: say it, and nothing else."""
        if call.when == "collect":
            stop(call.excinfo.value if call.excinfo else None)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A test of ours met something that a user can cause: say it instead of reporting a failure. A fixture that
        broke for any other reason is told once, since most tests need it."""
        if not is_ours(item):
            return (yield)
        stop(call.excinfo.value if call.excinfo else None)
        report = yield
        setattr(report, FOLDER, str(self._recorder.folder) if self._recorder else "")
        if report.failed and report.when == "setup":
            item.session.shouldfail = f"a fixture of {item.nodeid} is broken"
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what failed beside a ruling, and the page up to date."""
        if not hasattr(report, FOLDER):
            return
        told = OF_OURS & {name for name, _ in report.user_properties}
        if report.when == "call":  # each phase repeats the properties of those before
            self.unanswered += [str(said) for name, said in report.user_properties if name == UNANSWERED]
        if report.failed and not told:
            self.broken_setup |= report.when == "setup"
            crash = getattr(report.longrepr, "reprcrash", None)
            reason = one_line((crash.message if crash else report.longreprtext).strip(), REASON_SHOWN)
            if reason not in self.failed.values():  # one broken setup fails every test that needs it
                self.failed[report.nodeid] = reason
        if self._recorder is not None:
            self._recorder.refresh()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Called when the session ends early; under xdist in the worker and in the controller."""
        self.stopped = str(excinfo.value)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the report; also after Ctrl-C."""
        if self.is_worker:
            if self.stopped:  # xdist takes exit status 2 for a worker that crashed, and starts another one
                self.config.workeroutput.update(exitstatus=1, shouldstop=self.stopped)  # type: ignore[attr-defined]
            return
        if self._recorder is None:
            return
        ran = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        early = session.shouldfail or session.shouldstop  # by --exitfirst and the like
        complete = bool(ran and not early and not self.broken_setup and not self.unanswered)
        stopped = self.stopped or whole_line(in_one(self.unanswered))
        asked = self.session if "session" in self.__dict__ else None
        self.run.end(self._recorder, asked, complete=complete, failed_checks=self.failed, stopped=stopped)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The closing table, and what GitHub shows of it."""
        if self._recorder is None or self.is_worker:
            return
        from sentiment.report.summary import tell_github
        from sentiment.report.terminal import closing_lines, path_line

        terminalreporter.ensure_newline()
        terminalreporter.section("behaviors")
        folder = self._recorder.folder
        try:
            run = self._recorder.run()
            for line in closing_lines(run) if run.results or run.failed_checks else ():
                terminalreporter.write_line(line)
            for line in tell_github(run, folder):
                terminalreporter.write_line(line)
        except SentimentError as error:
            terminalreporter.write_line(f"report: {error}")
        terminalreporter.write_line(path_line(folder))

    def pytest_unconfigure(self) -> None:
        """Make the JUnit XML that pytest wrote valid for servers that read xUnit 2."""
        given = self.config.getoption("xmlpath", default=None)
        if not given or self.is_worker or self.config.getini("junit_family") != "xunit2":
            return
        path = Path(os.path.expandvars(given)).expanduser()  # as pytest reads it
        if path.is_file():
            try:
                statistics_as_output(path)
            except ReportError as error:
                self.show(f"JUnit XML: {error}")
