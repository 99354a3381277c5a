"""A loss that asks for one answer to one review, however the question is put.

Two renderings of a review should give the label words the same probabilities: the term is the symmetric
Kullback-Leibler divergence between them, on the logits of the two label words alone (as in paraphrase
consistency training, Qiang et al. 2024, arXiv 2402.15833, there on whole answers).
"""

from __future__ import annotations

import torch
from torch import Tensor


def disagreement(logits: Tensor, counts: Tensor, answers: Tensor) -> Tensor:
    """(KL(p, q) + KL(q, p)) / 2 of every pair of rows, in nats: (B,).

    `logits`: (N, V), those of the supervised positions of 2B rows, row by row; `counts`: (2B,) supervised
    positions per row; `answers`: (2B, 2) ids of the first tokens of the negative and the positive answer.
    Rows 2i and 2i + 1 are a pair.
    """
    first = counts.cumsum(0) - counts
    shares = torch.log_softmax(logits[first].gather(1, answers).float(), dim=1)
    one, other = shares[0::2], shares[1::2]
    return ((one.exp() - other.exp()) * (one - other)).sum(1) / 2
