"""Ending the session in one line where the user or the machine caused what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sentiment.errors import fault_of
from sentiment.safety import whole_line


class Stop(pytest.exit.Exception):  # type: ignore[name-defined]
    """Something that the user or the machine caused: said in one line, and the session ends with exit status 2."""

    __module__ = "builtins"  # pytest says the exception's name before the line, and this one's is `error`


Stop.__name__ = Stop.__qualname__ = "error"


def stop(error: BaseException | None) -> None:
    """End the session if that error is a user's or the machine's, or already meant to end it.

    A programming error keeps its traceback.
    """
    if isinstance(error, Stop):  # pytest takes it for an error of what it was collecting
        raise error
    said = None if error is None else fault_of(error)
    if said is not None:
        raise Stop(whole_line(said), returncode=2) from None


@contextmanager
def stopping() -> Iterator[None]:
    """`stop` for what pytest does not report on: hooks before and between the tests."""
    try:
        yield
    except Exception as error:
        stop(error)
        raise
