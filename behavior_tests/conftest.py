"""Behaviors x approaches as pytest items: models are trained or loaded by fixtures, judged, journalled.

Every module lists its behaviors in `BEHAVIORS`; a test that asks for `result` runs once per behavior and
approach. All selected behaviors of an approach are answered in one go and ruled before its first test,
which only looks its ruling up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from behavior_tests.selection import (
    KNOWN_BEHAVIORS,
    behavior_of,
    behaviors_of,
    parameter,
    parameters,
    refuse_partial_selection,
    refuse_repeated_names,
)
from behavior_tests.session import (
    ASSESSED,
    EARLIER,
    HEADER,
    PREDICTORS,
    RECORDER,
    STARTED,
    WATCH,
    WORKBENCH,
    Watch,
    baseline_of_approach,
    check_pairs,
    facts_of,
    header_of,
    is_worker,
    judge_floors,
    read_earlier_run,
    record_baseline,
    recorder_of,
    show,
    shown,
    stop,
    stopping,
)
from sentiment.assessment import answered, ruled_together
from sentiment.behavior.against import held_against
from sentiment.behavior.rulings import Rules
from sentiment.errors import ReportError, SentimentError
from sentiment.models.predictions import StoredPredictor
from sentiment.paths import at_home
from sentiment.pipeline import Workbench, chosen_profile, go_offline_if_asked
from sentiment.profiles import Profile
from sentiment.report.journal import Finding
from sentiment.report.results import junit_properties, statistics_as_output
from sentiment.report.runs import ACCURACY_BEHAVIOR
from sentiment.report.safety import visible
from sentiment.types import Approach, Behavior, BehaviorResult, Outcome, Predictor, Ruling, Status


def pytest_configure(config: pytest.Config) -> None:
    """Read and check every option before anything is downloaded, loaded or trained."""
    go_offline_if_asked()
    with stopping():
        weights = config.getoption("--weights")
        profile, why = chosen_profile(config.getoption("--profile"))
        workbench = Workbench(
            profile,
            at_home(weights) if weights else None,
            config.getoption("--on-base"),
            quick=config.getoption("--quick"),
            note=lambda line: show(config, line),
        )
        workbench.device  # noqa: B018  (a CUDA profile without CUDA stops here)
        workbench.given  # noqa: B018  (weights that cannot be judged stop here)
        check_pairs(config)
        read_earlier_run(config)
        if config.getoption("--update-baseline"):
            refuse_partial_selection(config)
        config.stash[HEADER] = header_of(workbench, why)
    config.stash[WORKBENCH], config.stash[STARTED] = workbench, time.time()
    config.stash[KNOWN_BEHAVIORS], config.stash[PREDICTORS], config.stash[ASSESSED] = {}, {}, {}
    config.stash[WATCH] = Watch(config)
    config.pluginmanager.register(config.stash[WATCH], "sentiment-watch")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What is about to run, and why."""
    return config.stash[HEADER]


