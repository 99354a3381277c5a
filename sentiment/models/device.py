"""Which device and which number format a run uses, and why."""

from __future__ import annotations

import gc
import os
import platform
from pathlib import Path

import torch

from sentiment.errors import DeviceError
from sentiment.profiles import Precision, Profile

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

PROFILE_MEMORY = 15 * 2**30
"""Bytes of the GPU that token budgets of profiles are written for: a Tesla T4."""
# of a CPU, of CUDA's driver and of cuBLAS; PyTorch's own CUDA allocator has an error class
_OUT_OF_MEMORY = (
    "not enough memory",
    "can't allocate memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def device_of(profile: Profile) -> torch.device:
    """The device that the profile asks for. Raises `DeviceError` for CUDA where there is none."""
    wanted = profile.model.device
    if wanted == "cuda" and not torch.cuda.is_available():
        raise DeviceError(
            f"profile {profile.name!r} asks for device 'cuda', but torch {torch.__version__} sees no CUDA device; "
            f"use --profile smollm2, or a profile file with extends = {profile.name!r} and model.device = 'cpu'"
        )
    return torch.device("cpu") if wanted == "cpu" else best_device()


def best_device() -> torch.device:
    """CUDA where it is present."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    # one device unless a launcher says otherwise: several visible ones would mean DataParallel
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def free_memory() -> None:
    """Give back what models hold that nobody needs any more."""
    gc.collect()
    torch.cuda.empty_cache()


def precision_of(wanted: Precision, device: torch.device) -> str:
    """`fp32`, `bf16` or `fp16`: what is asked for, or for `auto` the fastest that the hardware really has.

    Raises `DeviceError` for a format that the device only emulates.
    """
    if wanted == "auto":
        if bf16_is_fast(device):
            return "bf16"
        return "fp16" if device.type == "cuda" else "fp32"
    if wanted == "bf16" and not _multiplies_bf16(device):
        raise DeviceError(f"precision 'bf16': {describe(device)} only emulates it; use 'auto' or 'fp32'")
    if wanted == "fp16" and device.type != "cuda":
        raise DeviceError(f"precision 'fp16': only for CUDA, not for {describe(device)}; use 'auto' or 'fp32'")
    return wanted


def bf16_is_fast(device: torch.device) -> bool:
    """Whether the device multiplies bf16 natively and faster than fp32.

    On a CPU that means AMX, or AMD's AVX512_BF16. Intel's AVX512_BF16 without AMX (as in a virtual machine
    that hides AMX) is slower than fp32: see `docs/measured.md`, or run `python -m benchmarks.matmul`.
    """
    if device.type == "cuda":
        return _multiplies_bf16(device)
    facts = _processor()
    return "amx_bf16" in facts or {"avx512_bf16", "AuthenticAMD"} <= facts


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return not _processor().isdisjoint({"amx_bf16", "avx512_bf16"})


def _processor() -> set[str]:
    """Vendor and feature flags of the processor, as Linux names them; empty elsewhere."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    wanted = [line for line in lines if line.startswith(("flags", "vendor_id"))][:2]
    return {word for line in wanted for word in line.partition(":")[2].split()}


def fitting_budget(tokens: int, device: torch.device) -> int:
    """A profile's token budget on that device: on a GPU with more than `PROFILE_MEMORY` more, in proportion.

    Weights, gradients and optimizer state do not grow with it, so what fits into the smaller one fits here.
    """
    if device.type != "cuda":
        return tokens
    return max(tokens, tokens * torch.cuda.get_device_properties(device).total_memory // PROFILE_MEMORY)


def ran_out_of_memory(error: Exception) -> bool:
    """Whether that is what the error says, on any device."""
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY)


def describe(device: torch.device) -> str:
    """The device in words, e.g. `Tesla T4 (15 GiB)` or `CPU, 2 threads`."""
    if device.type == "cuda":
        facts = torch.cuda.get_device_properties(device)
        return f"{facts.name} ({facts.total_memory / 2**30:.0f} GiB)"
    return f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"
