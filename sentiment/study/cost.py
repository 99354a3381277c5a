"""Why LoRA trains faster (Q7): one step of sft and one of lora on the same batch, taken apart."""

from __future__ import annotations

from typing import Any

from sentiment.models.cost import step_cost
from sentiment.pipeline import Workbench
from sentiment.types import Approach


def cost(bench: Workbench) -> dict[str, Any]:
    """Time, arithmetic and memory of a step, per approach."""
    profile = bench.profile
    rows = profile.sft.train_batch_size
    reviews = bench.training_rows[:rows]
    found = {
        approach.value: step_cost(profile, approach, bench.base, reviews, profile.study.steps).as_dict()
        for approach in (Approach.SFT, Approach.LORA)
    }
    return {"steps": profile.study.steps, "rank": profile.adapter.r, "approaches": found}