def pytest_exception_interact(call: pytest.CallInfo[Any]) -> None:
    """Collecting met something that a user can cause: say it, and nothing else."""
    stop(call.excinfo.value if call.excinfo else None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test met something that a user can cause: say it instead of reporting a failure. A fixture that broke for any
    other reason is told once, since most tests need it."""
    stop(call.excinfo.value if call.excinfo else None)
    report = yield
    if report.failed and report.when == "setup":
        item.session.shouldfail = f"a fixture of {item.nodeid} is broken"
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per approach, and per behavior where the test asks for a result."""
    if "approach" not in metafunc.fixturenames:
        return
    wanted = getattr(metafunc.module, "APPROACHES", Approach)
    approaches = [pytest.param(a, marks=getattr(pytest.mark, a.value), id=a.value) for a in wanted]
    metafunc.parametrize("approach", approaches, indirect=True, scope="session")
    if "behavior" in metafunc.fixturenames:
        behaviors = behaviors_of(metafunc)
        refuse_repeated_names(metafunc, behaviors)
        metafunc.parametrize("behavior", behaviors, ids=lambda behavior: behavior.name)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out slow items, and with `--case` every behavior but the case's own."""
    # a module without behaviors has one empty item that says nothing
    items[:] = [item for item in items if "behavior" not in parameters(item) or behavior_of(item) is not None]
    kept = [item for item in items if config.getoption("--slow") or not item.get_closest_marker("slow")]
    case = config.getoption("--case")
    if case:
        kept = [item for item in kept if (b := behavior_of(item)) is not None and case.startswith(f"{b.name}:")]
    dropped = [item for item in items if item not in kept]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
    approaches = {a for item in items if isinstance(a := parameter(item, "approach"), Approach)}
    with stopping():
        if case and not items:
            raise SentimentError(f"--case {case}: no behavior of that name; ids are printed in the report")
        if config.getoption("--weights") and len(approaches) != 1:
            raise SentimentError("--weights judges one model: say as what with -m base, -m sft or -m lora")
        for approach in approaches:
            baseline_of_approach(config, approach)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Under xdist the controller names the run folder for all workers."""
    node.workerinput["run_folder"] = str(recorder_of(node.config).folder)  # type: ignore[attr-defined]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the report; also after Ctrl-C."""
    config = session.config
    watch = config.stash.get(WATCH, None)
    if watch is None:
        return
    if is_worker(config):
        if watch.stopped:  # xdist takes exit status 2 for a worker that crashed, and starts another one
            config.workeroutput.update(exitstatus=1, shouldstop=watch.stopped)  # type: ignore[attr-defined]
        return
    recorder = config.stash.get(RECORDER, None)
    if recorder is None:
        return
    ran = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    early = session.shouldfail or session.shouldstop  # by --exitfirst and the like
    facts = {
        **facts_of(config),
        "duration": round(time.time() - config.stash[STARTED], 1),
        "complete": bool(ran and not early and not watch.broken_setup),
        "failed_checks": watch.failed,
    }
    recorder.finish(facts | ({"stopped": watch.stopped} if watch.stopped else {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The closing table, and what GitHub shows of it."""
    recorder = config.stash.get(RECORDER, None)
    if recorder is None or is_worker(config):
        return
    from sentiment.report.summary import tell_github
    from sentiment.report.terminal import closing_lines, path_line

    terminalreporter.ensure_newline()
    terminalreporter.section("behaviors")
    try:
        run = recorder.run()
        for line in closing_lines(run) if run.results or run.failed_checks else ():
            terminalreporter.write_line(line)
        for line in tell_github(run, recorder.folder):
            terminalreporter.write_line(line)
    except SentimentError as error:
        terminalreporter.write_line(f"report: {error}")
    terminalreporter.write_line(path_line(recorder.folder))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Make the JUnit XML that pytest wrote valid for servers that read xUnit 2."""
    given = config.getoption("xmlpath", default=None)
    if not given or is_worker(config) or config.getini("junit_family") != "xunit2":
        return
    path = Path(os.path.expandvars(given)).expanduser()  # as pytest reads it
    if path.is_file():
        try:
            statistics_as_output(path)
        except ReportError as error:
            show(config, f"JUnit XML: {error}")


@pytest.fixture(scope="session", name="workbench")
def _workbench(request: pytest.FixtureRequest) -> Workbench:
    return request.config.stash[WORKBENCH]


@pytest.fixture(scope="session", name="profile")
def _profile(workbench: Workbench) -> Profile:
    return workbench.profile


@pytest.fixture(scope="session", name="approach")
def _approach(request: pytest.FixtureRequest) -> Approach:
    return request.param


@pytest.fixture(scope="session", name="predictor")
def _predictor(approach: Approach, workbench: Workbench, request: pytest.FixtureRequest) -> Iterator[Predictor]:
    """The approach, trained or loaded; its memory is free again before the next approach starts."""
    made = request.config.stash[PREDICTORS]
    if approach not in made:
        with shown(request.config):
            recorder_of(request.config)  # a run that is stopped while it trains has a folder that says so
            made[approach] = workbench.predictor(approach)
    yield made[approach]
    made[approach].release()


@pytest.fixture(scope="session", name="assessment")
def _assessment(
    predictor: StoredPredictor, approach: Approach, request: pytest.FixtureRequest
) -> dict[str, BehaviorResult]:
    """Every selected behavior of the approach, all answered in one go and ruled together, by name."""
    found = request.config.stash[ASSESSED]
    if approach not in found:
        found[approach] = _assessed(request.session, approach, predictor)
    return found[approach]


def _assessed(session: pytest.Session, approach: Approach, predictor: StoredPredictor) -> dict[str, BehaviorResult]:
    config, workbench = session.config, session.config.stash[WORKBENCH]
    items = [i for i in session.items if parameter(i, "approach") is approach]
    behaviors = list({b.name: b for b in map(behavior_of, items) if b is not None}.values())
    case = config.getoption("--case")
    recorder = recorder_of(config)

    def keep(behavior: Behavior, outcomes: Sequence[Outcome]) -> None:
        recorder.judged(behavior, approach.value, outcomes)
        if behavior.name == ACCURACY_BEHAVIOR and outcomes:
            judge_floors(recorder, behavior, [outcome.case for outcome in outcomes], workbench.floors)

    with shown(config):
        if config.getoption("--update-baseline"):
            record_baseline(config, workbench, approach, behaviors)
        found = answered(workbench, predictor, behaviors, case, keep)
        recorder.found(Finding("noise_floor", approach.value, found.noise.as_dict()))
        if case is not None:
            behaviors = [behavior for behavior in behaviors if found.outcomes.get(behavior.name)]
            results = ruled_together(behaviors, found, approach, Rules(promises=False))
        else:
            rules = Rules(baseline_of_approach(config, approach), workbench.profile.promises, workbench.quick)
            results = ruled_together(behaviors, found, approach, rules)
            earlier: dict[str, list[Outcome]] = {}
            for outcome in config.stash.get(EARLIER, []):
                if outcome.predictor == approach.value:
                    earlier.setdefault(outcome.behavior, []).append(outcome)
            if EARLIER in config.stash:
                results = held_against(results, earlier, config.getoption("--against"), workbench.quick)
        recorder.ruled(list(results.values()))
        if case is None and EARLIER in config.stash and not any(result.against for result in results.values()):
            raise ReportError(
                f"--against {config.getoption('--against')}: that run and this one share no judged case of {approach}: "
                "other texts, other prompts or another selection; name a run of the same profile"
            )
        return results


@pytest.fixture(name="behavior")
def _behavior(request: pytest.FixtureRequest) -> Behavior:
    return request.param


@pytest.fixture(name="result")
def _result(behavior: Behavior, assessment: dict[str, BehaviorResult]) -> BehaviorResult:
    """The behavior's ruling."""
    return assessment[behavior.name]


@pytest.fixture(scope="session", name="report_note")
def _report_note(approach: Approach, request: pytest.FixtureRequest) -> Callable[[str, Mapping[str, Any]], None]:
    """Hands a test's findings to the report."""

    def note(kind: str, facts: Mapping[str, Any]) -> None:
        recorder_of(request.config).found(Finding(kind, approach.value, facts))

    return note


@pytest.fixture(scope="session", name="known_reason")
def _known_reason(approach: Approach, profile: Profile, request: pytest.FixtureRequest) -> Callable[[str], str | None]:
    """Why it is accepted that a behavior fails; None where it is not."""

    def reason(behavior: str) -> str | None:
        if not profile.promises:
            return f"profile {visible(profile.name)} promises nothing"
        baseline = baseline_of_approach(request.config, approach)
        record = baseline.behaviors.get(behavior) if baseline else None
        return (record.known if record else None) or None

    return reason


@pytest.fixture(name="gate")
def _gate(request: pytest.FixtureRequest) -> Callable[[BehaviorResult], None]:
    """Turns a ruling into a pytest outcome."""
    strict = request.config.getoption("--strict-behaviors")
    one_case = request.config.getoption("--case")

    def gate(result: BehaviorResult) -> None:
        request.node.user_properties.extend(junit_properties(result))
        reason = visible(result.reason)
        if one_case:
            failures = [each.verdict for each in result.outcomes if each.verdict.status is Status.FAILED]
            if failures:
                pytest.fail(visible(failures[0].reason), pytrace=False)
            if not result.judged:
                pytest.skip(visible(result.outcomes[0].verdict.reason))
        elif result.ruling is Ruling.FAIL or (strict and result.ruling in (Ruling.KNOWN, Ruling.INCONCLUSIVE)):
            pytest.fail(f"{result.ruling.value}: {reason}", pytrace=False)
        elif result.ruling is Ruling.INCONCLUSIVE:
            pytest.skip(reason)
        elif result.ruling is Ruling.KNOWN:
            pytest.xfail(reason)

    return gate
