"""The committed record of which cases failed, per subject: what a new run is compared with.

One JSON file per profile and subject, written by `recording.recorded`. Per behavior it holds a digest of the cases, the
ids of those that failed, were skipped or stayed unanswered with the trainings in which they did, and whether it was
over its budget. Why that is accepted stands in `known.toml` beside it, which people write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.stats import norm, t

from sentiment.behavior.cases import CASES_VERSION
from sentiment.errors import BaselineError
from sentiment.files import disk_told, parsed_json, write_atomically
from sentiment.judging.known import read_known
from sentiment.judging.paired import moderated
from sentiment.judging.statistics import ALPHA
from sentiment.types import Case, Outcome, Status

SCHEMA_VERSION = 2
"""Of the file; raised when a field changes its meaning. Files of the first, which call the subject an approach and hold
reasons beside the figures, are still read."""
TRAINING_SEEDS = (0, 1, 2)
"""Trainings whose outcomes make a baseline of sft or lora."""

Trainings = dict[str, Annotated[str, Field(pattern=r"^\d+( \d+)*$")]]
"""Short case id -> the seeds of the trainings for which it holds, as in "0 2"."""


class Record(BaseModel):
    """What a baseline knows of one behavior."""

    model_config = ConfigDict(extra="forbid")

    cases: int = Field(ge=1)
    digest: str
    """Of the ids and labels of all its cases."""
    budget: float | None = Field(default=None, ge=0, le=1)
    """The budget at the time of recording, which makes one more test of the family."""
    over_budget: bool = False
    """Whether the failure rate of a training was significantly over the budget: without a reason the run is red."""
    known: str = Field(default="", exclude=True)
    """Why that is accepted, from `known.toml`; empty: nobody has said why."""
    churn: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Mean square, per judged case, of the groups' differences between two of the trainings."""
    shift: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Mean square, per judged case, of the difference of all failures between two of the trainings."""
    capability: str = ""
    rates: dict[str, str] = Field(default_factory=dict)
    """Failures of judged cases per training seed, for people."""
    failed: Trainings = Field(default_factory=dict)
    skipped: Trainings = Field(default_factory=dict)
    unanswered: Trainings = Field(default_factory=dict)

    def times_failed(self, cases: Iterable[str]) -> dict[str, int]:
        """In how many trainings each case failed, by its whole id; cases that a training skipped are left out."""
        return {
            case: len(self.failed.get(short_id(case), "").split())
            for case in cases
            if short_id(case) not in self.skipped
        }


class Baseline(BaseModel):
    """One file: a subject of a profile."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int = SCHEMA_VERSION
    cases_version: int = CASES_VERSION
    profile: str
    subject: str
    model: str
    """The base model's id."""
    recipe: str | None = None
    """Digest of how the trainings were made, seed and device apart; empty: nobody knows; None: nobody asked."""
    seeds: list[int] = Field(min_length=1)
    """Of the trainings that were judged."""
    over_dispersion: float = Field(ge=1, allow_inf_nan=False)
    """How much more repeated trainings differ than independent groups of cases would, pooled over behaviors."""
    behaviors: dict[str, Record]

    def variance(self, behavior: str, cases: int) -> float | None:
        """Of the sum of differences between another training of the recipe, counted once per training of the
        baseline, and those trainings together, over `cases` cases; None for a baseline of one training.

        Twice the variance of one training has two parts: the groups that change by themselves, `churn * cases`,
        and the shift of the training as a whole, which comes with `over_dispersion`. A few trainings do not show
        how far a behavior can shift that was calm in them, so its shift is taken for that of the mean behavior.
        Behaviors that were seen to shift more than that, or whose capability was, are taken at what was seen.
        """
        trainings = len(self.seeds)
        if trainings < 2:
            return None
        record = self.behaviors[behavior]
        pooled = record.churn + (self.over_dispersion - 1) * max(record.churn, self._mean_churn)
        return max(pooled, self._seen[behavior]) * cases * trainings * (trainings + 1) / 2

    @cached_property
    def _mean_churn(self) -> float:
        return fmean(each.churn for each in self.behaviors.values())

    @cached_property
    def _seen(self) -> dict[str, float]:
        """Per judged case, twice the variance that each behavior, or its capability, showed between the trainings.

        Few trainings show it badly: it is moderated (see `paired.moderated`) and widened to the quantile of
        Student's t. Behaviors of one capability are no independent witnesses, so half of the prior's degrees of
        freedom count.
        """
        freedom = len(self.seeds) - 1
        least = {name: max(record.churn, self._mean_churn) or 1.0 for name, record in self.behaviors.items()}
        ratios, prior = moderated([self.behaviors[name].shift / least[name] for name in least], freedom)
        level = ALPHA / self.family
        wider = float(t.isf(level, freedom + prior / 2) / norm.isf(level)) ** 2
        shifts: dict[str, list[float]] = {}
        for name, record in self.behaviors.items():
            sums = shifts.setdefault(record.capability or name, [0.0, 0.0])
            sums[0] += record.shift * record.cases
            sums[1] += least[name] * record.cases
        return {
            name: wider
            * max(record.churn, ratio * least[name], least[name] * _share(shifts[record.capability or name]))
            for (name, record), ratio in zip(self.behaviors.items(), ratios, strict=True)
        }

    @property
    def family(self) -> int:
        """Tests that can turn a run red: one against the record, one more where there is a budget to keep."""
        return sum(1 + (record.budget is not None and not record.over_budget) for record in self.behaviors.values())


