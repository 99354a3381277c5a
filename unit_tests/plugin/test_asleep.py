"""Where nothing of it is asked for, the plugin adds options and marks, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from unit_tests.plugin.ran import Ran

CONFTEST = """\
import sys

def pytest_addoption(parser):
    parser.addoption("--profile", default="none")
    parser.addoption("--quick", action="store_true")

def pytest_unconfigure(config):
    ours = {name for name in sys.modules if name.split(".")[0] == "sentiment"}
    print("loaded:", sorted(ours), sorted({"torch", "pydantic", "pandas"} & set(sys.modules)))
"""
TESTS = """\
import pytest

def test_the_option_is_hers(request):
    assert request.config.getoption("--profile") == "hers"

@pytest.mark.slow
def test_slow():
    pass

@pytest.mark.base
@pytest.mark.parametrize("approach", ["sft"])
def test_approach(approach):
    pass
"""


def test_tests_that_ask_for_nothing_of_ours_run_as_they_would_without(
    tmp_path: Path, pytest_in: Callable[..., Ran]
) -> None:
    table = (
        "[tool.sentiment]\nwrong = 1\n[tool.pytest.ini_options]\naddopts = '--strict-markers'\nmarkers = ['slow: h']\n"
    )
    for name, text in {"pyproject.toml": table, "conftest.py": CONFTEST, "test_hers.py": TESTS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = ("--profile", "hers", "--quick", "--behavior-quick", "--behavior-case", "none:1")
    ran = pytest_in(tmp_path, *options, "-p", "no:cacheprovider")
    assert ran.status == 0, ran.printed
    assert "3 passed in" in ran.printed
    assert (
        "loaded: ['sentiment', 'sentiment.plugin', 'sentiment.plugin.names', 'sentiment.plugin.options'] []"
        in ran.printed
    )
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {
        "pyproject.toml", "conftest.py", "test_hers.py"
    }  # fmt: skip
