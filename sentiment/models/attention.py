"""Attention for short rows on a CPU.

PyTorch's fused kernel saves memory by computing scores block by block, and once more in the backward pass. For
rows of some hundred tokens on a CPU plain matrix products are faster: `python -m benchmarks.attention`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, eager_mask, sdpa_mask

GROUPED = "grouped"
LONGEST = {torch.float32: 128, torch.bfloat16: 320}
"""Positions up to which plain products are the faster way, by number format."""


def grouped_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attention by `grouped_products` where `short_rows_mask` chose it and nothing unusual is wanted, else PyTorch's.

    `query`: (B, heads, T, d); `key`, `value`: (B, groups, S, d); `attention_mask`: (B, 1, T, S), added to the
    scores. Returns (B, T, heads, d), as transformers has it.
    """
    chosen = attention_mask is not None and attention_mask.is_floating_point() and attention_mask.shape[1] == 1
    unusual = dropout or any(kwargs.get(name) is not None for name in ("softcap", "s_aux", "position_bias"))
    if not chosen or unusual or scaling is None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )
    with torch.autocast(value.device.type, enabled=False):  # it would hold the shares in fp32, and in bf16 again
        mixed = grouped_products(query.to(value.dtype), key.to(value.dtype), value, attention_mask, scaling)
    return mixed.transpose(1, 2).contiguous(), None


def grouped_products(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scaling: float) -> Tensor:
    """Grouped-query attention (Ainslie et al. 2023, arXiv 2305.13245) whose keys and values are not repeated.

    The queries of the heads that share a key are rows of one product. All in one number format, which scores are
    rounded to as well; shapes as in `grouped_attention`. Returns (B, heads, T, d).
    """
    batch, heads, width, _ = query.shape
    groups = key.shape[1]
    together = (query * scaling).reshape(batch, groups, heads // groups * width, -1)
    scores = (together @ key.transpose(2, 3)).view(batch, groups, heads // groups, width, -1)
    if mask is not None:
        scores = scores + mask[:, :, None].to(scores.dtype)
    shares = scores.softmax(dim=-1).view(batch, groups, heads // groups * width, -1)
    return (shares @ value).view(batch, heads, width, -1)


def short_rows_mask(*, kv_length: int, dtype: torch.dtype = torch.float32, **kwargs: Any) -> Tensor | None:
    """The mask that leads `grouped_attention` to the faster way: floating point for short rows, else PyTorch's."""
    if torch.is_autocast_enabled("cpu"):
        dtype = torch.get_autocast_dtype("cpu")
    made_by = eager_mask if kv_length <= LONGEST.get(dtype, 0) else sdpa_mask
    return made_by(kv_length=kv_length, dtype=dtype, **kwargs)


def use_grouped_attention(model: PreTrainedModel) -> None:
    """Let the model attend this way, in place, where transformers would have used PyTorch's kernel."""
    if model.config._attn_implementation == "sdpa" and model._can_set_attn_implementation():
        model.set_attn_implementation(GROUPED)


AttentionInterface.register(GROUPED, grouped_attention)
AttentionMaskInterface.register(GROUPED, short_rows_mask)