def baseline_path(folder: Path, profile: str, subject: str) -> Path:
    """Where the baseline of that profile and subject lies in a folder of baselines."""
    return folder / profile / f"{subject}.json"


def read_baseline(path: Path, profile: str, subject: str) -> Baseline | None:
    """The baseline in that file, with the reasons of `known.toml` beside it; None when there is no file.

    Raises `BaselineError` when one of them cannot be read, has a wrong field, or belongs to another profile, subject
    or version.
    """
    remedy = "record it anew with --behavior-update-baseline"
    try:
        facts = parsed_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"baseline {path} cannot be read: {error}") from None
    except ValueError as error:
        raise BaselineError(f"baseline {path} is not valid JSON: {error}; restore it, or {remedy}") from None
    facts = _of_the_first_schema(facts)
    for name, wanted in (
        ("schema_version", SCHEMA_VERSION),
        ("cases_version", CASES_VERSION),
        ("profile", profile),
        ("subject", subject),
    ):
        given = facts.get(name, "missing") if isinstance(facts, dict) else "missing"
        if given != wanted:
            raise BaselineError(f"baseline {path}: {name} is {given}, this run has {wanted}; {remedy}")
    try:
        found = Baseline.model_validate(facts)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise BaselineError(f"baseline {path}: {where}: {problem['msg']}; {remedy}") from None
    for behavior, reason in read_known(path.parent, subject).items():
        if behavior in found.behaviors:
            found.behaviors[behavior].known = reason
    return found


def _of_the_first_schema(facts: Any) -> Any:
    """Such a file as one of the second; any other as it is."""
    if not isinstance(facts, dict) or facts.get("schema_version") != 1 or not isinstance(facts.get("behaviors"), dict):
        return facts
    behaviors = {
        name: {**record, "over_budget": "known" in record} if isinstance(record, dict) else record
        for name, record in facts["behaviors"].items()
    }
    renamed = {("subject" if name == "approach" else name): value for name, value in facts.items()}
    return {**renamed, "schema_version": SCHEMA_VERSION, "behaviors": behaviors}


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write the file: one line per case, sorted, so that a review sees which cases changed.

    Raises `BaselineError` when the disk refuses.
    """
    facts = baseline.model_dump(mode="json", exclude_none=True)
    for record in facts["behaviors"].values():
        if not record["over_budget"]:
            del record["over_budget"]
    with disk_told(path, BaselineError, "make room there and record again: what was judged is stored"):
        write_atomically(path, json.dumps(facts, indent=1) + "\n")


def digest_of_cases(outcomes: Iterable[Outcome]) -> str:
    """Hash of the ids and labels of the cases, in any order."""
    facts = sorted(f"{each.case.id} {_labels(each.case)}" for each in outcomes)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def _labels(case: Case) -> str:
    return " ".join(str(int(label)) for label in sorted(case.allowed)) or "None"


def short_id(case_id: str) -> str:
    """The part of a case's id after its behavior's name."""
    return case_id.rpartition(":")[2]


def _share(sums: Sequence[float]) -> float:
    part, whole = sums
    return part / whole if whole else 0.0


def failed_ids(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Case id -> 1 if it failed, 0 if it passed; skipped cases are left out."""
    return {
        each.case.id: int(each.verdict.status is Status.FAILED)
        for each in outcomes
        if each.verdict.status is not Status.SKIPPED
    }
