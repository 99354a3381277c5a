"""The command line: input is checked before anything is loaded, and a wrong one is one line and status 2."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sentiment.cli import app, main


@pytest.fixture(name="command")
def _command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """The command's entry point in this process: arguments -> exit status, stdout, stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sentiment", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


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
    numbers = {line.split()[0]: line.split()[1:] for line in lines[2:]}
    assert numbers["base"] == ["596,049,920", "0", "0.0000"]
    assert numbers["sft"] == ["596,049,920", "596,049,920", "100.0000"]
    assert numbers["lora"] == ["596,049,920", "2,293,760", "0.3848"]


def test_a_wrong_word_is_one_line_in_a_process_of_its_own_too() -> None:
    done = sentiment("params", "--profile", "nope")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [line for line in done.stderr.splitlines() if line.startswith("error: ")]


def test_a_table_is_answered_row_by_row_and_evaluated(reviews: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    done = sentiment("predict", "--approach", "lora", str(reviews), "-o", str(out), "--profile", "tiny")
    assert done.returncode == 0, done.stderr
    assert "row 3" in done.stderr
    rows = list(csv.DictReader(out.open()))
    assert [row["id"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["label_given"] for row in rows] == ["positive", "negative", "positive", "positive"]
    assert [bool(row["answer"]) for row in rows] == [True, True, False, True]
    picture = tmp_path / "confusion.png"
    done = sentiment(
        "evaluate", "--approach", "lora", "--data", str(reviews), "--profile", "tiny", "--confusion", str(picture)
    )
    assert done.returncode == 0, done.stderr
    metrics = json.loads(done.stdout)
    labels = [row["label"] for row in rows if row["answer"]]
    right = sum(a == b for a, b in zip(labels, ["positive", "negative", "positive"], strict=True))
    assert metrics["accuracy"] == pytest.approx(right / 3)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_every_command_of_the_readme_exists() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    for command in ("predict", "evaluate", "params", "report", "cache", "train"):
        assert f"sentiment {command}" in readme
        shown = CliRunner().invoke(app, [command, "--help"])
        assert shown.exit_code == 0
        assert "Example: " in shown.output or command == "cache"
