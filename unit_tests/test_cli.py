"""The command line: input is checked before anything is loaded, and a wrong one is one line and status 2."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sentiment.cli import app, main
from sentiment.data.pools import POOLS
from sentiment.errors import CacheError
from sentiment.judging.judge import judge
from sentiment.pipeline import Workbench
from sentiment.report.write import RunWriter
from sentiment.runs.facts import RunFacts
from sentiment.runs.recorder import Recorder
from sentiment.runs.run_folder import new_run_folder
from sentiment.types import Approach, Label, Prediction, Prompt, Query, SubjectFacts, shares_of
from unit_tests.making import behavior_of, case_of
from unit_tests.processes import started


def sentiment(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sentiment", *arguments], capture_output=True, text=True, timeout=180, check=False
    )


@pytest.fixture(scope="module", name="reviews")
def _reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "reviews.csv"
    path.write_text(
        "id,text,label\n1,a wonderful film,positive\n2,the plot was awful,negative\n"
        "3,,positive\n4,what a great cast,positive\n"
    )
    return path


WRONG = {
    "neither file nor text": (["predict", "--approach", "lora"], "either a file or --text"),
    "an empty text": (
        ["predict", "--approach", "base", "--profile", "tiny", "--text", " "],
        "--text ' ': text is empty",
    ),
    "an undecodable text": (["predict", "--approach", "base", "--text", "\udcff"], "text is not valid UTF-8"),
    "an unknown encoding": (
        ["evaluate", "--approach", "lora", "--data", "{reviews}", "--encoding", "cp125"],
        "encoding 'cp125' is unknown",
    ),
    "a label without a side": (
        ["evaluate", "--approach", "lora", "--data", "{reviews}", "--label", "4,5"],
        "'4,5' says no side; write positive=... or negative=...",
    ),
    "a label on two sides": (
        ["evaluate", "--approach", "lora", "--data", "{reviews}", "--label", "positive=4", "--ignore-label", "3,4.0"],
        "label '4.0' is both positive and ignored",
    ),
    "a picture in no folder": (
        ["evaluate", "--approach", "lora", "--data", "{reviews}", "--confusion", "nowhere/c.png"],
        "--confusion nowhere/c.png: its folder does not exist",
    ),
    "no output": (["predict", "--approach", "lora", "{reviews}"], "give -o"),
    "an unknown profile": (["params", "--profile", "nope"], "unknown profile 'nope'"),
    "an unknown prompt": (
        ["predict", "--approach", "base", "--profile", "tiny", "--text", "x", "--prompt", "nope"],
        "unknown prompt 'nope'",
    ),
    "nothing to train": (["train", "--approach", "base"], "nothing to train"),
    "a missing column": (
        ["predict", "--approach", "lora", "{reviews}", "-o", "{out}", "--text-column", "body"],
        "body",
    ),
    "missing data": (["evaluate", "--approach", "lora", "--data", "nowhere.csv"], "nowhere.csv"),
    "missing weights": (
        ["predict", "--approach", "lora", "--profile", "tiny", "--text", "x", "--weights", "nowhere"],
        "no such folder",
    ),
    "no run": (["report", "nowhere"], "nowhere"),
    "nothing to compare": (["compare", "nowhere", "nowhere"], "nowhere is not a run folder"),
    "no reports to list": (["reports", "list", "--reports", "nowhere"], "nowhere cannot be read"),
    "no run to keep": (["reports", "prune", "--keep", "0", "--reports", "."], "at least 1"),
    "a CUDA profile without CUDA": (["predict", "--approach", "base", "--profile", "qwen3", "--text", "x"], "no CUDA"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_input_is_one_clear_line(
    command, reviews: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    import torch

    if "qwen3" in arguments and torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    filled = [a.format(reviews=reviews, out=tmp_path / "out.csv") for a in arguments]
    status, _, printed = command(*filled)
    errors = [line for line in printed.splitlines() if line.startswith("error: ")]
    assert status == 2
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in printed


def test_parameters_are_counted_without_a_download(command) -> None:
    lines = command("params", "--profile", "qwen3")[1].splitlines()
    numbers = {line.split()[0]: line.split()[1:] for line in lines[2:5]}
    assert numbers["base"] == ["596,049,920", "0", "0.0000"]
    assert numbers["sft"] == ["596,049,920", "596,049,920", "100.0000"]
    assert numbers["lora"] == ["596,049,920", "2,293,760", "0.3848"]
    assert "in all     81,920 x 28 = 2,293,760" in [line.strip() for line in lines]


def test_a_wrong_word_is_one_line_in_a_process_of_its_own_too() -> None:
    done = sentiment("params", "--profile", "nope")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [line for line in done.stderr.splitlines() if line.startswith("error: ")]


def test_a_table_is_answered_row_by_row_and_evaluated(command, reviews: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    status, _, err = command("predict", "--approach", "lora", str(reviews), "-o", str(out), "--profile", "tiny")
    assert status == 0, err
    assert "row 3" in err
    rows = list(csv.DictReader(out.open()))
    assert [row["id"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["label_given"] for row in rows] == ["positive", "negative", "positive", "positive"]
    assert [bool(row["answer"]) for row in rows] == [True, True, False, True]
    picture = tmp_path / "confusion.png"
    status, printed, err = command(
        "evaluate", "--approach", "lora", "--data", str(reviews), "--profile", "tiny", "--confusion", str(picture)
    )
    assert status == 3, err
    assert err.splitlines()[-1].startswith("so these figures are not over the whole file: exit status 3")
    metrics = json.loads(printed)
    assert (metrics["rows"]["read"], metrics["rows"]["used"], metrics["n"]) == (4, 3, 3)
    assert metrics["rows"]["dropped_because"] == {"text is empty": 1}
    labels = [row["label"] for row in rows if row["answer"]]
    right = sum(a == b for a, b in zip(labels, ["positive", "negative", "positive"], strict=True))
    assert metrics["accuracy"] == pytest.approx(right / 3)
    assert picture.read_bytes().startswith(b"\x89PNG")


BASE = ("evaluate", "--approach", "base", "--profile", "tiny")


def test_dropped_rows_end_with_status_3_unless_that_is_accepted(command, reviews: Path, tmp_path: Path) -> None:
    told = (*BASE, "--data", str(reviews), "--confusion", str(tmp_path / "c.png"))
    status, out, err = command(*told)
    assert (status, json.loads(out)["rows"]["dropped"]) == (3, 1)
    assert "dropped 1 of 4 rows: text is empty (1 row)" in err
    status, accepted, err = command(*told, "--allow-dropped")
    assert (status, accepted) == (0, out)
    assert "exit status 3" not in err


def test_rows_that_are_passed_over_by_right_do_not_change_the_status(command, tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    path.write_text("text,label\n" + "".join(f"a film of {i} stars,{i}\n" for i in range(1, 6)) + "no label,\n")
    told = ("--label", "positive=4,5", "--label", "negative=1", "--label", "negative=2", "--ignore-label", "3")
    status, out, err = command(*BASE, "--data", str(path), *told, "--confusion", str(tmp_path / "c.png"))
    found = json.loads(out)
    assert (status, found["n"], found["support"]) == (0, 4, {"negative": 2, "positive": 2})
    assert (found["rows"]["missing_label"], found["rows"]["ignored_label"], found["rows"]["dropped"]) == (1, 1, 0)
    assert found["labels"] == {"1": "negative", "2": "negative", "4": "positive", "5": "positive"}
    assert "passed over 2 of 6 rows" in err


def test_the_labels_of_a_profile_hold_unless_the_command_says_others(command, tmp_path: Path) -> None:
    profile, path = tmp_path / "mine.toml", tmp_path / "words.csv"
    profile.write_text('extends = "tiny"\n[data.labels]\npositive = ["good"]\nnegative = ["bad"]\n')
    path.write_text("text,label\nfine,good\ndull,bad\n")
    told = ("--profile", str(profile), "--data", str(path), "--confusion", str(tmp_path / "c.png"))
    for own, expected in ((), "positive"), (("--label", "negative=good", "--label", "positive=bad"), "negative"):
        status, out, _ = command("evaluate", "--approach", "base", *told, *own)
        assert (status, json.loads(out)["labels"]["good"]) == (0, expected)


def test_a_file_of_another_encoding_is_refused_before_anything_is_computed(command, tmp_path: Path) -> None:
    path = tmp_path / "windows.csv"
    rows = [f"Film {i} is {'good' if i % 2 else 'bad'} and that’s that,{i % 2}" for i in range(10)]
    path.write_bytes("\r\n".join(["text,label", *rows, ""]).encode("cp1252"))
    told = ("--data", str(path), "--confusion", str(tmp_path / "c.png"))
    status, out, err = command(*BASE, *told)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert "10 of 10 rows hold other bytes" in err
    assert "it looks like cp1252; give --encoding cp1252" in err
    status, out, _ = command(*BASE, *told, "--encoding", "cp1252")
    assert (status, json.loads(out)["n"]) == (0, 10)
    answers = tmp_path / "answers.tsv"
    told = ("--profile", "tiny", str(path), "-o", str(answers))
    assert command("predict", "--approach", "base", *told)[0] == 2
    assert command("predict", "--approach", "base", *told, "--encoding", "cp1252")[0] == 0
    assert "that’s that" in answers.read_text(encoding="utf-8")


def test_the_figures_are_printed_whatever_happens_to_the_picture(command, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nfine,1\ndull,0\n,1\n")
    (tmp_path / "folder.png").mkdir()
    status, out, err = command(*BASE, "--data", str(path), "--confusion", str(tmp_path / "folder.png"))
    assert (status, json.loads(out)["n"]) == (2, 2)
    last = err.splitlines()[-1]
    assert last == f"error: cannot write {tmp_path / 'folder.png'}: Is a directory; name another file with --confusion"


def _told(arguments: tuple[str, ...], out: Path, err: Path) -> None:
    """The command, with files as its standard streams."""
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    sys.argv = ["sentiment", *arguments]
    try:
        main()
    finally:
        sys.stdout.flush()  # as Python does at its end, where it must not fail again


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_the_output_is_one_line(cache_folder: Path, tmp_path: Path) -> None:
    told, err = ("predict", "--approach", "base", "--profile", "tiny", "--text", "fine"), tmp_path / "err"
    process = started(_told, told, Path("/dev/full"), err, SENTIMENT_CACHE=str(cache_folder))
    process.join(180)
    assert process.exitcode == 2
    last = err.read_text().splitlines()[-1]
    assert last.startswith("error: standard output cannot be written: No space left on device")
    assert "Traceback" not in err.read_text()


def test_rows_that_the_judged_model_was_trained_on_are_left_out(command, tiny, tmp_path: Path) -> None:
    """Of a table of all pools; for base, and for weights whose training nobody knows, all rows count."""
    bench = Workbench(tiny, note=lambda _: None)
    path = tmp_path / "all.jsonl"
    rows = [review for name in POOLS for review in bench.pools.pool(name)[:20]]
    path.write_text("".join(json.dumps({"text": r.text.upper(), "label": r.label}) + "\n" for r in rows))
    told = ("--profile", "tiny", "--data", str(path), "--confusion", str(tmp_path / "c.png"))
    weights = str(bench.weights(Approach.LORA).path)
    for more, left_out in ((["lora"], 20), (["base"], 0), (["lora", "--weights", weights], None)):
        status, out, err = command("evaluate", *told, "--approach", *more)
        found = json.loads(out)
        assert (status, found["n"], found["rows"]["trained_on"]) == (0, 80 - (left_out or 0), left_out)
        assert ("passed over 20 of 80 rows: the model was trained on the text (20 rows)" in err) == (left_out == 20)


def test_a_tilde_is_the_home_folder(command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.csv").write_text("text,label\nfine,1\ndull,0\n")
    (tmp_path / "ask.txt").write_text("{review} Good or bad?")
    told = ("--approach", "base", "--profile", "tiny", "--prompt", "~/ask.txt")
    assert command("evaluate", *told, "--data=~/a.csv", "--confusion=~/c.png")[0] == 0
    assert command("predict", *told, "~/a.csv", "--output=~/answers.csv")[0] == 0
    assert (tmp_path / "c.png").exists()
    assert (tmp_path / "answers.csv").exists()
    (tmp_path / "reports").mkdir()
    assert command("reports", "list", "--reports=~/reports")[0] == 0
    assert f"{tmp_path}/absent" in command("report", "~/absent")[2]


@pytest.fixture(name="make_run")
def _make_run(tmp_path: Path):
    """A run in `tmp_path / "reports"` whose lora fails the first `wrong` of 40 cases; not yet finished."""
    firm = behavior_of("firm", "negation")

    def make(wrong: int) -> Recorder:
        cases = [case_of("firm", Query(Prompt("p", "{review}"), str(i)), label=Label.POSITIVE) for i in range(40)]
        answers = {case.query: Prediction(Label(i >= wrong), shares_of(0.5)) for i, case in enumerate(cases)}
        folder = new_run_folder(tmp_path / "reports", "tiny", "lora")
        recorder = Recorder(folder, RunFacts(profile="tiny"), RunWriter())
        recorder.start()
        recorder.declared([SubjectFacts("lora")])
        recorder.judged(firm.promise, "lora", judge(firm, cases, "lora", answers))
        return recorder

    return make


def test_runs_are_compared_and_the_exit_status_is_a_gate(command, make_run, tmp_path: Path) -> None:
    good, bad = (str(make_run(wrong).folder) for wrong in (0, 20))
    page = tmp_path / "difference.html"
    status, out, _ = command("compare", good, bad, "--output", str(page))
    assert status == 1
    assert "1 behavior is significantly worse" in " ".join(out.split())
    assert out.splitlines()[-1] == f"page: {page}"
    assert "20 broken" in page.read_text(encoding="utf-8")
    assert command("compare", bad, good)[0] == 0
    assert command("compare", good, good, "--predictors", "lora:lora")[0] == 0
    status, out, err = command("compare", good, bad, "--predictors", "sft")
    assert (status, out) == (2, "")
    assert "has no 'sft'" in err


def test_a_page_that_cannot_be_written_costs_no_table(command, make_run, tmp_path: Path) -> None:
    run = str(make_run(0).folder)
    status, out, err = command("compare", run, run, "--output", str(tmp_path))
    assert status == 2
    assert "No behavior is significantly worse" in out
    assert err.splitlines() == [f"error: cannot write {tmp_path}: Is a directory; name another file with --output"]


def test_a_stopped_run_is_reported_from_its_journal(command, make_run) -> None:
    folder = make_run(3).folder
    assert not (folder / "results.json").exists()
    status, out, err = command("report", str(folder))
    assert (status, out) == (0, f"{folder / 'report.html'}\n")
    assert err.startswith("INCOMPLETE: the run has not come to its end.")
    assert json.loads((folder / "results.json").read_text())["closing_sentence"].startswith("INCOMPLETE: ")
    latest = folder.parent / "latest"
    (folder / "outcomes.csv").unlink()
    assert command("report", str(latest))[:2] == (0, f"{folder / 'report.html'}\n")
    assert (folder / "outcomes.csv").read_bytes() == (latest / "outcomes.csv").read_bytes()


def test_an_interrupted_command_says_that_it_goes_on(command, monkeypatch) -> None:
    def interrupted(name: str | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sentiment.cli.asking.chosen_profile", interrupted)
    assert command("params") == (
        130, "", "interrupted; what is stored stays, and the same command goes on from there\n"
    )  # fmt: skip


def test_names_never_drive_the_terminal(command, tmp_path: Path) -> None:
    status, _, err = command("report", f"{tmp_path}/\x1b[31mred\n\u202ename")
    assert status == 2
    assert (
        err == f"error: {tmp_path}/\\x1b[31mred\\n\\u202ename holds no journal (journal.jsonl): is it a run folder?\n"
    )


def test_paths_are_printed_on_a_console_of_any_encoding(make_run, tmp_path: Path) -> None:
    folder = make_run(3).folder
    odd = folder.parent / "größe-✓"
    folder.rename(odd)
    done = subprocess.run(
        [sys.executable, "-m", "sentiment", "report", str(odd)],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"}, capture_output=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"{folder.parent}/größe-\\u2713/report.html".encode("cp1252")


def test_a_shortened_journal_is_said_by_the_commands_that_read_it(command, make_run) -> None:
    whole, run = make_run(3).folder, make_run(3)
    run.finish(RunFacts(profile="tiny", complete=True))
    journal = run.folder / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:5]))
    status, out, err = command("report", str(run.folder))
    assert (status, out) == (0, f"{run.folder / 'report.html'}\n")
    assert err.startswith("INCOMPLETE: ")
    assert "cases that the run had are missing from its journal" in err
    _, out, _ = command("compare", str(whole), str(run.folder))
    assert "are missing from its journal" in out
    assert "incomplete" in command("reports", "list", "--reports", str(run.folder.parent))[1]


def test_a_cache_that_cannot_be_pruned_is_status_2_and_the_other_parts_are_pruned(command, monkeypatch) -> None:
    def prune(part: str) -> int:
        if part == "weights":
            raise CacheError("weights: 3 of 4 files cannot be deleted")
        return 2**20

    monkeypatch.setattr("sentiment.cache.prune", prune)
    status, out, err = command("cache", "prune", "all")
    assert (status, err) == (2, "error: weights: 3 of 4 files cannot be deleted\n")
    assert out.splitlines() == [f"1.0 MiB freed: {part}" for part in ("assets", "models", "predictions")]


def test_runs_are_listed_and_pruned(command, make_run, tmp_path: Path) -> None:
    runs = [make_run(wrong) for wrong in (0, 1, 2)]
    runs[0].finish(RunFacts(profile="tiny", complete=True))
    reports = str(tmp_path / "reports")
    _, out, _ = command("reports", "list", "--reports", reports)
    states = {line.split()[0]: line.split()[1] for line in out.splitlines() if not line.startswith(" ")}
    assert states == {run.folder.name: "complete" if run is runs[0] else "incomplete" for run in runs}
    status, out, _ = command("reports", "prune", "--keep", "1", "--reports", reports)
    assert (status, out.splitlines()[-1]) == (0, "2 deleted")
    kept = {path.name for path in Path(reports).iterdir()}
    assert kept == {runs[2].folder.name, "latest", "index.html"}
    index = (Path(reports) / "index.html").read_text(encoding="utf-8")
    assert [f">{run.folder.name}<" in index for run in runs] == [False, False, True]


def test_every_command_of_the_readme_exists() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    for command in ("predict", "evaluate", "params", "report", "cache", "train"):
        assert f"sentiment {command}" in readme
        shown = CliRunner().invoke(app, [command, "--help"])
        assert shown.exit_code == 0
        assert "Example: " in shown.output or command == "cache"
