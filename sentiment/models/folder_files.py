"""The files of a model or adapter folder: their names, whether they are all there, and what they hold.

Weights are safetensors; where a folder has others instead, the error says so.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sentiment import cache
from sentiment.errors import DamagedError, ModelError, reason_of
from sentiment.files import digest_of, file_digest, parsed_json

MODEL_CONFIG = "config.json"
ADAPTER_CONFIG = "adapter_config.json"
MODEL_WEIGHTS = "model.safetensors"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
TOKENIZERS = (
    *("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt"),
    *("spiece.model", "sentencepiece.bpe.model"),
)
"""One of these makes a folder's tokenizer a whole one."""
PICKLED = ("pytorch_model*.bin", "adapter_model.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
_POINTER = b"version https://git-lfs"


def has_tokenizer(path: Path) -> bool:
    """Whether the folder has a whole tokenizer."""
    return any((path / name).is_file() for name in TOKENIZERS)


def chat_template_of(path: Path) -> str | None:
    """The chat template that a folder without a tokenizer holds, if any. Raises `ModelError` when unreadable."""
    template = path / "chat_template.jinja"
    if template.is_file():
        try:
            return template.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise ModelError(f"{template} cannot be read: {reason_of(error)}") from None
    for name in ("chat_template.json", "tokenizer_config.json"):
        if (path / name).is_file():
            found = json_object(path, name, "").get("chat_template")
            if isinstance(found, str):
                return found
    return None


def weight_files(path: Path) -> list[str]:
    """Names of the files that hold the model's tensors. Raises `ModelError` for an index that is none."""
    index = path / f"{MODEL_WEIGHTS}.index.json"
    if not index.is_file():
        return [MODEL_WEIGHTS]
    places = json_object(path, index.name, "").get("weight_map")
    if not isinstance(places, dict) or not places:
        raise ModelError(f"{index} has no weight_map; save the model again, or copy the whole folder")
    names = set(places.values())
    foreign = next((n for n in names if not isinstance(n, str) or Path(n).name != n), None)
    if foreign is not None:
        raise ModelError(f"{index}: weight_map leads to {foreign!r}, which is not a file of this folder")
    return sorted(names)


def folder_fingerprint(path: Path) -> str:
    """Hash of every file that can change an answer; taken from the marker where the cache wrote one."""
    entry = cache.read_entry(path)
    if entry is not None:
        digests = {name: facts["sha256"] for name, facts in entry.files.items() if _matters(name)}
    else:
        files = sorted(file for file in path.iterdir() if file.is_file() and _matters(file.name))
        digests = {file.name: file_digest(file) for file in files}
    return digest_of(digests)


def refuse_damaged(path: Path, *, weights: bool = True) -> None:
    """Raise `DamagedError` when a file of a finished cache folder is not what its marker says; of folders that the
    cache did not write nothing is known.

    Without `weights` only the small files are read.
    """
    entry = cache.read_entry(path)
    if entry is None:
        return
    files = {name: facts for name, facts in entry.files.items() if weights or not name.endswith(".safetensors")}
    damaged = cache.verify_entry(replace(entry, files=files))
    if damaged is not None:
        raise DamagedError(path, damaged)


def json_object(path: Path, name: str, why: str) -> dict[str, Any]:
    """What a JSON file of the folder holds.

    Raises `ModelError` when it is missing, for which `why` is said, cannot be read, or holds no object.
    """
    file = path / name
    try:
        refuse_pointer(file)
        found = parsed_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        _refuse_other_weights(path)
        raise ModelError(f"{path} has no {name}; {why}") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {reason_of(error)}") from None
    if not isinstance(found, dict):
        raise ModelError(f"{file} must hold a JSON object, got {type(found).__name__}")
    return found


def refuse_missing(path: Path, names: list[str]) -> None:
    """Raise `ModelError` when one of the weight files is not there, or is a Git LFS pointer."""
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        _refuse_other_weights(path)
        raise ModelError(f"{path} is incomplete: {missing[0]} is missing ({len(missing)} of {len(names)} weight files)")
    for name in names:
        refuse_pointer(path / name)


def refuse_pointer(file: Path) -> None:
    """Raise `ModelError` when the file is a Git LFS pointer."""
    with file.open("rb") as opened:
        if opened.read(len(_POINTER)) == _POINTER:
            raise ModelError(
                f"{file} is a Git LFS pointer, not the file itself; run `git lfs pull` where it was cloned"
            )


def _refuse_other_weights(path: Path) -> None:
    pickled = sorted(file.name for pattern in PICKLED for file in path.glob(pattern))
    if pickled:
        raise ModelError(
            f"{path} holds only pickled weights ({pickled[0]}), which can run code when read; "
            "save them with save_pretrained(..., safe_serialization=True)"
        )
    gguf = next(iter(sorted(path.glob("*.gguf"))), None)
    if gguf is not None:
        raise ModelError(f"{path} holds GGUF weights ({gguf.name}); save the model as safetensors in the hub's layout")


def _matters(name: str) -> bool:
    return name.endswith((".safetensors", ".json", ".jinja", ".txt", ".model")) and name not in (
        cache.MARKER,
        "generation_config.json",
        "record.json",
    )
