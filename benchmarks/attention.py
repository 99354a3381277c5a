"""Our attention for short rows beside PyTorch's kernel at the embedded model's shapes: which is faster up to where?

    python -m benchmarks.attention

About 2,048 tokens of one layer, in mixed precision and in fp32. PyTorch's kernel is timed with a mask, as rows
behind a shared prefix need one, and without, as other rows do. `sentiment.models.attention.LONGEST` rests on this.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from sentiment.models.attention import grouped_products
from sentiment.pipeline import chosen_profile

TOKENS, REPEATS = 2048, 7
WIDTHS = (32, 64, 128, 192, 256, 320, 512)


def ways(width: int, dtype: torch.dtype) -> dict[str, Callable[[], Tensor]]:
    """The ways to attend in rows of `width`."""
    figures = chosen_profile("smollm2")[0].model.architecture
    heads, groups = figures["num_attention_heads"], figures["num_key_value_heads"]
    size, rows = figures["hidden_size"] // heads, TOKENS // width
    layer: Any = SimpleNamespace(num_key_value_groups=heads // groups, is_causal=True)
    query, key, value = (
        torch.randn(rows, n, width, size, dtype=dtype, requires_grad=True) for n in (heads, groups, groups)
    )
    causal = torch.full((rows, 1, width, width), torch.finfo(dtype).min, dtype=dtype).triu(1)
    scaling = size**-0.5
    return {
        "ours": lambda: grouped_products(query, key, value, causal, scaling),
        "PyTorch's, mask": lambda: sdpa_attention_forward(layer, query, key, value, causal, scaling=scaling)[0],
        "PyTorch's, no mask": lambda: sdpa_attention_forward(layer, query, key, value, None, scaling=scaling)[0],
    }


def milliseconds(attend: Callable[[], Tensor], backward: bool) -> float:
    """Median over several runs after one that warms up."""
    times = []
    for _ in range(REPEATS + 1):
        begin = time.perf_counter()
        with torch.set_grad_enabled(backward):
            mixed = attend()
        if backward:
            mixed.sum().backward()
        times.append(time.perf_counter() - begin)
    return 1e3 * median(times[1:])


def main() -> None:
    """A line per number format, direction and width."""
    for dtype in (torch.float32, torch.bfloat16):
        for backward in (False, True):
            print(f"{str(dtype).removeprefix('torch.')}, forward{' and backward' if backward else ''}, milliseconds")
            for width in WIDTHS:
                found = {name: milliseconds(attend, backward) for name, attend in ways(width, dtype).items()}
                print(f"{width:5} positions: " + ", ".join(f"{name} {took:.2f}" for name, took in found.items()))


if __name__ == "__main__":
    main()
