"""The adapter's parameters by hand (Q6), for the assignment's model and for the profile's own, held against peft."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sentiment.arithmetic import Derivation
from sentiment.models.base import architecture
from sentiment.models.parameters import counted
from sentiment.pipeline import Workbench
from sentiment.profiles import Profile, load_profile
from sentiment.types import Approach

TARGET = "qwen3"
"""The profile of the model that the assignment asks about."""


def derivation(bench: Workbench) -> dict[str, Any]:
    """The derivation for both models, and what peft builds on the meta device."""
    profiles = {profile.model.id: profile for profile in (load_profile(TARGET), bench.profile)}
    return {"models": [_derived(profile) for profile in profiles.values()]}


def _derived(profile: Profile) -> dict[str, Any]:
    found = Derivation.of(architecture(profile.model).to_dict(), profile.adapter)
    built = counted(profile)[Approach.LORA]
    return {
        "model": profile.model.id,
        "r": profile.adapter.r,
        "figures": asdict(found.figures),
        "parts": {
            "embedding": found.figures.embedding,
            "linear": found.figures.linear,
            "norms": found.figures.norms,
        },
        "projections": [
            {**asdict(each), "weights": each.weights, "adapter": each.adapter(profile.adapter.r)}
            for each in found.projections
        ],
        "per_layer": found.per_layer,
        "trainable": found.trainable,
        "total": found.figures.total,
        "percent": found.percent,
        "peft_trainable": built.trainable,
        "built_total": built.total,
    }
