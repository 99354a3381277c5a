"""A run from its settings to its report, with functions and with the tiny model, without pytest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from sentiment import cache
from sentiment.errors import BaselineError, ModelError, SentimentError
from sentiment.pipeline import Workbench
from sentiment.pipeline.python import Results, judged
from sentiment.pipeline.run import JudgingRun
from sentiment.pipeline.settings import Settings
from sentiment.profiles import Profile
from sentiment.runs.rerun import Rerun
from sentiment.suites import accuracy
from sentiment.types import Approach, BehaviorResult, Ruling

Make = Callable[..., JudgingRun]


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Make:
    """A run on the tiny profile of whatever else is asked; its notes are kept in `said`."""

    def make(said: list[str] | None = None, **asked: object) -> JudgingRun:
        settings = Settings(tmp_path, tmp_path / "baselines", tmp_path / "reports", profile="tiny", **asked)  # type: ignore[arg-type]
        return JudgingRun(settings, rerun=Rerun(), note=(lambda line: None) if said is None else said.append)

    return make


@pytest.fixture(scope="module", name="adapter")
def _adapter(tiny: Profile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny lora, as somebody else may have trained it."""
    trained = Workbench(tiny, progress=False, note=lambda line: None).weights(Approach.LORA).path
    path = tmp_path_factory.mktemp("elsewhere") / "adapter"
    shutil.copytree(trained, path)
    (path / cache.MARKER).unlink()
    return path


def of_lora(run: JudgingRun) -> Results:
    return judged(run, ["lora"], accuracy.BEHAVIORS)


def result_of(results: Results) -> BehaviorResult:
    (found,) = [each for each in results.run.results if each.predictor == "lora"]
    return found


def failed(results: Results) -> set[str]:
    return {each.case.id for each in result_of(results).outcomes if each.verdict.reason}


def test_weights_given_by_path_are_judged_like_ones_own_and_damaged_ones_are_red_against_them(
    run: Make, adapter: Path, tmp_path: Path
) -> None:
    own = of_lora(run())
    assert result_of(own).judged == 200
    trained = sorted((cache.cache_root() / "weights").iterdir())
    given = of_lora(run(weights=(adapter,)))
    assert failed(given) == failed(own)
    facts = json.loads((given.folder / "run.json").read_text())
    assert facts["weights"] == str(adapter)
    damaged = tmp_path / "damaged"
    shutil.copytree(adapter, damaged)
    file = damaged / "adapter_model.safetensors"
    tensors = load_file(file)
    save_file({name: -each if "lora_B" in name else each for name, each in tensors.items()}, file, {"format": "pt"})
    red = result_of(of_lora(run(weights=(damaged,), against=own.folder)))
    assert red.ruling is Ruling.FAIL
    assert f"in {own.folder}" in red.reason
    assert sorted((cache.cache_root() / "weights").iterdir()) == trained


def test_weights_that_cannot_be_loaded_end_the_run_by_name(run: Make, adapter: Path, tmp_path: Path) -> None:
    broken = tmp_path / "a broken adapter"
    shutil.copytree(adapter, broken)
    (broken / "adapter_model.safetensors").write_bytes(b"torn")
    with pytest.raises(ModelError, match="a broken adapter.*header too small"):
        of_lora(run(weights=(broken,)))
    results = json.loads((tmp_path / "reports" / "latest" / "results.json").read_text())
    assert "a broken adapter" in results["run"]["stopped"]
    assert "header too small" in results["closing_sentence"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"weights": (Path("nowhere"),)}, "nowhere"),
        ({"pairs": (Path("nowhere.tsc"),)}, "pairs nowhere.tsc: no such file"),
        ({"against": Path("nowhere")}, "against nowhere: "),
    ],
    ids=["weights", "pairs", "an earlier run"],
)
def test_what_is_not_there_is_named_before_anything_is_trained(run: Make, asked: dict[str, object], said: str) -> None:
    notes: list[str] = []
    with pytest.raises(SentimentError) as caught:
        run(notes, **asked).check()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert notes == []


def test_a_baseline_of_a_trained_subject_is_of_three_trainings_and_one_of_another_version_is_refused(
    run: Make, tmp_path: Path
) -> None:
    profile, said = tmp_path / "few.toml", []
    profile.write_text('extends = "tiny"\nname = "few"\npromises = true\n[data]\ntrain = 64\n[lora]\nepochs = 1\n')
    settings = Settings(tmp_path, tmp_path / "baselines", tmp_path / "reports", profile=str(profile))
    recording = JudgingRun(settings, rerun=Rerun(), note=said.append)
    recording.record_baseline(recording.session({"lora": accuracy.BEHAVIORS}, recording.recorder()), "lora")
    path = tmp_path / "baselines" / "few" / "lora.json"
    assert f"baseline of lora written to {path}" in said
    facts = json.loads(path.read_text())
    assert facts["seeds"] == [0, 1, 2]
    rates = facts["behaviors"]["held_out_reviews_get_their_label"]["rates"]
    assert list(rates) == ["0", "1", "2"]
    assert sum("training on 64 reviews" in line for line in said) == 3
    path.write_text(path.read_text().replace('"cases_version": 1', '"cases_version": 99'))
    with pytest.raises(BaselineError, match=r"lora.json: cases_version is 99, this run has 1; record it anew"):
        JudgingRun(settings, rerun=Rerun(), note=said.append).check_baselines(["lora"])
