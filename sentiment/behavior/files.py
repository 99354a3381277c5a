"""Behaviors that users write down in plain files, YAML or CSV. `docs/behaviors.md` shows both."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from sentiment.behavior.cases import paired
from sentiment.behavior.csv_file import read_csv
from sentiment.behavior.expectations import both_right
from sentiment.behavior.pairs import read_pairs
from sentiment.behavior.yaml_file import read_yaml
from sentiment.errors import BehaviorError
from sentiment.types import Behavior, Kind, Promise

_SUFFIXES = (".yaml", ".yml", ".csv")


def read_behaviors(path: Path, note: Callable[[str], object] = lambda line: None) -> list[Behavior]:
    """The behaviors of a YAML or CSV file, in its order; `note` hears what of a table is passed over.

    Raises `BehaviorError`, naming file and line, for the first thing in it that cannot be used.
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise BehaviorError(
            f"{path}: suffix {path.suffix!r} is no file of behaviors; use one of {', '.join(_SUFFIXES)}"
        )
    return read_csv(path, note) if suffix == ".csv" else read_yaml(path)


def pairs_behavior(path: Path, note: Callable[[str], object] = lambda line: None) -> Behavior:
    """The behavior of a file of pairs: both texts of each get their label. Raises `BehaviorError`."""
    stem = re.sub("[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    promise = Promise(
        name=f"pairs_of_{stem}_are_both_right",
        capability="counterfactual pairs",
        kind=Kind.DIR,
        claim=f"Both reviews of every pair in {path.name} get their label.",
        budget=0.40,
        min_live=100,
    )
    return Behavior(promise, paired(read_pairs(path, note)), both_right, place=str(path))


def behaviors_beside(folder: Path, note: Callable[[str], object] = lambda line: None) -> tuple[Behavior, ...]:
    """The behaviors of every YAML and CSV file in a folder, not below it; files in the order of their names.

    Raises `BehaviorError` like `read_behaviors`, and for a name that two files use.
    """
    behaviors: list[Behavior] = []
    places: dict[str, str] = {}
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file()):
        for behavior in read_behaviors(path, note):
            first = places.setdefault(behavior.name, behavior.place)
            if first != behavior.place:
                raise BehaviorError(f"{behavior.place}: behavior {behavior.name!r} stands in {first} already")
            behaviors.append(behavior)
    return tuple(behaviors)
