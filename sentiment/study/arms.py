"""One way of training in an experiment: a profile with its rendering, and often its seed, changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sentiment.pipeline import Workbench
from sentiment.predictors.stored import StoredPredictor
from sentiment.profiles import RenderingSettings
from sentiment.types import Approach, Review


@dataclass(frozen=True)
class Arm:
    """A way of training that is compared with others on the same rows."""

    name: str
    approach: Approach
    form: Literal["instruction", "raw", "raw-labelled"] = "instruction"
    wordings: int = 1
    consistency: float = 0.0

    def bench(self, bench: Workbench, seed: int) -> Workbench:
        """The workbench that trains this arm with that seed; reviews and base model are those of `bench`."""
        rendering = RenderingSettings(form=self.form, wordings=self.wordings, consistency=self.consistency)
        return bench.varied(seed=seed, rendering=rendering)

    def predictor(self, bench: Workbench, seed: int, rows: tuple[Review, ...]) -> StoredPredictor:
        """The trained arm; base is not trained."""
        own = self.bench(bench, seed)
        return own.predictor(self.approach) if self.approach is Approach.BASE else own.predictor(self.approach, rows)
