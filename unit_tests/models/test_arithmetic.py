"""Parameters and FLOPs by formula equal what is built and counted."""

from __future__ import annotations

import pytest

from sentiment.models.arithmetic import Derivation, Figures, Shape, step_flops
from sentiment.models.cost import counted_flops
from sentiment.models.method import methods_of
from sentiment.models.parameters import counted
from sentiment.profiles import AdapterSettings, builtin_profiles, load_profile
from sentiment.types import Approach


def test_the_derivation_for_qwen3_is_the_one_of_the_assignment() -> None:
    profile = load_profile("qwen3")
    found = Derivation.of(profile.model.architecture, profile.adapter)
    assert [(each.inputs, each.outputs) for each in found.projections] == [
        (1024, 2048), (1024, 1024), (1024, 1024), (2048, 1024),
    ]  # fmt: skip
    assert (found.per_layer, found.trainable, found.figures.total) == (81_920, 2_293_760, 596_049_920)
    assert found.percent == pytest.approx(0.385, abs=0.0005)
    assert "81,920 x 28 = 2,293,760" in "\n".join(found.lines())


@pytest.mark.parametrize("name", builtin_profiles())
@pytest.mark.parametrize("targets", ["attention", "all-linear"])
def test_the_derivation_is_what_peft_builds(name: str, targets: str) -> None:
    profile = load_profile(name).model_copy(update={"adapter": AdapterSettings(r=4, targets=targets)})
    found, built = Derivation.of(profile.model.architecture, profile.adapter), counted(profile)
    assert found.trainable == built[Approach.LORA].trainable
    assert found.figures.total == built[Approach.BASE].total


@pytest.mark.parametrize("name", ["qwen3", "smollm2"])
@pytest.mark.parametrize("approach", [Approach.SFT, Approach.LORA])
def test_the_formula_is_what_the_counter_counts(name: str, approach: Approach) -> None:
    """With eight of its layers: all are alike."""
    whole, shapes = load_profile(name), [Shape(rows=2, width=64, supervised=4), Shape(rows=1, width=200, supervised=2)]
    figures = {**whole.model.architecture, "num_hidden_layers": 8}
    profile = whole.model_copy(update={"model": whole.model.model_copy(update={"architecture": figures})})
    adapter = counted(profile)[Approach.LORA].trainable if approach is Approach.LORA else None
    formula = step_flops(Figures.of(profile.model.architecture), shapes, adapter)
    found = counted_flops(profile.model, methods_of(profile)[approach], shapes)
    assert found["forward"] == pytest.approx(formula["forward"], rel=2e-3)
    # the first layer's inputs need no gradient where nothing below them trains
    assert found["backward"] == pytest.approx(formula["backward"], rel=0.05)
    assert found["backward"] <= formula["backward"] * 1.002
