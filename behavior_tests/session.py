"""What a session keeps between hooks and fixtures: the workbench, the run folder, the journal, the baselines."""

from __future__ import annotations

import shlex
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sentiment import cache
from sentiment.assessment import baseline_of
from sentiment.behavior.baseline import Baseline, baseline_path, read_baseline, write_baseline
from sentiment.behavior.judge import judge, queries_of
from sentiment.behavior.pairs import read_pairs
from sentiment.errors import BehaviorError, ReportError, fault_of
from sentiment.models.predictions import StoredPredictor
from sentiment.paths import at_home
from sentiment.pipeline import Workbench, run_facts
from sentiment.report.journal import read_journal
from sentiment.report.live import Recorder
from sentiment.report.results import OF_OURS
from sentiment.report.run_folder import new_run_folder
from sentiment.report.safety import one_line, whole_line
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Outcome, Predictor

BASELINES = Path(__file__).parent / "baselines"
WORKBENCH = pytest.StashKey[Workbench]()
HEADER = pytest.StashKey[list[str]]()
RECORDER = pytest.StashKey[Recorder]()
STARTED = pytest.StashKey[float]()
EARLIER = pytest.StashKey[list[Outcome]]()
"""Outcomes of the run named by --against."""
PREDICTORS = pytest.StashKey[dict[Approach, StoredPredictor]]()
"""Every approach is made once, in whatever order tests come: pytest sets a fixture up anew at each change."""
ASSESSED = pytest.StashKey[dict[Approach, dict[str, BehaviorResult]]]()
"""And judged once."""
REASON_SHOWN = 300
"""Characters of a failed check's reason."""


class Stop(pytest.exit.Exception):  # type: ignore[name-defined]
    """Something that the user or the machine caused: said in one line, and the session ends with exit status 2."""

    __module__ = "builtins"  # pytest says the exception's name before the line, and this one's is `error`


Stop.__name__ = Stop.__qualname__ = "error"


def stop(error: BaseException | None) -> None:
    """End the session if that error is a user's or the machine's; a programming error keeps its traceback."""
    said = None if error is None else fault_of(error)
    if said is not None:
        raise Stop(whole_line(said), returncode=2) from None


@contextmanager
def stopping() -> Iterator[None]:
    """`stop` for hooks that pytest does not report on: those before and between the tests."""
    try:
        yield
    except Exception as error:
        stop(error)
        raise


class Watch:
    """What pytest reports of tests as they end: those that failed beside a ruling, and setups that broke.

    Under xdist the controller hears of all workers' tests, and keeps the page up to date for them.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.failed: dict[str, str] = {}
        """Reason by test, of failures that are not a behavior's ruling."""
        self.broken_setup = False
        """A fixture broke, so what was selected is not all there."""
        self.stopped = ""
        """Why the session ended early; empty: it did not, or nobody said why."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called once per phase of a test."""
        told = OF_OURS & {name for name, _ in report.user_properties}
        if report.failed and not told:
            self.broken_setup |= report.when == "setup"
            crash = getattr(report.longrepr, "reprcrash", None)
            reason = one_line((crash.message if crash else report.longreprtext).strip(), REASON_SHOWN)
            if reason not in self.failed.values():  # one broken setup fails every test that needs it
                self.failed[report.nodeid] = reason
        if RECORDER in self.config.stash:
            self.config.stash[RECORDER].refresh()

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Called when the session ends early; under xdist in the worker and in the controller."""
        self.stopped = str(excinfo.value)


WATCH = pytest.StashKey[Watch]()


@contextmanager
def shown(config: pytest.Config) -> Iterator[None]:
    """Let what is printed through pytest's capture."""
    with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        yield


def recorder_of(config: pytest.Config) -> Recorder:
    """What keeps this run's outcomes; its folder is made on first use."""
    if RECORDER not in config.stash:
        if is_worker(config):
            folder = Path(config.workerinput["run_folder"])  # type: ignore[attr-defined]
            config.stash[RECORDER] = Recorder(folder, {}, worker_of(config), note=lambda line: show(config, line))
        else:
            folder = _new_folder(config)
            config.stash[RECORDER] = Recorder(folder, facts_of(config), note=lambda line: show(config, line))
            config.stash[RECORDER].start()
    return config.stash[RECORDER]


def _new_folder(config: pytest.Config) -> Path:
    profile = config.stash[WORKBENCH].profile.name
    try:
        return new_run_folder(at_home(config.getoption("--reports")), profile, selection_of(config))
    except ReportError as error:
        elsewhere = Path(tempfile.mkdtemp(prefix="sentiment-reports-"))
        show(config, f"report: {error}; this run is kept in {elsewhere}")
        return new_run_folder(elsewhere, profile, selection_of(config))


