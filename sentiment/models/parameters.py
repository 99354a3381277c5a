"""Sizes of a profile's model, counted on its architecture alone: nothing is downloaded or allocated."""

from __future__ import annotations

import torch
from transformers import AutoModelForCausalLM

from sentiment.models.base import architecture
from sentiment.models.train import ParameterCount, add_adapter, count_parameters
from sentiment.profiles import Profile
from sentiment.types import Approach


def counted(profile: Profile) -> dict[Approach, ParameterCount]:
    """Total, trainable and percentage of each approach (Q4.1), on the meta device."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(architecture(profile.model))
        model.tie_weights()
        whole = count_parameters(model)
        adapted = count_parameters(add_adapter(model, profile.adapter))
    return {
        Approach.BASE: ParameterCount(whole.total, 0, 0.0),
        Approach.SFT: whole,
        Approach.LORA: adapted,
    }
