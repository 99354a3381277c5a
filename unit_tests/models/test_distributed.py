"""Two processes train the same model as one: the same recipe, the same loss curve."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from sentiment.cli import main
from sentiment.pipeline import Workbench
from sentiment.profiles import load_profile
from sentiment.types import Approach
from unit_tests.processes import started

PROFILE = """
extends = "tiny"
name = "two"
[data]
train = 64
validation = 16
[sft]
epochs = 2
logging_steps = 1
"""


def command(profile: str) -> None:
    sys.argv = ["sentiment", "train", "--approach", "sft", "--profile", profile]
    main()


def record_in(cache: Path) -> tuple[str, dict]:
    """The name of the weights folder and the record of the training."""
    (folder,) = [path.parent for path in (cache / "weights").glob("*/complete.json")]
    return folder.name, json.loads((folder / "record.json").read_text())


def test_two_processes_follow_the_loss_curve_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = tmp_path / "two.toml"
    profile.write_text(PROFILE)
    with socket.socket() as unused:
        unused.bind(("localhost", 0))
        port = unused.getsockname()[1]
    processes = [
        started(
            command,
            str(profile),
            SENTIMENT_CACHE=str(tmp_path / "two"),
            # what torchrun sets
            RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2", LOCAL_WORLD_SIZE="2",
            MASTER_ADDR="localhost", MASTER_PORT=str(port),
        )
        for rank in range(2)
    ]  # fmt: skip
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "one"))
    bench = Workbench(load_profile(str(profile)), progress=False, note=lambda line: None)
    bench.weights(Approach.SFT)
    one_name, one = record_in(tmp_path / "one")
    for process in processes:
        process.join(240)
    assert [process.exitcode for process in processes] == [0, 0]
    two_name, two = record_in(tmp_path / "two")
    assert one_name == two_name
    assert one["steps"] == two["steps"] == 8
    losses = [[entry["loss"] for entry in record["losses"] if "loss" in entry] for record in (one, two)]
    assert len(losses[0]) == 8
    assert losses[0][-1] < losses[0][0]
    assert losses[1] == pytest.approx(losses[0], abs=2e-3)
