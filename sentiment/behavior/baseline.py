"""The committed record of which cases failed, per approach: what a new run is compared with.

One JSON file per profile and approach. Per behavior it holds a digest of the cases, the ids of those that
failed, were skipped or stayed unanswered with the trainings in which they did, and, where the behavior is
over its budget, the reason why that is accepted. Reasons are written by hand; all else by `recorded`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.stats import norm, t

from sentiment.behavior.cases import CASES_VERSION
from sentiment.behavior.paired import differences, moderated, over_dispersion
from sentiment.behavior.statistics import ALPHA
from sentiment.errors import BaselineError
from sentiment.files import disk_told, parsed_json, write_atomically
from sentiment.types import Approach, Behavior, Outcome, Status

SCHEMA_VERSION = 1
"""Of the file; raised when a field changes its meaning."""
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
    known: str | None = None
    """Why a failure rate over budget is accepted. Empty: nobody has said why yet, and the run is red."""
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
    """One file: an approach of a profile."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int = SCHEMA_VERSION
    cases_version: int = CASES_VERSION
    profile: str
    approach: Approach
    model: str
    """The base model's id."""
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
        return sum(each.churn for each in self.behaviors.values()) / len(self.behaviors)

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
        return sum(1 + (record.budget is not None and record.known is None) for record in self.behaviors.values())


@dataclass(frozen=True)
class Judged:
    """One training's outcomes of all behaviors."""

    seed: int
    outcomes: Mapping[str, Sequence[Outcome]]
    """By behavior."""


def baseline_path(folder: Path, profile: str, approach: Approach) -> Path:
    """Where the baseline of that profile and approach lies in a folder of baselines."""
    return folder / profile / f"{approach}.json"


def read_baseline(path: Path, profile: str, approach: Approach) -> Baseline | None:
    """The baseline in that file, or None when there is none.

    Raises `BaselineError` when it cannot be read, has a wrong field, or belongs to another profile, approach
    or version.
    """
    remedy = "record it anew with --update-baseline"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"baseline {path} cannot be read: {error}") from None
    try:
        facts = parsed_json(text)
    except ValueError as error:
        raise BaselineError(f"baseline {path} is not valid JSON: {error}; restore it, or {remedy}") from None
    lines: dict[tuple[str, ...], int] = {}
    for place, line in _named(text):
        if place in lines:
            name, first = place[-1], lines[place]
            raise BaselineError(f"baseline {path}, line {line}: {name!r} stands in line {first} already; {remedy}")
        lines[place] = line
    for name, wanted in (
        ("schema_version", SCHEMA_VERSION),
        ("cases_version", CASES_VERSION),
        ("profile", profile),
        ("approach", approach),
    ):
        given = facts.get(name, "missing") if isinstance(facts, dict) else "missing"
        if given != wanted:
            line = lines.get((name,), 1)
            raise BaselineError(f"baseline {path}, line {line}: {name} is {given}, this run has {wanted}; {remedy}")
    try:
        return Baseline.model_validate(facts)
    except ValidationError as error:
        problem = error.errors()[0]
        named = tuple(part for part in problem["loc"] if isinstance(part, str))
        line = next((lines[named[:n]] for n in range(len(named), 0, -1) if named[:n] in lines), 1)
        where = ".".join(map(str, problem["loc"]))
        raise BaselineError(f"baseline {path}, line {line}: {where}: {problem['msg']}; {remedy}") from None


