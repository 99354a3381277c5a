"""How far something long is: one bar on a terminal; elsewhere a plain line now and then, ever more rarely."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

SILENCE = 30.0
"""Least seconds between two plain lines: a log shows that the run lives, and is not flooded."""
PATIENCE = 0.05
"""And the least share of the time that it has taken so far: ten hours make about a hundred lines."""


class Progress:
    """Counts what is done of `total`; `note` hears the plain lines.

    `begun`: what was done before; `shares`: how many parts are told of even where each takes no time.
    """

    def __init__(
        self, total: int, note: Callable[[str], object], *, unit: str = "queries", begun: int = 0, shares: int = 1
    ) -> None:
        self._total, self._note, self._unit, self._begun, self._shares = total, note, unit, begun, shares
        self._done, self._what, self._detail = begun, "", ""
        self._began = self._said = time.monotonic()
        self._bar = tqdm(
            total=total,
            initial=begun,
            leave=False,
            dynamic_ncols=True,
            mininterval=0.5,
            smoothing=0.05,
            disable=not sys.stderr.isatty(),
            bar_format="{percentage:3.0f}% |{bar:10}| {remaining} left: {desc}",  # a narrow terminal cuts the end
        )

    def describe(self, what: str, detail: str = "") -> None:
        """Say what is being done, and a figure of how it goes."""
        self._what, self._detail = what, f", {detail}" if detail else ""
        self._bar.set_description_str(what + self._detail)

    def advance(self, n: int = 1) -> None:
        """Count `n` more as done."""
        part = self._done * self._shares // self._total
        self._done += n
        self._bar.update(n)
        if not self._bar.disable or self._done >= self._total:
            return
        now = time.monotonic()
        pause = max(SILENCE, PATIENCE * (now - self._began))
        if now - self._said >= pause or self._done * self._shares // self._total > part:
            self._said = now
            left = (now - self._began) / (self._done - self._begun) * (self._total - self._done)
            share, rest = self._done / self._total, tqdm.format_interval(left)
            done = f"{self._done:,} of {self._total:,} {self._unit}"
            self._note(f"{self._what}: {share:.0%}, {done}{self._detail}, {rest} left")

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


@contextmanager
def progress_of(total: int, note: Callable[[str], object]) -> Iterator[Progress]:
    """A `Progress` that is closed in the end."""
    progress = Progress(total, note)
    try:
        yield progress
    finally:
        progress.close()
