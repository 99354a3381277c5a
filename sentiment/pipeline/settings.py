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

from pydantic import BaseModel, ConfigDict, ValidationError

from sentiment.errors import SettingsError, SubjectError, reason_of, shown
from sentiment.paths import at_home
from sentiment.pipeline.kinds import SubjectName, SubjectSettings, parsed, problems_of

_TABLE = "tool.sentiment"


class _ToolTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    profile: str | None = None
    subjects: dict[SubjectName, SubjectSettings] = {}
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
    baselines_named: bool = field(default=False, kw_only=True)
    """Whether the user said where they lie: what lies there is meant, whatever it was recorded of."""
    profile: str | None = None
    subjects: Mapping[str, SubjectSettings] = field(default_factory=dict)
    behaviors: tuple[Path, ...] = ()
    """Files of behaviors of one's own."""
    pairs: tuple[Path, ...] = ()
    """Files of pairs of an original and a flipped review."""
    weights: tuple[Path, ...] = ()
    """Judged in place of what the profile trains: one, or several trainings of one recipe to record a baseline of."""
    on_base: str | None = None
    against: Path | None = None
    """Folder of an earlier run."""
    case: str | None = None
    quick: bool = False

    def with_subjects(self, named: Iterable[str]) -> Settings:
        """These subjects alone, each as `NAME=KIND:TARGET`, or by the name that it has in the file. Raises
        `SubjectError`."""
        subjects: dict[str, SubjectSettings] = {}
        for text in named:
            name, settings = (text, self.subjects[text]) if text in self.subjects else _subject(text)
            if name in subjects:
                raise SubjectError(f"two subjects are called {name!r}: give one of them another name")
            subjects[name] = settings
        return replace(self, subjects=subjects) if subjects else self

    def of(self, name: str) -> Settings:
        """With the one subject of that name. Raises `SubjectError` where the file has none."""
        if name not in self.subjects:
            there = ", ".join(self.subjects) or "none"
            raise SubjectError(f"no subject {shown(name)} in {self.folder / 'pyproject.toml'}; there is {there}")
        return replace(self, subjects={name: self.subjects[name]})


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
        raise SettingsError(f"{path}: {problems_of(error, _TABLE)}") from None
    profile = found.profile
    if profile is not None and (folder / profile).is_file():
        profile = str(folder / profile)
    return Settings(
        folder=folder,
        profile=profile,
        subjects={name: each.resolved(folder) for name, each in found.subjects.items()},
        behaviors=tuple(folder / at_home(each) for each in found.behaviors),
        baselines=folder / at_home(found.baselines or "behavior_tests/baselines"),
        reports=folder / at_home(found.reports or "reports"),
        baselines_named=found.baselines is not None,
    )


def _subject(text: str) -> tuple[str, SubjectSettings]:
    try:
        name, settings = parsed(text)
    except ValueError as error:
        raise SubjectError(f"subject {shown(text.partition('=')[0])}: {error}") from None
    return name, settings.resolved(Path.cwd())
