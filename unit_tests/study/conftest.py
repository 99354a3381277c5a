"""One whole study for all tests of it: the `qwen3` profile, with a small model and reviews from local folders in the
hub's layout, and with sizes and learning rates that suit them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import datasets
import pytest

from sentiment.data.generated import made_up_reviews
from sentiment.models.base import base_model
from sentiment.pipeline import Workbench
from sentiment.profiles import Profile, load_profile
from sentiment.study.document import write_study
from sentiment.study.record import Study
from sentiment.study.run import run_study
from unit_tests.processes import LOADED

PROFILE = """
extends = "qwen3"
name = "qwen3-local"
[model]
id = "{model}"
device = "cpu"
architecture = {{ {architecture} }}
[data]
path = "{data}"
train = 320
validation = 64
test = 100
suite = 100
[sft]
learning_rate = 1e-3
epochs = 4
[lora]
learning_rate = 1e-2
epochs = 2
[study]
formats = 6
format_reviews = 20
rows = 32
raw_reviews = 100
held_out = 4
held_out_reviews = 20
mixed = 4
ensemble = 2
unlabelled = 8
seeds = 2
steps = 2
"""


class WholeStudy(NamedTuple):
    bench: Workbench
    found: Study
    results: dict[str, Any]
    """The content of its `results.json`."""
    folder: Path
    notes: list[str]


@pytest.fixture(scope="session", name="study")
def _study(tiny: Profile, tmp_path_factory: pytest.TempPathFactory) -> WholeStudy:
    folder = tmp_path_factory.mktemp("study")
    figures = ", ".join(f"{name} = {str(value).lower()}" for name, value in tiny.model.architecture.items())
    figures = figures.replace("= qwen3", '= "qwen3"')
    model = base_model(tiny.model, note=lambda line: None).path
    file = folder / "mine.toml"
    file.write_text(PROFILE.format(model=model, data=_like_imdb(folder / "reviews"), architecture=figures))
    notes: list[str] = []
    bench = Workbench(load_profile(str(file)), note=notes.append, progress=False)
    with pytest.MonkeyPatch.context() as patch:  # steps are measured in processes of their own
        patch.setattr("sentiment.models.cost.multiprocessing", SimpleNamespace(get_context=lambda kind: LOADED))
        found = run_study(bench, profile="mine.toml")
    write_study(found, folder, note=notes.append)
    return WholeStudy(bench, found, json.loads((folder / "results.json").read_text()), folder, notes)


def _like_imdb(folder: Path) -> Path:
    """Made-up reviews in the layout and with the columns of `stanfordnlp/imdb`."""
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    rows = [{"text": review.text, "label": int(review.label or 0)} for review in made_up_reviews()]
    for split, part in (("train", rows[:1300]), ("test", rows[1300:])):
        path = folder / "plain_text" / f"{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        datasets.Dataset.from_list(part, features=features).to_parquet(path)
    return folder
