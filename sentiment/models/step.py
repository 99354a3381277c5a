"""One training step that costs only what its gradient needs.

What differs from a plain Trainer changes speed and memory, never the gradients:
- logits and loss only at supervised positions;
- frozen weights are cast to the number format of the products once, not whenever they are used (`frozen.py`);
- a batch is split into micro-batches of similar length within a token budget;
- micro-batches that fit the budget together share one backward pass, and the beginning that all rows of the
  batch have in common is computed once for them (`prefix.py`) where that saves more than a pass of its own costs.
With adapter dropout the shared beginning gets one dropout draw for all rows instead of one each.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import DynamicCache, Trainer

from sentiment.errors import TrainingError
from sentiment.models.batches import PASS_OVERHEAD, cheapest_batches, worth_sharing
from sentiment.models.consistency import disagreement
from sentiment.models.frozen import frozen_in
from sentiment.models.prefix import fork, prefix_cache, suffix_logits
from sentiment.models.tokens import IGNORED


class PromptTrainer(Trainer):
    """A Trainer whose step costs only what the gradient needs."""

    def __init__(self, *args: Any, token_budget: int, consistency: float = 0.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token_budget, self.consistency = token_budget, consistency
        self.model_accepts_loss_kwargs = True  # the token count of the whole optimizer step is used below

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """As transformers', with frozen weights cast once for the whole training."""
        reduced = torch.bfloat16 if self.args.bf16 else torch.float16 if self.args.fp16 else torch.float32
        with frozen_in(self.model, reduced):  # type: ignore[arg-type]
            return super().train(*args, **kwargs)

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Forward and backward over one batch, micro-batch by micro-batch; returns the batch's loss."""
        model.train()
        inputs = self._prepare_inputs(inputs)
        if num_items_in_batch is None:
            num_items_in_batch = (inputs["labels"] != IGNORED).sum()
        total = torch.zeros((), device=self.args.device)
        shared = shared_prefix(inputs["input_ids"], inputs["labels"])
        groups = list(fitting_together(micro_batches(inputs, self.token_budget), self.token_budget))
        for i, parts in enumerate(groups):
            last = i == len(groups) - 1
            with contextlib.nullcontext() if last else self.accelerator.no_sync(model):
                with self.accelerator.autocast():  # one cache of cast weights for all passes
                    loss = self._loss(model, parts, shared, num_items_in_batch)
                self.accelerator.backward(loss)
            total += loss.detach()
        if not torch.isfinite(total):
            raise TrainingError(
                f"the loss is {total.item()} after {self.state.global_step} of {self.state.max_steps} steps; "
                f"lower learning_rate (now {self.args.learning_rate:g}) or use precision = 'fp32'"
            )
        return total

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Mean cross-entropy over supervised tokens; over the whole optimizer step's when their number is given.

        Rows in pairs add the disagreement of each pair, weighted by `consistency` and by its supervised tokens.
        """
        shared = shared_prefix(inputs["input_ids"], inputs["labels"])
        loss = self._loss(model, list(micro_batches(inputs, self.token_budget)), shared, num_items_in_batch)
        return (loss, {}) if return_outputs else loss

    def _loss(
        self, model: nn.Module, parts: list[dict[str, Tensor]], shared: int, count: Tensor | int | None
    ) -> Tensor:
        """Of micro-batches whose rows all begin with the same `shared` tokens."""
        first = parts[0]["input_ids"]
        rows = sum(len(part["input_ids"]) for part in parts)
        share = worth_sharing(shared, rows, PASS_OVERHEAD[first.device.type])
        cache = prefix_cache(model, first[0, :shared]) if share else None
        loss = torch.stack([self._summed(model, part, cache) for part in parts]).sum()
        if count is None:
            return loss / sum((part["labels"][:, 1:] != IGNORED).sum() for part in parts)
        # distributed training averages over processes, the token count is of all of them
        return loss / count * self.accelerator.num_processes

    def _summed(self, model: nn.Module, part: dict[str, Tensor], cache: DynamicCache | None) -> Tensor:
        """The loss of a micro-batch, summed over its supervised tokens."""
        logits, targets = supervised_logits(model, part["input_ids"], part["labels"], cache)
        loss = F.cross_entropy(logits.float(), targets, reduction="sum")
        if "answers" in part:
            counts = (part["labels"][:, 1:] != IGNORED).sum(1)
            apart = disagreement(logits, counts, part["answers"])
            loss = loss + self.consistency * (apart * counts.view(-1, 2).sum(1)).sum()
        return loss

    def prediction_step(
        self, model: nn.Module, inputs: dict[str, Any], prediction_loss_only: bool, ignore_keys: Any = None
    ) -> tuple[Tensor, None, None]:
        """The loss of one evaluation batch; its logits are never needed."""
        inputs = self._prepare_inputs(inputs)
        supervised = (inputs["labels"] != IGNORED).sum()
        with torch.no_grad():
            loss = self.compute_loss(model, inputs, num_items_in_batch=supervised) / self.accelerator.num_processes
        return loss, None, None


def micro_batches(inputs: dict[str, Tensor], budget: int) -> Iterator[dict[str, Tensor]]:
    """The batch in parts of similar length within a token budget, padding trimmed; pairs stay together."""
    together = 2 if "answers" in inputs else 1
    lengths = _lengths(inputs["labels"])
    longest = [max(lengths[i : i + together]) for i in range(0, len(lengths), together)]
    overhead = PASS_OVERHEAD[inputs["labels"].device.type]
    for groups in cheapest_batches(longest, budget // together, overhead):
        rows = [group * together + i for group in groups for i in range(together)]
        part = {name: values[rows] for name, values in inputs.items()}
        width = max(longest[group] for group in groups)
        yield part | {name: part[name][:, :width] for name in ("input_ids", "labels")}


def fitting_together(parts: Iterable[dict[str, Tensor]], budget: int) -> Iterator[list[dict[str, Tensor]]]:
    """Micro-batches in groups whose tokens, padding included, stay within the budget; one alone may be larger."""
    group: list[dict[str, Tensor]] = []
    for part in parts:
        if group and sum(each["input_ids"].numel() for each in [*group, part]) > budget:
            yield group
            group = []
        group.append(part)
    yield group


def supervised_logits(
    model: nn.Module, ids: Tensor, labels: Tensor, cache: DynamicCache | None = None
) -> tuple[Tensor, Tensor]:
    """Logits at the positions that predict a supervised token, and those tokens: (N, V) and (N,).

    `ids`, `labels`: (B, T), right-padded, whole rows; `cache`: of the beginning that they share, where it was
    computed already; it stays as it is.
    """
    shared = 0 if cache is None else cache.get_seq_length()
    ids, targets = ids[:, :-1], labels[:, 1:]  # nothing follows the last token
    keep = targets[:, shared:] != IGNORED
    own = None if cache is None else fork(cache)
    return suffix_logits(model, ids[:, shared:], own, keep), targets[:, shared:][keep]


def shared_prefix(ids: Tensor, labels: Tensor) -> int:
    """Tokens that all rows begin with, ending before the first position that predicts a supervised token."""
    if len(ids) < 2:
        return 0
    same = (ids == ids[0]).all(dim=0).long().cumprod(dim=0).sum()
    first_supervised = (labels != IGNORED).long().argmax(dim=1).min()
    return max(0, int(torch.minimum(same, first_supervised - 1)))


def _lengths(labels: Tensor) -> list[int]:
    """Row lengths without padding: the answer is the end of a row."""
    supervised = (labels != IGNORED).long()
    return (labels.shape[1] - supervised.flip(1).argmax(dim=1)).tolist()
