"""How many parameters a model has, and how many of them train."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from sentiment.models.base import architecture, untrained
from sentiment.models.method import methods_of
from sentiment.profiles import Profile
from sentiment.types import Approach


@dataclass(frozen=True)
class ParameterCount:
    """Sizes of a model (Q4.1)."""

    total: int
    """Parameters of the model without an adapter; shared ones counted once."""
    trainable: int
    percent: float
    """Trainable, in percent of the model without an adapter."""


def count_parameters(model: nn.Module) -> ParameterCount:
    """Total, trainable and percentage (Q4.1); adapter weights count as trainable, not as the model's own."""
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    total = sum(size for name, size in sizes.items() if "lora_" not in name)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return ParameterCount(total, trainable, 100 * trainable / total)


def counted(profile: Profile) -> dict[Approach, ParameterCount]:
    """Total, trainable and percentage of each approach (Q4.1), counted on the profile's architecture alone.

    On the meta device: nothing is downloaded or allocated.
    """
    found: dict[Approach, ParameterCount] = {}
    with torch.device("meta"):
        for approach, method in methods_of(profile).items():
            model = untrained(profile.model, architecture(profile.model))
            model.tie_weights()
            found[approach] = count_parameters(method.applied_to(model))
    return {Approach.BASE: ParameterCount(found[Approach.SFT].total, 0, 0.0), **found}
