"""Behaviors of the package's own YAML files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sentiment.behavior.yaml_file import read_yaml
from sentiment.types import Behavior

FOLDER = Path(__file__).parent


def behaviors_of(suite: str) -> tuple[Behavior, ...]:
    """Those of the suite's YAML file, in its order. They have no place: none that a user could mend."""
    return tuple(replace(behavior, place="") for behavior in read_yaml(FOLDER / f"{suite}.yaml", trusted=True))
