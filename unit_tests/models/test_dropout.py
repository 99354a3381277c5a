"""Cheap dropout is dropout: the same share, the same mean, gradients through the kept elements only."""

from __future__ import annotations

import torch

from sentiment.models.dropout import CheapDropout


def test_it_drops_the_share_it_says_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    ones = torch.ones(1000, 1001)
    dropped = CheapDropout(0.05)(ones)
    share = (dropped == 0).float().mean().item()
    assert abs(share - 0.05) < 0.001  # five standard errors of a million draws
    assert abs(dropped.mean().item() - 1) < 0.002
    assert dropped.unique().numel() == 2


def test_the_gradient_flows_where_the_value_did() -> None:
    values = torch.ones(3, 7, requires_grad=True)
    result = CheapDropout(0.5)(values)
    result.sum().backward()
    assert torch.equal(values.grad, result.detach())


def test_it_does_nothing_outside_training_and_repeats_under_a_seed() -> None:
    dropout, values = CheapDropout(0.3), torch.randn(50)
    torch.manual_seed(1)
    first = dropout(values)
    torch.manual_seed(1)
    assert torch.equal(dropout(values), first)
    assert torch.equal(dropout.eval()(values), values)
