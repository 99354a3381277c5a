"""An adapter belongs to a base: the one that it names, or the run says that it does not know."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sentiment.errors import ModelError
from sentiment.models.checks import ModelFolder, checked_model_folder
from sentiment.models.given import Given, Weights, given_weights, read_given, weights_fingerprint
from sentiment.pipeline import Workbench, run_facts
from sentiment.pipeline.run import JudgingRun
from sentiment.pipeline.settings import read_settings
from sentiment.profiles import ModelSettings, Profile
from sentiment.runs.rerun import Rerun
from sentiment.runs.run import Run

Make = Callable[..., Path]
HUB = ModelSettings(id="Qwen/Qwen3-0.6B", architecture={})


def judged(given: Given, folder: ModelFolder) -> Weights:
    """The weights, where the profile's model is `folder` and other bases are local folders."""
    return given_weights(given, lambda: folder, lambda named: checked_model_folder(Path(named)))


@pytest.mark.parametrize(
    "named",
    [
        "Qwen/Qwen3-0.6B",
        "qwen/qwen3-0.6b",
        "https://huggingface.co/Qwen/Qwen3-0.6B",
        "/home/u/.cache/huggingface/hub/models--Qwen--Qwen3-0.6B/snapshots/c1899de289a04d12100db370d81485cdf75e47ca",
    ],
)
def test_the_same_base_is_fine_however_it_is_named(adapter: Make, named: str) -> None:
    given = read_given(adapter(names=named), HUB, None)
    assert given.base is not None
    assert given.base.verified
    assert given.base.named is None


@pytest.mark.parametrize(
    "named", ["Qwen/Qwen3-0.6B-Base", "/cache/models--Qwen--Qwen3-0.6B-Base/snapshots/0a", "unsloth/Qwen3-0.6B"]
)
def test_another_base_is_an_error_that_names_both_and_the_way_out(adapter: Make, named: str) -> None:
    path = adapter(names=named)
    way_out = rf"--\[behavior-\]on-base {named}, or "
    with pytest.raises(ModelError, match=rf"trained on {named}, .*model is Qwen/Qwen3-0.6B; .*{way_out}"):
        read_given(path, HUB, None)
    mine = read_given(path, HUB, "Qwen/Qwen3-0.6B")
    assert mine.base is not None
    assert (mine.base.named, mine.base.verified) == (None, True)
    assert f"as asked; it names {named}" in mine.says
    assert read_given(path, HUB, "Qwen/Qwen3-0.6B-Base").base.named == "Qwen/Qwen3-0.6B-Base"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "named",
    [
        "/data/models/tiny",
        "./base",
        "../base",
        "~/no such folder/base",
        "~nobody-of-that-name/base",
        "C:\\models\\base",
        "outputs/checkpoint-500",
        "exp/checkpoint_12",
        "base",
        "/kaggle/input/qwen-3/transformers/0.6b/1",
        None,
        "",
    ],
)
def test_a_base_that_is_not_here_is_judged_on_the_profiles_model_and_said_so(
    adapter: Make, folder: ModelFolder, named: str | None
) -> None:
    given = read_given(adapter(names=named), HUB, None)
    assert f"judged on {HUB.id}, not verified to be its base: it names {named or 'none'}" in given.says
    weights = judged(given, folder)
    assert weights.base == folder
    assert not weights.verified


def test_a_base_that_is_here_is_used(adapter: Make, copied: Make, folder: ModelFolder) -> None:
    other = copied("other")
    tensors = load_file(other / "model.safetensors")
    save_file({k: v * 0.5 for k, v in tensors.items()}, other / "model.safetensors", metadata={"format": "pt"})
    given = read_given(adapter(names=str(other)), HUB, None)
    assert f"judged on {other}, the base that it names" in given.says
    assert judged(given, folder).base == checked_model_folder(other)


