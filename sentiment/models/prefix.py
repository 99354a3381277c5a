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
    none = torch.empty(0, dtype=torch.long, device=ids.device)  # no position's logits are wanted
    return model(input_ids=ids[None], position_ids=positions, use_cache=True, logits_to_keep=none).past_key_values


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
    """The same keys and values in a cache that may be consumed, so that one prefix serves many batches.

    Nothing is copied: what goes on from a cache replaces its tensors and never writes into them.
    """
    own = copy.copy(cache)
    own.layers = [copy.copy(layer) for layer in cache.layers]
    return own