def header_of(workbench: Workbench, why: str) -> list[str]:
    """What is about to run, and `why` with that profile. Raises `SentimentError` where the cache cannot be used."""
    facts, root = run_facts(workbench), cache.cache_root()
    size = 0
    for file in root.rglob("*"):
        with suppress(OSError):  # another run may replace it
            size += file.stat().st_size if file.is_file() else 0
    lines = (
        f"profile: {facts['profile']} ({why}), model {facts['model']}, data {facts['data']}",
        f"device: {facts['device']}, {facts['dtype']}; cache: {root}, {size / 2**20:,.0f} MiB",
    )
    given = [f"weights: {workbench.given.says}"] if workbench.given else []
    return [whole_line(line) for line in (*lines, *given)]


def facts_of(config: pytest.Config) -> dict[str, Any]:
    """What `run.json` says of this session."""
    return {
        **run_facts(config.stash[WORKBENCH]),
        "selection": selection_of(config),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(config.stash[STARTED])),
        **({"against": config.getoption("--against")} if config.getoption("--against") else {}),
        **({"accuracy_floor": {}} if config.getoption("--case") else {}),
        "rerun_command": " ".join(["pytest behavior_tests", *repeated_options(config)]),
    }


def baseline_of_approach(config: pytest.Config, approach: Approach) -> Baseline | None:
    """The committed baseline of this profile. Raises `BaselineError` when it cannot be used."""
    profile = config.stash[WORKBENCH].profile
    return read_baseline(baseline_path(BASELINES, profile.slug, approach), profile.name, approach)


def record_baseline(
    config: pytest.Config, workbench: Workbench, approach: Approach, behaviors: Sequence[Behavior]
) -> None:
    """Train and judge the baseline's seeds, write its file, and name what a person has to add."""
    path = baseline_path(BASELINES, workbench.profile.slug, approach)
    baseline = baseline_of(workbench, approach, behaviors, baseline_of_approach(config, approach))
    write_baseline(path, baseline)
    show(config, f"baseline of {approach} written to {path}")
    for name, record in baseline.behaviors.items():
        if record.known == "":
            show(config, f"  {name} is over its budget ({', '.join(record.rates.values())}): write the reason there")


def check_pairs(config: pytest.Config) -> None:
    """Read the files of --pairs, which are collected much later. Raises `BehaviorError` for one that cannot be used."""
    for path in config.getoption("--pairs"):
        try:
            read_pairs(at_home(path))
        except BehaviorError as error:
            raise BehaviorError(f"--pairs {error}") from None


def read_earlier_run(config: pytest.Config) -> None:
    """Keep the outcomes of the run named by --against. Raises `ReportError` when it is none."""
    earlier = config.getoption("--against")
    if earlier is None:
        return
    try:
        config.stash[EARLIER] = list(read_journal(at_home(earlier)).outcomes)
    except ReportError as error:
        raise ReportError(f"--against {earlier}: {error}") from None


def show(config: pytest.Config, line: str) -> None:
    """Print a line, above whatever the terminal shows."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None and not is_worker(config):
        with shown(config):
            reporter.ensure_newline()
            reporter.write_line(whole_line(line))


def selection_of(config: pytest.Config) -> str:
    """What was selected, in words, for the run folder's name."""
    options = [config.getoption(name, default=None) for name in ("-k", "--case")]
    whole = BASELINES.parent
    files = [path for path in config.args if Path(path.partition("::")[0]).resolve() != whole]
    places = [Path(path).name for path in files] if len(files) == len(config.args) else []
    left_out = [f"without {Path(path).name}" for path in config.getoption("deselect", default=None) or []]
    flags = [name for name in ("quick", "slow") if config.getoption(f"--{name}")]
    parts = [config.getoption("-m") or "all", *places, *options, *left_out, *flags]
    return " ".join(str(part) for part in parts if part)


def repeated_options(config: pytest.Config) -> list[str]:
    """The options that rerunning one case needs again."""
    named = [(name, config.getoption(name)) for name in ("--profile", "--weights", "--on-base")]
    named += [("--pairs", file) for file in config.getoption("--pairs")]
    quick = ["--quick"] if config.getoption("--quick") else []  # its weights are other ones
    return [f"{name} {shlex.quote(value)}" for name, value in named if value] + quick


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of pytest-xdist's."""
    return hasattr(config, "workerinput")


def worker_of(config: pytest.Config) -> str | None:
    """The worker's name, or None."""
    return config.workerinput["workerid"] if is_worker(config) else None  # type: ignore[attr-defined]


def judge_floors(recorder: Recorder, behavior: Behavior, cases: list[Case], floors: list[Predictor]) -> None:
    """Judge the floors on the cases too, once in a run, and keep their outcomes."""
    queries = queries_of(cases)
    for floor in floors:
        if recorder.has(behavior, floor.name):
            continue
        answers = dict(zip(queries, floor.predict(queries), strict=True))
        recorder.judged(behavior, floor.name, judge(behavior, cases, floor.name, answers))
