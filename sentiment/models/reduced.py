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

NEAR_TIES = {"products in bf16": 1.1, "bf16": 1.5, "fp16": 0.25}
"""`FirstLook.near_tie` by what is reduced; `python -m benchmarks.near_ties` shows how far margins move."""


@dataclass(frozen=True)
class FirstLook:
    """A model in a reduced number format, and how far its answers are to be trusted."""

    model: PreTrainedModel
    near_tie: float
    """Logit margin below which a row is looked at again in fp32."""


def first_look(model: PreTrainedModel, precision: str) -> FirstLook:
    """A copy of the fp32 model in `precision`, bf16 or fp16.

    On a CPU only the matrix products inside the layers are reduced, for bf16: they are most of the work, and what
    is between them costs about as much in fp32 and keeps margins closer to exact ones. On a GPU, and where a model
    multiplies by other means than `nn.Linear`, everything is reduced.
    """
    if model.device.type == "cpu" and precision == "bf16" and _is_plain(model):
        return FirstLook(_products_reduced(model, DTYPES[precision]), NEAR_TIES["products in bf16"])
    reduced: Any = copy.deepcopy(model)
    return FirstLook(reduced.to(DTYPES[precision]), NEAR_TIES[precision])


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


def _is_plain(model: PreTrainedModel) -> bool:
    """Whether every matrix of the model is a linear layer's or the embedding's."""
    plain = {id(layer.weight) for layer in model.modules() if type(layer) in (nn.Linear, nn.Embedding)}
    return all(parameter.dim() < 2 or id(parameter) in plain for parameter in model.parameters())


def _products_reduced(model: PreTrainedModel, dtype: torch.dtype) -> PreTrainedModel:
    reduced = copy.deepcopy(model, {id(each): each for each in model.parameters()})  # shared, not copied
    head = reduced.get_output_embeddings()  # computed at one position per row: not worth its rounding
    for module in list(reduced.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear and child is not head:
                setattr(module, name, _ReducedLinear(child, dtype))
    return reduced
