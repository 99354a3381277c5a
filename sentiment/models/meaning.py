"""What the first token of an answer already says."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sentiment.errors import ModelError
from sentiment.models.tokens import Renderer
from sentiment.prompting.answers import settled_by
from sentiment.types import Label, Prediction, Prompt, shares_of

RIVALS = 16
"""Best tokens among which one of another meaning is looked for."""


@dataclass(frozen=True)
class Look:
    """What the forward pass says about the first token of one answer."""

    token: int
    margin: float
    """Logit distance from the best token to the best one of another meaning."""
    p_positive: float | None
    label_mass: float | None


class Meaning:
    """What single tokens mean as the start of an answer to one prompt."""

    def __init__(self, renderer: Renderer, prompt: Prompt) -> None:
        self.tokenizer, self.words = renderer.tokenizer, prompt.words
        self.stops = set(renderer.stops(prompt))
        negative, positive = (renderer.first_ids(prompt, label) for label in Label)
        self.negative, self.positive = (
            torch.tensor(sorted(ids), dtype=torch.long) for ids in (negative - positive, positive - negative)
        )
        self.apart = bool(negative - positive and positive - negative)
        """Whether the first token tells the labels apart; else it has no probability of either to offer."""
        self.labels: dict[int, Label | None] = {}

    def text_of(self, token: int) -> str:
        """The token as text."""
        return str(self.tokenizer.decode([token], skip_special_tokens=True))

    def label_of(self, token: int) -> Label | None:
        """The label that an answer beginning with this token has for certain."""
        if token not in self.labels:
            self.labels[token] = settled_by(self.text_of(token), self.words)
        return self.labels[token]

    def settles(self, token: int) -> bool:
        """Whether an answer that begins with this token can only mean one thing."""
        return token in self.stops or self.label_of(token) is not None

    def prediction(self, look: Look, cut: bool) -> Prediction:
        """What a settling token answers."""
        text = "" if look.token in self.stops else self.text_of(look.token)
        return Prediction(self.label_of(look.token), shares_of(look.p_positive), look.label_mass, text, cut)

    def looks(self, logits: Tensor, *, exact: bool) -> list[Look]:
        """(B, V) logits of the first token -> B looks.

        Logits that are not finite are an error in exact arithmetic; in a reduced precision that overflowed
        they are a tie, which fp32 decides.
        """
        finite = torch.isfinite(logits).all(dim=1)
        if exact and not finite.all():
            raise ModelError("the model's logits are not finite; its weights are damaged or training diverged")
        logits = torch.where(finite[:, None], logits, 0.0)
        best, tokens = logits.topk(min(RIVALS, logits.shape[1]))
        total = logits.logsumexp(dim=1)
        negative, positive = (
            (logits[:, ids.to(logits.device)].logsumexp(dim=1) - total).double().exp()
            for ids in (self.negative, self.positive)
        )
        mass = negative + positive
        facts = zip(best.tolist(), tokens.tolist(), (positive / mass).tolist(), mass.tolist(), strict=True)
        return [
            Look(tokens[0], self._margin(best, tokens), p if self.apart else None, m if self.apart else None)
            for best, tokens, p, m in facts
        ]

    def _margin(self, best: list[float], tokens: list[int]) -> float:
        ours = self.outcome(tokens[0])
        rivals = (i for i, token in enumerate(tokens) if self.outcome(token) != ours)
        return best[0] - best[next(rivals, len(best) - 1)]

    def outcome(self, token: int) -> object:
        """Tokens of one outcome lead to the same label; an open token leads to its own."""
        label = self.label_of(token)
        return token if label is None else label
