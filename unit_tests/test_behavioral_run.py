"""`pytest behavior_tests`, run for real on the tiny profile."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment.behavior.expectations import has_label
from sentiment.errors import LeakError
from sentiment.pipeline import Workbench
from sentiment.profiles import load_profile
from sentiment.types import Approach, Behavior, Case, Kind, Label, Material, Query

ROOT = Path(__file__).parents[1]


def behave(cache: Path, reports: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SENTIMENT_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "behavior_tests", "--profile", "tiny", "--reports", str(reports)]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def weights_in(cache: Path) -> dict[str, int]:
    """Stored weights and when they were made."""
    return {p.parent.name: p.stat().st_mtime_ns for p in (cache / "weights").glob("*/complete.json")}


@pytest.fixture(scope="module", name="cold")
def _cold(tmp_path_factory: pytest.TempPathFactory):
    """One cold run of lora: the cache, the reports folder and what was printed."""
    folder = tmp_path_factory.mktemp("run")
    done = behave(folder / "cache", folder / "reports", "-m", "lora")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "cache", folder / "reports", done.stdout


def test_only_the_approach_asked_for_is_trained(cold) -> None:
    cache, _, printed = cold
    assert [name.rpartition("-")[0] for name in weights_in(cache)] == ["tiny-lora"]
    assert "profile: tiny" in printed
    assert "report: " in printed


def test_the_run_folder_holds_every_case_with_its_verdict(cold) -> None:
    _, reports, printed = cold
    (run,) = [path for path in reports.iterdir() if path.name.endswith("-tiny-lora")]
    rows = list(csv.DictReader((run / "outcomes.csv").open(encoding="utf-8")))
    lora = [row for row in rows if row["predictor"] == "lora"]
    assert len([row for row in lora if row["behavior"] == "held_out_reviews_get_their_label"]) == 200
    assert len([row for row in lora if row["capability"] == "negation"]) == 576
    failures = list(csv.DictReader((run / "failures.csv").open(encoding="utf-8")))
    assert len(failures) == sum(row["status"] == "failed" for row in rows)
    results = json.loads((run / "results.json").read_text())
    assert results["schema_version"] == 1
    facts = json.loads((run / "run.json").read_text())
    assert facts["complete"] is True
    assert facts["profile"] == "tiny"
    assert (run / "report.html").is_file()
    assert (reports / "latest" / "report.html").is_file()
    assert str(run / "report.html") in printed


def test_the_next_run_trains_nothing_and_says_the_same(cold) -> None:
    cache, reports, printed = cold
    before = weights_in(cache)
    again = behave(cache, reports, "-m", "lora")
    assert weights_in(cache) == before
    assert "training on" in printed
    assert "training on" not in again.stdout + again.stderr
    assert table(again.stdout) == table(printed)
    assert len([path for path in reports.iterdir() if "-tiny-lora" in path.name]) == 2


def table(printed: str) -> list[str]:
    lines = printed.splitlines()
    begin = next(i for i, line in enumerate(lines) if "behaviors" in line and line.startswith("==="))
    return [line for line in lines[begin + 1 :] if line.startswith(("lora", "constant", "tf-idf"))]


def test_workers_train_once_and_report_the_same(cold, tmp_path: Path) -> None:
    _, _, printed = cold
    done = behave(tmp_path / "cache", tmp_path / "reports", "-m", "lora", "-n", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(weights_in(tmp_path / "cache")) == 1
    assert table(done.stdout) == table(printed)


def test_weights_trained_elsewhere_are_judged(cold, tmp_path: Path) -> None:
    cache, _, printed = cold
    (stored,) = [path.parent for path in (cache / "weights").glob("*/complete.json")]
    adapter = tmp_path / "adapter"
    shutil.copytree(stored, adapter)
    (adapter / "complete.json").unlink()
    done = behave(cache, tmp_path / "reports", "-m", "lora", "--weights", str(adapter))
    assert done.returncode == 0, done.stdout + done.stderr
    assert table(done.stdout) == table(printed)
    assert len(weights_in(cache)) == 1


def test_a_case_is_rerun_by_its_id(cold) -> None:
    cache, reports, _ = cold
    rows = csv.DictReader((reports / "latest" / "outcomes.csv").open(encoding="utf-8"))
    row = next(r for r in rows if r["predictor"] == "lora" and r["capability"] == "negation")
    done = behave(cache, reports, "-m", "lora", "--case", row["case"])
    assert done.returncode == (0 if row["status"] == "passed" else 1), done.stdout
    (line,) = table(done.stdout)
    assert line.split()[2:4] == ["1", "0" if row["status"] == "passed" else "1"]


WRONG = {
    "an unknown case": (["-m", "lora", "--case", "nope:1"], "no behavior of that name"),
    "weights without an approach": (["--weights", "."], "say as what with -m"),
    "weights for two approaches": (["-m", "not lora", "--weights", "."], "say as what with -m"),
    "weights that are not there": (["-m", "lora", "--weights", "nowhere"], "no such folder"),
    "an unknown mark": (["-m", "loar"], "Unknown marker"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_options_do_not_pass(cold, arguments: list[str], message: str) -> None:
    cache, reports, _ = cold
    done = behave(cache, reports, *arguments)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr


def test_a_behavior_that_shows_a_training_text_is_stopped_by_name() -> None:
    bench = Workbench(load_profile("tiny"), note=lambda line: None)
    trained_on = bench.pools.train[0]

    def cases(material: Material) -> list[Case]:
        shouted = f"  {trained_on.text.upper()}!! "
        return [Case.of("leaky", Query(material.prompt, text), label=Label.POSITIVE) for text in ("unseen", shouted)]

    leaky = Behavior("leaky", "accuracy", Kind.MFT, "A promise.", cases, has_label)
    with pytest.raises(LeakError, match=r"'leaky': 1 text\(s\) belong to the training pools.*suite pool"):
        bench.cases_of(leaky)


def test_a_planted_leak_stops_before_training_with_count_and_remedy() -> None:
    bench = Workbench(load_profile("tiny"), note=lambda line: None)
    pools = bench.pools
    planted = dataclasses.replace(pools, train=(*pools.train, pools.suite[0]))
    bench.__dict__["pools"] = planted
    with pytest.raises(LeakError, match=r"1 text\(s\) given as train .*suite pool.*remove"):
        bench.weights(Approach.LORA)
