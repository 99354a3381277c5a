"""A way of training: every parameter, or an adapter alone."""

from __future__ import annotations

from dataclasses import dataclass

from peft import PeftModel
from transformers import PreTrainedModel

from sentiment.models.adapter import add_adapter
from sentiment.profiles import AdapterSettings, Profile, TrainingSettings
from sentiment.types import Approach


@dataclass(frozen=True)
class Method:
    """What is trained, and with which arguments."""

    training: TrainingSettings
    adapter: AdapterSettings | None
    """The adapter that is trained on the frozen model; None where every parameter is trained."""

    def applied_to(self, model: PreTrainedModel) -> PreTrainedModel | PeftModel:
        """The model, ready to be trained this way; an adapter is put into the model itself."""
        return model if self.adapter is None else add_adapter(model, self.adapter)


def methods_of(profile: Profile) -> dict[Approach, Method]:
    """The ways in which the profile trains: every approach but base."""
    return {
        Approach.SFT: Method(profile.sft, None),
        Approach.LORA: Method(profile.lora, profile.adapter),
    }
