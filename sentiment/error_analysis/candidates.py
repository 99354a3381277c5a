"""Short reviews written to be hard, from which failures of a model are picked for the error analysis.

The file is JSONL in UTF-8, one object per line with exactly the fields of `Candidate`, the label as its word.
Label and reason stand there before any model is asked.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from sentiment.errors import BehaviorError
from sentiment.text import normalise
from sentiment.types import Label

CANDIDATES = Path(__file__).with_name("candidates.jsonl")
"""The candidates that come with the package."""


@dataclass(frozen=True)
class Candidate:
    """A review that is easy for a reader and should be hard for a model."""

    id: str
    kind: str
    """The kind of difficulty, in words fit for a heading."""
    text: str
    label: Label
    """What any reader takes it for."""
    why_hard: str
    """One sentence: which words mislead, and what a reader reads."""

    def as_dict(self) -> dict[str, Any]:
        """As in the file."""
        return {**asdict(self), "label": self.label.word}


FIELDS = tuple(field.name for field in fields(Candidate))


def read_candidates(path: Path = CANDIDATES) -> list[Candidate]:
    """The candidates of a file, in its order.

    Raises `BehaviorError`, naming file and line, for a line that is no candidate, and for an id or a text that
    stands there twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # splitlines() would break at rare characters in a text
    except (OSError, UnicodeDecodeError) as error:
        raise BehaviorError(f"{path}: {error}") from None
    found: list[Candidate] = []
    places: dict[tuple[str, str], int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        candidate = _candidate(line, where)
        for key in (("id", candidate.id), ("text", normalise(candidate.text))):
            if key in places:
                raise BehaviorError(f"{where}: the {key[0]} stands in line {places[key]} already: {key[1]!r}")
            places[key] = number
        found.append(candidate)
    if not found:
        raise BehaviorError(f"{path}: no candidates")
    return found


def _candidate(line: str, where: str) -> Candidate:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise BehaviorError(f"{where}: not JSON: {error}") from None
    if not isinstance(values, dict):
        raise BehaviorError(f"{where}: expected an object, found {line[:60]!r}")
    for name in values:
        if name not in FIELDS:
            raise BehaviorError(f"{where}: unknown field {name!r}; allowed: {', '.join(FIELDS)}")
    for name in FIELDS:
        value = values.get(name)
        if not isinstance(value, str) or not value.strip():
            raise BehaviorError(f"{where}: {name} must be a text that is not empty, found {value!r}")
    labels = {label.word: label for label in Label}
    if values["label"] not in labels:
        raise BehaviorError(f"{where}: unknown label {values['label']!r}; allowed: {', '.join(labels)}")
    return Candidate(**{**values, "label": labels[values["label"]]})
