"""Why LoRA trains faster (Q7): one step of sft and one of lora on the same batch, taken apart."""

from __future__ import annotations

from typing import Any

from sentiment.models.cost import StepCost, step_cost
from sentiment.pipeline import Workbench
from sentiment.types import Approach

ORDER = (Approach.SFT, Approach.LORA, Approach.LORA, Approach.SFT)
"""A machine that gets slower while it is measured slows both."""


def cost(bench: Workbench) -> dict[str, Any]:
    """Time, arithmetic and memory of a step, per approach."""
    profile = bench.profile
    reviews = bench.training_rows[: profile.sft.train_batch_size]
    found: dict[Approach, StepCost] = {}
    for approach in ORDER:
        measured = step_cost(profile, approach, bench.base, reviews, profile.study.steps)
        found[approach] = found[approach].with_times_of(measured) if approach in found else measured
    return {
        "steps": ORDER.count(Approach.SFT) * profile.study.steps,
        "rank": profile.adapter.r,
        "approaches": {approach.value: each.as_dict() for approach, each in found.items()},
    }
