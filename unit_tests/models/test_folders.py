"""What is loaded is what was given: exactly its tensors, its tokenizer, and the answers of the unmerged adapter."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, BertConfig, BertLMHeadModel

from sentiment.errors import ModelError, PromptError
from sentiment.models.checks import ModelFolder, checked_model_folder
from sentiment.models.folders import check_vocabulary, load_model, load_scored, tokenizer_of
from sentiment.models.given import Weights, given_weights, read_given
from sentiment.models.tokens import Renderer
from sentiment.profiles import Profile
from sentiment.types import Prompt

Make = Callable[..., Path]
CPU = torch.device("cpu")
PROBE = [[5, 6, 7, 8, 9, 10], [300, 20, 301, 40]]


def silent(line: str) -> None:
    pass


def given(path: Path, tiny: Profile, folder: ModelFolder) -> Weights:
    return given_weights(read_given(path, tiny.model, None), lambda: folder, lambda named: pytest.fail(named))


def plain_logits(path: Path, base: Path, rows: int | None = None) -> torch.Tensor:
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    if rows is not None:
        model.resize_token_embeddings(rows, mean_resizing=False)
    adapted = PeftModel.from_pretrained(model, str(path)).eval()
    with torch.inference_mode():
        return adapted(input_ids=torch.tensor([PROBE[0]])).logits


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model.eval()(input_ids=torch.tensor([PROBE[0]])).logits


MERGED: dict[str, dict[str, Any]] = {
    "attention": {},
    "all linear layers": {"target_modules": "all-linear"},
    "by a pattern": {"target_modules": r".*\.1\..*(q|k)_proj"},
    "ranks of their own": {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"v_proj": 3}},
    "rank-stabilised": {"use_rslora": True},
    "weight-decomposed": {"use_dora": True},
    "one layer": {"layers_to_transform": [1]},
    "some tokens": {"trainable_token_indices": [5, 6, 7]},
    "a norm besides": {"modules_to_save": ["norm"]},
    "initialised from the base": {"init_lora_weights": "pissa"},
    "no task": {"task_type": None},
}
APART: dict[str, dict[str, Any]] = {
    "the tied head": {"target_modules": ["q_proj", "lm_head"]},
    "the tied embedding": {"target_modules": ["q_proj", "embed_tokens"]},
    "both, tied on purpose": {"target_modules": ["q_proj", "lm_head"], "ensure_weight_tying": True},
    "a bias that the layer lacks": {"lora_bias": True},
}


@pytest.mark.parametrize("settings", (MERGED | APART).values(), ids=(MERGED | APART).keys())
@pytest.mark.filterwarnings("ignore")
def test_answers_are_those_of_the_unmerged_adapter_in_plain_peft(
    settings: dict[str, Any], adapter: Make, tiny: Profile, folder: ModelFolder
) -> None:
    path, said = adapter(**settings), []
    model = load_scored(given(path, tiny, folder), CPU, PROBE, said.append)
    assert torch.allclose(logits(model), plain_logits(path, folder.path), atol=1e-3)
    assert not torch.allclose(logits(model), logits(load_model(folder, CPU)), atol=1e-1)
    apart = settings in APART.values()
    assert any("judged unmerged, which is slower" in line for line in said) is apart
    assert any("lora_" in name for name, _ in model.named_parameters()) is apart


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rows", [642, 565], ids=["two tokens more", "fewer rows"])
def test_the_embedding_gets_the_rows_that_the_adapter_stores(
    rows: int, adapter: Make, tiny: Profile, folder: ModelFolder
) -> None:
    path = adapter(rows=rows, save_embeddings=True)
    model = load_scored(given(path, tiny, folder), CPU, PROBE, silent)
    assert model.get_input_embeddings().weight.shape[0] == rows  # type: ignore[union-attr]
    assert torch.allclose(logits(model), plain_logits(path, folder.path, rows), atol=1e-3)


def test_rows_that_are_not_stored_are_refused_with_both_numbers(
    adapter: Make, tiny: Profile, folder: ModelFolder
) -> None:
    path = adapter(rows=642, target_modules=["q_proj", "embed_tokens"], save_embeddings=False)
    with pytest.raises(ModelError, match=r"trained with 642 embedding rows, the model has 640") as error:
        load_scored(given(path, tiny, folder), CPU, PROBE, silent)
    assert "\n" not in str(error.value)


def test_an_adapter_that_also_stores_unchanged_embeddings_is_accepted(
    adapter: Make, tiny: Profile, folder: ModelFolder
) -> None:
    plain, stored = adapter("plain", save_embeddings=False), adapter("stored", save_embeddings=True)
    assert len(load_file(stored / "adapter_model.safetensors")) > len(load_file(plain / "adapter_model.safetensors"))
    first, second = (load_scored(given(path, tiny, folder), CPU, PROBE, silent) for path in (plain, stored))
    assert torch.equal(logits(first), logits(second))


def test_the_hub_is_never_asked(adapter: Make, tiny: Profile, folder: ModelFolder, monkeypatch) -> None:
    def refused(*args: Any) -> None:
        raise AssertionError(f"asked the network: {args}")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    path = adapter(names="someone/model")
    weights = given_weights(read_given(path, tiny.model, tiny.model.id), lambda: folder, lambda named: folder)
    load_scored(weights, CPU, PROBE, silent)


def changed(path: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> Path:
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})
    return path.parent


def test_tensors_that_are_missing_or_foreign_are_named_and_never_random_numbers(
    copied: Make, adapter: Make, tiny: Profile, folder: ModelFolder
) -> None:
    model = changed(copied("less") / "model.safetensors", lambda t: t.pop("model.norm.weight"))
    with pytest.raises(ModelError, match=r"not those of a Qwen3ForCausalLM: model.norm.weight is missing, 1 in all"):
        load_model(checked_model_folder(model), CPU)
    more = changed(copied("more") / "model.safetensors", lambda t: t.update({"score.weight": torch.ones(2, 64)}))
    with pytest.raises(ModelError, match=r"score.weight is not of this model, 1 in all"):
        load_model(checked_model_folder(more), CPU)
    less = changed(adapter() / "adapter_model.safetensors", lambda t: t.pop(min(t)))
    with pytest.raises(ModelError, match=r"1 tensors are missing and 0 have no place"):
        load_scored(given(less, tiny, folder), CPU, PROBE, silent)
    head = {"base_model.model.score.weight": torch.ones(2, 64)}
    foreign = changed(adapter("head") / "adapter_model.safetensors", lambda t: t.update(head))
    with pytest.raises(ModelError, match=r"0 tensors are missing and 1 have no place, first \S+score.weight"):
        load_scored(given(foreign, tiny, folder), CPU, PROBE, silent)


def test_a_tensor_of_another_shape_than_the_config_gives_is_named(copied: Make) -> None:
    model = checked_model_folder(copied(vocab_size=100))
    with pytest.raises(
        ModelError, match=r"embed_tokens.weight has the shape \(640, 64\), config.json gives it \(100, 64\)"
    ):
        load_model(model, CPU)


def test_weights_that_are_not_finite_are_refused(adapter: Make, tiny: Profile, folder: ModelFolder) -> None:
    path = changed(adapter() / "adapter_model.safetensors", lambda t: t[min(t)].fill_(float("nan")))
    with pytest.raises(ModelError, match="not finite"):
        load_scored(given(path, tiny, folder), CPU, PROBE, silent)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"r": 0}, "does not fit"),
        ({"r": "8"}, "does not fit"),
        ({"r": 8}, "size mismatch"),
        ({"target_modules": ["nothing"]}, "nothing"),
        ({"target_modules": "(unclosed"}, "does not fit"),
        ({"modules_to_save": ["lm_head"]}, "does not fit"),
        ({"megatron_config": {"x": 1}, "megatron_core": "evil"}, "does not fit"),
    ],
)
def test_a_wrong_field_is_one_line_with_its_reason(
    adapter: Make, tiny: Profile, folder: ModelFolder, fields: dict[str, Any], said: str
) -> None:
    config = adapter() / "adapter_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **fields}))
    with pytest.raises(ModelError, match=said) as error:
        load_scored(given(config.parent, tiny, folder), CPU, PROBE, silent)
    assert "\n" not in str(error.value)
    assert not str(error.value).endswith(":")


def test_an_encoder_with_a_language_models_head_is_refused(folder: ModelFolder, tmp_path: Path, tiny: Profile) -> None:
    small = {"num_hidden_layers": 1, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16}
    BertLMHeadModel(BertConfig(vocab_size=640, initializer_range=0.5, **small)).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(folder.path).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="no causal language model: its answers to a text depend on what follows"):
        load_scored(given(tmp_path, tiny, folder), CPU, PROBE, silent)


@pytest.mark.parametrize("field", ["target_modules", "exclude_modules"])
def test_a_pattern_that_explodes_ends_with_one_line(
    adapter: Make, tiny: Profile, folder: ModelFolder, field: str, monkeypatch
) -> None:
    monkeypatch.setattr("sentiment.models.adapter_fit.PATTERN_SECONDS", 0.3)
    config = adapter() / "adapter_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), field: "(((a|[a-z_.0-9])+)+)+!"}))
    begin = time.monotonic()
    with pytest.raises(ModelError, match="matching the patterns .* takes more than 0.3 seconds"):
        load_scored(given(config.parent, tiny, folder), CPU, PROBE, silent)
    assert time.monotonic() - begin < 10


OTHER_TEMPLATE = "{% for m in messages %}USER {{ m['content'] }}\n{% endfor %}BOT:"


def test_a_chat_template_beside_the_adapter_is_used(adapter: Make, tiny: Profile, folder: ModelFolder) -> None:
    path = adapter()
    base = tokenizer_of(given(path, tiny, folder)).chat_template
    (path / "chat_template.jinja").write_text(OTHER_TEMPLATE)
    weights = given(path, tiny, folder)
    frame = Renderer(tokenizer_of(weights), 64).frame(Prompt("p", "Say: {review}"))
    assert (frame.head, frame.tail) == ("USER Say: ", "\nBOT:")
    assert base != OTHER_TEMPLATE
    assert "its own chat template" in read_given(path, tiny.model, None).says
    (path / "chat_template.jinja").unlink()
    (path / "tokenizer_config.json").write_text(json.dumps({"chat_template": OTHER_TEMPLATE}))
    assert tokenizer_of(given(path, tiny, folder)).chat_template == OTHER_TEMPLATE


def test_a_tokenizer_beside_the_adapter_is_used_and_has_to_fit(
    adapter: Make, tiny: Profile, folder: ModelFolder
) -> None:
    own = AutoTokenizer.from_pretrained(folder.path)
    own.add_tokens([f"<new-{i}>" for i in range(640)])
    path = adapter()
    own.save_pretrained(path)
    weights = given(path, tiny, folder)
    found = tokenizer_of(weights)
    assert len(found) == len(own) > 640
    model = load_scored(weights, CPU, PROBE, silent)
    with pytest.raises(ModelError, match=rf"the tokenizer has {len(own)} tokens and the embedding 640 rows"):
        check_vocabulary(model, found, path)


def test_another_models_tokenizer_is_another_base_where_that_could_not_be_verified(
    adapter: Make, tiny: Profile, folder: ModelFolder
) -> None:
    path = adapter()
    AutoTokenizer.from_pretrained(folder.path).save_pretrained(path)
    words = json.loads((path / "tokenizer.json").read_text())
    vocabulary = words["model"]["vocab"]
    first, second = sorted(vocabulary, key=vocabulary.get)[20:22]
    vocabulary[first], vocabulary[second] = vocabulary[second], vocabulary[first]
    (path / "tokenizer.json").write_text(json.dumps(words))
    with pytest.raises(ModelError, match=r"was trained on another model than .*--\[behavior-\]on-base"):
        tokenizer_of(given(path, tiny, folder))
    meant = given_weights(read_given(path, tiny.model, tiny.model.id), lambda: folder, lambda named: folder)
    assert tokenizer_of(meant).get_vocab()[first] == vocabulary[first]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"model": {"type": "BPE"}}'])
def test_a_tokenizer_that_cannot_be_read_is_one_line(copied: Make, content: str) -> None:
    model = copied()
    (model / "tokenizer.json").write_text(content)
    folder = checked_model_folder(model)
    with pytest.raises(ModelError, match="the tokenizer in .* cannot be read") as error:
        tokenizer_of(Weights(folder, None, "f"))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ 1 / 0 }}{{ messages[0].content }}", "refuses it"),
        ("{% include '/etc/passwd' %}{{ messages[0].content }}", "refuses it"),
        ("{% for", "refuses it"),
        ("{{ nothing.at.all }}", "refuses it"),
        ("{{ 'x' * 2000000 }}{{ messages[0].content }}", "makes 2,000,"),
    ],
)
def test_a_template_that_fails_is_one_line(tokenizer, template: str, said: str, folder: ModelFolder) -> None:
    own = AutoTokenizer.from_pretrained(folder.path)
    own.chat_template = template
    with pytest.raises((PromptError, ModelError), match=said) as error:
        Renderer(own, 64).frame(Prompt("p", "{review}"))
    assert "\n" not in str(error.value)


def test_a_template_that_never_ends_is_stopped(folder: ModelFolder, monkeypatch) -> None:
    monkeypatch.setattr("sentiment.models.tokens.TEMPLATE_SECONDS", 0.3)
    own = AutoTokenizer.from_pretrained(folder.path)
    loops = "{% for a in range(9999) %}" * 3
    own.chat_template = loops + "{% endfor %}" * 3 + "{{ messages[0].content }}"
    with pytest.raises(ModelError, match="chat template takes more than 0.3 seconds"):
        Renderer(own, 64).frame(Prompt("p", "{review}"))
