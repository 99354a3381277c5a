"""Where models come from: local folders in the hub's layout work, an unreachable hub says what to do."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
import torch

from sentiment.errors import DeviceError, ModelError
from sentiment.models.base import base_model
from sentiment.models.checks import ModelFolder
from sentiment.models.device import device_of, fitting_budget, precision_of, ran_out_of_memory
from sentiment.profiles import ModelSettings, Profile, load_profile


def test_a_local_folder_serves_in_place_of_the_hub(folder: ModelFolder, tiny: Profile) -> None:
    settings = ModelSettings(id=str(folder.path), source="hub", architecture=tiny.model.architecture)
    assert base_model(settings) == folder


def test_an_unreachable_hub_is_one_line_at_once_with_a_remedy(tiny: Profile) -> None:
    settings = load_profile("qwen3").model
    begin = time.perf_counter()
    with pytest.raises(ModelError, match=r"'Qwen/Qwen3-0.6B'.*local folder.*--profile smollm2"):
        base_model(settings)
    assert time.perf_counter() - begin < 5


def test_the_tiny_model_is_the_same_every_time(folder: ModelFolder, tiny: Profile, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    again = base_model(tiny.model, lambda line: None)
    assert again.path != folder.path
    assert again.fingerprint == folder.fingerprint


@pytest.mark.parametrize(
    "wrong",
    [{"model_type": "../evil"}, {"vocab_size": "x"}, {"hidden_size": -5}, {"num_attention_heads": 0},
     {"hidden_size": 10**30}, {"num_hidden_layers": "2"}],
    ids=str,
)  # fmt: skip
def test_figures_that_make_no_model_are_one_line(tiny: Profile, tmp_path, monkeypatch, wrong: dict) -> None:
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    settings = tiny.model.model_copy(update={"architecture": {**tiny.model.architecture, **wrong}})
    with pytest.raises(ModelError, match=r"^model.architecture of 'tiny-random-qwen3'") as error:
        base_model(settings, lambda line: None)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.glob("models/*/complete.json"))


def test_hardware_that_is_not_there_is_refused_with_a_remedy() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(DeviceError, match="no CUDA device; use --profile smollm2"):
        device_of(load_profile("qwen3"))
    with pytest.raises(DeviceError, match="fp16"):
        precision_of("fp16", torch.device("cpu"))
    assert precision_of("fp32", torch.device("cpu")) == "fp32"


@pytest.mark.parametrize(("gibibytes", "expected"), [(14.7, 1024), (15, 1024), (80, 5461)])
def test_a_larger_gpu_computes_more_tokens_at_once(monkeypatch, gibibytes: float, expected: int) -> None:
    facts = SimpleNamespace(total_memory=int(gibibytes * 2**30))
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: facts)
    assert fitting_budget(1024, torch.device("cuda")) == expected
    assert fitting_budget(1024, torch.device("cpu")) == 1024


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("Tried to allocate 2 GiB"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
    ],
)
def test_what_says_that_memory_ran_out(error: RuntimeError, expected: bool) -> None:
    assert ran_out_of_memory(error) is expected
