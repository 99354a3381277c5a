"""How far a long answering is: one bar on a terminal, elsewhere a plain line every half minute."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

SILENCE = 30.0
"""Seconds between two plain lines: a log shows that the run lives, and is not flooded."""


class Progress:
    """Counts answers towards `total`; `note` hears the plain lines."""

    def __init__(self, total: int, note: Callable[[str], object], silence: float = SILENCE) -> None:
        self._total, self._note, self._silence = total, note, silence
        self._done, self._what = 0, ""
        self._began = self._said = time.monotonic()
        self._bar = tqdm(
            total=total,
            unit="query",
            leave=False,
            dynamic_ncols=True,
            mininterval=0.5,
            smoothing=0.05,
            disable=not sys.stderr.isatty(),
            bar_format="{percentage:3.0f}% |{bar:10}| {remaining} left: {desc}",  # a narrow terminal cuts the end
        )

    def describe(self, what: str) -> None:
        """Say what is being done."""
        self._what = what
        self._bar.set_description_str(what)

    def advance(self, n: int = 1) -> None:
        """Count `n` more answers."""
        self._done += n
        self._bar.update(n)
        now = time.monotonic()
        if self._bar.disable and now - self._said >= self._silence and self._done < self._total:
            self._said = now
            left = (now - self._began) / self._done * (self._total - self._done)
            rest = tqdm.format_interval(left)
            self._note(f"{self._what}: {self._done:,} of {self._total:,} queries, {rest} left")

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
