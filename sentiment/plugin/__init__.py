"""pytest plugin: behaviors x subjects as test items, judged by one session, reported in one run folder.

It sleeps until a test asks for one of its fixtures: until then it adds options and marks, and nothing else. A test
file lists its behaviors in `BEHAVIORS`, or gives them by `behaviors(config)`; a test that asks for `judged_behavior`
runs once per behavior and subject, one that asks for `behavior_subject` once per subject.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentiment.plugin.names import FOLDER, SUBJECT
from sentiment.plugin.options import add_options

if TYPE_CHECKING:
    from sentiment.plugin.hooks import Awake
    from sentiment.plugin.judged import JudgedBehavior, Notes
    from sentiment.predictors.stored import StoredPredictor
    from sentiment.types import Behavior, Material

_AWAKE, _EAR = "sentiment-behavior-awake", "sentiment-behavior-ear"
_STARTED = "behavior_started"
_MARKS = (
    "base: zero-shot, the model as published",
    "sft: full-parameter fine-tuning",
    "lora: low-rank adapters",
    "slow: minutes or more; a behavioral test with it runs with --behavior-slow only",
    "whole_run: a behavioral test that is skipped in a quick run and for a single case",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options, all with one prefix."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Marks; those of one's own subjects are added once they are known."""
    for line in _MARKS:
        config.addinivalue_line("markers", line)


def awake(config: pytest.Config) -> Awake:
    """The part with the hooks, registered for the first test that needs it."""
    found = config.pluginmanager.get_plugin(_AWAKE)
    if found is None:
        from sentiment.plugin.hooks import Awake

        workerinput = getattr(config, "workerinput", {})
        found = Awake(config, workerinput.get(_STARTED))
        config.pluginmanager.register(found, _AWAKE)  # first: it ends the session where waking goes wrong
        found.wake()
    return found


def own_behaviors(config: pytest.Config, beside: str | Path) -> tuple[Behavior, ...]:
    """The behaviors of all YAML and CSV files beside that module, of `--behavior-files` and of `[tool.sentiment]`."""
    return awake(config).collecting.own_behaviors(Path(beside).parent)


def pair_behaviors(config: pytest.Config) -> tuple[Behavior, ...]:
    """A behavior per file of `--behavior-pairs`."""
    return awake(config).collecting.pair_behaviors()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per subject, and per behavior where the test asks for one."""
    if SUBJECT in metafunc.fixturenames:
        awake(metafunc.config).collecting.parametrize(metafunc)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under xdist the controller listens, and all workers name the run folder after one moment."""
    plugins = node.config.pluginmanager
    if not plugins.has_plugin(_EAR):
        plugins.register(_Ear(node.config), _EAR)
    node.workerinput[_STARTED] = plugins.get_plugin(_EAR).started


class _Ear:
    """Hears of the first test of ours that a worker ran: from then on the controller keeps the page."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.started = config, time.time()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called once per phase of a test."""
        folder = getattr(report, FOLDER, "")
        if folder:
            awake(self.config).follow(Path(folder), self.started)


@pytest.fixture(scope="session")
def behavior_subject(request: pytest.FixtureRequest) -> str:
    """Name of the subject that is judged."""
    return str(request.param)


@pytest.fixture
def judged_behavior(behavior_subject: str, request: pytest.FixtureRequest) -> JudgedBehavior:
    """A behavior, judged on the subject."""
    return awake(request.config).judged(behavior_subject, request.param, request.node)


@pytest.fixture
def behavior_predictor(behavior_subject: str, request: pytest.FixtureRequest) -> StoredPredictor:
    """The subject, ready to be asked; its answers are stored."""
    ours = awake(request.config)
    if ours.run.subject(behavior_subject).recorded:
        pytest.skip(f"the answers of {behavior_subject} were given elsewhere: nothing else can be asked of it")
    return ours.predictor(behavior_subject)


@pytest.fixture
def behavior_material(behavior_subject: str, request: pytest.FixtureRequest) -> Material:
    """Reviews and house prompt that behaviors draw from."""
    return awake(request.config).run.bench.material


@pytest.fixture
def behavior_notes(behavior_subject: str, request: pytest.FixtureRequest) -> Notes:
    """Hands what a test finds out to the report, and knows why a behavior may fail."""
    return awake(request.config).notes(behavior_subject)
