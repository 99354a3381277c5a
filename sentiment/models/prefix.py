"""One forward pass over rows that begin alike: the shared beginning is computed once.

The prefix runs as a batch of one, its keys and values are repeated for the rows, and the rests run on
top. Exact up to floating-point order: causal attention gives the prefix the same keys and values in
every row. Gradients flow through the repeated cache back into the one prefix pass.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from transformers import DynamicCache


def prefix_cache(model: nn.Module, ids: Tensor) -> DynamicCache:
    """Keys and values of a prefix. `ids`: (P,). Goes through the outermost model: mixed precision and
    distributed training wrap only that one."""
    positions = torch.arange(len(ids), device=ids.device)[None]
    return model(input_ids=ids[None], position_ids=positions, use_cache=True, logits_to_keep=1).past_key_values


def suffix_logits(model: nn.Module, rests: Tensor, cache: DynamicCache | None, keep: Tensor) -> Tensor:
    """Logits of the rows behind a prefix, at the positions to keep.

    `rests`: (B, L) right-padded ids behind the prefix; `cache`: the prefix's, of batch 1, which becomes the
    rows' own (prefix and L positions), or an empty one; None where nothing goes on from it;
    `keep`: (B, K) positions or (B, L) bool. Returns (B, K, V), or (kept, V) for a bool `keep`.
    """
    if cache is None:
        return model(input_ids=rests, use_cache=False, logits_to_keep=keep).logits
    rows, width = rests.shape
    start = cache.get_seq_length()
    if start:
        cache.batch_repeat_interleave(rows)
    positions = torch.arange(start, start + width, device=rests.device).expand(rows, -1)
    return model(
        input_ids=rests, position_ids=positions, past_key_values=cache, use_cache=True, logits_to_keep=keep
    ).logits


def fork(cache: DynamicCache) -> DynamicCache:
    """A copy that may be consumed; for inference, where one prefix serves many batches."""
    return copy.deepcopy(cache)
