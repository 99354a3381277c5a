"""What a run is asked for: `[tool.sentiment]` of a `pyproject.toml`, and before it the command line.

    [tool.sentiment]
    profile = "smollm2"                      # base, sft and lora are judged only where a profile is named
    behaviors = ["my_tests/behaviors.yaml"]
    baselines = "behavior_tests/baselines"
    reports = "reports"

    [tool.sentiment.subjects.vader]
    kind = "python"
    target = "my_package.classify:vader"

Paths are relative to that file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sentiment.errors import SettingsError, SubjectError, reason_of
from sentiment.paths import at_home

KINDS = ("python",)
"""Kinds of subjects that users add."""
_NAME = r"^[a-z][a-z0-9_]*$"
_TABLE = "tool.sentiment"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SubjectSettings(_Table):
    """`[tool.sentiment.subjects.NAME]`."""

    kind: Literal["python"]
    target: str = Field(min_length=1)
    """python: `module:function`."""
    version: str | None = None
    """Changes whenever its answers could; without one they are asked anew in every run."""
    abstains: bool = False
    """Whether no answer is an answer of its own."""
    promises: bool = True
    """Whether the budgets of behaviors hold for it."""


class _ToolTable(_Table):
    profile: str | None = None
    subjects: dict[Annotated[str, Field(pattern=_NAME)], SubjectSettings] = {}
    behaviors: list[str] = []
    baselines: str | None = None
    reports: str | None = None


@dataclass(frozen=True)
class Settings:
    """What a run is asked for."""

    folder: Path
    """Of the `pyproject.toml`; modules of subjects are looked for there."""
    baselines: Path
    reports: Path
    profile: str | None = None
    subjects: Mapping[str, SubjectSettings] = field(default_factory=dict)
    behaviors: tuple[Path, ...] = ()
    """Files of behaviors of one's own."""
    pairs: tuple[Path, ...] = ()
    """Files of pairs of an original and a flipped review."""
    weights: Path | None = None
    on_base: str | None = None
    against: Path | None = None
    """Folder of an earlier run."""
    case: str | None = None
    quick: bool = False

    def with_subjects(self, named: Iterable[str]) -> Settings:
        """These subjects in place of those of the file, each as `NAME=KIND:TARGET`. Raises `SubjectError`."""
        subjects = dict(map(_subject, named))
        return replace(self, subjects=subjects) if subjects else self


def read_settings(folder: Path) -> Settings:
    """What the `pyproject.toml` in the folder says; the defaults where it says nothing, or there is none.

    Raises `SettingsError`, naming the file and the field.
    """
    path = folder / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("sentiment", {})
    except (FileNotFoundError, NotADirectoryError):
        table = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {reason_of(error)}") from None
    try:
        found = _ToolTable.model_validate(table)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join([_TABLE, *(str(part) for part in problem["loc"] if part != "[key]")])
        raise SettingsError(f"{path}: {where}: {problem['msg']}") from None
    profile = found.profile
    if profile is not None and (folder / profile).is_file():
        profile = str(folder / profile)
    return Settings(
        folder=folder,
        profile=profile,
        subjects=found.subjects,
        behaviors=tuple(folder / at_home(each) for each in found.behaviors),
        baselines=folder / at_home(found.baselines or "behavior_tests/baselines"),
        reports=folder / at_home(found.reports or "reports"),
    )


def _subject(text: str) -> tuple[str, SubjectSettings]:
    name, equals, rest = text.partition("=")
    kind, colon, target = rest.partition(":")
    if not equals or not colon:
        raise SubjectError(f"subject {text!r}: write NAME=KIND:TARGET, such as mine=python:my_package.model:classify")
    if kind not in KINDS:
        raise SubjectError(f"subject {text!r}: kind {kind!r} is unknown; known are {', '.join(KINDS)}")
    try:
        checked = _ToolTable.model_validate({"subjects": {name: {"kind": kind, "target": target}}})
    except ValidationError as error:
        raise SubjectError(f"subject {text!r}: {error.errors()[0]['msg']}") from None
    return name, checked.subjects[name]
