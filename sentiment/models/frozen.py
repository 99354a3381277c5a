"""Frozen weights in the number format that mixed precision multiplies in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def frozen_in(model: nn.Module, dtype: torch.dtype) -> Iterator[int]:
    """Hold the frozen matrices of linear layers in `dtype` meanwhile; yields the bytes that they take besides.

    Autocast keeps the cast of a weight within its context only where the weight trains (`cached_cast` in
    PyTorch's autocast_mode.cpp), so the frozen ones, nearly all of a model with an adapter, would be cast whenever
    they are used. The products are the same bit for bit. The model has its own weights back when the context ends.
    """
    layers = [
        module
        for module in model.modules()
        if isinstance(module, nn.Linear) and not module.weight.requires_grad and module.weight.dtype != dtype
    ]
    own = [layer.weight for layer in layers]
    for layer in layers:
        layer.weight = nn.Parameter(layer.weight.to(dtype), requires_grad=False)
    try:
        yield sum(layer.weight.nbytes for layer in layers)
    finally:
        for layer, weight in zip(layers, own, strict=True):
            layer.weight = weight
