"""Two processes train the same model as one: the same recipe, the same loss curve."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def trained(cache: Path, profile: Path, *launcher: str) -> tuple[str, dict]:
    """The name of the weights folder and the record of the training."""
    command = [sys.executable, *launcher, "-m", "sentiment", "train", "--approach", "sft", "--profile", str(profile)]
    environment = {**os.environ, "SENTIMENT_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = [path.parent for path in (cache / "weights").glob("*/complete.json")]
    return folder.name, json.loads((folder / "record.json").read_text())


def test_two_processes_follow_the_loss_curve_of_one(tmp_path: Path) -> None:
    profile = tmp_path / "two.toml"
    profile.write_text(PROFILE)
    one_name, one = trained(tmp_path / "one", profile)
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    two_name, two = trained(tmp_path / "two", profile, *launcher)
    assert one_name == two_name
    assert one["steps"] == two["steps"] == 8
    losses = [[entry["loss"] for entry in record["losses"] if "loss" in entry] for record in (one, two)]
    assert len(losses[0]) == 8
    assert losses[0][-1] < losses[0][0]
    assert losses[1] == pytest.approx(losses[0], abs=2e-3)
