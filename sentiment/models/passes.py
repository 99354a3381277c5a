"""Forward passes within memory: rows in batches of a token budget, which is halved where memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

from sentiment.errors import DeviceError
from sentiment.models.batches import PASS_OVERHEAD, cheapest_batches
from sentiment.models.device import ran_out_of_memory

T = TypeVar("T")


@dataclass
class Passes:
    """How the rows of one model share its passes."""

    name: str
    """Of the model, for what is noted."""
    token_budget: int
    """Most tokens, padding included, of one pass; halved when memory runs out."""
    device: torch.device
    note: Callable[[str], None]

    def each(self, lengths: Sequence[int], run: Callable[[list[int]], list[T]]) -> Iterator[tuple[int, T]]:
        """Row numbers and what `run` makes of them, batch by batch; `lengths` are the rows' in tokens.

        Where memory runs out the budget is halved, and what is left is planned anew. Raises `DeviceError`
        when a single row does not fit.
        """
        waiting = list(range(len(lengths)))
        overhead = PASS_OVERHEAD[self.device.type]
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

    def _halve_budget(self, batch: list[int], lengths: Sequence[int]) -> None:
        if len(batch) == 1:
            raise DeviceError(f"a single prompt of {lengths[batch[0]]} tokens does not fit into memory")
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        tokens = len(batch) * max(lengths[i] for i in batch)
        self.token_budget = max(1, min(self.token_budget, tokens) // 2)
        self.note(f"{self.name}: out of memory at {tokens} tokens; going on with {self.token_budget} per pass")


def _within_memory(run: Callable[[list[int]], list[T]], batch: list[int]) -> list[T] | None:
    """The results, or None when memory ran out: the error, whose traceback pins that memory, is let go here."""
    try:
        return run(batch)
    except RuntimeError as error:
        if ran_out_of_memory(error):
            return None
        raise
