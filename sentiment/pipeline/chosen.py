"""Which profile, and whether anything may be fetched."""

from __future__ import annotations

import os

from sentiment.data.assets import offline_reason
from sentiment.profiles import Profile, load_profile


def chosen_profile(wanted: str | None) -> tuple[Profile, str]:
    """The profile to run, and in words why that one.

    Unnamed, it is `qwen3` where CUDA is present and `smollm2` elsewhere.
    """
    if wanted is not None:
        return load_profile(wanted), "asked for"
    import torch

    if torch.cuda.is_available():
        return load_profile("qwen3"), f"default where an accelerator is present ({torch.cuda.get_device_name()})"
    return load_profile("smollm2"), "default without an accelerator"


def go_offline_if_asked() -> None:
    """Let `SENTIMENT_OFFLINE` speak for the hub's libraries too; call it before they are imported."""
    if offline_reason() is not None:
        os.environ["HF_HUB_OFFLINE"] = "1"
