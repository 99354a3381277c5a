"""Attention for short rows on a CPU.

PyTorch's fused kernel saves memory by computing scores block by block, twice where there is a backward pass.
For rows of some hundred tokens on a CPU plain matrix products are faster: `python -m benchmarks.attention`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, eager_mask

GROUPED = "grouped"
LONGEST = {torch.float32: 128, torch.bfloat16: 320}
"""Positions up to which this way is the faster one, by number format; the scores grow with the square."""


def grouped_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Grouped-query attention whose query heads share their key and value head in one product, never copied.

    `query`: (B, heads, T, d); `key`, `value`: (B, groups, S, d); `attention_mask`: (B, 1, T, S), added to the
    scores. Returns (B, T, heads, d), as transformers has it. What it is not made for goes to PyTorch's kernel.
    """
    batch, heads, width, size = query.shape
    too_long = key.shape[2] > LONGEST.get(value.dtype, 0)  # rotation turns keys to fp32
    if too_long or attention_mask is None or dropout or kwargs.get("position_bias") is not None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )
    groups = key.shape[1]
    together = (query * scaling).reshape(batch, groups, heads // groups * width, size)
    scores = (together @ key.transpose(2, 3)).view(batch, groups, heads // groups, width, -1)
    shares = F.softmax(scores + attention_mask[:, :, None], dim=-1, dtype=torch.float32).to(value.dtype)
    mixed = shares.view(batch, groups, heads // groups * width, -1) @ value
    return mixed.view(batch, heads, width, size).transpose(1, 2).contiguous(), None


def use_grouped_attention(model: PreTrainedModel) -> None:
    """Let the model attend this way, in place, where transformers would have used PyTorch's kernel."""
    if model.config._attn_implementation == "sdpa":
        model.set_attn_implementation(GROUPED)


AttentionInterface.register(GROUPED, grouped_attention)
AttentionMaskInterface.register(GROUPED, eager_mask)
