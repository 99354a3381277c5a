"""What can go wrong, as one tree. Each is printed as one line without a traceback.

    SentimentError
    ├── ProfileError       a profile that cannot be read, or a wrong field, type or value in it
    ├── PromptError        a wording without exactly one {review}, or unusable answer words
    ├── DataError          a source that is missing, unreadable, unlabelled, empty or one-sided
    │   ├── LeakError      a text of one pool where only texts of another may be
    │   └── NotApplicableError   a behavior that this profile's data cannot feed
    ├── BehaviorError      a behavior, a file of behaviors or a file of pairs that is malformed
    ├── BaselineError      a baseline that is unreadable, or of another profile or version
    ├── AssetError         a download that failed, or whose hash is not the pinned one
    ├── ModelError         a model or adapter folder that is missing, incomplete, pickled or foreign
    ├── TrainingError      a loss that is not finite, a run that cannot be resumed
    ├── CacheError         a cache folder that cannot be made, written or tidied
    ├── DeviceError        hardware that a profile asks for and the machine lacks
    └── ReportError        a run folder that cannot be written or read

The message says what is wrong with the offending value, where, and what to do.
"""

from __future__ import annotations


class SentimentError(Exception):
    """Base of everything a user can cause; catch this one."""


class ProfileError(SentimentError):
    """A profile is wrong: fix the field that the message names."""


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


class TrainingError(SentimentError):
    """Training stopped: the message says at which step and what to change."""


class CacheError(SentimentError):
    """The cache cannot be used: make room where the message says, or set SENTIMENT_CACHE to another folder."""


class DeviceError(SentimentError):
    """The machine lacks what the profile asks for: choose another profile or device."""


class ReportError(SentimentError):
    """A run folder cannot be written or read: choose another with --reports."""
