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
from functools import cached_property, partial
from typing import TypeVar

import torch
from tqdm import tqdm
from transformers import PreTrainedModel

from sentiment.answers import parse_answer
from sentiment.errors import DeviceError
from sentiment.models.batches import PASS_OVERHEAD, cheapest_batches, common_prefix
from sentiment.models.device import DTYPES
from sentiment.models.generate import generate_answers
from sentiment.models.meaning import Look, Meaning
from sentiment.models.prefix import fork, prefix_cache, suffix_logits
from sentiment.models.tokens import Renderer, Row, pad_right
from sentiment.types import Prediction, Prompt, Query

SCORING_VERSION = 1
"""Raised by hand when a change could alter an answer; stored predictions of other versions are not read."""
NEAR_TIE = {"fp32": 1e-3, "bf16": 1.5, "fp16": 0.25}
"""Logit margins below which a number format may pick another token than exact arithmetic. For bf16 and fp16 a
row below it is looked at again in fp32; `python -m benchmarks.agreement --precision bf16` tries it out."""
_OUT_OF_MEMORY = ("not enough memory", "can't allocate memory")
T = TypeVar("T")


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
        meaning = Meaning(self.renderer, prompt)
        unsure: list[int] = []
        open_rows: list[tuple[int, Look]] = []
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
        self, rows: list[Row], chosen: list[tuple[int, Look]], meaning: Meaning
    ) -> Iterator[tuple[int, Prediction]]:
        """Rows that one token does not settle, through `generate`: near ties one by one, the others in batches."""
        self.generated += len(chosen)
        tied = [(i, look) for i, look in chosen if look.margin < NEAR_TIE["fp32"]]
        others = [(i, look) for i, look in chosen if look.margin >= NEAR_TIE["fp32"]]
        overhead = PASS_OVERHEAD[self.model.device.type] * self.max_new_tokens

        def answers(group: list[tuple[int, Look]], batch: list[int]) -> list[list[int]]:
            ids = [rows[group[j][0]].ids for j in batch]
            return generate_answers(self.model, ids, sorted(meaning.stops), self.renderer.pad_id, self.max_new_tokens)

        for group, alone in ((others, False), (tied, True)):
            lengths = [len(rows[i].ids) + self.max_new_tokens for i, _ in group]
            batches = (
                ((j, answers(group, [j])[0]) for j in range(len(group)))
                if alone
                else self._in_batches(lengths, overhead, partial(answers, group))
            )
            for j, answer in batches:
                i, look = group[j]
                text = str(self.renderer.tokenizer.decode(answer, skip_special_tokens=True))
                label = parse_answer(text, meaning.words)
                yield i, Prediction(label, look.p_positive, look.label_mass, text, rows[i].cut)

    def _looks(self, model: PreTrainedModel, rows: list[Row], meaning: Meaning) -> Iterator[tuple[int, Look]]:
        """Row numbers and first looks, batch by batch."""
        if not rows:
            return
        shared = common_prefix([row.ids for row in rows])
        device = model.device
        cache = prefix_cache(model, torch.tensor(rows[0].ids[:shared], device=device)) if shared else None
        rests = [row.ids[shared:] for row in rows]

        def looks(batch: list[int]) -> list[Look]:
            ids = pad_right([rests[i] for i in batch], self.renderer.pad_id).to(device)
            last = torch.tensor([[len(rests[i]) - 1] for i in batch], device=device)
            logits = suffix_logits(model, ids, fork(cache), last)[:, 0].float()
            return meaning.looks(logits, exact=model is self.model)

        yield from self._in_batches([len(rest) for rest in rests], PASS_OVERHEAD[device.type], looks)

    def _in_batches(
        self, lengths: list[int], overhead: int, run: Callable[[list[int]], list[T]]
    ) -> Iterator[tuple[int, T]]:
        """Row numbers and what `run` makes of them, in batches within the token budget.

        Where memory runs out the budget is halved, and what is left is planned anew. Raises `DeviceError`
        when a single row does not fit.
        """
        waiting = list(range(len(lengths)))
        while waiting:
            done: set[int] = set()
            for places in cheapest_batches([lengths[i] for i in waiting], self.token_budget, overhead):
                batch = [waiting[place] for place in places]
                results = _within_memory(run, batch)
                if results is None:
                    self._halve_budget(batch, lengths)
                    break
                yield from zip(batch, results, strict=True)
                done.update(batch)
            waiting = [i for i in waiting if i not in done]

    def _halve_budget(self, batch: list[int], lengths: list[int]) -> None:
        if len(batch) == 1:
            raise DeviceError(f"a single prompt of {lengths[batch[0]]} tokens does not fit into memory")
        if self.model.device.type == "cuda":
            torch.cuda.empty_cache()
        tokens = len(batch) * max(lengths[i] for i in batch)
        self.token_budget = max(1, min(self.token_budget, tokens) // 2)
        self.note(f"{self.name}: out of memory at {tokens} tokens; going on with {self.token_budget} per pass")


def _within_memory(run: Callable[[list[int]], list[T]], batch: list[int]) -> list[T] | None:
    """The results, or None when memory ran out: the error, whose traceback pins that memory, is let go here."""
    try:
        return run(batch)
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY):
            return None
        raise
