"""Functions as subjects, beside tests that are none of ours."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from unit_tests.plugin.ran import Ran, ran_inside

pytest_plugins = ["pytester"]

SHUFFLED = """\
import sys

import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: (item.name.split("-")[-1], item.name))

def pytest_unconfigure(config):
    print("loaded:", sorted({"torch", "transformers"} & set(sys.modules)))
"""
"""Subjects take turns, and the foreign tests stand between."""


@pytest.fixture(scope="module", name="shuffled")
def _shuffled(
    tmp_path_factory: pytest.TempPathFactory, repository: Callable[[Path], Path], pytest_in: Callable[..., Ran]
) -> Ran:
    """Everything, in an order in which subjects take turns."""
    folder = repository(tmp_path_factory.mktemp("shuffled"))
    (folder / "conftest.py").write_text(SHUFFLED, encoding="utf-8")
    return pytest_in(folder, "checks", "-v")


def test_functions_of_the_settings_are_judged_beside_foreign_tests(shuffled: Ran) -> None:
    assert shuffled.status == 1, shuffled.printed
    assert shuffled.outcomes() == {
        "test_behavior[able-praise_is_read]": "PASSED",
        "test_behavior[able-words_are_read]": "PASSED",
        "test_behavior[constant_one-praise_is_read]": "PASSED",
        "test_behavior[constant_one-words_are_read]": "FAILED",
        "test_plain": "PASSED",
        "test_slow": "PASSED",
    }
    assert "loaded: []" in shuffled.printed
    assert "Traceback" not in shuffled.printed


def test_the_report_shows_a_subject_under_its_own_name(shuffled: Ran) -> None:
    results = shuffled.results()
    assert {(row["predictor"], row["behavior"], row["ruling"]) for row in results["behaviors"]} == {
        ("able", "praise_is_read", "pass"),
        ("able", "words_are_read", "pass"),
        ("constant_one", "praise_is_read", "pass"),
        ("constant_one", "words_are_read", "fail"),
    }
    page = (shuffled.run_folder() / "report.html").read_text(encoding="utf-8")
    assert "constant_one" in page
    assert results["closing_sentence"].startswith("1 promise is broken")


def test_a_subject_is_judged_once_in_whatever_order(shuffled: Ran) -> None:
    order = [name.partition("[")[2].partition("-")[0] for name in shuffled.outcomes() if "[" in name]
    assert order == ["able", "constant_one", "able", "constant_one"]
    assert len(shuffled.journalled()) == 2 * (30 + 60)
    assert set(shuffled.journalled().values()) == {1}


def test_workers_share_one_run_folder_and_report_the_same(
    shuffled: Ran, tmp_path: Path, repository: Callable[[Path], Path], pytest_in: Callable[..., Ran]
) -> None:
    summary = tmp_path / "summary.md"
    ran = pytest_in(
        repository(tmp_path), "checks", "-p", "xdist.plugin", "-n", "2", GITHUB_STEP_SUMMARY=str(summary)
    )  # fmt: skip
    assert ran.status == 1, ran.printed
    assert ran.table() == shuffled.table()
    assert ran.journalled() == shuffled.journalled()
    assert len([path for path in (tmp_path / "reports").iterdir() if path.name[0].isdigit()]) == 1
    assert ran.printed.count("report: ") == 1
    assert sum(line.startswith("## ") for line in summary.read_text(encoding="utf-8").splitlines()) == 1


def test_an_option_names_the_subject_and_options_of_ours_leave_foreign_tests_alone(
    shuffled: Ran, repo: pytest.Pytester
) -> None:
    case = next(case for _, case in shuffled.journalled() if case.startswith("praise_is_read:"))
    ours = ("--behavior-subject", "named=python:hers:able", "--behavior-quick", "--behavior-case", case)
    ran = ran_inside(repo, "checks", "-v", "-m", "named or slow", *ours)
    assert ran.status == 0, ran.printed
    assert ran.outcomes() == {"test_behavior[named-praise_is_read]": "PASSED", "test_slow": "PASSED"}
    assert ran.journalled() == {("named", case): 1}


def test_a_case_is_run_again_by_its_id_and_is_red_where_it_fails(shuffled: Ran, repo: pytest.Pytester) -> None:
    with (shuffled.run_folder() / "failures.csv").open(encoding="utf-8") as file:
        failed = next(row for row in csv.DictReader(file) if row["predictor"] == "constant_one")
    ran = ran_inside(repo, "checks", "-v", "-m", "constant_one", "--behavior-case", failed["case"])
    assert ran.status == 1, ran.printed
    assert ran.outcomes() == {"test_behavior[constant_one-words_are_read]": "FAILED"}
    head, capability, line, *_ = ran.table()
    assert (head.split()[-2:], capability) == (["cases", "constant_one"], "words")
    assert line.split()[:4] == ["words_are_read", "1", "-", "100"]
