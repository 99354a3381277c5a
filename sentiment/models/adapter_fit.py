"""Making room for an adapter: what its config asks of a model, before peft does as it says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from peft import LoraConfig
from transformers import PreTrainedModel

from sentiment.errors import ModelError
from sentiment.models.limit import time_limit

PATTERN_SECONDS = 10
"""Time that all patterns of an adapter's config may take on all module names."""


def refuse_endless_patterns(path: Path, config: LoraConfig, model: PreTrainedModel) -> None:
    """Match every pattern of the config against every module's name, as peft is about to, within a time limit."""
    names = [name for name, _ in model.named_modules()]
    whole = [each for each in (config.target_modules, config.exclude_modules) if isinstance(each, str)]
    parts = [*(config.modules_to_save or ()), *(config.rank_pattern or ()), *(config.alpha_pattern or ())]
    patterns = [*whole, *(rf"(.*\.)?({part})($|\..*)" for part in parts)]
    with time_limit(PATTERN_SECONDS, f"matching the patterns of {path}"):
        for pattern in patterns:
            for name in names:
                re.fullmatch(pattern, name)


def resize_embeddings(
    model: PreTrainedModel, shapes: Mapping[str, tuple[int, ...]], config: LoraConfig, fits: str
) -> None:
    """Give the embedding as many rows as the adapter stores. Raises `ModelError` where it stores only some of them."""
    names = {id(module): name for name, module in model.named_modules()}
    ends: list[Any] = [end for end in (model.get_input_embeddings(), model.get_output_embeddings()) if end is not None]
    rows = ends[0].weight.shape[0]
    stored = [_rows(shapes, f"base_model.model.{names[id(end)]}", (".weight", ".base_layer.weight"), 0) for end in ends]
    adapted = [
        _rows(shapes, f"base_model.model.{names[id(end)]}", (suffix,), place)
        for end, suffix, place in zip(ends, (".lora_embedding_A", ".lora_B.weight"), (1, 0), strict=False)
    ]
    asked = {count for count in (*stored, *adapted) if count is not None and count != rows}
    if not asked:
        return
    if len(asked) > 1 or rows in (*stored, *adapted):
        raise ModelError(f"{fits}: it has embeddings of {' and '.join(map(str, sorted({*asked, rows})))} rows")
    (count,) = asked
    tied = len(ends) > 1 and ends[0].weight is ends[1].weight and not {"lm_head", "embed_tokens"} & {
        each.rpartition(".")[2] for each in config.modules_to_save or ()
    }  # fmt: skip
    if not (any(stored) if tied else all(stored)):
        raise ModelError(
            f"{fits}: it was trained with {count} embedding rows, the model has {rows}, and the new rows are not "
            "stored; save them with the adapter (save_embedding_layers=True)"
        )
    model.resize_token_embeddings(count, mean_resizing=False)


def _rows(shapes: Mapping[str, tuple[int, ...]], module: str, suffixes: Sequence[str], place: int) -> int | None:
    return next((shapes[module + suffix][place] for suffix in suffixes if module + suffix in shapes), None)
