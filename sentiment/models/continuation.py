"""Greedy decoding that goes on from a forward pass, so that no prompt is computed twice."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn
from transformers import DynamicCache


def continued(
    model: nn.Module,
    cache: DynamicCache,
    lengths: Tensor,
    width: int,
    first: Tensor,
    *,
    stops: Collection[int],
    pad_id: int,
    max_new_tokens: int,
    near_tie: float,
) -> list[list[int] | None]:
    """The answer's token ids of each row, from its first token up to its first stop.

    `cache` holds a shared prefix and then `width` right-padded positions, of which `lengths` (B,) are the
    row's own; it is consumed. `first`: (B,) the first tokens. A row whose two best tokens once lie nearer
    than `near_tie` gets None: rounding may have picked the other one.
    """
    device, rows = first.device, len(first)
    start = cache.get_seq_length() - width
    seen = torch.arange(start + width, device=device)[None] < start + lengths[:, None]
    answers: list[list[int]] = [[token] for token in first.tolist()]
    tied = [False] * rows
    done = [False] * rows
    tokens = first
    for step in range(max_new_tokens - 1):
        seen = torch.cat([seen, torch.ones(rows, 1, dtype=torch.bool, device=device)], dim=1)
        logits = model(
            input_ids=tokens[:, None],
            attention_mask=seen.long(),
            position_ids=(start + lengths + step)[:, None],
            past_key_values=cache,
            use_cache=True,
        ).logits[:, -1]
        best, places = logits.float().topk(2)
        margins = (best[:, 0] - best[:, 1]).tolist()
        tokens = places[:, 0].clone()
        for row, token in enumerate(tokens.tolist()):
            if done[row]:
                continue
            tied[row] = tied[row] or margins[row] < near_tie
            done[row] = tied[row] or token in stops
            if not done[row]:
                answers[row].append(token)
        if all(done):
            break
        tokens = torch.where(torch.tensor(done, device=device), pad_id, tokens)
    return [None if tied[row] else answers[row] for row in range(rows)]