def recorded(
    behaviors: Sequence[Behavior],
    trainings: Sequence[Judged],
    *,
    profile: str,
    approach: Approach,
    model: str,
    over_budget: Callable[[Behavior, Sequence[Outcome]], bool],
    earlier: Baseline | None,
) -> Baseline:
    """A baseline from the outcomes of one or more trainings.

    A behavior for which `over_budget` holds in any of them is marked as known: with the reason of the `earlier`
    baseline where it has one, else with an empty one that a person has to fill in.
    """
    records = {}
    for behavior in behaviors:
        budget = behavior.budget.get(approach)
        reason = None
        if budget is not None and any(over_budget(behavior, each.outcomes[behavior.name]) for each in trainings):
            before = earlier.behaviors.get(behavior.name) if earlier else None
            reason = (before.known if before else None) or ""
        records[behavior.name] = _record(behavior, trainings, budget, reason)
    seeds = [each.seed for each in trainings]
    family = sum(1 + (record.budget is not None and record.known is None) for record in records.values())
    return Baseline(
        profile=profile,
        approach=approach,
        model=model,
        seeds=seeds,
        over_dispersion=round(_pooled(behaviors, trainings, ALPHA / max(1, family)), 3),
        behaviors=records,
    )


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write the file: one line per case, sorted, so that a review sees which cases changed.

    Raises `BaselineError` when the disk refuses.
    """
    facts = baseline.model_dump(mode="json", exclude_none=True)
    with disk_told(path, BaselineError, "make room there and record again: what was judged is stored"):
        write_atomically(path, json.dumps(facts, indent=1) + "\n")


def digest_of_cases(outcomes: Iterable[Outcome]) -> str:
    """Hash of the ids and labels of the cases, in any order."""
    facts = sorted(f"{each.case.id} {each.case.label}" for each in outcomes)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def short_id(case_id: str) -> str:
    """The part of a case's id after its behavior's name."""
    return case_id.rpartition(":")[2]


def _record(behavior: Behavior, trainings: Sequence[Judged], budget: float | None, known: str | None) -> Record:
    first = trainings[0].outcomes[behavior.name]
    rates = {}
    for training in trainings:
        statuses = [each.verdict.status for each in training.outcomes[behavior.name]]
        judged = len(statuses) - statuses.count(Status.SKIPPED)
        rates[str(training.seed)] = f"{statuses.count(Status.FAILED)} of {judged}"
    return Record(
        cases=len(first),
        digest=digest_of_cases(first),
        budget=budget,
        known=known,
        churn=round(_per_case(behavior, trainings, lambda found: sum(each**2 for each in found)), 6),
        shift=round(_per_case(behavior, trainings, lambda found: sum(found) ** 2), 6),
        capability=behavior.capability,
        rates=rates,
        failed=_where(behavior, trainings, lambda each: each.verdict.status is Status.FAILED),
        skipped=_where(behavior, trainings, lambda each: each.verdict.status is Status.SKIPPED),
        unanswered=_where(behavior, trainings, lambda each: each.prediction.label is None),
    )


def _where(behavior: Behavior, trainings: Sequence[Judged], holds: Callable[[Outcome], bool]) -> Trainings:
    found: dict[str, list[str]] = {}
    for training in trainings:
        for outcome in training.outcomes[behavior.name]:
            if holds(outcome):
                found.setdefault(short_id(outcome.case.id), []).append(str(training.seed))
    return {case: " ".join(found[case]) for case in sorted(found)}


def _repeats(behavior: Behavior, trainings: Sequence[Judged]) -> list[list[int]]:
    """Group differences between every two trainings."""
    groups = {each.case.id: each.case.group for each in trainings[0].outcomes[behavior.name]}
    failed = [failed_ids(training.outcomes[behavior.name]) for training in trainings]
    return [differences(one, other, groups) for one, other in combinations(failed, 2)]


def _per_case(behavior: Behavior, trainings: Sequence[Judged], measure: Callable[[Sequence[int]], int]) -> float:
    """A measure of the group differences between every two trainings, per case that both judged."""
    judged = [failed_ids(training.outcomes[behavior.name]).keys() for training in trainings]
    shared = sum(len(one & other) for one, other in combinations(judged, 2))
    return sum(map(measure, _repeats(behavior, trainings))) / shared if shared else 0.0


def _share(sums: Sequence[float]) -> float:
    part, whole = sums
    return part / whole if whole else 0.0


def _pooled(behaviors: Sequence[Behavior], trainings: Sequence[Judged], level: float) -> float:
    """Over-dispersion between trainings of one recipe. Behaviors of one capability share their weaknesses, so
    a capability, not a behavior, counts as one observation per training beyond the first."""
    if len(trainings) < 2:
        return 1.0
    repeats = [found for behavior in behaviors for found in _repeats(behavior, trainings)]
    freedom = (len(trainings) - 1) * len({behavior.capability for behavior in behaviors})
    return over_dispersion(repeats, freedom, level)


def failed_ids(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Case id -> 1 if it failed, 0 if it passed; skipped cases are left out."""
    return {
        each.case.id: int(each.verdict.status is Status.FAILED)
        for each in outcomes
        if each.verdict.status is not Status.SKIPPED
    }


def _named(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every name of valid JSON: the names of the objects around it and its own, and its line."""
    path: list[str] = []
    line, end = 1, 0
    for token in re.finditer(r'[{}]|("(?:[^"\\]|\\.)*")(\s*:)?', text):
        if token[0] == "{":
            path.append("")
        elif token[0] == "}":
            path.pop()
        elif token[2]:
            line, end = line + text.count("\n", end, token.start()), token.start()
            path[-1] = json.loads(token[1])
            yield tuple(path), line
