"""Behaviors from a YAML file: a list of entries, each with exactly one source of cases.

Everything is checked on reading. Whatever is wrong is named with the line where it stands.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sentiment.behavior.entries import ENTRIES, LabelledText
from sentiment.behavior.entry import LABEL_RULE, Entry, Problem
from sentiment.behavior.yaml_lines import at, labels_misread, line_of, load, misread
from sentiment.errors import BehaviorError, shown
from sentiment.types import Behavior


def read_yaml(path: Path, *, trusted: bool = False) -> list[Behavior]:
    """The behaviors of a YAML file, in its order; `trusted` is what `yaml_lines.load` means by it.

    Raises `BehaviorError`, naming file and line, for the first thing in it that cannot be used.
    """
    root, entries = load(path, trusted=trusted)
    if not isinstance(entries, list) or not entries:
        raise BehaviorError(f"{path}: must be a list of behaviors, each beginning with '- name: ...'")
    behaviors: dict[str, Behavior] = {}
    for number, entry in enumerate(entries):
        try:
            behavior = replace(
                _read(entry).behavior(path.parent), place=f"{path}, line {line_of(root, (number, 'name'))}"
            )
            for location, label in labels_misread(at(root, (number,))):
                raise Problem(location, f"{LABEL_RULE}, got {label}")
            if behavior.name in behaviors:
                raise Problem(("name",), f"a behavior {behavior.name!r} stands in this file already")
        except Problem as problem:
            location = (number, *problem.location)
            field = ".".join(str(part + 1 if isinstance(part, int) else part) for part in problem.location)
            said = (misread(at(root, location)) if problem.is_no_text else None) or str(problem)
            where = f"{path}, line {line_of(root, location)}"
            raise BehaviorError(f"{where}: {f'{field}: ' if field else ''}{said}") from None
        behaviors[behavior.name] = behavior
    return list(behaviors.values())


def _read(entry: Any) -> Entry:
    if not isinstance(entry, dict):
        raise Problem((), f"a behavior is a mapping of fields, got {shown(entry)}")
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
    return Problem(location, f"{message}, got {shown(problem['input'])}", problem["type"] == "string_type")
