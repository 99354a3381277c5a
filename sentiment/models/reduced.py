"""The model that takes the first look at a query, in a reduced number format."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel

from sentiment.models.device import DTYPES


@dataclass(frozen=True)
class FirstLook:
    """A model in a reduced number format, and how far its answers are to be trusted."""

    model: PreTrainedModel
    near_tie: float
    """Logit margin below which a row is looked at again in fp32."""


NEAR_TIE = {("cpu", "bf16"): 0.75, ("cuda", "bf16"): 1.5, ("cuda", "fp16"): 0.25}
"""By device and format, `FirstLook.near_tie`. `python -m benchmarks.near_ties` shows how far margins move."""


def first_look(model: PreTrainedModel, precision: str) -> FirstLook:
    """A copy of the fp32 model in `precision`.

    On a CPU only the matrix products inside the layers are reduced: they are most of the work, while all
    else costs no more in fp32 and keeps margins two to three times closer to exact ones. On a GPU everything is.
    """
    device = model.device.type
    reduced: Any = copy.deepcopy(model)
    if device == "cpu":
        _reduce_products(reduced, DTYPES[precision])
    else:
        reduced.to(DTYPES[precision])
    return FirstLook(reduced, NEAR_TIE[device, precision])


class _ReducedLinear(nn.Module):
    """A linear layer that multiplies in a reduced format; fp32 outside."""

    def __init__(self, exact: nn.Linear, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight = nn.Parameter(exact.weight.detach().to(dtype), requires_grad=False)
        self.bias = exact.bias

    def forward(self, input: Tensor) -> Tensor:
        """(..., in) -> (..., out)"""
        product = F.linear(input.to(self.weight.dtype), self.weight).float()
        return product if self.bias is None else product + self.bias


def _reduce_products(model: PreTrainedModel, dtype: torch.dtype) -> None:
    head = model.get_output_embeddings()  # one position per row: not worth its rounding
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear) and child is not head:
                setattr(module, name, _ReducedLinear(child, dtype))
