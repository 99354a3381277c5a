"""What the memory of a step is made of: casts of weights are no activations, other processes not part of it."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
import torch

from sentiment.data.generated import made_up_reviews
from sentiment.models.adapter import add_adapter
from sentiment.models.cost import _peak_of_process, _Step
from sentiment.models.frozen import frozen_in
from sentiment.models.tokens import InstructionDataset, collate
from sentiment.profiles import AdapterSettings, Profile


@pytest.mark.parametrize("approach", ["sft", "lora"])
def test_casts_of_weights_are_told_from_activations(model, renderer, tiny: Profile, approach: str) -> None:
    if approach == "lora":
        model = add_adapter(model, AdapterSettings(dropout=0.0))
    rows = InstructionDataset(made_up_reviews()[:8], renderer, tiny.house_prompt)
    parts = [collate([rows[i] for i in range(count)], renderer.pad_id) for count in (4, 8)]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad])

    def saved(precision: str, part: int) -> tuple[int, int]:
        return _Step(model, parts[part : part + 1], optimizer, precision, torch.device("cpu")).saved_bytes()

    linear = {name: module.weight for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    exempt = "layers.0.self_attn"  # nothing trains in front of the first adapters: their A pass no gradient on
    multiplied = [
        weight
        for name, weight in linear.items()
        if weight.requires_grad
        and not (approach == "lora" and exempt in name and "lora_A" in name and "o_proj" not in name)
    ]
    with frozen_in(model, torch.bfloat16):
        small, large = saved("bf16", 0), saved("bf16", 1)
    assert small[1] == large[1] == sum(2 * weight.numel() for weight in multiplied)
    assert large[0] > 1.5 * small[0]
    assert saved("fp32", 0)[1] == 0
    assert _Step(model, parts, optimizer, "fp32", torch.device("cpu")).saved_bytes() == saved("fp32", 1)


def test_the_peak_is_that_of_the_process_alone() -> None:
    """And not of the larger one that started it."""
    modules = "import resource, sys; from pathlib import Path"
    code = f"{modules}\n{inspect.getsource(_peak_of_process)}\nprint(_peak_of_process())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    held = bytearray(b"x") * 2**26
    assert 0 < int(done.stdout) < 2**26
    assert len(held) < _peak_of_process()
