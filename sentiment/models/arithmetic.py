"""Parameters and arithmetic of a decoder, by formula: from its architecture alone, without building it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sentiment.errors import ModelError
from sentiment.profiles import AdapterSettings

DERIVED = ("llama", "qwen3")
"""Model types that the formulas hold for."""


@dataclass(frozen=True)
class Projection:
    """One linear layer of a block."""

    name: str
    inputs: int
    outputs: int

    @property
    def weights(self) -> int:
        """Of the layer itself."""
        return self.inputs * self.outputs

    def adapter(self, r: int) -> int:
        """Weights of its adapter: A is r x inputs, B is outputs x r."""
        return r * (self.inputs + self.outputs)


@dataclass(frozen=True)
class Figures:
    """Sizes of a decoder with grouped-query attention and a gated feed-forward layer (Llama, Qwen3)."""

    hidden: int
    layers: int
    heads: int
    key_value_heads: int
    head_size: int
    intermediate: int
    vocabulary: int
    tied: bool
    """Whether the head shares the embedding's weights."""
    head_norms: bool
    """Whether queries and keys are normalised per head (Qwen3)."""

    @staticmethod
    def of(architecture: Mapping[str, Any]) -> Figures:
        """The sizes, from transformers' names; a head size that is not given is hidden size over heads.

        Raises `ModelError` for an architecture that the formulas are not about.
        """
        kind, biased = architecture["model_type"], [n for n in ("attention_bias", "mlp_bias") if architecture.get(n)]
        if kind not in DERIVED or biased:
            raise ModelError(
                f"the derivation by hand is about {' and '.join(DERIVED)} without biases, not about {kind}"
                f"{' with ' + biased[0] if biased else ''}"
            )
        heads = architecture["num_attention_heads"]
        return Figures(
            hidden=architecture["hidden_size"],
            layers=architecture["num_hidden_layers"],
            heads=heads,
            key_value_heads=architecture.get("num_key_value_heads") or heads,
            head_size=architecture.get("head_dim") or architecture["hidden_size"] // heads,
            intermediate=architecture["intermediate_size"],
            vocabulary=architecture["vocab_size"],
            tied=architecture.get("tie_word_embeddings", False),
            head_norms=kind == "qwen3",
        )

    @property
    def attention(self) -> tuple[Projection, ...]:
        """The four projections of a block's attention."""
        query, value = self.heads * self.head_size, self.key_value_heads * self.head_size
        return (
            Projection("q_proj", self.hidden, query),
            Projection("k_proj", self.hidden, value),
            Projection("v_proj", self.hidden, value),
            Projection("o_proj", query, self.hidden),
        )

    @property
    def feed_forward(self) -> tuple[Projection, ...]:
        """The three projections of a block's gated feed-forward layer."""
        return (
            Projection("gate_proj", self.hidden, self.intermediate),
            Projection("up_proj", self.hidden, self.intermediate),
            Projection("down_proj", self.intermediate, self.hidden),
        )

    @property
    def linear(self) -> int:
        """Weights of all linear layers but the head."""
        return self.layers * sum(each.weights for each in (*self.attention, *self.feed_forward))

    @property
    def embedding(self) -> int:
        """Weights of the embedding, and of the head where it has its own."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def norms(self) -> int:
        """Weights of the norms: two per block, one at the end, two per block on the heads where there are any."""
        return self.layers * (2 * self.hidden + 2 * self.head_size * self.head_norms) + self.hidden

    @property
    def total(self) -> int:
        """All parameters, tied ones counted once."""
        return self.linear + self.embedding + self.norms


@dataclass(frozen=True)
class Derivation:
    """The trainable parameters of a low-rank adapter, step by step (Q6)."""

    figures: Figures
    adapter: AdapterSettings
    projections: tuple[Projection, ...]
    """Of one block: those that get an adapter."""

    @staticmethod
    def of(architecture: Mapping[str, Any], adapter: AdapterSettings) -> Derivation:
        """For the model of this architecture."""
        figures = Figures.of(architecture)
        wide = figures.feed_forward if adapter.targets == "all-linear" else ()
        return Derivation(figures, adapter, (*figures.attention, *wide))

    @property
    def per_layer(self) -> int:
        """Trainable parameters of one block."""
        return sum(each.adapter(self.adapter.r) for each in self.projections)

    @property
    def trainable(self) -> int:
        """Of the whole model."""
        return self.figures.layers * self.per_layer

    @property
    def percent(self) -> float:
        """Of the model without the adapter."""
        return 100 * self.trainable / self.figures.total

    def lines(self) -> Iterator[str]:
        """The derivation in words and figures, for a terminal."""
        a, r = self.figures, self.adapter.r
        yield f"trainable parameters of LoRA, r = {r}: a layer W of d_in -> d_out gets A (r x d_in) and B (d_out x r),"
        yield "so r (d_in + d_out) weights"
        yield (
            f"  hidden {a.hidden:,}, {a.layers} layers, {a.heads} query heads, {a.key_value_heads} key/value heads, "
            f"head size {a.head_size}"
        )
        for each in self.projections:
            yield (
                f"  {each.name:10}{each.inputs:>7,} ->{each.outputs:>7,}   "
                f"{r} x ({each.inputs:,} + {each.outputs:,}) = {each.adapter(r):,}"
            )
        yield f"  per layer  {' + '.join(f'{each.adapter(r):,}' for each in self.projections)} = {self.per_layer:,}"
        yield f"  in all     {self.per_layer:,} x {a.layers} = {self.trainable:,}"
        yield f"  share      {self.trainable:,} / {a.total:,} = {self.percent:.3f} %"


@dataclass(frozen=True)
class Shape:
    """One pass through the model: rows of equal width."""

    rows: int
    width: int
    """Positions per row that are computed, padding included."""
    supervised: int
    """Positions whose logits are computed."""

    @property
    def tokens(self) -> int:
        """Positions computed."""
        return self.rows * self.width


def step_flops(figures: Figures, shapes: Sequence[Shape], adapter: int | None = None) -> dict[str, int]:
    """FLOPs of the forward and the backward passes, two per multiplication and addition.

    `adapter`: weights of the adapter that is trained on frozen layers; None where the layers themselves train.

    Forward, per position: 2 for every weight of a linear layer, and 4 L A T for attention (L layers, A = query
    heads x head size, T positions of the row: scores, and their sum over values); 2 H V for the head where a
    logit is wanted. Backward takes a gradient for the inputs and one for the weights of every multiplication, so
    twice the forward. Frozen weights need only the first, so once, beside the adapter's own weights, which
    train. (Kaplan et al. 2020, arXiv 2001.08361, section 2.1, with the attention term kept.)
    """
    tokens = sum(shape.tokens for shape in shapes)
    attention_width = figures.heads * figures.head_size
    linear = 2 * figures.linear * tokens
    attention = sum(4 * figures.layers * attention_width * shape.width * shape.tokens for shape in shapes)
    head = 2 * figures.hidden * figures.vocabulary * sum(shape.supervised for shape in shapes)
    if adapter is None:
        forward = linear + attention + head
        return {"forward": forward, "backward": 2 * forward}
    own = 2 * adapter * tokens
    return {
        "forward": linear + attention + head + own,
        "backward": linear + 2 * attention + head + 2 * own,
    }
