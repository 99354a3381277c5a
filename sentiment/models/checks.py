"""What a model or adapter folder is, by its own words, before anything of it is loaded.

`config.json` and `adapter_config.json` decide: which class the weights belong to, whether they are quantized,
whether reading them would run or fetch code. A folder that is not a causal language model, or not an adapter of
one, is never read as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import ModelError
from sentiment.models.folder_files import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    MODEL_CONFIG,
    TOKENIZERS,
    folder_fingerprint,
    has_tokenizer,
    json_object,
    refuse_missing,
    refuse_pointer,
    weight_files,
)
from sentiment.paths import at_home

TASKS = {
    "SEQ_CLS": "sequence classification",
    "TOKEN_CLS": "token classification",
    "QUESTION_ANS": "question answering",
    "SEQ_2_SEQ_LM": "an encoder-decoder model",
    "FEATURE_EXTRACTION": "feature extraction",
}
"""peft's task types that are not a causal language model's."""
PLAIN_WAYS = ("eager", "sdpa", "flex_attention", "batched_mm", "grouped_mm")
"""Ways to compute attention and experts that transformers itself holds; others may be fetched as kernels."""
_DEEP = 2
"""Folders below a given one in which something that can be judged is looked for."""
_NAMED = 3
"""How many of those are named."""


@dataclass(frozen=True)
class ModelFolder:
    """A folder with everything a causal language model needs: config, safetensors, tokenizer."""

    path: Path
    fingerprint: str


@dataclass(frozen=True)
class AdapterFolder:
    """A folder with a LoRA adapter of a causal language model."""

    path: Path
    fingerprint: str
    trained_on: str | None
    """The base model that its config names: a hub id or a path, perhaps of another machine."""


def is_adapter(path: Path) -> bool:
    """Whether the folder holds an adapter, and no model of its own beside it.

    Raises `ModelError` where it holds both: loaders would silently take the adapter's base for the model.
    """
    if not (path / ADAPTER_CONFIG).is_file():
        return False
    if any(path.glob("model*.safetensors")):
        raise ModelError(f"{path} holds both a model ({MODEL_CONFIG}) and an adapter ({ADAPTER_CONFIG}); move one away")
    return True


def checked_model_folder(path: Path) -> ModelFolder:
    """The folder, once it is known to be whole, harmless and a causal language model's.

    Raises `ModelError` when a file is missing or a Git LFS pointer, weights are pickled or quantized, the
    architecture is another one, code would be run or fetched, or an adapter lies in it.
    """
    if is_adapter(path):
        raise ModelError(
            f"{path} holds an adapter, not a model; give it as weights, on the base that it was trained on"
        )
    config = json_object(path, MODEL_CONFIG, "a model folder needs one")
    refuse_code(path / MODEL_CONFIG, config)
    refuse_quantized(path, config)
    _refuse_other_architectures(path, config)
    refuse_incomplete(path)
    return ModelFolder(path, folder_fingerprint(path))


def checked_adapter_folder(path: Path) -> AdapterFolder:
    """The folder, once it is known to hold a whole LoRA adapter of a causal language model.

    Raises `ModelError` as for a model folder, and for adapters of another kind or task.
    """
    config = json_object(path, ADAPTER_CONFIG, "an adapter folder needs one")
    refuse_code(path / ADAPTER_CONFIG, config)
    kind, task = config.get("peft_type"), config.get("task_type")
    if kind != "LORA":
        raise ModelError(f"{path}: only LoRA adapters can be judged, {ADAPTER_CONFIG} says {kind!r}")
    if task not in (None, "CAUSAL_LM"):
        what = TASKS.get(str(task), "another task")
        raise ModelError(
            f"{path} is an adapter for {what} (task_type {task!r}); a causal language model's (CAUSAL_LM) is needed"
        )
    trained = (config.get("auto_mapping") or {}).get("base_model_class")
    if trained is not None and trained not in causal_architectures().values():
        raise ModelError(f"{path} is an adapter of a {trained}; one of a causal language model is needed")
    if config.get("alora_invocation_tokens"):
        raise ModelError(f"{path} is an activated LoRA (alora_invocation_tokens); that kind cannot be judged")
    refuse_missing(path, [ADAPTER_WEIGHTS])
    _check_tokenizer(path)
    named = config.get("base_model_name_or_path")
    if named is not None and not isinstance(named, str):
        raise ModelError(f"{path / ADAPTER_CONFIG}: base_model_name_or_path must be a text, got {named!r}")
    return AdapterFolder(path, folder_fingerprint(path), named or None)


def existing_folder(path: Path, what: str) -> Path:
    """The folder, once it is there and may be a model's or an adapter's.

    Raises `ModelError`, opening with `what`, when it is no folder, or one that only holds such folders: then it
    names them.
    """
    path = at_home(path)
    if path.is_file():
        raise ModelError(f"{what} {path} is a file; name its folder, {path.parent}")
    if not path.is_dir():
        raise ModelError(f"{what} {path}: no such folder; give a model folder or a PEFT adapter folder")
    if not (path / MODEL_CONFIG).is_file() and not (path / ADAPTER_CONFIG).is_file():
        below = _folders_below(path)
        if below:
            more = f" (and {len(below) - _NAMED} more)" if len(below) > _NAMED else ""
            raise ModelError(
                f"{what} {path} is neither a model nor an adapter, but holds some; name one: "
                f"{', '.join(map(str, below[:_NAMED]))}{more}"
            )
    return path


def read_config(path: Path) -> dict[str, Any]:
    """The folder's `config.json`, refused as by `checked_model_folder` where it is not a causal language model's."""
    config = json_object(path, MODEL_CONFIG, "a model folder needs one")
    refuse_code(path / MODEL_CONFIG, config)
    _refuse_other_architectures(path, config)
    return config


def causal_architectures() -> Mapping[str, str]:
    """Model type -> class of its causal language model, as transformers has them."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    return MODEL_FOR_CAUSAL_LM_MAPPING_NAMES


