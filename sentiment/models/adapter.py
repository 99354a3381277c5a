"""The low-rank adapter."""

from __future__ import annotations

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel

from sentiment.models.dropout import cheapen_dropout
from sentiment.models.folders import quiet_loading
from sentiment.profiles import AdapterSettings

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]


def add_adapter(model: PreTrainedModel, settings: AdapterSettings) -> PeftModel:
    """The model with a fresh low-rank adapter (Q5.1); only the adapter trains."""
    targets: list[str] | str = ATTENTION if settings.targets == "attention" else "all-linear"
    config = LoraConfig(
        r=settings.r,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        bias="none",
        task_type="CAUSAL_LM",
    )
    with quiet_loading():
        adapted = get_peft_model(model, config)
    cheapen_dropout(adapted)
    return adapted
