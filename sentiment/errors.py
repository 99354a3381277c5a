"""What can go wrong, as one tree. Each is printed as one line without a traceback.

    SentimentError
    ├── ProfileError       a profile that cannot be read, or a wrong field, type or value in it
    ├── SettingsError      a `[tool.sentiment]` table with a wrong field or value
    ├── PromptError        a wording without exactly one {review}, or unusable answer words
    ├── DataError          a source that is missing, unreadable, unlabelled, empty or one-sided
    │   ├── LeakError      a text of one pool where only texts of another may be
    │   └── NotApplicableError   a behavior that this profile's data cannot feed
    ├── BehaviorError      a behavior, a file of behaviors or a file of pairs that is malformed
    ├── BaselineError      a baseline that is unreadable, or of another profile or version
    ├── AssetError         a download that failed, or whose hash is not the pinned one
    ├── ModelError         a model or adapter folder that is missing, incomplete, pickled or foreign
    │   └── DamagedError   a file of the cache that changed since it was written; it is built anew
    ├── SubjectError       a classifier of one's own that cannot be imported, asked or understood
    ├── TrainingError      a loss that is not finite, a run that cannot be resumed
    ├── CacheError         a cache folder that cannot be made, written or tidied
    ├── DeviceError        hardware that a profile asks for and the machine lacks
    └── ReportError        a run folder that cannot be written or read

The message says what is wrong with the offending value, where, and what to do.
"""

from __future__ import annotations

import errno
import importlib
import traceback
from pathlib import Path


class SentimentError(Exception):
    """Base of everything a user can cause; catch this one."""


class ProfileError(SentimentError):
    """A profile is wrong: fix the field that the message names."""


class SettingsError(SentimentError):
    """`[tool.sentiment]` is wrong: fix the field that the message names."""


class PromptError(SentimentError):
    """A prompt is wrong: give it one {review} and two different answer words."""


class DataError(SentimentError):
    """Data cannot be used: the message names the file, the row or column, and what is expected."""


class LeakError(DataError):
    """A text stands in two pools: remove it from the side that the message names."""


class NotApplicableError(DataError):
    """A behavior needs material that this profile's data does not have: it is inconclusive, never kept."""


class BehaviorError(SentimentError):
    """A behavior cannot be used: the message names the file and line, or the behavior and case."""


class BaselineError(SentimentError):
    """A baseline cannot be used: the message names the file, and what to record anew."""


class AssetError(SentimentError):
    """An embedded asset could not be fetched or verified: check the network or the cache folder."""


class ModelError(SentimentError):
    """A model folder cannot be used: the message names the missing or refused file."""


class DamagedError(ModelError):
    """A file of a finished cache folder changed since it was written: who can build the folder anew does."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(f"{folder / name} is damaged (its SHA-256 changed)")
        self.folder = folder


class SubjectError(SentimentError):
    """A classifier of one's own is wrong: the message names it, and the text or the target."""


class TrainingError(SentimentError):
    """Training stopped: the message says at which step and what to change."""


class CacheError(SentimentError):
    """The cache cannot be used: make room where the message says, or set SENTIMENT_CACHE to another folder."""


class DeviceError(SentimentError):
    """The machine lacks what the profile asks for: choose another profile or device."""


class ReportError(SentimentError):
    """A run folder cannot be written or read: choose another with --[behavior-]reports."""


_VALUE_WIDTH = 100


def shown(value: object) -> str:
    """A value for a message, as code would write it: at most 100 characters."""
    try:
        said = repr(value)
    except ValueError:  # a figure of thousands of digits
        said = f"a figure of type {type(value).__name__} that is too long to show"
    return said if len(said) <= _VALUE_WIDTH else f"{said[: _VALUE_WIDTH - 3]}..."


_REASON_WIDTH = 400  # characters: what a terminal shows in a few rows


def reason_of(error: BaseException) -> str:
    """What a library's error says, on one line of at most 400 characters.

    All its lines count, since the reason often stands on the second; of a longer message the middle is
    left out, because loaders put the reason at either end. A message that is no sentence, such as the
    bare key of a `KeyError`, is preceded by the error's type.
    """
    said = " ".join(str(error).split())
    if " " not in said:
        said = f"{type(error).__name__}: {said}" if said else type(error).__name__
    if len(said) <= _REASON_WIDTH:
        return said
    tail = _REASON_WIDTH // 3
    return f"{said[: _REASON_WIDTH - tail - 3].rstrip()} … {said[-tail:].lstrip()}"


def users_traceback(error: BaseException) -> list[str]:
    """The lines of the traceback of a user's own code, where that is what an error of ours came from."""
    cause = error.__cause__
    if not isinstance(error, SubjectError) or cause is None:
        return []
    not_theirs = (str(Path(__file__).parent), str(Path(importlib.__file__).parent), "<frozen importlib")
    trace = traceback.TracebackException.from_exception(cause)
    while trace.stack and trace.stack[0].filename.startswith(not_theirs):
        del trace.stack[0]  # what stands above the user's first line is ours, or Python's way of importing it
    if not trace.stack and not isinstance(cause, SyntaxError):
        return []
    return "".join(trace.format(chain=False)).rstrip().splitlines()


_MACHINE = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENXIO, errno.ENODEV),
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENAMETOOLONG, errno.ELOOP),
}
"""What an operating system refuses because of the machine: never a programming error. A missing file may be one."""


def fault_of(error: BaseException) -> str | None:
    """In a line what a user or the machine caused; None for a programming error, whose traceback is wanted.

    The last net, for whoever runs commands or tests: a module that knows the remedy raises its own error.
    """
    if isinstance(error, SentimentError):
        return str(error)
    if isinstance(error, OSError) and error.errno in _MACHINE:
        where = f"{error.filename}: " if error.filename is not None else ""
        return f"{where}{error.strerror or reason_of(error)}"
    return None
