"""Why LoRA trains faster (Q7): one step of sft and one of lora on the same batch, taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from sentiment.models.cost import StepCost, step_cost
from sentiment.pipeline import Workbench
from sentiment.types import Approach

ORDER = (Approach.SFT, Approach.LORA, Approach.LORA, Approach.SFT)
"""A machine that gets slower while it is measured slows both."""


@dataclass(frozen=True)
class StepTime(StepCost):
    """A step's cost, with what its time comes to."""

    seconds: Mapping[str, float]
    """Median over the timed steps, by part."""
    step: float
    """Seconds of a whole step."""

    @staticmethod
    def of(cost: StepCost) -> StepTime:
        """From the times of all steps."""
        seconds = {part: median(times) for part, times in cost.times.items()}
        return StepTime(**vars(cost), seconds=seconds, step=sum(seconds.values()))


@dataclass(frozen=True)
class CostFindings:
    """Time, arithmetic and memory of a step."""

    steps: int
    """Timed, per approach."""
    rank: int
    """Of the adapter."""
    approaches: Mapping[str, StepTime]


def cost(bench: Workbench) -> CostFindings:
    """Time, arithmetic and memory of a step, per approach."""
    profile = bench.profile
    reviews = bench.training_rows[: profile.sft.train_batch_size]
    found: dict[Approach, StepCost] = {}
    for approach in ORDER:
        measured = step_cost(profile, approach, bench.base, reviews, profile.study.steps)
        found[approach] = found[approach].with_times_of(measured) if approach in found else measured
    return CostFindings(
        steps=ORDER.count(Approach.SFT) * profile.study.steps,
        rank=profile.adapter.r,
        approaches={approach.value: StepTime.of(each) for approach, each in found.items()},
    )
