"""A time limit on what a foreign file makes Python do: a pattern that explodes, a template that never ends."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sentiment.errors import ModelError


class _TooLong(BaseException):
    """Not an `Exception`, so that no library swallows it."""


@contextmanager
def time_limit(seconds: float, what: str) -> Iterator[None]:
    """Stop after `seconds` of wall time; raises `ModelError`, opening with `what`.

    By the alarm signal, which Python's interpreter and its patterns heed: without it (Windows), and outside the
    main thread, there is no limit. An alarm that was set before goes on afterwards.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    started = time.monotonic()
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TooLong:
        raise ModelError(f"{what} takes more than {seconds:g} seconds; it does not seem to end") from None
    finally:
        rest = max(left - (time.monotonic() - started), 1e-3) if left else 0
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, rest, interval)
