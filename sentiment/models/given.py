"""Weights given by path: which base an adapter belongs to, and what the head of the run says about it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import try_to_load_from_cache

from sentiment import cache
from sentiment.errors import DataError, ModelError
from sentiment.models.checks import (
    AdapterFolder,
    ModelFolder,
    checked_adapter_folder,
    checked_model_folder,
    existing_folder,
    is_adapter,
)
from sentiment.models.folder_files import MODEL_CONFIG, chat_template_of, has_tokenizer, weight_files
from sentiment.paths import at_home
from sentiment.profiles import ModelSettings

GIVEN_VERSION = 2
"""Raised by hand when a change could alter what an adapter given by path answers."""
_HUB = "https://huggingface.co/"
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_IN_HUB_CACHE = re.compile(r"models--([\w.-]+?)--([\w.-]+)")
_FOLDERS = {"checkpoints", "data", "models", "out", "output", "outputs", "results", "runs", "tmp", "weights"}
"""First parts of relative paths that look like a hub id and are none."""


@dataclass(frozen=True)
class Weights:
    """A base model and, perhaps, an adapter on top of it."""

    base: ModelFolder
    adapter: AdapterFolder | None
    fingerprint: str
    given: bool = False
    """By path: whether merging keeps the answers is looked at before it is trusted."""
    verified: bool = True
    """Whether the adapter is known to be trained on this base."""

    @property
    def path(self) -> Path:
        """The folder that training wrote or the user gave."""
        return self.adapter.path if self.adapter else self.base.path


@dataclass(frozen=True)
class Base:
    """The model that an adapter is judged on."""

    named: str | None
    """A folder or hub id; None: the profile's model."""
    verified: bool
    says: str
    """In words, for the head of the run."""
    same_as: Path | None = None
    """A folder of the hub's cache whose weights the profile's model has to have."""


@dataclass(frozen=True)
class Given:
    """What lies in a folder given by path, read but not loaded."""

    path: Path
    model: ModelFolder | None
    adapter: AdapterFolder | None = None
    base: Base | None = None

    @property
    def says(self) -> str:
        """What is judged, in words."""
        if self.base is None or self.adapter is None:
            return f"{self.path}, a whole model"
        own = "tokenizer" if has_tokenizer(self.path) else "chat template" if chat_template_of(self.path) else None
        return f"{self.path}, a LoRA adapter{f' with its own {own}' if own else ''}, {self.base.says}"


def read_given(path: Path, settings: ModelSettings, on_base: str | None) -> Given:
    """What the folder holds and, for an adapter, which base it is judged on; by words alone, nothing is loaded.

    `on_base` is what the user says the base is: a folder, a hub id, or the profile's `model.id`. Raises `ModelError`
    when the folder cannot be judged, or names another base than the profile's.
    """
    folder = existing_folder(path, "weights")
    if not is_adapter(folder):
        if on_base is not None:
            raise ModelError(
                f"--[behavior-]on-base {on_base}: {folder} is no adapter but a model of its own; leave the option out"
            )
        return Given(folder, checked_model_folder(folder))
    adapter = checked_adapter_folder(folder)
    return Given(folder, None, adapter, _base_of(adapter, settings, on_base))


def given_weights(given: Given, own: Callable[[], ModelFolder], other: Callable[[str], ModelFolder]) -> Weights:
    """The weights to load: `own()` is the profile's model, `other(folder or hub id)` any other one.

    Raises `ModelError` when the base cannot be used, or turns out to be another model than the adapter's.
    """
    if given.adapter is None or given.base is None:
        assert given.model is not None
        return Weights(given.model, None, given.model.fingerprint, given=True)
    base = own() if given.base.named is None else other(given.base.named)
    if given.base.same_as is not None and weights_fingerprint(base.path) != weights_fingerprint(given.base.same_as):
        raise _another_base(given.adapter, str(base.path))
    fingerprint = cache.digest_of([base.fingerprint, given.adapter.fingerprint, GIVEN_VERSION])
    return Weights(base, given.adapter, fingerprint, given=True, verified=given.base.verified)


def weights_fingerprint(path: Path) -> str:
    """Hash of the folder's tensors as fp32 values, whatever their files, order and number format; a tensor that is
    stored twice, as tied embeddings may be, counts once."""
    import torch
    from safetensors import safe_open

    digests = set()
    for file in weight_files(path):
        with safe_open(path / file, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118  (not a dict)
                values = opened.get_tensor(name).to(torch.float32).contiguous()
                digests.add(f"{tuple(values.shape)} {hashlib.sha256(values.numpy().data).hexdigest()}")
    return cache.digest_of(sorted(digests))


def _base_of(adapter: AdapterFolder, settings: ModelSettings, on_base: str | None) -> Base:
    """The base to judge the adapter on. Raises `ModelError` where the profile's is another one than it names."""
    named = adapter.trained_on
    if on_base is not None:
        asked = f"judged on {on_base} as asked; it names {named or 'no base'}"
        return Base(None if on_base == settings.id else on_base, True, asked)
    unknown = f"judged on {settings.id}, not verified to be its base: it names"
    if named is None:
        return Base(None, False, f"{unknown} none")
    if _is_here(named):
        return Base(named, True, f"judged on {named}, the base that it names")
    wanted, mine = _hub_id(named), _profile_id(settings)
    if wanted is None:
        return Base(None, False, f"{unknown} {named}, which is not here")
    if mine is None:
        cached = _in_hub_cache(wanted)
        if cached is None:
            return Base(None, False, f"{unknown} {named}, which is not here")
        return Base(None, True, f"judged on {settings.id}, which has the weights of {named}", cached)
    if wanted.casefold() != mine.casefold():
        raise _another_base(adapter, settings.id)
    return Base(None, True, f"judged on {settings.id}, the base that it names")


def _another_base(adapter: AdapterFolder, judged: str) -> ModelError:
    return ModelError(
        f"adapter {adapter.path} was trained on {adapter.trained_on}, and the profile's model is {judged}; name the "
        f"base that is meant: --[behavior-]on-base {adapter.trained_on}, or --[behavior-]on-base {judged}"
    )


def _in_hub_cache(name: str) -> Path | None:
    """The folder of the hub's cache with that model's weights, where all of them are there."""
    config = try_to_load_from_cache(name, MODEL_CONFIG)
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    return folder if all((folder / file).is_file() for file in weight_files(folder)) else None


def _is_here(named: str) -> bool:
    with suppress(DataError):  # another machine's `~name`
        return at_home(named).is_dir()
    return False


def _profile_id(settings: ModelSettings) -> str | None:
    """What the profile's model is called; None for a folder that does not tell."""
    if settings.source == "hub" and at_home(settings.id).is_dir():
        return _hub_id(settings.id)
    return settings.id


def _hub_id(name: str) -> str | None:
    """The hub id that is written there, or that a path into the hub's cache tells; None for other paths."""
    cached = _IN_HUB_CACHE.search(name)
    if cached is not None:
        return f"{cached[1]}/{cached[2]}"
    bare = name.removeprefix(_HUB).rstrip("/") if name.startswith(_HUB) else name
    first, _, last = bare.partition("/")
    is_folder = first.casefold() in _FOLDERS or re.fullmatch(r"checkpoint[-_]\d+", last) is not None
    return bare if _HUB_ID.fullmatch(bare) and not is_folder else None