def test_the_hubs_copy_decides_whether_a_local_model_is_the_one_that_is_named(
    adapter: Make, copied: Make, folder: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ModelSettings(id=str(copied("mine")), architecture={})
    path = adapter(names="someone/model")
    given = read_given(path, settings, None)
    assert given.base is not None
    assert not given.base.verified
    hub = tmp_path / "hub" / "models--someone--model"
    (hub / "refs").mkdir(parents=True)
    (hub / "refs" / "main").write_text("abc")
    shutil.copytree(folder.path, hub / "snapshots" / "abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    assert judged(read_given(path, settings, None), checked_model_folder(Path(settings.id))).verified
    weights = hub / "snapshots" / "abc" / "model.safetensors"
    whole = weights.read_bytes()
    weights.unlink()  # as where only the config was ever fetched
    assert not judged(read_given(path, settings, None), checked_model_folder(Path(settings.id))).verified
    weights.write_bytes(whole)
    save_file({k: v + 1 for k, v in load_file(weights).items()}, weights, metadata={"format": "pt"})
    with pytest.raises(ModelError, match="was trained on someone/model"):
        judged(read_given(path, settings, None), checked_model_folder(Path(settings.id)))


def test_the_same_weights_in_other_files_and_formats_have_one_fingerprint(copied: Make, tmp_path: Path) -> None:
    model = copied()
    whole = load_file(model / "model.safetensors")
    halves = {name: value.to(torch.bfloat16) for name, value in whole.items()}
    names = sorted(halves)
    parts, same, other = (tmp_path / name for name in ("parts", "same", "other"))
    for folder in (parts, same, other):
        folder.mkdir()
    for file, part in (("model-1.safetensors", names[:3]), ("model-2.safetensors", names[3:])):
        save_file({name: halves[name] for name in part}, parts / file)
    places = {n: f"model-{1 if n in names[:3] else 2}.safetensors" for n in names}
    (parts / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    save_file({"unused": torch.ones(1)}, parts / "consolidated.safetensors")
    save_file({n: v.to(torch.float32) for n, v in halves.items()}, same / "model.safetensors")
    save_file({n: v.to(torch.float32) + (n == names[0]) for n, v in halves.items()}, other / "model.safetensors")
    assert weights_fingerprint(parts) == weights_fingerprint(same) != weights_fingerprint(other)


def test_a_whole_model_needs_no_base(copied: Make, tiny: Profile, folder: ModelFolder) -> None:
    given = read_given(copied(), tiny.model, None)
    weights = given_weights(given, lambda: pytest.fail("asked for the base"), pytest.fail)
    assert weights.adapter is None
    assert weights.fingerprint == folder.fingerprint
    with pytest.raises(ModelError, match="no adapter but a model of its own"):
        read_given(given.path, tiny.model, "x/y")


def test_other_adapters_and_other_bases_have_other_fingerprints(
    adapter: Make, copied: Make, tiny: Profile, folder: ModelFolder
) -> None:
    other = checked_model_folder(copied("other", rope_theta=5.0))
    first = read_given(adapter(), tiny.model, None)
    found = {
        judged(first, folder).fingerprint,
        judged(first, other).fingerprint,
        judged(read_given(adapter("b", r=2), tiny.model, None), folder).fingerprint,
    }
    assert len(found) == 3


def test_the_head_of_the_run_and_its_facts_say_what_is_not_verified(
    adapter: Make, tiny: Profile, tmp_path: Path
) -> None:
    settings = replace(read_settings(tmp_path), profile="tiny", weights=(adapter(),))
    run = JudgingRun(settings, rerun=Rerun())
    bench = run.bench
    said = f"judged on {tiny.model.id}, not verified to be its base: it names /elsewhere/models/base, which is not here"
    assert run.header()[-1] == f"weights: {bench.weights_path}, a LoRA adapter, {said}"
    facts = run_facts(bench)
    assert (facts.base, facts.base_verified) == (said, False)
    assert facts.adapter is None  # the profile's settings are not this adapter's
    assert f"The adapter is {said}." in Run(facts, [], {}, []).closing_sentence
    meant = Workbench(tiny, bench.weights_path, tiny.model.id, progress=False)
    assert run_facts(meant).base_verified
    assert "The adapter is" not in Run(run_facts(meant), [], {}, []).closing_sentence
