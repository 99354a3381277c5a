"""Loading what was checked: tokenizer, model and adapter; and merging an adapter only where that changes nothing.

Whatever the three loaders throw is one `ModelError` with the folder: they raise errors of every kind.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model_state_dict
from safetensors import safe_open
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from sentiment.errors import ModelError, SentimentError, reason_of
from sentiment.models.adapter_fit import refuse_endless_patterns, resize_embeddings
from sentiment.models.attention import use_grouped_attention
from sentiment.models.checks import AdapterFolder, ModelFolder
from sentiment.models.folder_files import (
    ADAPTER_WEIGHTS,
    MODEL_CONFIG,
    chat_template_of,
    has_tokenizer,
    refuse_damaged,
    weight_files,
)
from sentiment.models.given import Weights
from sentiment.models.merging import MERGE_TOLERANCE, changed_by_merging, logits_of, merged


def load_tokenizer(folder: ModelFolder) -> PreTrainedTokenizerBase:
    """The folder's tokenizer. Raises `ModelError` when it cannot be read, `DamagedError` when it changed."""
    refuse_damaged(folder.path, weights=False)
    return _tokenizer_in(folder.path)


def tokenizer_of(weights: Weights) -> PreTrainedTokenizerBase:
    """The tokenizer that the weights were trained with: the adapter's own or its chat template, else the base's.

    Raises `ModelError` when it cannot be read, or is another base's where the base could not be verified.
    """
    if weights.adapter is None:
        return load_tokenizer(weights.base)
    if not has_tokenizer(weights.adapter.path):
        tokenizer = load_tokenizer(weights.base)
        tokenizer.chat_template = chat_template_of(weights.adapter.path) or tokenizer.chat_template
        return tokenizer
    tokenizer = _tokenizer_in(weights.adapter.path)
    if not weights.verified:
        own = tokenizer.get_vocab()
        other = next((t for t, i in load_tokenizer(weights.base).get_vocab().items() if own.get(t) != i), None)
        if other is not None:
            raise ModelError(
                f"{weights.adapter.path} was trained on another model than {weights.base.path}: its tokenizer does not "
                f"have the token {other!r} where that model's has it; name the right one with --[behavior-]on-base"
            )
    return tokenizer


def load_model(folder: ModelFolder, device: torch.device) -> PreTrainedModel:
    """The model with fp32 weights: the hub's bf16 would round small updates away.

    Raises `ModelError` when the folder's files are damaged (`DamagedError` in the cache), or when its tensors are
    not exactly those of its architecture.
    """
    model: Any = load_whole(AutoModelForCausalLM, folder)
    # published generation settings (temperature, penalties) would bend the greedy answer
    model.generation_config = GenerationConfig(eos_token_id=model.config.eos_token_id)
    if device.type == "cpu":
        use_grouped_attention(model)
    return model.to(device)


