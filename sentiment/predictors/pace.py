"""How fast a server is asked: several threads that wait together when it says so."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

LONGEST = 300.0
"""Most seconds that are waited because a server asks for it."""
_FIRST, _MOST = 0.5, 20.0
"""Seconds before the second try, doubled for each further one, and the most of it."""


class Pace:
    """Shared by the threads that ask one server."""

    def __init__(self) -> None:
        self.answered = 0
        """Answers so far, of all threads."""
        self._until, self._stop, self._lock = 0.0, threading.Event(), threading.Lock()

    def wait(self) -> None:
        """Until the server may be asked again."""
        while not self.stopped and (left := self._until - time.monotonic()) > 0:
            self._stop.wait(left)

    def hold(self, seconds: float) -> None:
        """Let nobody ask for so long."""
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def pause(self, seconds: float) -> None:
        """Wait alone."""
        self._stop.wait(seconds)

    def stop(self) -> None:
        """Wait no more: the asking is over."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether the asking is over."""
        return self._stop.is_set()


def waiting_time(retry_after: str | None, tried: int) -> float | None:
    """Seconds until the next try: ever longer, not always the same, so that threads do not come back together, and
    never less than the server says (RFC 9110, section 10.2.3: seconds or a date). None: longer than is waited."""
    seconds = _asked_for(retry_after) or 0.0
    if seconds > LONGEST:
        return None
    return max(seconds, min(_MOST, _FIRST * 2 ** (tried - 1)) * random.uniform(0.75, 1.25))


def _asked_for(retry_after: str | None) -> float | None:
    if not retry_after:
        return None
    with suppress(ValueError):
        return max(0.0, float(retry_after))
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    return None
