"""What a folder is, by its own words: a model of another kind is never read as a language model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    GPT2Config,
    GPT2ForSequenceClassification,
    Qwen3ForSequenceClassification,
    T5Config,
    T5ForConditionalGeneration,
)

from sentiment import cache
from sentiment.errors import DamagedError, ModelError
from sentiment.models.base import architecture, base_model
from sentiment.models.checks import ModelFolder, checked_adapter_folder, checked_model_folder, existing_folder
from sentiment.models.folder_files import refuse_damaged
from sentiment.profiles import ModelSettings, Profile

Copied = Callable[..., Path]
SMALL = {"num_hidden_layers": 1, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 64}


def edited(file: Path, **fields: Any) -> Path:
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))
    return file.parent


def other_models() -> dict[str, Callable[[], Any]]:
    return {
        "GPT2ForSequenceClassification": lambda: GPT2ForSequenceClassification(
            GPT2Config(n_layer=1, n_embd=16, n_head=2, vocab_size=64)
        ),
        "BertForSequenceClassification": lambda: BertForSequenceClassification(BertConfig(**SMALL)),
        "BertForMaskedLM": lambda: BertForMaskedLM(BertConfig(**SMALL)),
        "T5ForConditionalGeneration": lambda: T5ForConditionalGeneration(
            T5Config(d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, vocab_size=64)
        ),
    }


@pytest.mark.parametrize("name", other_models())
def test_a_model_of_another_kind_is_named_and_refused(name: str, folder: ModelFolder, tmp_path: Path) -> None:
    other_models()[name]().save_pretrained(tmp_path)
    shutil.copy(folder.path / "tokenizer.json", tmp_path)
    with pytest.raises(ModelError, match=f"is a {name}.*(only causal language models|not a causal language model)"):
        checked_model_folder(tmp_path)


def test_a_classifier_with_the_same_body_is_refused_too(folder: ModelFolder, tmp_path: Path) -> None:
    Qwen3ForSequenceClassification.from_pretrained(folder.path).save_pretrained(tmp_path)
    shutil.copy(folder.path / "tokenizer.json", tmp_path)
    with pytest.raises(ModelError, match=r"a Qwen3ForSequenceClassification \(a sequence classifier\).*classifier:/"):
        checked_model_folder(tmp_path)


@pytest.mark.parametrize("named", [["Qwen3Model"], ["../evil.Evil"], ["Qwen3ForCausalLM", "Other"], "Qwen3ForCausalLM"])
def test_only_the_very_class_that_would_be_loaded_is_accepted(copied: Copied, named: Any) -> None:
    with pytest.raises(ModelError, match=r"only causal language models|must be a list"):
        checked_model_folder(copied(architectures=named))


def test_a_folder_without_the_word_is_accepted_by_its_model_type(copied: Copied) -> None:
    assert checked_model_folder(copied(architectures=None))
    with pytest.raises(ModelError, match="model_type 'vit' has no causal language model"):
        checked_model_folder(edited(copied("other") / "config.json", architectures=None, model_type="vit"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}, "bitsandbytes, 4 bits"),
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "gptq, 4 bits"),
        ({"quantization_config": {"quant_method": "fp8"}}, "fp8"),
        ({"quantization": {"group_size": 64, "bits": 4}}, "of an unnamed kind, 4 bits"),
        ({"text_config": {"quantization_config": {"quant_method": "awq"}}}, "awq"),
    ],
)
def test_quantized_weights_are_refused_by_their_kind(copied: Copied, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=rf"is quantized \({said}\); only plain safetensors"):
        checked_model_folder(copied(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_map": {"AutoModel": "evil.Evil"}},
        {"text_config": {"auto_map": {"AutoConfig": "evil.Evil"}}},
        {"attn_implementation": "owner/kernel"},
        {"_attn_implementation": "flash_attention_2"},
        {"text_config": {"attn_implementation": {"": "owner/kernel:name"}}},
        {"experts_implementation": "owner/experts"},
        {"use_kernels": True},
    ],
)
def test_nothing_in_a_config_runs_or_fetches_code(copied: Copied, fields: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="never done"):
        checked_model_folder(copied(**fields))
    with pytest.raises(ModelError, match="never done"):
        checked_model_folder(edited(copied("tokenizer") / "tokenizer_config.json", auto_map={"AutoTokenizer": ["e.E"]}))


@pytest.mark.parametrize("content", ["[]", '"auto"', "[" * 100_000, "{", ""])
def test_a_config_that_is_none_is_one_line(copied: Copied, content: str) -> None:
    model = copied()
    (model / "config.json").write_text(content)
    with pytest.raises(ModelError, match=r"config.json (cannot be read|must hold a JSON object)") as error:
        checked_model_folder(model)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["{}", "[]", '{"weight_map": {"a": "../../elsewhere.safetensors"}}'])
def test_an_index_leads_to_files_of_the_folder(copied: Copied, content: str) -> None:
    model = copied()
    (model / "model.safetensors.index.json").write_text(content)
    with pytest.raises(ModelError, match=r"weight_map|must hold"):
        checked_model_folder(model)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_pointer_is_not_the_file(copied: Copied, name: str) -> None:
    model = copied()
    (model / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(ModelError, match=f"{name} is a Git LFS pointer.*git lfs pull"):
        checked_model_folder(model)


def test_pickled_missing_and_foreign_files_are_named(copied: Copied, tmp_path: Path) -> None:
    model = copied("pickled")
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    with pytest.raises(ModelError, match="only pickled weights"):
        checked_model_folder(model)
    (model / "pytorch_model.bin").rename(model / "model.gguf")
    with pytest.raises(ModelError, match="GGUF"):
        checked_model_folder(model)
    (model / "model.gguf").unlink()
    with pytest.raises(ModelError, match=r"incomplete: model.safetensors"):
        checked_model_folder(model)
    bare = copied("bare")
    (bare / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="no tokenizer"):
        checked_model_folder(bare)


def test_the_folder_inside_that_is_meant_is_named(copied: Copied, tmp_path: Path) -> None:
    copied("outputs")
    (tmp_path / "outputs").rename(tmp_path / "checkpoint-500")
    (tmp_path / "runs").mkdir()
    for step in (500, 1000):
        shutil.copytree(tmp_path / "checkpoint-500", tmp_path / "runs" / f"checkpoint-{step}")
    with pytest.raises(ModelError, match=r"runs is neither .* name one: \S+checkpoint-1000, \S+checkpoint-500$"):
        existing_folder(tmp_path / "runs", "weights")
    with pytest.raises(ModelError, match="is a file; name its folder"):
        existing_folder(tmp_path / "checkpoint-500" / "config.json", "weights")
    with pytest.raises(ModelError, match="no such folder"):
        existing_folder(tmp_path / "absent", "weights")


def test_a_model_folder_with_an_adapter_left_in_it_is_refused(copied: Copied, adapter: Copied) -> None:
    model = copied()
    shutil.copy(adapter() / "adapter_config.json", model)
    with pytest.raises(ModelError, match="holds both a model .* and an adapter"):
        checked_model_folder(model)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"task_type": "SEQ_CLS"}, "an adapter for sequence classification"),
        ({"task_type": "TOKEN_CLS"}, "an adapter for token classification"),
        ({"task_type": None, "auto_mapping": {"base_model_class": "BertModel"}}, "an adapter of a BertModel"),
        ({"peft_type": "IA3"}, "only LoRA adapters"),
        ({"alora_invocation_tokens": [1, 2]}, "activated LoRA"),
        ({"base_model_name_or_path": 5}, "must be a text, got 5"),
    ],
)
def test_an_adapter_of_another_kind_is_named_and_refused(adapter: Copied, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        checked_adapter_folder(edited(adapter() / "adapter_config.json", **fields))


def test_a_changed_file_of_the_cache_is_found_before_it_is_used(copied: Copied, folder: ModelFolder, tmp_path) -> None:
    model = tmp_path / "cached"
    shutil.copytree(folder.path, model)
    refuse_damaged(model)
    with (model / "model.safetensors").open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff\xff\xff\xff")
    refuse_damaged(model, weights=False)
    with pytest.raises(DamagedError, match=r"model.safetensors is damaged"):
        refuse_damaged(model)
    cache.distrust(model)
    assert cache.read_entry(model) is None


def test_the_architecture_is_that_of_the_folder_where_the_model_is_one(copied: Copied, tiny: Profile) -> None:
    settings = ModelSettings(id=str(copied(intermediate_size=7)), architecture=tiny.model.architecture)
    assert architecture(settings).intermediate_size == 7
    assert architecture(tiny.model).intermediate_size == 128
    classifier = ModelSettings(id=str(copied("c", architectures=["Qwen3ForSequenceClassification"])), architecture={})
    with pytest.raises(ModelError, match="a sequence classifier"):
        architecture(classifier)
    with pytest.raises(ModelError, match=r"model /not/here: no such folder"):
        base_model(ModelSettings(id="/not/here", architecture={}))


@pytest.mark.parametrize("figures", [{"model_type": "qwen3", "vocab_size": "x"}, {"model_type": "../evil"}, {}])
def test_figures_that_are_none_are_one_line(figures: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=r"model.architecture of 'a/b'"):
        architecture(ModelSettings(id="a/b", architecture=figures))


def test_torch_is_not_asked_before_the_words_are_read() -> None:
    assert torch.__name__ not in checked_model_folder.__globals__
