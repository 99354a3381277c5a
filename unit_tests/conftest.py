"""A tiny real model for all unit tests: two layers with Qwen3's architecture, built here, no network."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sentiment.profiles import Profile, load_profile

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is there: these models are too small to share out
settings.register_profile("patient", deadline=None)  # a first call loads or compiles things
settings.load_profile("ci" if os.environ.get("CI") else "patient")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it is most of what every later collection of garbage takes, and
    each training and each pytest within a test asks for two."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True, name="cache_folder")
def _cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the test session's own."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(folder))
        patch.setenv("SENTIMENT_OFFLINE", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield folder


@pytest.fixture(scope="session", name="tiny")
def _tiny() -> Profile:
    return load_profile("tiny")


@pytest.fixture(name="command")
def _command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """The command's entry point in this process: arguments -> exit status, stdout, stderr."""

    from sentiment.cli import main

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sentiment", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run
