"""Paths as users write them."""

from __future__ import annotations

from pathlib import Path

from sentiment.errors import DataError


def at_home(path: Path | str) -> Path:
    """The path with a leading `~` or `~name` as that user's home, unless there is a file of just that name.

    Raises `DataError` where there is no such home.
    """
    literal = Path(path)
    try:
        return literal if literal.exists() else literal.expanduser()
    except RuntimeError:
        raise DataError(f"{path}: there is no such home folder; write the path in full") from None