def load_whole(kind: Any, folder: ModelFolder) -> PreTrainedModel:
    """The folder's model in fp32, of a kind such as `AutoModelForCausalLM`.

    Raises `ModelError` when its tensors are not exactly those of its architecture, `DamagedError` in the cache.
    """
    refuse_damaged(folder.path)
    with quiet_loading(), _one_line(f"the model in {folder.path} cannot be loaded"):
        try:
            loaded: Any = kind.from_pretrained(
                folder.path,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        except RuntimeError:
            _name_other_shape(kind, folder.path)
            raise
    model, info = loaded
    for what, found in (("missing", info["missing_keys"]), ("not of this model", info["unexpected_keys"])):
        if found:  # the former would be filled with random numbers, the latter dropped
            raise ModelError(
                f"the weights in {folder.path} are not those of a {type(model).__name__}: "
                f"{min(found)} is {what}, {len(found)} in all"
            )
    return model


def load_scored(
    weights: Weights,
    device: torch.device,
    probe: Sequence[Sequence[int]],
    note: Callable[[str], None],
) -> PreTrainedModel:
    """The model to score with: the adapter, if any, merged into the base weights in fp32 (Q5.2).

    An adapter given by path is merged only where the logits of the `probe` rows (token ids) stay what they are;
    where they do not, the model keeps it apart, and `note` hears of it.
    """
    if weights.adapter is None:
        model = load_model(weights.base, device)
        _refuse_looking_ahead(model, probe, weights.path)
        return model
    adapted = load_adapted(weights.base, weights.adapter, device)
    if not weights.given:  # ours: compared when they were trained
        return merged(adapted)
    with _one_line(f"adapter {weights.adapter.path} cannot be asked on {weights.base.path}"):
        apart = [logits_of(adapted, row) for row in probe]
    if not all(bool(each.isfinite().all()) for each in apart):
        raise ModelError(f"adapter {weights.adapter.path} gives logits that are not finite")
    why = changed_by_merging(adapted, probe, apart)
    if why is None:
        return adapted.get_base_model()  # type: ignore[return-value]
    note(f"adapter {weights.adapter.path} is judged unmerged, which is slower: {why}")
    return load_adapted(weights.base, weights.adapter, device).get_base_model()  # type: ignore[return-value]


def load_adapted(base: ModelFolder, adapter: AdapterFolder, device: torch.device) -> PeftModel:
    """The base model with the adapter on top, as peft has it; added tokens resize the embedding.

    Raises `ModelError` when the adapter's tensors are not exactly those that its config asks for. Tensors of the
    base that it stores besides are taken from it, as peft does.
    """
    refuse_damaged(adapter.path)
    model = load_model(base, device)
    fits = f"adapter {adapter.path} does not fit {base.path}"
    with quiet_loading(), _one_line(fits):
        shapes = _shapes(adapter.path / ADAPTER_WEIGHTS)
        config = LoraConfig.from_pretrained(str(adapter.path))
        refuse_endless_patterns(adapter.path, config, model)
        resize_embeddings(model, shapes, config, fits)
        adapted = PeftModel.from_pretrained(model, str(adapter.path), config=config)
        # whether the embedding was resized is settled; peft would ask the hub
        wanted = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
    missing = wanted - shapes.keys()
    surplus = shapes.keys() - wanted - adapted.state_dict().keys()
    if missing or surplus:  # peft leaves what is missing untrained, which scores as the base model
        raise ModelError(
            f"{fits}: {len(missing)} tensors are missing and {len(surplus)} have no place, "
            f"first {min(missing | surplus)}"
        )
    return adapted


def check_vocabulary(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, where: Path) -> None:
    """Raise `ModelError` where the tokenizer has ids that the embedding has no row for."""
    embedding: Any = model.get_input_embeddings()
    rows, ids = embedding.weight.shape[0], max(tokenizer.get_vocab().values(), default=0) + 1
    if ids > rows:
        raise ModelError(
            f"{where}: the tokenizer has {ids} tokens and the embedding {rows} rows; save the resized embedding too "
            "(peft: save_embedding_layers=True), or the tokenizer of the model that was trained"
        )


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Silence, for a while, transformers' bars for every shard and its reports, whose content is an error of ours, and
    peft's warnings."""
    shown, level = transformers.utils.logging.is_progress_bar_enabled(), transformers.utils.logging.get_verbosity()
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")
            warnings.filterwarnings("ignore", message="Found missing adapter keys.*")  # an error of ours
            # merging is tried before it is trusted
            warnings.filterwarnings("ignore", message=".*tie_word_embeddings.*")
            yield
    finally:
        transformers.utils.logging.set_verbosity(level)
        if shown:
            transformers.utils.logging.enable_progress_bar()


@contextmanager
def _one_line(what: str) -> Iterator[None]:
    try:
        yield
    except SentimentError:
        raise
    except Exception as error:
        raise ModelError(f"{what}: {reason_of(error)}") from None


def _tokenizer_in(path: Path) -> PreTrainedTokenizerBase:
    if (path / MODEL_CONFIG).is_file():
        with _one_line(f"{path / MODEL_CONFIG} cannot be read"):
            AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False)
    with _one_line(f"the tokenizer in {path} cannot be read"):
        return AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)


def _name_other_shape(kind: Any, path: Path) -> None:
    """Raise `ModelError` where a tensor has another shape than the config gives it: transformers names none."""
    config = AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False)
    with torch.device("meta"):
        wanted = {n: tuple(v.shape) for n, v in kind.from_config(config).state_dict().items()}
    for file in weight_files(path):
        for name, shape in _shapes(path / file).items():
            if wanted.get(name, shape) != shape:
                raise ModelError(f"{path / file}: {name} has the shape {shape}, {MODEL_CONFIG} gives it {wanted[name]}")


def _shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor in a safetensors file."""
    with safe_open(file, framework="pt") as opened:
        return {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118


def _refuse_looking_ahead(model: PreTrainedModel, probe: Sequence[Sequence[int]], path: Path) -> None:
    """Raise `ModelError` where a token's logits depend on later ones: an encoder with a language model's head."""
    row = probe[0]
    with _one_line(f"the model in {path} cannot be asked"):
        seen, other = (logits_of(model, [*row[:-1], last])[:-1] for last in (row[-1], row[0]))
    if not torch.allclose(seen, other, atol=MERGE_TOLERANCE, equal_nan=True):
        raise ModelError(f"{path} is no causal language model: its answers to a text depend on what follows it")
