from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM

from sentiment.models.reduced import NEAR_TIES, _ReducedLinear, first_look

IDS = torch.randint(0, 100, (2, 12), generator=torch.Generator().manual_seed(0))


def test_only_products_inside_the_layers_are_reduced_on_a_cpu(model) -> None:
    exact = copy.deepcopy(model.state_dict())
    first = first_look(model, "bf16")
    layer = first.model.model.layers[0]
    assert layer.self_attn.q_proj.weight.dtype == layer.mlp.down_proj.weight.dtype == torch.bfloat16
    assert {p.dtype for name, p in first.model.named_parameters() if "_proj" not in name} == {torch.float32}
    assert first.near_tie == NEAR_TIES["products in bf16"]
    with torch.no_grad():
        near, far = first.model(input_ids=IDS).logits, copy.deepcopy(model).bfloat16()(input_ids=IDS).logits.float()
        logits = model(input_ids=IDS).logits
    assert near.dtype == torch.float32
    assert 0 < (near - logits).abs().mean() < (far - logits).abs().mean() / 1.5, "closer than reducing everything"
    assert all(torch.equal(exact[name], value) for name, value in model.state_dict().items())


def test_what_stays_in_fp32_is_not_held_twice(model) -> None:
    first = first_look(model, "bf16")
    assert first.model.get_input_embeddings().weight is model.get_input_embeddings().weight


class _Doubled(nn.Linear):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(input)


@pytest.mark.parametrize("kind", ["another layer", "a linear layer with a forward of its own"])
def test_a_model_that_multiplies_by_other_means_is_reduced_whole(model, kind: str) -> None:
    if kind == "another layer":
        config = AutoConfig.for_model(
            "gpt2", vocab_size=128, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0
        )
        model = AutoModelForCausalLM.from_config(config).eval()
    else:
        mlp = model.model.layers[0].mlp
        mlp.up_proj = _Doubled(mlp.up_proj.in_features, mlp.up_proj.out_features, bias=False)
    first = first_look(model, "bf16")
    assert {parameter.dtype for parameter in first.model.parameters()} == {torch.bfloat16}
    assert first.near_tie == NEAR_TIES["bf16"]
    with torch.no_grad():
        near, exact = first.model(input_ids=IDS).logits.float(), model(input_ids=IDS).logits
    assert (near - exact).abs().max() < 0.1 * exact.abs().max()


def test_a_layers_bias_is_added_in_fp32() -> None:
    exact = nn.Linear(3, 2)
    with torch.no_grad():
        exact.weight.copy_(torch.tensor([[1.0, 0.5, 2.0], [0.0, 1.0, 4.0]]))  # these bf16 holds exactly
        exact.bias.copy_(torch.tensor([1e-4, 1 / 3]))
    inputs = torch.tensor([[1.0, 2.0, 0.5]])
    torch.testing.assert_close(_ReducedLinear(exact, torch.bfloat16)(inputs), exact(inputs), rtol=1e-6, atol=0)
