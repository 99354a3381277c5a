from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from sentiment.models.attention import GROUPED, LONGEST, grouped_attention, short_rows_mask, use_grouped_attention

LAYER: Any = SimpleNamespace(num_key_value_groups=3, is_causal=True)
LOWEST = torch.finfo(torch.float32).min


def tensors(width: int, seen: int, value_size: int = 8):
    """Queries, keys and values of 2 rows, 6 heads and 2 groups; `seen` positions, the last `width` asked from."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, 6, width, 8), (2, 2, seen, 8), (2, 2, seen, value_size)]
    return [torch.randn(shape, generator=generator, requires_grad=True) for shape in shapes]


def causal(width: int, seen: int) -> torch.Tensor:
    blocked = torch.ones(width, seen, dtype=torch.bool).triu(seen - width + 1)
    blocked = blocked.repeat(2, 1, 1, 1)
    blocked[1, :, :, 1:2] = True  # a gap in the second row
    return torch.zeros(2, 1, width, seen).masked_fill(blocked, LOWEST)


def assert_equal_to_pytorchs(ours: list, theirs: list, mask: torch.Tensor | None, tolerance: float) -> None:
    """Outputs and gradients, the largest error against the largest value."""
    mixed, _ = grouped_attention(LAYER, *ours, mask, scaling=0.4)
    expected, _ = sdpa_attention_forward(LAYER, *theirs, mask, scaling=0.4)
    mixed.float().square().sum().backward()
    expected.float().square().sum().backward()
    pairs = [(mixed, expected), *((one.grad, other.grad) for one, other in zip(ours, theirs, strict=True))]
    for one, other in pairs:
        assert one.shape == other.shape
        assert (one.float() - other.float()).abs().max() <= tolerance * other.float().abs().max()


@pytest.mark.parametrize("value_size", [8, 5])
@pytest.mark.parametrize("seen", [7, 19])
def test_grouped_attention_equals_pytorchs_with_its_gradients(seen: int, value_size: int) -> None:
    assert_equal_to_pytorchs(tensors(7, seen, value_size), tensors(7, seen, value_size), causal(7, seen), 1e-5)


@pytest.mark.parametrize("kind", ["bool", "per head", "none"])
def test_masks_that_it_is_not_made_for_go_to_pytorchs_kernel(kind: str) -> None:
    mask = causal(7, 7)
    made = {"bool": mask == 0, "per head": mask.expand(2, 6, 7, 7), "none": None}[kind]
    assert_equal_to_pytorchs(tensors(7, 7), tensors(7, 7), made, 0.0)


def test_a_soft_cap_is_refused_as_by_pytorchs_kernel() -> None:
    with pytest.raises(ValueError, match="softcap"):
        grouped_attention(LAYER, *tensors(3, 3), causal(3, 3), scaling=0.4, softcap=30.0)


def test_in_mixed_precision_it_is_as_close_to_fp32_as_pytorchs() -> None:
    exact, ours, theirs = tensors(40, 60), tensors(40, 60), tensors(40, 60)
    mask = causal(40, 60)
    expected = sdpa_attention_forward(LAYER, *exact, mask, scaling=0.4)[0]
    with torch.autocast("cpu", torch.bfloat16):
        mixed = [
            attend(LAYER, *each[:2], each[2].bfloat16(), mask, scaling=0.4)[0]  # rotation turns keys to fp32
            for attend, each in ((grouped_attention, ours), (sdpa_attention_forward, theirs))
        ]
    for each in (expected, *mixed):
        each.float().square().sum().backward()
    assert mixed[0].dtype == torch.bfloat16
    for truth, one, other in zip(exact, ours, theirs, strict=True):
        assert (one.grad - truth.grad).norm() < 2 * (other.grad - truth.grad).norm() < 0.1 * truth.grad.norm()


@pytest.mark.parametrize("reduced", [False, True])
def test_the_mask_leads_short_rows_to_products_and_long_ones_to_the_kernel(reduced: bool) -> None:
    longest = LONGEST[torch.bfloat16 if reduced else torch.float32]
    with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
        short, long = (short_rows_mask(batch_size=1, q_length=n, kv_length=n) for n in (longest, longest + 1))
    assert short is not None
    assert short.is_floating_point()
    assert long is None, "an unpadded causal row needs none there"


def logits_of(model, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=mask).logits[mask.bool()]


@pytest.mark.parametrize("width", [12, LONGEST[torch.float32] + 20])
def test_a_model_on_the_cpu_attends_so_and_its_folder_says_nothing_of_it(model, tmp_path, width: int) -> None:
    assert model.config._attn_implementation == GROUPED
    theirs = copy.deepcopy(model)
    theirs.set_attn_implementation("sdpa")
    ids = torch.randint(0, 100, (2, width), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    torch.testing.assert_close(logits_of(model, ids, mask), logits_of(theirs, ids, mask), atol=1e-4, rtol=1e-4)
    model.save_pretrained(tmp_path)
    assert GROUPED not in (tmp_path / "config.json").read_text()


def test_a_model_that_transformers_runs_in_another_way_is_left_alone(model) -> None:
    model.set_attn_implementation("eager")
    use_grouped_attention(model)
    assert model.config._attn_implementation == "eager"
