"""Our attention for short rows beside PyTorch's kernel, forward and backward, at the embedded model's shapes.

python -m benchmarks.attention
"""

from __future__ import annotations

import time
from statistics import median
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from sentiment.models.attention import LONGEST, grouped_attention
from sentiment.pipeline import chosen_profile

TOKENS, REPEATS = 2048, 7


def seconds_of(attend: Any, width: int, dtype: torch.dtype, backward: bool) -> float:
    """Median seconds of one layer's attention over 2,048 tokens in rows of `width`."""
    figures = chosen_profile("smollm2")[0].model.architecture
    heads, groups = figures["num_attention_heads"], figures["num_key_value_heads"]
    size, rows = figures["hidden_size"] // heads, TOKENS // width
    layer: Any = SimpleNamespace(num_key_value_groups=heads // groups, is_causal=True)
    query, key, value = (
        torch.randn(rows, n, width, size, dtype=dtype, requires_grad=backward) for n in (heads, groups, groups)
    )
    mask = torch.full((width, width), torch.finfo(torch.float32).min).triu(1)
    mask = mask.expand(rows, 1, width, width).contiguous()
    times = []
    for _ in range(REPEATS + 1):  # the first one warms up
        begin = time.perf_counter()
        mixed: Tensor = attend(layer, query, key, value, mask.to(dtype), scaling=size**-0.5)[0]
        if backward:
            mixed.sum().backward()
        times.append(time.perf_counter() - begin)
    return median(times[1:])


def main() -> None:
    """A line per number format, direction and width."""
    for dtype, longest in LONGEST.items():
        for backward in (False, True):
            for width in (32, 64, 128, 256, 320):
                if width > longest:
                    continue  # there both are PyTorch's
                ways = (grouped_attention, sdpa_attention_forward)
                ours, theirs = (seconds_of(way, width, dtype, backward) for way in ways)
                name = str(dtype).removeprefix("torch.")
                print(
                    f"{name:9}{' and backward' if backward else '':14}{width:4} positions: "
                    f"ours {1e3 * ours:6.2f} ms, PyTorch's {1e3 * theirs:6.2f} ms, {theirs / ours:.2f} times as fast"
                )


if __name__ == "__main__":
    main()
