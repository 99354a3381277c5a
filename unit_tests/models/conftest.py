from __future__ import annotations

import pytest
import torch

from sentiment.models.base import base_model
from sentiment.models.folders import ModelFolder, load_model, load_tokenizer
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
