"""Baselines of whatever is given: one artifact, several of one recipe, and what is not ruled against another's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from safetensors.torch import load_file, save_file

from sentiment.errors import BaselineError, ModelError
from sentiment.pipeline import Workbench
from sentiment.pipeline.python import judged
from sentiment.pipeline.run import JudgingRun
from sentiment.pipeline.settings import Settings
from sentiment.profiles import load_profile
from sentiment.runs.rerun import Rerun
from sentiment.suites import accuracy
from sentiment.types import Approach, BehaviorResult, Ruling

PROFILE = 'extends = "tiny"\nname = "few"\npromises = true\n'


class Trained(NamedTuple):
    profile: Path
    first: Path
    """An adapter of the profile's own recipe."""
    second: Path
    """The same with another seed."""


@pytest.fixture(scope="module", name="trained")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("baselines")
    profile = folder / "few.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    bench = Workbench(load_profile(str(profile)), progress=False, note=lambda line: None)
    for name, each in (("first", bench), ("second", bench.varied(seed=1))):
        shutil.copytree(each.weights(Approach.LORA).path, folder / name)
    return Trained(profile, folder / "first", folder / "second")


def run_of(
    trained: Trained, home: Path, *weights: Path, named: bool = False, said: list[str] | None = None
) -> JudgingRun:
    settings = Settings(
        home, home / "baselines", home / "reports", profile=str(trained.profile), weights=weights,
        baselines_named=named,
    )  # fmt: skip
    return JudgingRun(settings, rerun=Rerun(), note=(lambda line: None) if said is None else said.append)


def record(run: JudgingRun) -> dict[str, Any]:
    run.record_baseline(run.session({"lora": accuracy.BEHAVIORS}, run.recorder()), "lora")
    found: dict[str, Any] = json.loads((run.settings.baselines / "few" / "lora.json").read_text())
    return found


def result_of(run: JudgingRun) -> BehaviorResult:
    (found,) = [each for each in judged(run, ["lora"], accuracy.BEHAVIORS).run.results if each.predictor == "lora"]
    return found


def without_record(adapter: Path, to: Path) -> Path:
    """The adapter as a stranger's: nothing says how it was trained."""
    shutil.copytree(adapter, to)
    (to / "record.json").unlink()
    (to / "complete.json").unlink()
    return to


def damaged(adapter: Path, to: Path) -> Path:
    shutil.copytree(adapter, to)
    (to / "complete.json").unlink(missing_ok=True)
    file = to / "adapter_model.safetensors"
    tensors = {name: -each if "lora_B" in name else each for name, each in load_file(file).items()}
    save_file(tensors, file, {"format": "pt"})
    return to


def test_one_artifact_is_recorded_as_it_is_and_a_damaged_one_is_red_against_it(
    trained: Trained, tmp_path: Path
) -> None:
    stranger = without_record(trained.first, tmp_path / "stranger")
    facts = record(run_of(trained, tmp_path, stranger))
    assert (facts["seeds"], facts["recipe"]) == ([0], "")
    assert result_of(run_of(trained, tmp_path, stranger)).ruling is Ruling.PASS
    broken = result_of(run_of(trained, tmp_path, damaged(stranger, tmp_path / "damaged")))
    assert broken.ruling is Ruling.FAIL
    assert "worse than the baseline" in broken.reason


def test_a_stranger_is_not_ruled_against_a_recipe_of_ours_unless_it_is_named(trained: Trained, tmp_path: Path) -> None:
    facts = record(run_of(trained, tmp_path, trained.first, trained.second))
    assert facts["seeds"] == [0, 1]
    assert facts["recipe"]
    again = result_of(run_of(trained, tmp_path, trained.second))
    assert again.change is not None
    stranger, said = without_record(trained.first, tmp_path / "stranger"), []
    alone = result_of(run_of(trained, tmp_path, stranger, said=said))
    assert alone.change is None
    assert sum("is of another recipe than what is judged" in line for line in said) == 1
    assert result_of(run_of(trained, tmp_path, stranger, named=True)).change is not None
    with pytest.raises(BaselineError, match="is of another recipe; keep this one apart"):
        record(run_of(trained, tmp_path, stranger))
    assert record(run_of(trained, tmp_path, stranger, named=True))["recipe"] == ""


def test_trainings_of_the_profile_are_not_ruled_against_a_strangers_baseline(trained: Trained, tmp_path: Path) -> None:
    record(run_of(trained, tmp_path, without_record(trained.first, tmp_path / "stranger")))
    said: list[str] = []
    assert result_of(run_of(trained, tmp_path, said=said)).change is None
    assert any("is of another recipe than what is judged" in line for line in said)
    with pytest.raises(BaselineError, match="is of another recipe; keep this one apart"):
        record(run_of(trained, tmp_path))


def test_the_base_is_ruled_against_its_own_baseline_and_no_other_model_is(trained: Trained, tmp_path: Path) -> None:
    def of_base(*weights: Path) -> BehaviorResult:
        run = run_of(trained, tmp_path, *weights)
        results = judged(run, ["base"], accuracy.BEHAVIORS).run.results
        return next(each for each in results if each.predictor == "base")

    run = run_of(trained, tmp_path)
    run.record_baseline(run.session({"base": accuracy.BEHAVIORS}, run.recorder()), "base")
    assert of_base().change is not None
    assert of_base(without_record(trained.first, tmp_path / "stranger")).change is None


def test_every_folder_of_weights_is_looked_at_first(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere: no such folder"):
        run_of(trained, tmp_path, trained.first, Path("nowhere")).check()


def test_the_profiles_own_trainings_have_the_recipe_of_those_given(trained: Trained, tmp_path: Path) -> None:
    own, given = (run_of(trained, tmp_path, *weights) for weights in ((), (trained.second,)))
    recipes = [next(each for each in run.subjects if each.name == "lora").recipe() for run in (own, given)]
    assert recipes[0] == recipes[1] != ""


def test_the_same_weights_twice_and_those_of_two_recipes_are_refused(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="answers just as .*: a baseline of several trainings needs different ones"):
        record(run_of(trained, tmp_path, trained.first, trained.first))
    stranger = without_record(trained.first, tmp_path / "stranger")
    with pytest.raises(BaselineError, match="of different recipes"):
        record(run_of(trained, tmp_path, trained.second, stranger))
