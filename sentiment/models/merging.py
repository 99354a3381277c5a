"""Merging an adapter into its base, and whether that moves the logits."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from peft import PeftModel
from torch import Tensor
from transformers import PreTrainedModel

from sentiment.errors import ModelError, reason_of

MERGE_TOLERANCE = 1e-2
"""Largest logit difference allowed between the merged and the unmerged model, in fp32."""


def merged(model: PeftModel) -> PreTrainedModel:
    """The base model with the adapter's product added to its weights; raises `ModelError` where not finite."""
    try:
        return model.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise ModelError(f"the adapter cannot be merged: {reason_of(error)}") from None


def changed_by_merging(adapted: PeftModel, probe: Sequence[Sequence[int]], apart: Sequence[Tensor]) -> str | None:
    """Merge the adapter, and say what that changed; None where it changed nothing."""
    try:
        with warnings.catch_warnings(action="ignore"):  # what they are about is measured here
            together = adapted.merge_and_unload(safe_merge=True)
    except Exception as error:  # kinds that peft cannot merge say so in errors of every kind
        return f"it cannot be merged ({reason_of(error)})"
    drift = max(float((logits_of(together, row) - each).abs().max()) for row, each in zip(probe, apart, strict=True))
    return None if drift <= MERGE_TOLERANCE else f"merging would move a logit by {drift:.2g}"


def logits_of(model: torch.nn.Module, row: Sequence[int]) -> Tensor:
    """(T, V), at every position of one row."""
    ids = torch.tensor([list(row)], device=next(model.parameters()).device)
    with torch.inference_mode():
        return model.eval()(input_ids=ids, use_cache=False).logits[0].float()
