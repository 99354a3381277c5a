"""`pytest behavior_tests` as users start it, on the tiny profile: one run from nothing, and the one after it.

What plugin, session and run do in detail is tested in `plugin/`, `judging/test_session.py` and `pipeline/test_run.py`,
without another process.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from unit_tests.plugin.ran import PLUGIN, Ran

ROOT = Path(__file__).parents[1]
SUITES = ["behavior_tests/test_accuracy.py", "behavior_tests/test_negation.py"]
"""Enough to show what a run does; the other suites differ by their sentences only."""
CONTRACTS = "behavior_tests/test_contracts.py"


def behave(folder: Path, *tests: str) -> Ran:
    """lora in these files, with cache and reports in the folder."""
    options = ["-p", "no:cacheprovider", "--behavior-profile", "tiny", "--behavior-reports", str(folder / "reports")]
    environment = {"SENTIMENT_CACHE": str(folder / "cache"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGIN, *tests, "-m", "lora", *options],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    return Ran(folder, done.returncode, done.stdout + done.stderr)


def weights_in(ran: Ran) -> dict[str, int]:
    """Stored weights and when they were made."""
    return {p.parent.name: p.stat().st_mtime_ns for p in (ran.folder / "cache" / "weights").glob("*/complete.json")}


@pytest.fixture(scope="module", name="cold")
def _cold(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return behave(tmp_path_factory.mktemp("run"), *SUITES, CONTRACTS)


def test_only_the_approach_asked_for_is_trained(cold: Ran) -> None:
    assert cold.status == 0, cold.printed
    assert [name.rpartition("-")[0] for name in weights_in(cold)] == ["tiny-lora"]
    assert "training on" in cold.printed
    assert "profile: tiny" in cold.printed


def test_the_run_folder_holds_every_case_with_its_verdict(cold: Ran) -> None:
    run, reports = cold.run_folder(), cold.folder / "reports"
    rows = list(csv.DictReader((run / "outcomes.csv").open(encoding="utf-8")))
    lora = [row for row in rows if row["predictor"] == "lora"]
    assert len([row for row in lora if row["behavior"] == "held_out_reviews_get_their_label"]) == 200
    assert len([row for row in lora if row["behavior"] == "negated_blame_is_positive"]) == 288
    assert {row["predictor"] for row in rows} == {"lora", "constant", "tf-idf"}
    failures = list(csv.DictReader((run / "failures.csv").open(encoding="utf-8")))
    assert len(failures) == sum(row["status"] == "failed" for row in rows)
    assert cold.results()["schema_version"] == 2
    facts = json.loads((run / "run.json").read_text())
    assert facts["complete"] is True
    assert facts["profile"] == "tiny"
    assert (run / "report.html").is_file()
    assert (reports / "latest" / "report.html").is_file()
    assert f"report: {run / 'report.html'}" in cold.printed


def test_the_next_run_trains_and_asks_nothing_and_says_the_same(cold: Ran) -> None:
    def stored() -> list[tuple[str, int]]:
        files = (path for path in (cold.folder / "cache" / "predictions").iterdir() if path.suffix != ".lock")
        return sorted((path.name, path.stat().st_mtime_ns) for path in files)

    before, answers, first = weights_in(cold), stored(), cold.run_folder()
    again = behave(cold.folder, *SUITES)
    assert again.status == 0, again.printed
    assert weights_in(again) == before
    assert stored() == answers
    assert "training on" not in again.printed
    assert again.table() == cold.table()
    assert again.run_folder() != first
