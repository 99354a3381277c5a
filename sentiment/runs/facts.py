"""What identifies a run, and how it came out: what `run.json` holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sentiment.runs.records import is_deeper, plain, reader
from sentiment.runs.rerun import Rerun
from sentiment.types import Prompt, SubjectFacts


@dataclass(frozen=True)
class RunFacts:
    """The facts of one run. None, or empty: there is no such thing, or `run.json` does not say."""

    profile: str | None = None
    """Name of the profile."""
    model: str | None = None
    """Id of the language model."""
    weights: str | None = None
    """Folder of the weights that were judged in place of those trained here."""
    base: str | None = None
    """What the adapter among those weights was put on, in words."""
    base_verified: bool | None = None
    """Whether that is the base which the adapter names."""
    adapter: str | None = None
    """What lora is, where it is trained here, in words."""
    device: str | None = None
    """In words, with its memory or threads."""
    dtype: str | None = None
    """Precision in which the model answered."""
    data: str | None = None
    """Where the reviews came from: a path, or the name of a source."""
    seed: int | None = None
    """The profile's."""
    quick: bool | None = None
    """On a part of the cases."""
    promises: bool | None = None
    """Whether the profile promises anything; False: budgets and baselines judge nothing."""
    accuracy_floor: Mapping[str, float | None] = field(default_factory=dict)
    """By subject: the accuracy, in [0, 1], that the profile promises."""
    versions: Mapping[str, str | None] = field(default_factory=dict)
    """Of Python and of the libraries that answers depend on."""
    commit: str | None = None
    """Of the repository that it was run in, `-dirty` where that had changes."""
    selection: str | None = None
    """What was asked for, in words."""
    started: str | None = None
    """UTC, as in 2026-01-01T12:00:00Z."""
    against: str | None = None
    """Folder of the earlier run that it was held against."""
    against_lacks: tuple[str, ...] = ()
    """What was wrong with that run, in sentences."""
    rerun: Rerun = field(default_factory=Rerun)
    """How a part of it is run again."""
    house_prompt: Prompt | None = None
    """The prompt that models were trained with, and behaviors ask with where they do not vary it."""
    subjects: tuple[SubjectFacts, ...] = ()
    """Who could be asked, in order."""
    run: str | None = None
    """Name of its folder."""
    duration: float | None = None
    """Seconds."""
    complete: bool = False
    """It came to its end, its report is written, and none of its cases is missing."""
    ended: bool | None = None
    """Everything that was selected was run; the report may be missing, or short of cases."""
    stopped: str | None = None
    """Why it ended before its end."""
    failed_checks: Mapping[str, str] = field(default_factory=dict)
    """Reason by test, of tests that failed beside the rulings of behaviors: contracts, searches, trainings."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many cases, rulings and findings its journal had in the end."""
    unreadable_facts: str | None = None
    """Why nothing of this is known; never in `run.json` itself."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """What another version wrote, by key."""

    @property
    def title(self) -> str:
        """Profile, model and selection, as far as known; the selection alone where no model of it was judged."""
        without_model = self.subjects and not self.model
        return " · ".join(filter(None, (None if without_model else self.profile, self.model, self.selection)))

    @property
    def came_to_its_end(self) -> bool:
        """Whether everything that was selected was run; the first runs told only whether they were complete."""
        return self.complete if self.ended is None else self.ended

    def as_json(self) -> dict[str, Any]:
        """By key, as `run.json` holds them."""
        told = plain(self)
        others, unreadable = told.pop("others"), told.pop("unreadable_facts")
        return {**others, **told, **({"unreadable_facts": unreadable} if unreadable else {})}


_NAMES = {each.name for each in fields(RunFacts)} - {"others"}
_read = reader(RunFacts, whole=False)


def facts_of(told: Mapping[str, Any]) -> RunFacts:
    """The facts in what `run.json` holds, also that of an earlier version.

    Raises `ValueError` when it cannot be reckoned with.
    """
    if is_deeper(told):
        raise ValueError("nested too deeply")
    known = {name: value for name, value in told.items() if name in _NAMES and value is not None}
    others = {name: value for name, value in told.items() if name not in _NAMES}
    command = told.get("rerun_command")  # of the first schema
    if "rerun" not in known and command:
        known["rerun"] = {"command": command}
    return _read({**known, "others": others})
