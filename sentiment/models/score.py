"""Queries to predictions: what greedy generation would answer, for the price of one forward pass.

The first token of an answer usually settles what `answers.parse_answer` makes of it, so only that token
is computed: one pass over right-padded rows, logits at one position per row, the beginning that all
prompts share computed once. A row whose first token leaves the answer open is decoded on from there, in
fp32. In reduced precision a row whose best token is nearly tied with one of another meaning is looked at
again in fp32, and a near tie in fp32 is decided by `generate` alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel

from sentiment.models.batches import PASS_OVERHEAD, common_prefix, worth_sharing
from sentiment.models.continuation import continued
from sentiment.models.device import DTYPES
from sentiment.models.generate import generate_answers
from sentiment.models.meaning import Look, Meaning
from sentiment.models.passes import Passes
from sentiment.models.prefix import fork, prefix_cache, suffix_logits
from sentiment.models.tokens import Renderer, Row, pad_right
from sentiment.prompting.answers import parse_answer
from sentiment.types import Prediction, Prompt, Query, shares_of

SCORING_VERSION = 5
"""Raised by hand when a change could alter an answer; stored predictions of other versions are not read."""
NEAR_TIE = {"fp32": 1e-3, "bf16": 1.5, "fp16": 0.25}
"""Logit margins below which a number format may pick another token than exact arithmetic. For bf16 and fp16 a
row below it is looked at again in fp32; `python -m benchmarks.near_ties` shows how far margins move."""
PROBE = 8
"""Rows of a prompt that show whether a look in reduced precision is worth its time for the others."""


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
    ) -> None:
        self.name, self.fingerprint = name, fingerprint
        self.model, self.renderer = model.eval(), renderer
        self.precision, self.max_new_tokens = precision, max_new_tokens
        self._passes = Passes(name, token_budget, model.device, note)
        self.generated = 0
        """Rows so far that one forward pass did not settle."""

    @property
    def token_budget(self) -> int:
        """Most tokens, padding included, of one forward pass, as far as memory allowed so far."""
        return self._passes.token_budget

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
        with torch.inference_mode():
            for prompt in dict.fromkeys(query.prompt for query in distinct):
                asked = [query for query in distinct if query.prompt == prompt]
                answered.update(self._answer(prompt, asked))
        return [answered[query] for query in queries]

    def _answer(self, prompt: Prompt, queries: list[Query]) -> Iterator[tuple[Query, Prediction]]:
        rows = self.renderer.encode(queries)
        meaning = Meaning(self.renderer, prompt)
        waiting = list(range(len(rows)))
        if self.precision != "fp32":
            settled: list[int] = []
            for begin, end in ((0, PROBE), (PROBE, len(rows))):
                if begin and 2 * len(settled) < begin:
                    break  # most rows of this prompt are looked at twice, so the others go to fp32 at once
                for i, (look, _) in self._looks(self._fast_model, rows[begin:end], meaning):
                    if meaning.settles(look.token) and look.margin >= NEAR_TIE[self.precision]:
                        settled.append(begin + i)
                        yield queries[begin + i], meaning.prediction(look, rows[begin + i].cut)
            waiting = sorted(set(waiting).difference(settled))
        for j, (look, answer) in self._looks(self.model, [rows[i] for i in waiting], meaning):
            i = waiting[j]
            if answer is None and meaning.settles(look.token) and look.margin >= NEAR_TIE["fp32"]:
                yield queries[i], meaning.prediction(look, rows[i].cut)
            else:
                self.generated += 1
                yield queries[i], self._read(answer or self._reference(rows[i], meaning), look, rows[i], meaning)

    def _reference(self, row: Row, meaning: Meaning) -> list[int]:
        """What `generate` answers to the row alone."""
        stops = sorted(meaning.stops)
        return generate_answers(self.model, [row.ids], stops, self.renderer.pad_id, self.max_new_tokens)[0]

    def _read(self, answer: list[int], look: Look, row: Row, meaning: Meaning) -> Prediction:
        text = str(self.renderer.tokenizer.decode(answer, skip_special_tokens=True))
        return Prediction(parse_answer(text, meaning.words), shares_of(look.p_positive), look.label_mass, text, row.cut)

    def _looks(
        self, model: PreTrainedModel, rows: list[Row], meaning: Meaning
    ) -> Iterator[tuple[int, tuple[Look, list[int] | None]]]:
        """Row numbers with their first look and, where that leaves the answer open and decoding on was free of
        near ties, the answer's tokens; batch by batch."""
        if not rows:
            return
        device = model.device
        overhead = PASS_OVERHEAD[device.type]
        shared = common_prefix([row.ids for row in rows])
        if not worth_sharing(shared, len(rows), overhead):
            shared = 0
        cache = prefix_cache(model, torch.tensor(rows[0].ids[:shared], device=device)) if shared else DynamicCache()
        rests = [row.ids[shared:] for row in rows]

        def looks(batch: list[int]) -> list[tuple[Look, list[int] | None]]:
            ids = pad_right([rests[i] for i in batch], self.renderer.pad_id).to(device)
            last = torch.tensor([[len(rests[i]) - 1] for i in batch], device=device)
            own = fork(cache)
            logits = suffix_logits(model, ids, own, last)[:, 0].float()
            found = meaning.looks(logits, exact=model is self.model)
            answers = self._continued(found, own, last[:, 0] + 1, ids.shape[1], meaning) if model is self.model else {}
            return [(look, answers.get(place)) for place, look in enumerate(found)]

        yield from self._passes.each([len(rest) for rest in rests], looks)

    def _continued(
        self, found: list[Look], cache: DynamicCache, lengths: Tensor, width: int, meaning: Meaning
    ) -> dict[int, list[int] | None]:
        """Answers of the rows that their first look leaves open; None where a near tie came in between."""
        open_rows = [
            place
            for place, look in enumerate(found)
            if look.margin >= NEAR_TIE["fp32"] and not meaning.settles(look.token)
        ]
        if not open_rows:
            return {}
        places = torch.tensor(open_rows, device=lengths.device)
        cache.batch_select_indices(places)
        answers = continued(
            self.model,
            cache,
            lengths[places],
            width,
            torch.tensor([found[place].token for place in open_rows], device=lengths.device),
            stops=meaning.stops,
            pad_id=self.renderer.pad_id,
            max_new_tokens=self.max_new_tokens,
            near_tie=NEAR_TIE["fp32"],
        )
        return dict(zip(open_rows, answers, strict=True))
