"""Model and adapter folders: what makes one usable, its fingerprint, and loading it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from peft import PeftModel, get_peft_model_state_dict
from safetensors import SafetensorError, safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from sentiment import cache
from sentiment.errors import ModelError
from sentiment.models.attention import use_grouped_attention

UNREADABLE = (OSError, ValueError, RuntimeError, SafetensorError)
PICKLED = ("pytorch_model*.bin", "adapter_model.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")


@dataclass(frozen=True)
class ModelFolder:
    """A folder with everything a causal language model needs: config, safetensors, tokenizer."""

    path: Path
    fingerprint: str


@dataclass(frozen=True)
class Weights:
    """A base model and, perhaps, an adapter on top of it."""

    base: ModelFolder
    adapter: Path | None
    fingerprint: str


def checked_model_folder(path: Path) -> ModelFolder:
    """The folder, once it is known to be whole and harmless.

    Raises `ModelError` when a file is missing, weights are pickled, or the model needs code of its own.
    """
    config = _json(path, "config.json", "a model folder needs one")
    if "auto_map" in config:
        raise ModelError(f"{path} wants to run code of its own (auto_map in config.json); that is never done")
    index = path / "model.safetensors.index.json"
    names = (
        sorted(set(_json(path, index.name, "")["weight_map"].values())) if index.is_file() else ["model.safetensors"]
    )
    _refuse_missing(path, names)
    if not any((path / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        raise ModelError(f"{path} has no tokenizer (tokenizer.json); save the tokenizer beside the model")
    return ModelFolder(path, folder_fingerprint(path))


def checked_adapter_folder(path: Path) -> Path:
    """A PEFT adapter folder, once it is known to be whole. Raises `ModelError` as for a model folder."""
    config = _json(path, "adapter_config.json", "an adapter folder needs one")
    if config.get("peft_type") != "LORA":
        raise ModelError(
            f"{path}: only LoRA adapters can be judged, adapter_config.json says {config.get('peft_type')!r}"
        )
    _refuse_missing(path, ["adapter_model.safetensors"])
    return path


def foreign_weights(path: Path, base: Callable[[], ModelFolder]) -> Weights:
    """Weights trained elsewhere: a model folder, or an adapter folder for `base`, asked for only then."""
    if not path.is_dir():
        raise ModelError(f"weights {path}: no such folder; give a model folder or a PEFT adapter folder")
    if (path / "adapter_config.json").is_file():
        adapter = checked_adapter_folder(path)
        below = base()
        return Weights(below, adapter, cache.digest_of([below.fingerprint, folder_fingerprint(adapter)]))
    folder = checked_model_folder(path)
    return Weights(folder, None, folder.fingerprint)


def folder_fingerprint(path: Path) -> str:
    """Hash of every file that can change an answer; taken from the marker where the cache wrote one."""
    entry = cache.read_entry(path)
    if entry is not None:
        digests = {name: facts["sha256"] for name, facts in entry.files.items() if _matters(name)}
    else:
        files = sorted(file for file in path.iterdir() if file.is_file() and _matters(file.name))
        digests = {file.name: cache.file_digest(file) for file in files}
    return cache.digest_of(digests)


def load_tokenizer(folder: ModelFolder) -> PreTrainedTokenizerBase:
    """The folder's tokenizer. Raises `ModelError` when it cannot be read."""
    try:
        return AutoTokenizer.from_pretrained(folder.path, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"the tokenizer in {folder.path} cannot be read: {_first_line(error)}") from None


def load_model(folder: ModelFolder, device: torch.device) -> PreTrainedModel:
    """The model with fp32 weights: the hub's bf16 would round small updates away.

    Raises `ModelError` when the folder's files are damaged.
    """
    entry = cache.read_entry(folder.path)
    damaged = cache.verify_entry(entry) if entry is not None else None
    if damaged is not None:
        (folder.path / cache.MARKER).unlink(missing_ok=True)
        raise ModelError(f"{folder.path / damaged} is damaged (its SHA-256 changed); run again to build it anew")
    try:
        with quiet_loading():
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                folder.path,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
    except UNREADABLE as error:
        raise ModelError(f"the model in {folder.path} cannot be loaded: {_first_line(error)}") from None
    model, info = loaded
    if info["missing_keys"]:  # they would be filled with random numbers
        missing = sorted(info["missing_keys"])
        raise ModelError(f"the weights in {folder.path} are incomplete: {missing[0]} is missing, {len(missing)} in all")
    # published generation settings (temperature, penalties) would bend the greedy answer
    model.generation_config = GenerationConfig(eos_token_id=model.config.eos_token_id)
    if device.type == "cpu":
        use_grouped_attention(model)
    return model.to(device)


def load_merged(weights: Weights, device: torch.device) -> PreTrainedModel:
    """The model to score with: the adapter, if any, merged into the base weights in fp32 (Q5.2)."""
    model = load_model(weights.base, device)
    if weights.adapter is None:
        return model
    try:
        with quiet_loading():
            adapted = PeftModel.from_pretrained(model, str(weights.adapter))
        with safe_open(weights.adapter / "adapter_model.safetensors", framework="pt") as file:
            given = set(file.keys())
    except UNREADABLE as error:
        raise ModelError(f"adapter {weights.adapter} does not fit {weights.base.path}: {_first_line(error)}") from None
    wanted = set(get_peft_model_state_dict(adapted))
    if given != wanted:  # peft leaves what is missing untrained, which scores as the base model
        raise ModelError(
            f"adapter {weights.adapter} does not fit {weights.base.path}: {len(wanted - given)} tensors are missing "
            f"and {len(given - wanted)} have no place, first {min(wanted ^ given)}"
        )
    return merged(adapted)


def merged(model: PeftModel) -> PreTrainedModel:
    """The base model with the adapter's product added to its weights; raises `ModelError` where not finite."""
    try:
        return model.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise ModelError(f"the adapter cannot be merged: {_first_line(error)}") from None


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Silence, for a while, transformers' bars for every shard and peft's warnings."""
    shown = transformers.utils.logging.is_progress_bar_enabled()
    transformers.utils.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")
            warnings.filterwarnings("ignore", message="Found missing adapter keys.*")  # an error of ours, below
            yield
    finally:
        if shown:
            transformers.utils.logging.enable_progress_bar()


def _matters(name: str) -> bool:
    return name.endswith((".safetensors", ".json", ".jinja", ".txt", ".model")) and name not in (
        cache.MARKER,
        "generation_config.json",
        "record.json",
    )


def _json(path: Path, name: str, why: str) -> dict:
    try:
        return json.loads((path / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        _refuse_pickles(path)
        raise ModelError(f"{path} has no {name}; {why}") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path / name} cannot be read: {_first_line(error)}") from None


def _refuse_missing(path: Path, names: list[str]) -> None:
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        _refuse_pickles(path)
        raise ModelError(f"{path} is incomplete: {missing[0]} is missing ({len(missing)} of {len(names)} weight files)")


def _refuse_pickles(path: Path) -> None:
    pickled = sorted(file.name for pattern in PICKLED for file in path.glob(pattern))
    if pickled:
        raise ModelError(
            f"{path} holds only pickled weights ({pickled[0]}), which can run code when read; "
            "save them with save_pretrained(..., safe_serialization=True)"
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
