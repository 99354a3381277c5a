"""Somebody's repository: two functions of hers, a file of behaviors, tests of her own, and the plugin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from unit_tests.making import embed_made_up_sentences
from unit_tests.plugin.ran import PLUGIN, Ran

ROOT = Path(__file__).parents[2]
PYPROJECT = """\
[tool.pytest.ini_options]
addopts = "--strict-markers -p no:cacheprovider"
markers = ["slow: hers", "whole_run: hers"]

[tool.sentiment.subjects.able]
kind = "python"
target = "hers:able"

[tool.sentiment.subjects.constant_one]
kind = "python"
target = "hers:constant_one"
"""
FUNCTIONS = """\
def able(texts):
    return ["positive" if "good" in text else "negative" for text in texts]

def constant_one(texts):
    return [1.0] * len(texts)

NUMBER = 7
"""
OURS = """\
from sentiment import Behavior, Draft, Kind, Label, Promise, Query
from sentiment.behavior.expectations import has_label

def made_of(*words):
    def make(material):
        texts = [f"A {word} thing, number {i}." for i in range(30) for word in words]
        return [Draft(Query(material.prompt, text), frozenset({Label("good" in text)})) for text in texts]
    return make

BEHAVIORS = [
    Behavior(Promise(name, "words", Kind.MFT, "It is.", budget=0.1, min_live=20), made_of(*words), has_label)
    for name, words in (("praise_is_read", ["good"]), ("words_are_read", ["good", "bad"]))
]

def test_behavior(judged_behavior):
    judged_behavior.keeps_its_promise()
"""
"""Of `able` and `constant_one`: the first keeps both promises, the second breaks the other one."""
FOREIGN = """\
import pytest

def test_plain():
    pass

@pytest.mark.slow
@pytest.mark.whole_run
def test_slow():
    pass
"""


@pytest.fixture(scope="session", name="with_sentences")
def _with_sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds made-up sentences as the embedded ones."""
    folder = tmp_path_factory.mktemp("sentences")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(folder))
        embed_made_up_sentences()
    return folder


@pytest.fixture(scope="session", name="repository")
def _repository() -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        """The repository, written into the folder."""
        files = {"pyproject.toml": PYPROJECT, "hers.py": FUNCTIONS, "checks/test_ours.py": OURS}
        for name, text in {**files, "checks/test_foreign.py": FOREIGN}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(name="repo")
def _repo(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, with_sentences: Path, repository: Callable[[Path], Path]
) -> pytest.Pytester:
    """The repository, for runs in this process; a module that asks for it loads `pytester`."""
    monkeypatch.setenv("SENTIMENT_CACHE", str(with_sentences))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    repository(pytester.path)
    return pytester


@pytest.fixture(scope="session", name="environment")
def _environment(with_sentences: Path) -> dict[str, str]:
    """Of a process that runs pytest with no other plugin than those that are named."""
    ours = {
        "SENTIMENT_CACHE": str(with_sentences),
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return {**os.environ, **ours}


@pytest.fixture(scope="session", name="pytest_in")
def _pytest_in(environment: dict[str, str]) -> Callable[..., Ran]:
    def run(folder: Path, *arguments: str, **variables: str) -> Ran:
        """pytest in a process of its own in that folder, with these variables in its environment."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *PLUGIN, *arguments],
            cwd=folder, env={**environment, **variables}, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        return Ran(folder, done.returncode, done.stdout + done.stderr)

    return run