def _refuse_other_architectures(path: Path, config: Mapping[str, Any]) -> None:
    kind, named = config.get("model_type"), config.get("architectures")
    known = causal_architectures()
    wanted = known.get(kind) if isinstance(kind, str) else None
    if named:
        if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
            raise ModelError(f"{path / MODEL_CONFIG}: architectures must be a list of names, got {named!r}")
        if named != [wanted]:
            if "ForSequenceClassification" in named[0]:
                raise ModelError(
                    f"{path} is a {', '.join(named)} (a sequence classifier), not a causal language model; judge it as "
                    f"such: --[behavior-]subject mine=classifier:{path}"
                )
            raise ModelError(
                f"{path} is a {', '.join(named)}; only causal language models can be judged"
                + (f", for model_type {kind!r} that is {wanted}" if wanted else "")
            )
    elif wanted is None:
        raise ModelError(
            f"{path / MODEL_CONFIG}: model_type {kind!r} has no causal language model in the installed transformers"
        )


def refuse_quantized(path: Path, config: Mapping[str, Any]) -> None:
    """Raise `ModelError` where the folder says, in whatever way, that its weights are quantized."""
    told = config.get("quantization") or next((v for k, v in _fields(config) if k == "quantization_config" and v), None)
    beside = next((n for n in ("quantize_config.json", "quant_config.json") if (path / n).is_file()), None)
    if not told and beside is None:
        return
    facts = told if isinstance(told, Mapping) else {}
    method = facts.get("quant_method") or (beside or "of an unnamed kind")
    bits = facts.get("bits") or (4 if facts.get("load_in_4bit") else 8 if facts.get("load_in_8bit") else None)
    raise ModelError(
        f"{path} is quantized ({method}{f', {bits} bits' if bits else ''}); only plain safetensors weights can be "
        "judged: name the folder that it was made from, or save it after model.dequantize()"
    )


def refuse_code(file: Path, config: Any) -> None:
    """Raise `ModelError` for every field, at any depth, that would run or fetch code."""
    for key, value in _fields(config):
        if key == "auto_map" and value:
            raise ModelError(
                f"{file.parent} wants to run code of its own (auto_map in {file.name}); that is never done"
            )
        if key.endswith(("attn_implementation", "experts_implementation")):
            chosen = value.values() if isinstance(value, dict) else [value]
            foreign = next((each for each in chosen if each is not None and each not in PLAIN_WAYS), None)
            if foreign is not None:
                raise ModelError(f"{file}: {key} {foreign!r} may fetch code, which is never done; remove the field")
        if key in ("kernel_config", "use_kernels") and value:
            raise ModelError(f"{file}: {key} would fetch code, which is never done; remove the field")


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key of nested objects with its value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from one.items()
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def refuse_incomplete(path: Path) -> None:
    """Raise `ModelError` where weights or a tokenizer are missing, or the tokenizer would run code."""
    refuse_missing(path, weight_files(path))
    if not has_tokenizer(path):
        raise ModelError(f"{path} has no tokenizer (tokenizer.json); save the tokenizer beside the model")
    _check_tokenizer(path)


def _check_tokenizer(path: Path) -> None:
    """Raise `ModelError` where the tokenizer's files would run code, or are pointers."""
    if (path / "tokenizer_config.json").is_file():
        refuse_code(path / "tokenizer_config.json", json_object(path, "tokenizer_config.json", ""))
    for name in TOKENIZERS:
        if (path / name).is_file():
            refuse_pointer(path / name)


def _folders_below(path: Path) -> list[Path]:
    """Folders with a model or an adapter, the latest checkpoint first."""
    patterns = ["/".join(["*"] * depth) + f"/{name}" for depth in range(1, _DEEP + 1)
                for name in (MODEL_CONFIG, ADAPTER_CONFIG)]  # fmt: skip
    found = {file.parent for pattern in patterns for file in path.glob(pattern) if file.is_file()}
    return sorted(found, key=_checkpoint_last)


def _checkpoint_last(folder: Path) -> tuple[int, str]:
    step = folder.name.rpartition("-")[2]
    return -int(step) if step.isdecimal() else 0, str(folder)
