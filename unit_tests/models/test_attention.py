from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from sentiment.models.attention import GROUPED, LONGEST, grouped_attention, use_grouped_attention

LAYER: Any = SimpleNamespace(num_key_value_groups=3, is_causal=True)


def tensors(width: int, seen: int, dtype: torch.dtype = torch.float32):
    """Queries, keys and values of 2 rows, 6 heads and 2 groups; `seen` positions, the last `width` asked from."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, 6, width, 8), (2, 2, seen, 8), (2, 2, seen, 8)]
    return [torch.randn(shape, generator=generator, dtype=dtype, requires_grad=True) for shape in shapes]


def causal(width: int, seen: int) -> torch.Tensor:
    blocked = torch.ones(width, seen, dtype=torch.bool).triu(seen - width + 1)
    mask = torch.zeros(2, 1, width, seen).masked_fill(blocked, torch.finfo(torch.float32).min)
    mask[1, :, :, 1:2] = torch.finfo(torch.float32).min  # as a gap in the second row
    return mask


@pytest.mark.parametrize("seen", [7, 19])
def test_grouped_attention_equals_pytorchs_with_its_gradients(seen: int) -> None:
    ours, theirs = tensors(7, seen), tensors(7, seen)
    mask = causal(7, seen)
    mixed, _ = grouped_attention(LAYER, *ours, mask, scaling=0.4)
    expected, _ = sdpa_attention_forward(LAYER, *theirs, mask, scaling=0.4)
    torch.testing.assert_close(mixed, expected)
    mixed.square().sum().backward()
    expected.square().sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)


def test_rows_too_long_or_without_a_mask_go_to_pytorchs_kernel() -> None:
    longest = LONGEST[torch.float32] + 1
    mask = causal(5, longest)
    query, key, value = tensors(5, longest)
    expected, _ = sdpa_attention_forward(LAYER, query, key, value, mask, scaling=0.4)
    assert torch.equal(grouped_attention(LAYER, query, key, value, mask, scaling=0.4)[0], expected)
    query, key, value = tensors(7, 7)
    unmasked, _ = grouped_attention(LAYER, query, key, value, None, scaling=0.4)
    first = grouped_attention(LAYER, query[:, :, :1], key[:, :, :1], value[:, :, :1], causal(1, 1), scaling=0.4)[0]
    torch.testing.assert_close(unmasked[:, :1], first)  # causal although nobody gave a mask


def test_a_model_on_the_cpu_attends_so_and_its_folder_says_nothing_of_it(model, tmp_path) -> None:
    assert model.config._attn_implementation == GROUPED
    theirs = copy.deepcopy(model)
    theirs.set_attn_implementation("sdpa")
    ids = torch.randint(0, 100, (2, 12), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    with torch.no_grad():
        ours, expected = (m(input_ids=ids, attention_mask=mask).logits for m in (model, theirs))
    torch.testing.assert_close(ours[mask.bool()], expected[mask.bool()], atol=1e-4, rtol=1e-4)
    model.save_pretrained(tmp_path)
    assert GROUPED not in json.dumps(json.loads((tmp_path / "config.json").read_text()))


def test_a_model_that_transformers_runs_in_another_way_is_left_alone(model) -> None:
    model.set_attn_implementation("eager")
    use_grouped_attention(model)
    assert model.config._attn_implementation == "eager"
