"""A run as one value: everything the terminal, the page and the files show is read off it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from sentiment.errors import ReportError
from sentiment.judging.checks import CheckResult
from sentiment.judging.compare import Comparison, compare_all
from sentiment.judging.metrics import Metrics, floor_result, metrics_of_outcomes
from sentiment.judging.rulings import Rules, little_shown, ruled_all
from sentiment.judging.spread import Spread, spread_of
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Finding, Journal, read_journal
from sentiment.runs.run_folder import read_facts
from sentiment.types import (
    BehaviorResult,
    Outcome,
    Promise,
    Role,
    Ruling,
    Shows,
    SubjectFacts,
)

NOT_RULED = "judged, but not ruled: the run has not come to its end"


@dataclass(frozen=True)
class Run:
    """One run of the behavioral tests."""

    facts: RunFacts
    """What `run.json` says."""
    results: Sequence[BehaviorResult]
    """Sorted by capability, behavior and predictor (judged ones first, then floors)."""
    metrics: Mapping[str, Metrics]
    """By predictor, in the same order; empty when accuracy was not part of the run."""
    comparisons: Sequence[Comparison]
    """Of judged subjects; floors are left out."""
    subjects: Mapping[str, SubjectFacts] = field(default_factory=dict)
    """By name, those that are judged first."""
    findings: Sequence[Finding] = ()
    """What tests found out beside their rulings."""
    unreadable: int = 0
    """Journal lines that had to be left out."""
    lost: str = ""
    """What the journal lacks of that which the run had, in words."""

    @property
    def outcomes(self) -> list[Outcome]:
        """Every judged case, in the order of the results."""
        return [outcome for result in self.results for outcome in result.outcomes]

    @cached_property
    def spreads(self) -> dict[str, Spread]:
        """By subject: how accuracy varies over reworded prompts, where enough of them were asked."""
        shown = [result for result in self.results if result.promise.shows is Shows.PROMPT_SPREAD]
        found = {result.predictor: spread_of(result.outcomes) for result in shown}
        return {name: spread for name, spread in found.items() if spread is not None}

    @property
    def predictors(self) -> list[str]:
        """Names of all that answered, judged ones first, then floors."""
        answered = {result.predictor for result in self.results}
        return [name for name in self.subjects if name in answered]

    @property
    def judged(self) -> list[str]:
        """Names of those that are judged; of all where there are floors alone. Floors fail by design."""
        return [name for name in self.predictors if not self.is_floor(name)] or self.predictors

    def is_floor(self, predictor: str) -> bool:
        """Whether it is a reference, and no subject that is judged."""
        return self.subjects[predictor].role is Role.FLOOR

    @property
    def floors(self) -> dict[str, CheckResult]:
        """Per subject whose accuracy was measured and promised by the profile: whether it is kept."""
        promised = self.facts.accuracy_floor
        return {
            name: floor_result(metrics, floor)
            for name, metrics in self.metrics.items()
            if (floor := promised.get(name)) is not None
        }

    @property
    def broken_floors(self) -> dict[str, str]:
        """Reason by subject, where the accuracy is significantly below what the profile promised."""
        return {name: result.reason for name, result in self.floors.items() if result.ruling is Ruling.FAIL}

    @property
    def open_floors(self) -> dict[str, str]:
        """Reason by subject, where the accuracy is below what the profile promised, but not significantly."""
        return {name: result.reason for name, result in self.floors.items() if result.ruling is Ruling.INCONCLUSIVE}

    @property
    def failed_checks(self) -> Mapping[str, str]:
        """Reason by test, of tests that failed beside the rulings of behaviors."""
        return self.facts.failed_checks

    @property
    def closing_sentence(self) -> str:
        """What this run showed, without claiming more, and what stopped it."""
        return self._incomplete(self.facts.stopped) + self.findings_sentence.removeprefix(self._incomplete(None))

    @property
    def findings_sentence(self) -> str:
        """The same without what stopped the run, for where that is said already."""
        counts = Counter(result.ruling for result in self.results if result.predictor in self.judged)
        checks = self.failed_checks
        broken_floors = self.broken_floors
        broken = counts[Ruling.FAIL] + len(broken_floors)
        open_ended = counts[Ruling.KNOWN] + counts[Ruling.INCONCLUSIVE] + len(self.open_floors)
        kept = counts[Ruling.PASS] + counts[Ruling.IMPROVED] + len(self.floors)
        if broken or checks:
            found = {
                _count(broken, "promise") + " broken": broken,
                _count(len(checks), "other check") + " red": len(checks),
            }
            verdict = " and ".join(words for words, number in found.items() if number)
        elif open_ended:
            verdict = "No promise was found broken, but not all are shown to be kept"
        elif kept:
            verdict = "Every promise that was judged is kept"
        else:
            verdict = "Nothing was promised, so nothing was judged: the figures are for information"
        parts = ", ".join(f"{counts[ruling]} {ruling.value}" for ruling in Ruling if counts[ruling])
        floors = f"; accuracy below its floor: {', '.join(broken_floors)}" if broken_floors else ""
        if self.open_floors:
            floors += f"; accuracy below its floor, but not significantly: {', '.join(self.open_floors)}"
        return f"{self._incomplete('')}{self._caveats}{verdict} ({parts or 'no results'}{floors})."

    def _incomplete(self, why: str | None) -> str:
        if self.lost:
            return f"INCOMPLETE: {self.lost} that the run had are missing from its journal. "
        if self.facts.complete:
            return ""
        return f"INCOMPLETE: the run has not come to its end{f' ({why})' if why else ''}. "

    @property
    def _caveats(self) -> str:
        caveats = []
        if self.facts.unreadable_facts:
            caveats.append("run.json is unreadable, so what was run is not known. ")
        if self.unreadable:
            caveats.append(f"{_count(self.unreadable, 'journal line')} unreadable and left out. ")
        if self.facts.base_verified is False:
            caveats.append(f"The adapter is {self.facts.base}. ")
        if self.facts.against_lacks:
            caveats.append(f"Held against a run that is not whole: {'; '.join(self.facts.against_lacks)}. ")
        if self.facts.quick:
            caveats.append(f"Quick run on fewer cases{little_shown(self.results)}. ")
        return "".join(caveats)


def read_run(folder: Path) -> Run:
    """The run in that folder, from its journal files and `run.json`. Raises `ReportError`."""
    journal = read_journal(folder)
    try:
        return run_of(journal, read_facts(folder))
    except ReportError as error:  # the journal is what cannot be made again
        return run_of(journal, RunFacts(unreadable_facts=str(error)))


def run_of(journal: Journal, facts: RunFacts) -> Run:
    """Everything that follows from the outcomes and the facts."""
    lost = journal.lost(facts.counts)
    facts = replace(facts, complete=not lost and facts.came_to_its_end)
    grouped: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in journal.outcomes:
        grouped.setdefault((outcome.behavior, outcome.predictor), []).append(outcome)
    rules = Rules(judges=facts.promises is not False, quick=bool(facts.quick))
    subjects = journal.naming(facts.subjects).subjects
    promises = sorted(journal.promises.values(), key=lambda promise: (promise.capability, promise.name))
    results = [
        _result(promise, subject, grouped.get((promise.name, name), []), journal, rules, facts.complete)
        for promise in promises
        for name, subject in subjects.items()
        if (promise.name, name) in grouped or (promise.name, name) in journal.results
    ]
    measured = [result for result in results if result.promise.shows is Shows.ACCURACY and result.judged]
    metrics = {result.predictor: metrics_of_outcomes(result.outcomes) for result in measured}
    judged = [name for name, subject in subjects.items() if subject.role is Role.JUDGED]
    comparisons = compare_all([promise.name for promise in promises], judged, journal.outcomes)
    return Run(facts, results, metrics, comparisons, subjects, journal.findings, journal.unreadable, lost)


def _result(
    promise: Promise, subject: SubjectFacts, outcomes: Sequence[Outcome], journal: Journal, rules: Rules, whole: bool
) -> BehaviorResult:
    """The ruling that the run gave; outcomes without one are held against their budget alone. But a subject is
    ruled when all its behaviors are judged: until then, and where a run was cut off, its promises are open."""
    rules = replace(rules, budgets=subject.promises and subject.role is Role.JUDGED)
    counted = ruled_all([promise], {promise.name: outcomes}, subject.name, rules)[promise.name]
    given = journal.results.get((promise.name, subject.name))
    if given is None:
        if not whole and subject.role is Role.JUDGED and counted.ruling is not Ruling.REPORTED:
            return replace(counted, outcomes=outcomes, ruling=Ruling.INCONCLUSIVE, reason=NOT_RULED)
        return replace(counted, outcomes=outcomes)
    return replace(given, outcomes=outcomes, failed=counted.failed, judged=counted.judged, interval=counted.interval)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'} {'is' if n == 1 else 'are'}"
