"""What a study found, in memory and in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from sentiment.runs.records import plain

T = TypeVar("T")
Ends = tuple[float, float]
"""Of a 95 % interval."""


@dataclass(frozen=True)
class Done:
    """What one step found, and how."""

    date: str
    """UTC, as 2026-01-31."""
    seconds: float
    command: str
    """Does the step alone."""
    answers: str
    """The assignment's questions that it bears on."""
    commit: str | None
    found: Any
    """The record that the step returns."""


@dataclass(frozen=True)
class Study:
    """The content of `results.json`."""

    schema_version: int
    run: Mapping[str, Any]
    """Settings, machine and versions."""
    steps: Mapping[str, Done]
    """By name, in the order of the experiments; those that were left out are missing."""


def as_json(record: Any) -> Any:
    """A record as what JSON can hold."""
    return plain(record)


def from_json(kind: type[T], facts: Any) -> T:
    """The record that `as_json` made these facts of. Raises `ValueError`, in one line, where it makes others."""
    try:
        record = TypeAdapter(kind).validate_python(facts)
    except ValidationError as error:
        problem = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}") from None
    if json.dumps(as_json(record)) != json.dumps(facts):
        raise ValueError(f"it has other fields than {kind.__name__}, or in another order")
    return record
