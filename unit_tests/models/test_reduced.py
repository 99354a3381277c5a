from __future__ import annotations

import copy

import torch
from torch import nn

from sentiment.models.reduced import _ReducedLinear, first_look


def test_only_products_inside_the_layers_are_reduced_on_a_cpu(model) -> None:
    exact = copy.deepcopy(model.state_dict())
    first = first_look(model, "bf16")
    layer = first.model.model.layers[0]
    assert layer.self_attn.q_proj.weight.dtype == layer.mlp.down_proj.weight.dtype == torch.bfloat16
    assert isinstance(first.model.get_output_embeddings(), nn.Linear)
    others = {p.dtype for name, p in first.model.named_parameters() if "_proj" not in name}
    assert others == {torch.float32}
    assert all(torch.equal(exact[name], value) for name, value in model.state_dict().items())
    ids = torch.randint(0, 100, (2, 12), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        near, far = first.model(input_ids=ids).logits, copy.deepcopy(model).bfloat16()(input_ids=ids).logits.float()
        logits = model(input_ids=ids).logits
    assert near.dtype == torch.float32
    assert 0 < (near - logits).abs().mean() < (far - logits).abs().mean() / 1.5, "closer than reducing everything"


def test_a_layers_bias_is_added_in_fp32() -> None:
    exact = nn.Linear(3, 2)
    with torch.no_grad():
        exact.weight.copy_(torch.tensor([[1.0, 0.5, 2.0], [0.0, 1.0, 4.0]]))  # these bf16 holds exactly
        exact.bias.copy_(torch.tensor([1e-4, 1 / 3]))
    reduced = _ReducedLinear(exact, torch.bfloat16)
    inputs = torch.tensor([[1.0, 2.0, 0.5]])
    assert torch.equal(reduced(inputs), exact(inputs))
