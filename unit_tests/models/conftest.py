from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from sentiment import cache
from sentiment.models.base import base_model
from sentiment.models.checks import ModelFolder
from sentiment.models.folders import load_model, load_tokenizer
from sentiment.models.tokens import Renderer
from sentiment.profiles import Profile


@pytest.fixture(scope="session", name="folder")
def _folder(tiny: Profile) -> ModelFolder:
    return base_model(tiny.model, lambda line: None)


@pytest.fixture(scope="session", name="tokenizer")
def _tokenizer(folder: ModelFolder):
    return load_tokenizer(folder)


@pytest.fixture(scope="session", name="renderer")
def _renderer(tokenizer, tiny: Profile) -> Renderer:
    return Renderer(tokenizer, tiny.max_seq_length)


@pytest.fixture(name="model")
def _model(folder: ModelFolder):
    return load_model(folder, torch.device("cpu"))


@pytest.fixture(name="copied")
def _copied(folder: ModelFolder, tmp_path: Path) -> Callable[..., Path]:
    """Makes a foreign copy of the tiny model; keywords are fields of its config."""

    def copied(name: str = "model", **fields: Any) -> Path:
        target = tmp_path / name
        shutil.copytree(folder.path, target)
        (target / cache.MARKER).unlink()
        if fields:
            with_fields(target / "config.json", **fields)
        return target

    return copied


@pytest.fixture(name="adapter")
def _adapter(folder: ModelFolder, tmp_path: Path) -> Callable[..., Path]:
    """Makes a LoRA adapter of the tiny model, as peft saves one; keywords are `LoraConfig`'s.

    `names`: the base that it names; `rows`: embedding rows of the model that it was trained on.
    """

    def adapter(
        name: str = "adapter",
        *,
        base: Path | None = None,
        names: str | None = "/elsewhere/models/base",
        rows: int | None = None,
        save_embeddings: bool | str = "auto",
        **settings: Any,
    ) -> Path:
        target = tmp_path / name
        model = AutoModelForCausalLM.from_pretrained(base or folder.path, dtype=torch.float32)
        if rows is not None:
            model.resize_token_embeddings(rows, mean_resizing=False)
        torch.manual_seed(1)
        config = LoraConfig(**{"r": 4, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM", **settings})
        adapted = get_peft_model(model, config)
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                parameter.data += 0.3 * torch.randn_like(parameter)
        adapted.save_pretrained(str(target), save_embedding_layers=save_embeddings)
        return with_fields(target / "adapter_config.json", base_model_name_or_path=names).parent

    return adapter


def with_fields(file: Path, **fields: Any) -> Path:
    """The JSON file with other fields."""
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))
    return file
