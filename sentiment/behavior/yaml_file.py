"""Behaviors from a YAML file: a list of entries, each with exactly one source of cases.

Everything is checked on reading. Whatever is wrong is named with the line where it stands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sentiment.behavior.entries import ENTRIES, Entry, LabelledText, Problem
from sentiment.behavior.yaml_lines import line_of, load
from sentiment.errors import BehaviorError
from sentiment.types import Behavior

_WIDTH = 100
"""Of a value in a message."""


def read_yaml(path: Path) -> list[Behavior]:
    """The behaviors of a YAML file, in its order.

    Raises `BehaviorError`, naming file and line, for the first thing in it that cannot be used.
    """
    root, entries = load(path)
    if not isinstance(entries, list) or not entries:
        raise BehaviorError(f"{path}: must be a list of behaviors, each beginning with '- name: ...'")
    behaviors: dict[str, Behavior] = {}
    for number, entry in enumerate(entries):
        try:
            behavior = _read(entry).behavior(path.parent)
            if behavior.name in behaviors:
                raise Problem(("name",), f"a behavior {behavior.name!r} stands in this file already")
        except Problem as problem:
            line = line_of(root, (number, *problem.location))
            field = ".".join(str(part + 1 if isinstance(part, int) else part) for part in problem.location)
            raise BehaviorError(f"{path}, line {line}: {f'{field}: ' if field else ''}{problem}") from None
        behaviors[behavior.name] = behavior
    return list(behaviors.values())


def _read(entry: Any) -> Entry:
    if not isinstance(entry, dict):
        raise Problem((), f"a behavior is a mapping of fields, got {_shown(entry)}")
    sources = [source for source in ENTRIES if source in entry]
    if len(sources) != 1:
        found = " and ".join(sources) or "none"
        raise Problem(tuple(sources[1:2]), f"a behavior has exactly one of {', '.join(ENTRIES)}; found {found}")
    model = ENTRIES[sources[0]]
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        raise _problem(error, model) from None


def _problem(error: ValidationError, model: type[Entry]) -> Problem:
    # a misspelt field is missing as well: the spelling is what to mend
    problem = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    location = tuple(part for part in problem["loc"] if part != "[key]")
    if problem["type"] == "extra_forbidden":
        fields = LabelledText.model_fields if len(location) > 1 else model.model_fields
        return Problem(location, f"unknown field; allowed here: {', '.join(fields)}")
    if problem["type"] == "missing":
        return Problem(location, "this field is missing")
    message = problem["msg"].removeprefix("Value error, ").replace("dictionary", "mapping")
    return Problem(location, f"{message}, got {_shown(problem['input'])}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
