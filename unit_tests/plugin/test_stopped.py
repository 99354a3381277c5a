"""What ends a run early: nothing that was judged is lost, and what ended it is told once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sentiment.predictors.stored import CHUNK
from sentiment.report.write import write_run
from unit_tests.plugin.ran import PLUGIN, Ran, ran_inside

pytest_plugins = ["pytester"]

HANGING = """\
import os
import select

def able(texts):
    if "WAITING" in os.environ and "bad thing" in texts[0]:
        os.write(int(os.environ["WAITING"]), b"!")
        while True:
            select.select([], [], [], 0.1)
    with open("asked", "a") as file:
        file.write(f"{len(texts)}\\n")
    return ["positive" if "good" in text else "negative" for text in texts]
"""
"""Answers praise, and hangs at blame."""


@pytest.fixture(name="many")
def _many(repo: pytest.Pytester) -> pytest.Pytester:
    """The repository with behaviors of a chunk of texts and of two, whose answers are stored."""
    settings, tests = repo.path / "pyproject.toml", repo.path / "checks" / "test_ours.py"
    settings.write_text(settings.read_text().replace('"hers:able"', f'"hers:able"\nversion = "{repo.path.name}"'))
    tests.write_text(tests.read_text().replace("range(30)", f"range({CHUNK})"))
    (repo.path / "hers.py").write_text(HANGING + "\ndef constant_one(texts): pass\n")
    return repo


@pytest.fixture(name="hanging")
def _hanging(many: pytest.Pytester, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """pytest in a process of its own, which has judged the first behavior and hangs at the second."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-m", "able", "checks"]
    with subprocess.Popen(
        command,
        cwd=many.path,
        env={**environment, "WAITING": str(writing)},
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where a shell runs in the background
    ) as running:
        os.close(writing)
        with os.fdopen(reading, "rb", buffering=0) as pipe:
            assert pipe.read(1) == b"!", "pytest ended before it asked"
        yield running
        running.kill()


def facts_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return found


def test_a_killed_run_leaves_a_page_and_a_journal_to_report_from(
    many: pytest.Pytester, hanging: subprocess.Popen[bytes]
) -> None:
    hanging.kill()
    hanging.wait()
    folder = Ran(many.path, 0, "").run_folder()
    assert "INCOMPLETE" in (folder / "report.html").read_text(encoding="utf-8")
    assert facts_of(folder)["complete"] is False
    assert not (folder / "results.json").exists()
    write_run(folder)
    results = Ran(many.path, 0, "").results()
    assert results["closing_sentence"].startswith("INCOMPLETE: ")
    judged = {(row["predictor"], row["behavior"]): row["judged"] for row in results["behaviors"]}
    assert judged["able", "praise_is_read"] == CHUNK


def test_an_interrupted_run_writes_all_files_and_the_next_one_asks_nothing_again(
    many: pytest.Pytester, hanging: subprocess.Popen[bytes]
) -> None:
    hanging.send_signal(signal.SIGINT)
    assert hanging.wait(60) == pytest.ExitCode.INTERRUPTED
    ran = Ran(many.path, 0, "")
    assert facts_of(ran.run_folder())["complete"] is False
    assert ran.results()["closing_sentence"].startswith("INCOMPLETE: ")
    (many.path / "asked").unlink()
    again = ran_inside(many, "-m", "able", "checks")
    assert again.status == 0, again.printed
    assert (many.path / "asked").read_text().split() == [str(CHUNK)]  # the blame alone
    assert set(again.journalled().values()) == {1}
    assert len(again.journalled()) == 3 * CHUNK


STOPS = """\
import pytest
from sentiment.errors import TrainingError

@pytest.fixture(scope="session")
def trained(behavior_subject):
    if behavior_subject == "constant_one":
        raise TrainingError("the loss is nan after 7 steps; lower learning_rate")

def test_extra(trained):
    pass

def test_extra_too(trained):
    pass
"""


def test_what_stops_one_subject_is_told_once_and_costs_nothing_of_the_others(repo: pytest.Pytester) -> None:
    (repo.path / "checks" / "test_stops.py").write_text(STOPS)
    ran = ran_inside(repo, "checks/test_ours.py", "checks/test_stops.py")
    said = "the loss is nan after 7 steps; lower learning_rate"
    assert ran.status == 2
    assert "Traceback" not in ran.printed
    assert "ERROR" not in ran.printed
    assert ran.printed.count(f"error: {said}") == 1
    results = ran.results()
    assert results["run"]["stopped"] == said
    assert results["closing_sentence"].startswith("INCOMPLETE")
    assert f"({said})" in results["closing_sentence"]
    assert results["closing_sentence"].partition(" (")[0] in ran.printed
    assert said in (ran.run_folder() / "report.html").read_text(encoding="utf-8")
    judged = {(row["predictor"], row["behavior"]): row["judged"] for row in results["behaviors"]}
    assert judged["able", "words_are_read"] == judged["constant_one", "words_are_read"] == 60


def test_what_a_subject_raises_is_told_once_with_the_lines_of_its_own_code(repo: pytest.Pytester) -> None:
    (repo.path / "hers.py").write_text(
        "def able(texts):\n    raise OSError('header too small')\n\nconstant_one = able\n"
    )
    ran = ran_inside(repo, "checks")
    assert ran.status == 2, ran.printed
    assert ran.printed.count("error: able: the function raised OSError: header too small") == 1
    assert ran.printed.count("Traceback") == 1
    assert [line.partition(", in ")[2] for line in ran.printed.splitlines() if line.startswith("  File ")] == ["able"]
    assert "header too small" in ran.results()["run"]["stopped"]


BREAKS = """\
import pytest

@pytest.fixture(scope="session")
def broken(behavior_subject):
    return {}["nothing"]

@pytest.mark.parametrize("number", range(9))
def test_extra(broken, number):
    pass
"""


def test_a_fixture_that_is_broken_by_a_mistake_of_ours_is_told_once_with_its_traceback(repo: pytest.Pytester) -> None:
    (repo.path / "checks" / "test_breaks.py").write_text(BREAKS)
    ran = ran_inside(repo, "checks/test_breaks.py")
    assert ran.status == 1
    assert ran.printed.count("KeyError: 'nothing'") == 2  # below its traceback, and in pytest's summary
    assert "1 error in" in ran.printed
