"""The measured matrix-multiplication peak of this machine at a model's own shapes.

python -m benchmarks.matmul
"""

from __future__ import annotations

import time

import torch

from sentiment.pipeline import chosen_profile


def peak(dtype: torch.dtype, hidden: int, intermediate: int, rows: int = 1024, repeats: int = 8) -> float:
    """FLOP per second of (rows x hidden) @ (hidden x intermediate), the best of several tries."""
    left, right = torch.randn(rows, hidden).to(dtype), torch.randn(intermediate, hidden).to(dtype)
    best = float("inf")
    for _ in range(repeats + 2):  # the first two warm up
        begin = time.perf_counter()
        for _ in range(10):
            left @ right.T
        best = min(best, (time.perf_counter() - begin) / 10)
    return 2 * rows * hidden * intermediate / best


def main() -> None:
    """Print both formats and their ratio."""
    figures = chosen_profile("smollm2")[0].model.architecture
    found = {
        name: peak(dtype, figures["hidden_size"], figures["intermediate_size"])
        for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))
    }
    for name, speed in found.items():
        print(f"{name}: {speed / 1e9:,.0f} GFLOP/s")
    print(f"bf16 is {found['bf16'] / found['fp32']:.2f} times as fast as fp32")


if __name__ == "__main__":
    main()
