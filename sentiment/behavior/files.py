"""Behaviors that users write down in plain files, YAML or CSV. `docs/behaviors.md` shows both."""

from __future__ import annotations

from pathlib import Path

from sentiment.behavior.csv_file import read_csv
from sentiment.behavior.yaml_file import read_yaml
from sentiment.errors import BehaviorError
from sentiment.types import Behavior

_READERS = {".yaml": read_yaml, ".yml": read_yaml, ".csv": read_csv}


def read_behaviors(path: Path) -> list[Behavior]:
    """The behaviors of a YAML or CSV file, in its order.

    Raises `BehaviorError`, naming file and line, for the first thing in it that cannot be used.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise BehaviorError(f"{path}: suffix {path.suffix!r} is no file of behaviors; use one of {', '.join(_READERS)}")
    return reader(path)


def behaviors_beside(folder: Path) -> tuple[Behavior, ...]:
    """The behaviors of every YAML and CSV file in a folder, not below it; files in the order of their names.

    Raises `BehaviorError` like `read_behaviors`, and for a name that two files use.
    """
    behaviors: list[Behavior] = []
    files: dict[str, Path] = {}
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in _READERS and path.is_file()):
        for behavior in read_behaviors(path):
            if behavior.name in files:
                raise BehaviorError(f"{path}: behavior {behavior.name!r} stands in {files[behavior.name]} already")
            files[behavior.name] = path
            behaviors.append(behavior)
    return tuple(behaviors)
