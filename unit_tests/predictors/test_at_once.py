"""Several calls at a time: order, errors, and who need not wait."""

from __future__ import annotations

import threading

import pytest

from sentiment.predictors.at_once import at_once


def test_results_come_as_they_are_ready() -> None:
    first_may_end = threading.Event()

    def call(item: int) -> int:
        if item == 0:
            first_may_end.wait(20)
        return item * item

    found = at_once(range(4), call, 2, lambda: None)
    assert [next(found) for _ in range(3)] == [(1, 1), (2, 4), (3, 9)]
    first_may_end.set()
    assert list(found) == [(0, 0)]


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3)])
def test_an_error_of_any_kind_is_raised_once_what_is_on_its_way_has_come(error: BaseException) -> None:
    begun: list[int] = []
    both, stopped = threading.Barrier(2, timeout=20), threading.Event()

    def call(item: int) -> int:
        begun.append(item)
        if item < 2:
            both.wait()  # the other one is on its way when this one fails
        if item == 0:
            raise error
        if item > 1:
            stopped.wait(20)
        return item

    found, got = at_once(range(50), call, 2, stopped.set), []
    with pytest.raises(type(error)):
        list(map(got.append, found))
    assert (1, 1) in got
    assert len(begun) <= 3  # those on their way, and perhaps one more
    assert stopped.is_set()


def test_nothing_to_do_is_done() -> None:
    assert list(at_once([], len, 3, lambda: None)) == []
