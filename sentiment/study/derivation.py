"""The adapter's parameters by hand (Q6), for the assignment's model and for the profile's own, held against peft."""

from __future__ import annotations

from dataclasses import dataclass

from sentiment.models.arithmetic import Derivation, Figures
from sentiment.models.base import architecture
from sentiment.models.parameters import counted
from sentiment.pipeline import Workbench
from sentiment.profiles import Profile, load_profile
from sentiment.types import Approach

TARGET = "qwen3"
"""The profile of the model that the assignment asks about."""


@dataclass(frozen=True)
class AdaptedLayer:
    """One linear layer of a block that gets an adapter."""

    name: str
    inputs: int
    outputs: int
    weights: int
    """Of the layer itself."""
    adapter: int
    """Weights of its adapter."""


@dataclass(frozen=True)
class ParameterParts:
    """Where a model's parameters are."""

    embedding: int
    linear: int
    norms: int


@dataclass(frozen=True)
class Derived:
    """The derivation for one model, and what peft builds of it."""

    model: str
    r: int
    figures: Figures
    parts: ParameterParts
    projections: tuple[AdaptedLayer, ...]
    per_layer: int
    """Trainable parameters of one block."""
    trainable: int
    total: int
    percent: float
    peft_trainable: int
    """As peft builds the adapter on the meta device."""
    built_total: int


@dataclass(frozen=True)
class DerivationFindings:
    """The derivation for the assignment's model, and for the profile's own where that is another."""

    models: tuple[Derived, ...]


def derivation(bench: Workbench) -> DerivationFindings:
    """The derivation for both models, and what peft builds on the meta device."""
    profiles = {profile.model.id: profile for profile in (load_profile(TARGET), bench.profile)}
    return DerivationFindings(tuple(_derived(profile) for profile in profiles.values()))


def _derived(profile: Profile) -> Derived:
    found = Derivation.of(architecture(profile.model).to_dict(), profile.adapter)
    figures, built, r = found.figures, counted(profile)[Approach.LORA], profile.adapter.r
    return Derived(
        model=profile.model.id,
        r=r,
        figures=figures,
        parts=ParameterParts(figures.embedding, figures.linear, figures.norms),
        projections=tuple(
            AdaptedLayer(each.name, each.inputs, each.outputs, each.weights, each.adapter(r))
            for each in found.projections
        ),
        per_layer=found.per_layer,
        trainable=found.trainable,
        total=figures.total,
        percent=found.percent,
        peft_trainable=built.trainable,
        built_total=built.total,
    )
