"""`pytest behavior_tests`, run for real on the tiny profile."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from safetensors.torch import load_file, save_file

from sentiment.behavior.expectations import has_label
from sentiment.errors import LeakError
from sentiment.pipeline import Workbench
from sentiment.profiles import load_profile
from sentiment.report.write import write_run
from sentiment.types import Approach, Behavior, Case, Kind, Label, Material, Query

ROOT = Path(__file__).parents[1]
SUITES = ("test_accuracy.py", "test_negation.py", "test_contracts.py")
"""Enough to show what a run does; the other suites differ by their sentences only."""


@pytest.fixture(scope="module", name="project")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with some of the suites, where baselines may be written."""
    root = tmp_path_factory.mktemp("project")
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, root / name)
    (root / "behavior_tests").mkdir()
    for name in ("conftest.py", "session.py", "selection.py", *SUITES):
        shutil.copy(ROOT / "behavior_tests" / name, root / "behavior_tests" / name)
    return root


def behave(
    project: Path, cache: Path, reports: Path, *arguments: str, profile: str = "tiny", suites=("behavior_tests",)
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SENTIMENT_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", *suites, "--profile", profile, "--reports", str(reports)]
    return subprocess.run(
        [*command, *arguments], cwd=project, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def weights_in(cache: Path) -> dict[str, int]:
    """Stored weights and when they were made."""
    return {p.parent.name: p.stat().st_mtime_ns for p in (cache / "weights").glob("*/complete.json")}


@pytest.fixture(scope="module", name="cold")
def _cold(tmp_path_factory: pytest.TempPathFactory, project: Path):
    """One cold run of lora: the cache, the reports folder and what was printed."""
    folder = tmp_path_factory.mktemp("run")
    done = behave(project, folder / "cache", folder / "reports", "-m", "lora")
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
    assert len([row for row in lora if row["behavior"] == "negated_blame_is_positive"]) == 288
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


def test_the_next_run_trains_nothing_and_says_the_same(cold, project: Path) -> None:
    cache, reports, printed = cold
    before = weights_in(cache)
    again = behave(project, cache, reports, "-m", "lora")
    assert weights_in(cache) == before
    assert "training on" in printed
    assert "training on" not in again.stdout + again.stderr
    assert table(again.stdout) == table(printed)
    assert len([path for path in reports.iterdir() if "-tiny-lora" in path.name]) == 2


def table(printed: str) -> list[str]:
    lines = printed.splitlines()
    begin = next(i for i, line in enumerate(lines) if "behaviors" in line and line.startswith("==="))
    end = max(i for i, line in enumerate(lines) if line.startswith("report: "))
    return lines[begin + 1 : end]


def test_workers_train_once_and_report_the_same(
    cold, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, printed = cold
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    done = behave(project, tmp_path / "cache", tmp_path / "reports", "-m", "lora", "-n", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(weights_in(tmp_path / "cache")) == 1
    assert table(done.stdout) == table(printed)
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").count("## ") == 1


def test_weights_trained_elsewhere_are_judged(cold, project: Path, tmp_path: Path) -> None:
    _, _, printed = cold
    cache = shutil.copytree(cold[0], tmp_path / "cache")  # its answers are stored apart from those of our own weights
    (stored,) = [path.parent for path in (cache / "weights").glob("*/complete.json")]
    adapter = tmp_path / "adapter"
    shutil.copytree(stored, adapter)
    (adapter / "complete.json").unlink()
    done = behave(project, cache, tmp_path / "reports", "-m", "lora", "--weights", str(adapter))
    assert done.returncode == 0, done.stdout + done.stderr
    assert table(done.stdout) == table(printed)
    assert len(weights_in(cache)) == 1
    facts = json.loads((tmp_path / "reports" / "latest" / "run.json").read_text())
    assert facts["weights"] == str(adapter)
    assert facts["rerun_command"].endswith(f"--weights {shlex.quote(str(adapter))}")


def test_a_case_is_rerun_by_its_id(cold, project: Path) -> None:
    cache, reports, _ = cold
    rows = csv.DictReader((reports / "latest" / "outcomes.csv").open(encoding="utf-8"))
    row = next(r for r in rows if r["predictor"] == "lora" and r["capability"] == "negation")
    done = behave(project, cache, reports, "-m", "lora", "--case", row["case"])
    assert done.returncode == (0 if row["status"] == "passed" else 1), done.stdout
    head, capability, line, *_ = table(done.stdout)
    assert (head.split()[-2:], capability) == (["cases", "lora"], "negation")
    assert line.split()[:4] == [row["behavior"], "1", "-", "0.0" if row["status"] == "passed" else "100"]


def wait_until_something_is_judged(running: subprocess.Popen, reports: Path) -> None:
    until = time.monotonic() + 240
    while not any(path.stat().st_size for path in reports.glob("*/journal.jsonl")):
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_killed_run_leaves_a_page_and_a_journal_to_report_from(cold, project: Path, tmp_path: Path) -> None:
    cache, _, _ = cold
    command = [sys.executable, "-m", "pytest", "behavior_tests", "--profile", "tiny", "-m", "lora"]
    environment = {**os.environ, "SENTIMENT_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*command, "--reports", str(tmp_path)], cwd=project, env=environment, stdout=subprocess.DEVNULL
    ) as running:
        wait_until_something_is_judged(running, tmp_path)
        running.kill()
    (folder,) = [path for path in tmp_path.iterdir() if path.name.endswith("-tiny-lora")]
    assert "INCOMPLETE" in (folder / "report.html").read_text(encoding="utf-8")
    assert json.loads((folder / "run.json").read_text())["complete"] is False
    assert not (folder / "results.json").exists()
    write_run(folder)
    results = json.loads((folder / "results.json").read_text())
    assert results["closing_sentence"].startswith("INCOMPLETE: ")
    assert any(row["predictor"] == "lora" and row["judged"] for row in results["behaviors"])


def test_an_interrupted_run_writes_all_files_and_the_next_one_asks_nothing_again(
    cold, project: Path, tmp_path: Path
) -> None:
    cache, _, printed = cold
    kept = tmp_path / "cache"
    shutil.copytree(cache, kept, ignore=shutil.ignore_patterns("predictions"))
    command = [sys.executable, "-m", "pytest", "behavior_tests", "--profile", "tiny", "-m", "lora"]
    environment = {**os.environ, "SENTIMENT_CACHE": str(kept), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*command, "--reports", str(tmp_path / "reports")],
        cwd=project,
        env=environment,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where a shell runs in the background
    ) as running:
        wait_until_something_is_judged(running, tmp_path / "reports")
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 2
    (folder,) = [path for path in (tmp_path / "reports").iterdir() if path.name.endswith("-tiny-lora")]
    assert json.loads((folder / "run.json").read_text())["complete"] is False
    assert json.loads((folder / "results.json").read_text())["closing_sentence"].startswith("INCOMPLETE: ")
    assert answers_in(kept) > 0
    again = behave(project, kept, tmp_path / "reports", "-m", "lora")
    assert table(again.stdout) == table(printed)
    assert answers_in(kept) == answers_in(cache)


def answers_in(cache: Path) -> int:
    total = 0
    for path in (cache / "predictions").glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as database:
            total += database.execute("select count(*) from answers").fetchone()[0]
    return total


def test_a_red_check_beside_the_rulings_is_said_and_the_selection_is_named(cold, project: Path, tmp_path: Path) -> None:
    cache, _, _ = cold
    extra = project / "behavior_tests" / "test_extra.py"
    extra.write_text("def test_extra(approach, assessment):\n    assert not assessment, 'a check of its own'\n")
    done = behave(project, cache, tmp_path, "-m", "lora", suites=(str(extra), "behavior_tests/test_negation.py"))
    extra.unlink()
    assert done.returncode == 1
    (run,) = [path for path in tmp_path.iterdir() if "tiny-lora" in path.name]
    facts, results = (json.loads((run / name).read_text()) for name in ("run.json", "results.json"))
    assert facts["complete"] is True
    assert facts["selection"] == "lora test_extra.py test_negation.py"
    ((test, reason),) = results["failed_checks"].items()
    assert test.endswith("test_extra[lora]")
    assert "a check of its own" in reason
    assert results["closing_sentence"].startswith("1 other check is red")
    assert "1 other check is red" in done.stdout


def test_weights_that_cannot_be_loaded_are_told_once(cold, project: Path, tmp_path: Path) -> None:
    cache, _, _ = cold
    (stored,) = [path.parent for path in (cache / "weights").glob("tiny-lora-*/complete.json")]
    broken = tmp_path / "a broken adapter"
    shutil.copytree(stored, broken)
    (broken / "adapter_model.safetensors").write_bytes(b"torn")
    done = behave(project, cache, tmp_path / "reports", "-m", "lora", "--weights", str(broken))
    assert_told_once(done, "header too small", lines=24)
    results = json.loads((tmp_path / "reports" / "latest" / "results.json").read_text())
    assert "a broken adapter" in results["run"]["stopped"]
    assert "header too small" in results["closing_sentence"]


def test_where_reports_cannot_be_written_the_verdicts_are_there_and_junit_xml_has_them(
    cold, project: Path, tmp_path: Path
) -> None:
    cache, _, printed = cold
    (tmp_path / "file").write_text("")
    done = behave(project, cache, tmp_path / "file", "-m", "lora", "--junitxml", str(tmp_path / "junit.xml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert table(done.stdout) == table(printed)
    said = [line for line in done.stdout.splitlines() if line.startswith("report: ")]
    assert len(said) == 2
    assert said[0].startswith(f"report: cannot write {tmp_path / 'file'}/")
    assert "this run is kept in " in said[0]
    elsewhere = Path(said[1].removeprefix("report: "))
    assert elsewhere.is_file()
    shutil.rmtree(elsewhere.parents[1])
    outputs = ElementTree.parse(tmp_path / "junit.xml").findall(".//testcase/system-out")
    found = [dict(line.split(": ", 1) for line in output.text.splitlines()) for output in outputs]
    negated = next(each for each in found if each.get("behavior") == "negated_praise_is_negative")
    assert (negated["predictor"], negated["judged"], negated["ruling"]) == ("lora", "288", "reported")
    assert float(negated["interval_low"]) <= float(negated["rate"]) <= float(negated["interval_high"])


WRONG = {
    "an unknown case": (["-m", "lora", "--case", "nope:1"], "no behavior of that name"),
    "weights without an approach": (["--weights", "{weights}"], "say as what with -m"),
    "weights for two approaches": (["-m", "not lora", "--weights", "{weights}"], "say as what with -m"),
    "weights that are not there": (["-m", "lora", "--weights", "nowhere"], "nowhere"),
    "pairs that are not there": (["-m", "lora", "--pairs", "nowhere.tsc"], "--pairs nowhere.tsc: no such file"),
    "a baseline of some behaviors": (["--update-baseline", "-k", "negation"], "records whole approaches, and -k"),
    "a baseline of two approaches": (["--update-baseline", "-m", "not lora"], "takes -m base, sft or lora alone"),
    "an earlier run that is none": (["--against", "nowhere"], "--against nowhere: "),
}


def assert_told_once(done: subprocess.CompletedProcess[str], message: str, lines: int = 16) -> None:
    """One line says it, nothing else is red, and the exit status is that of the command on bad input."""
    printed = done.stdout + done.stderr
    assert done.returncode == 2, printed
    assert printed.count(message) == 1, printed
    assert len(printed.splitlines()) <= lines, printed
    assert "Traceback" not in printed
    assert "ERROR" not in printed


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_options_are_told_once(cold, project: Path, arguments: list[str], message: str) -> None:
    cache, reports, _ = cold
    (stored,) = [path.parent for path in (cache / "weights").glob("tiny-lora-*/complete.json")]
    done = behave(project, cache, reports, *(each.format(weights=stored) for each in arguments))
    assert_told_once(done, message)


def test_an_unknown_mark_does_not_pass(cold, project: Path) -> None:
    cache, reports, _ = cold
    done = behave(project, cache, reports, "-m", "loar")
    assert done.returncode != 0
    assert "Unknown marker" in done.stdout + done.stderr


def test_a_cache_that_cannot_be_made_is_told_once(project: Path, tmp_path: Path) -> None:
    done = behave(project, Path("/proc/no/such/place"), tmp_path, "-m", "lora")
    assert_told_once(done, "set SENTIMENT_CACHE", lines=1)


OWN = """
- name: negated_praise_is_negative
  capability: own
  promise: It stands in another file already.
  texts: [{text: Fine., label: 1}]
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "with workers"])
def test_own_behaviors_that_cannot_be_used_are_told_once(cold, project: Path, tmp_path: Path, workers) -> None:
    cache, _, _ = cold
    own, module = project / "behavior_tests" / "own.yaml", project / "behavior_tests" / "test_own_behaviors.py"
    shutil.copy(ROOT / "behavior_tests" / module.name, module)
    own.write_text(OWN)
    done = behave(project, cache, tmp_path, "-m", "lora", *workers)
    own.unlink()
    module.unlink()
    place = f"behavior 'negated_praise_is_negative' of {own}, line 2 stands in test_negation.py already"
    assert_told_once(done, place)


STOPS = """
import pytest
from sentiment.errors import TrainingError

@pytest.fixture(scope="session")
def trained(approach, assessment):
    if approach.value == "lora":
        raise TrainingError("the loss is nan after 7 steps; lower learning_rate")

def test_extra(trained):
    pass

def test_extra_too(trained):
    pass
"""


def test_what_stops_one_approach_is_told_once_and_costs_nothing_of_the_others(
    cold, project: Path, tmp_path: Path
) -> None:
    cache, _, _ = cold
    extra = project / "behavior_tests" / "test_extra.py"
    extra.write_text(STOPS)
    done = behave(
        project, cache, tmp_path, "-m", "base or lora", suites=("behavior_tests/test_accuracy.py", str(extra))
    )
    extra.unlink()
    assert_told_once(done, "the loss is nan after 7 steps; lower learning_rate", lines=60)
    assert "INCOMPLETE" in done.stdout
    results = json.loads((tmp_path / "latest" / "results.json").read_text())
    assert results["run"]["stopped"] == "the loss is nan after 7 steps; lower learning_rate"
    assert "(the loss is nan after 7 steps; lower learning_rate)" in results["closing_sentence"]
    assert "the loss is nan" in (tmp_path / "latest" / "report.html").read_text(encoding="utf-8")
    judged = {row["predictor"]: row["judged"] for row in results["behaviors"]}
    assert judged["base"] == judged["lora"] == 200


BREAKS = """
import pytest

@pytest.fixture(scope="session")
def broken():
    return {}["nothing"]

@pytest.mark.parametrize("number", range(9))
def test_extra(broken, number):
    pass
"""


def test_a_fixture_that_is_broken_by_a_mistake_of_ours_is_told_once_with_its_traceback(
    cold, project: Path, tmp_path: Path
) -> None:
    cache, _, _ = cold
    extra = project / "behavior_tests" / "test_extra.py"
    extra.write_text(BREAKS)
    done = behave(project, cache, tmp_path, suites=(str(extra),))
    extra.unlink()
    assert done.returncode == 1
    assert done.stdout.count("KeyError: 'nothing'") == 2  # below its traceback, and in pytest's summary
    assert "1 error in" in done.stdout


MIXED_UP = """
import random
import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    random.Random(1).shuffle(items)
"""


def test_in_any_order_each_approach_is_judged_and_journalled_once(cold, project: Path, tmp_path: Path) -> None:
    cache, _, _ = cold
    (project / "mixed_up.py").write_text(MIXED_UP)
    arguments = ("-m", "base or lora", "-p", "mixed_up", "-v")
    done = behave(project, cache, tmp_path, *arguments, suites=("behavior_tests/test_accuracy.py",
                  "behavior_tests/test_contracts.py"))  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    order = [line.partition("[")[2][:4] for line in done.stdout.splitlines() if "::" in line and "[" in line]
    assert sum(one != other for one, other in pairwise(order)) > 2
    lines = (tmp_path / "latest" / "journal.jsonl").read_text().splitlines()
    assert len(lines) == len(set(lines)) > 400


PROMISING = """extends = "tiny"
name = "promising"
promises = true
"""


@pytest.fixture(scope="module", name="baseline")
def _baseline(cold, project: Path) -> tuple[str, Path]:
    """A profile that promises something, and the baseline that was recorded for its lora."""
    cache, reports, _ = cold
    profile = project / "promising.toml"
    profile.write_text(PROMISING)
    done = behave(project, cache, reports, "-m", "lora", "--update-baseline", profile=str(profile))
    path = project / "behavior_tests" / "baselines" / "promising" / "lora.json"
    assert f"baseline of lora written to {path}" in done.stdout, done.stdout + done.stderr
    return str(profile), path


def test_a_weakness_without_a_written_reason_is_red_and_with_one_expected(cold, project: Path, baseline) -> None:
    cache, reports, _ = cold
    profile, path = baseline
    facts = json.loads(path.read_text())
    assert facts["seeds"] == [0, 1, 2]
    weak = facts["behaviors"]["negated_blame_is_positive"]
    assert weak["known"] == ""
    red = behave(project, cache, reports, "-m", "lora", profile=profile)
    assert red.returncode == 1
    assert "marks it as known without a reason" in red.stdout
    for record in facts["behaviors"].values():
        if record.get("known") == "":
            record["known"] = "a model of random numbers reads no negation"
    path.write_text(json.dumps(facts, indent=1))
    green = behave(project, cache, reports, "-m", "lora", "-rx", profile=profile)
    assert green.returncode == 0, green.stdout
    assert "as known: a model of random numbers reads no negation" in green.stdout
    strict = behave(project, cache, reports, "-m", "lora", "--strict-behaviors", profile=profile)
    assert strict.returncode == 1


def test_a_damaged_model_is_red_against_an_earlier_run(cold, project: Path, tmp_path: Path) -> None:
    cache, _, _ = cold
    few = ("-m", "sft", "-k", "accuracy or negated")
    behave(project, cache, tmp_path, *few)
    (earlier,) = [path for path in tmp_path.iterdir() if "-tiny-sft" in path.name]
    (weights,) = [path.parent for path in (cache / "weights").glob("tiny-sft-*/complete.json")]
    damaged = tmp_path / "damaged"
    shutil.copytree(weights, damaged)
    (damaged / "complete.json").unlink()
    tensors = load_file(damaged / "model.safetensors")
    name = "model.embed_tokens.weight"
    save_file({**tensors, name: tensors[name].roll(7, dims=0)}, damaged / "model.safetensors", {"format": "pt"})
    red = behave(project, cache, tmp_path, *few, "--weights", str(damaged), "--against", str(earlier))
    assert red.returncode == 1, red.stdout
    assert f"in {earlier}" in red.stdout
    nothing = behave(project, cache, tmp_path, "-m", "lora", "-k", "accuracy", "--against", str(earlier))
    assert_told_once(nothing, "share no judged case of lora", lines=40)
    assert "held_out_reviews_get_their_label" in "\n".join(table(nothing.stdout))


def test_a_baseline_of_another_version_is_named_with_its_line(cold, project: Path, baseline) -> None:
    cache, reports, _ = cold
    profile, path = baseline
    kept = path.read_text()
    path.write_text(kept.replace('"cases_version": 1', '"cases_version": 99'))
    done = behave(project, cache, reports, "-m", "lora", profile=profile)
    path.write_text(kept)
    assert_told_once(done, "lora.json, line 3: cases_version is 99, this run has 1; record it anew")


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
