"""Several calls at a time, whose results come as they are ready."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def at_once(
    items: Iterable[Item], call: Callable[[Item], Result], workers: int, stop: Callable[[], None]
) -> Iterator[tuple[Item, Result]]:
    """Each item with what `call` makes of it, in the order in which they are ready, `workers` at a time.

    The first error ends it: no other item is begun, `stop` is called, those on their way still come, then the error is
    raised. The threads are daemons: who is interrupted need not wait for calls that wait for somebody else.
    """
    waiting, done = deque(items), SimpleQueue[tuple[Item, Result] | BaseException | None]()

    def work() -> None:
        while True:
            try:
                item = waiting.popleft()
            except IndexError:
                break
            try:
                done.put((item, call(item)))
            except BaseException as error:  # whatever it is, somebody waits for it
                waiting.clear()
                done.put(error)
        done.put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(waiting)))]
    for thread in threads:
        thread.start()
    failure: BaseException | None = None
    at_work = len(threads)
    try:
        while at_work:
            result = done.get()
            if result is None:
                at_work -= 1
            elif isinstance(result, BaseException):
                stop()
                failure = failure or result
            else:
                yield result
    finally:
        waiting.clear()
        stop()
    if failure is not None:
        raise failure
