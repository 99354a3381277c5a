"""A random model serves wherever a real one would."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.random_model import write_random_model
from sentiment.errors import ModelError
from sentiment.models.base import base_model
from sentiment.models.folders import load_tokenizer
from sentiment.models.tiny import tiny_tokenizer
from sentiment.models.tokens import Renderer
from sentiment.profiles import ModelSettings, Profile
from sentiment.types import Query


def test_a_random_model_is_a_folder_that_a_profile_can_name(tiny: Profile, tmp_path: Path) -> None:
    count = write_random_model(tiny.model, tiny_tokenizer(640), tmp_path / "random")
    own = ModelSettings(id=str(tmp_path / "random"), architecture=tiny.model.architecture)
    folder = base_model(own)
    renderer = Renderer(load_tokenizer(folder), tiny.max_seq_length, needs_think_block=True)
    assert count == 640 * 64 + 2 * (64 * (64 + 32 + 32) + 64 * 64 + 3 * 64 * 128 + 2 * 64 + 2 * 16) + 64
    assert renderer.encode([Query(tiny.house_prompt, "Fine.")])[0].ids


def test_a_tokenizer_larger_than_the_architecture_is_refused(tiny: Profile, tmp_path: Path) -> None:
    small = tiny.model.model_copy(update={"architecture": {**tiny.model.architecture, "vocab_size": 300}})
    with pytest.raises(ModelError, match="tokens, the architecture 300"):
        write_random_model(small, tiny_tokenizer(640), tmp_path)
