"""Queries to predictions: what greedy generation would answer, for the price of one forward pass.

The first token of an answer usually settles what `answers.parse_answer` makes of it, so only that token
is computed: one pass over right-padded rows, logits at one position per row, the beginning that all
prompts share computed once. A row whose first token leaves the answer open goes on to `generate`.
In reduced precision a row whose best token is nearly tied with one of another meaning is looked at
again in fp32, and a near tie in fp32 is decided by `generate` alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from sentiment.answers import parse_answer, settled_by
from sentiment.errors import DeviceError, ModelError
from sentiment.models.batches import PASS_OVERHEAD, cheapest_batches, common_prefix
from sentiment.models.device import DTYPES
from sentiment.models.generate import generate_answers
from sentiment.models.prefix import fork, prefix_cache, suffix_logits
from sentiment.models.tokens import Renderer, Row, pad_right
from sentiment.types import Label, Prediction, Prompt, Query

SCORING_VERSION = 1
"""Raised by hand when a change could alter an answer; stored predictions of other versions are not read."""
NEAR_TIE = {"fp32": 1e-3, "bf16": 1.5, "fp16": 0.25}
"""Logit margins below which a number format may pick another token than exact arithmetic: at least twice
the largest logit error seen in `benchmarks/agreement`."""
RIVALS = 16
"""Best tokens among which one of another meaning is looked for."""


@dataclass(frozen=True)
class _Look:
    """What the forward pass says about the first token of one answer."""

    token: int
    margin: float
    """Logit distance from the best token to the best one of another meaning."""
    p_positive: float | None
    label_mass: float | None


class ModelPredictor:
    """A causal language model as a `Predictor`.

    `model` holds fp32 weights; `precision` is that of the first look. `note` hears when memory ran out
    and batches were halved.
    """

    def __init__(
        self,
        name: str,
        fingerprint: str,
        model: PreTrainedModel,
        renderer: Renderer,
        *,
        precision: str = "fp32",
        token_budget: int = 4096,
        max_new_tokens: int = 8,
        note: Callable[[str], None] = print,
        progress: bool = False,
    ) -> None:
        self.name, self.fingerprint = name, fingerprint
        self.model, self.renderer = model.eval(), renderer
        self.precision, self.token_budget, self.max_new_tokens = precision, token_budget, max_new_tokens
        self.note, self.progress = note, progress
        self.generated = 0
        """Rows so far that one forward pass did not settle."""

    @cached_property
    def _fast_model(self) -> PreTrainedModel:
        if self.precision == "fp32":
            return self.model
        return copy.deepcopy(self.model).to(DTYPES[self.precision])

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order; each distinct query is asked once.

        Raises `ModelError` when the logits are not finite.
        """
        answered: dict[Query, Prediction] = {}
        distinct = list(dict.fromkeys(queries))
        with torch.inference_mode(), tqdm(
            total=len(distinct), desc=f"{self.name}: scoring", unit="query", disable=not self.progress, leave=False
        ) as bar:  # fmt: skip
            for prompt in dict.fromkeys(query.prompt for query in distinct):
                asked = [query for query in distinct if query.prompt == prompt]
                for query, prediction in self._answer(prompt, asked):
                    answered[query] = prediction
                    bar.update()
        return [answered[query] for query in queries]

    def _answer(self, prompt: Prompt, queries: list[Query]) -> Iterator[tuple[Query, Prediction]]:
        rows = self.renderer.encode(queries)
        meaning = _Meaning(self.renderer, prompt)
        unsure: list[int] = []
        open_rows: list[tuple[int, _Look]] = []
        for i, look in self._looks(self._fast_model, rows, meaning):
            if self.precision != "fp32" and look.margin < NEAR_TIE[self.precision]:
                unsure.append(i)
            elif meaning.settles(look.token) and look.margin >= NEAR_TIE["fp32"]:
                yield queries[i], meaning.prediction(look, rows[i].cut)
            else:
                open_rows.append((i, look))
        for j, look in self._looks(self.model, [rows[i] for i in unsure], meaning):
            i = unsure[j]
            if meaning.settles(look.token) and look.margin >= NEAR_TIE["fp32"]:
                yield queries[i], meaning.prediction(look, rows[i].cut)
            else:
                open_rows.append((i, look))
        for i, prediction in self._generated(rows, open_rows, meaning):
            yield queries[i], prediction

    def _generated(
        self, rows: list[Row], chosen: list[tuple[int, _Look]], meaning: _Meaning
    ) -> Iterator[tuple[int, Prediction]]:
        """Rows that one token does not settle, through `generate`: near ties one by one, the others in batches."""
        self.generated += len(chosen)
        tied = [(i, look) for i, look in chosen if look.margin < NEAR_TIE["fp32"]]
        others = [(i, look) for i, look in chosen if look.margin >= NEAR_TIE["fp32"]]
        lengths = [len(rows[i].ids) + self.max_new_tokens for i, _ in others]
        overhead = PASS_OVERHEAD[self.model.device.type] * self.max_new_tokens
        batches = [[others[j] for j in batch] for batch in cheapest_batches(lengths, self.token_budget, overhead)]
        for batch in [*batches, *([pair] for pair in tied)]:
            answers = generate_answers(
                self.model,
                [rows[i].ids for i, _ in batch],
                sorted(meaning.stops),
                self.renderer.pad_id,
                self.max_new_tokens,
            )
            for (i, look), answer in zip(batch, answers, strict=True):
                text = str(self.renderer.tokenizer.decode(answer, skip_special_tokens=True))
                label = parse_answer(text, meaning.words)
                yield i, Prediction(label, look.p_positive, look.label_mass, text, rows[i].cut)

    def _looks(self, model: PreTrainedModel, rows: list[Row], meaning: _Meaning) -> Iterator[tuple[int, _Look]]:
        """Row numbers and first looks, batch by batch."""
        if not rows:
            return
        shared = common_prefix([row.ids for row in rows])
        device = model.device
        cache = prefix_cache(model, torch.tensor(rows[0].ids[:shared], device=device)) if shared else None
        rests = [row.ids[shared:] for row in rows]
        for batch in cheapest_batches([len(rest) for rest in rests], self.token_budget, PASS_OVERHEAD[device.type]):
            yield from self._within_memory(model, [(i, rests[i]) for i in batch], cache, meaning)

    def _within_memory(
        self, model: PreTrainedModel, batch: list[tuple[int, list[int]]], cache: object, meaning: _Meaning
    ) -> list[tuple[int, _Look]]:
        """The looks of one batch, in halves where memory runs out."""
        try:
            ids = pad_right([rest for _, rest in batch], self.renderer.pad_id).to(model.device)
            last = torch.tensor([[len(rest) - 1] for _, rest in batch], device=model.device)
            logits = suffix_logits(model, ids, fork(cache), last)[:, 0].float()  # type: ignore[arg-type]
            return list(zip([i for i, _ in batch], meaning.looks(logits), strict=True))
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
        # outside the handler: the error's traceback holds on to the memory of the failed pass
        if len(batch) == 1:
            raise DeviceError(f"a single prompt of {len(batch[0][1])} tokens does not fit into memory")
        if model.device.type == "cuda":
            torch.cuda.empty_cache()
        self.token_budget = max(1, self.token_budget // 2)
        self.note(f"{self.name}: out of memory at {len(batch)} rows; going on with {self.token_budget} tokens per pass")
        half = len(batch) // 2
        return [
            look for part in (batch[:half], batch[half:]) for look in self._within_memory(model, part, cache, meaning)
        ]


class _Meaning:
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

    def prediction(self, look: _Look, cut: bool) -> Prediction:
        """What a settling token answers."""
        text = "" if look.token in self.stops else self.text_of(look.token)
        return Prediction(self.label_of(look.token), look.p_positive, look.label_mass, text, cut)

    def looks(self, logits: Tensor) -> list[_Look]:
        """(B, V) logits of the first token -> B looks."""
        if not torch.isfinite(logits).all():
            raise ModelError("the model's logits are not finite; its weights are damaged or overflow this precision")
        best, tokens = logits.topk(min(RIVALS, logits.shape[1]))
        total = logits.logsumexp(dim=1)
        negative, positive = (
            (logits[:, ids.to(logits.device)].logsumexp(dim=1) - total).double().exp()
            for ids in (self.negative, self.positive)
        )
        mass = negative + positive
        facts = zip(best.tolist(), tokens.tolist(), (positive / mass).tolist(), mass.tolist(), strict=True)
        return [
            _Look(tokens[0], self._margin(best, tokens), p if self.apart else None, m if self.apart else None)
            for best, tokens, p, m in facts
        ]

    def _margin(self, best: list[float], tokens: list[int]) -> float:
        ours = self._outcome(tokens[0])
        rivals = (i for i, token in enumerate(tokens) if self._outcome(token) != ours)
        return best[0] - best[next(rivals, len(best) - 1)]

    def _outcome(self, token: int) -> object:
        """Tokens of one outcome lead to the same label; an open token leads to its own."""
        label = self.label_of(token)
        return token if label is None else label


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "not enough memory" in str(error)
