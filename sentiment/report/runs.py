"""A run as one value: everything the terminal, the page and the files show is read off it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sentiment.behavior.judge import is_approach
from sentiment.behavior.rulings import Rules, little_shown, ruled_all
from sentiment.behavior.spread import Spread, spread_of
from sentiment.errors import ReportError
from sentiment.metrics import Metrics, floor_verdict, metrics_of_outcomes
from sentiment.report.compare import Comparison, compare_all
from sentiment.report.journal import Finding, Journal, read_journal
from sentiment.report.run_folder import read_facts
from sentiment.types import Approach, Behavior, BehaviorResult, Outcome, Ruling, Status, Verdict

ACCURACY_BEHAVIOR = "held_out_reviews_get_their_label"
"""The behavior whose outcomes give each predictor's accuracy, F1 and confusion matrix."""


NOT_RULED = "judged, but not ruled: the run has not come to its end"

REWORDING_BEHAVIOR = "rewording_keeps_the_answer"
"""The behavior whose outcomes show how accuracy varies with the prompt."""


@dataclass(frozen=True)
class Run:
    """One run of the behavioral tests."""

    facts: Mapping[str, Any]
    """What `run.json` says: profile, model, device, `complete`, `quick`, `accuracy_floor`, ..."""
    results: Sequence[BehaviorResult]
    """Sorted by capability, behavior and predictor (approaches first, then floors)."""
    metrics: Mapping[str, Metrics]
    """By predictor, in the same order; empty when accuracy was not part of the run."""
    comparisons: Sequence[Comparison]
    """Of approaches; floors are left out."""
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
        """By approach: how accuracy varies over reworded prompts, where enough of them were asked."""
        found = {r.predictor: spread_of(r.outcomes) for r in self.results if r.behavior.name == REWORDING_BEHAVIOR}
        return {name: spread for name, spread in found.items() if spread is not None}

    @property
    def predictors(self) -> list[str]:
        """Approaches first, then floors."""
        return _in_order({result.predictor for result in self.results})

    @property
    def floors(self) -> dict[str, Verdict]:
        """Per approach whose accuracy was measured and promised by the profile: whether it is kept."""
        promised = self.facts.get("accuracy_floor") or {}
        return {
            name: floor_verdict(metrics, float(promised[name]))
            for name, metrics in self.metrics.items()
            if promised.get(name) is not None
        }

    @property
    def broken_floors(self) -> dict[str, str]:
        """Reason by approach, where the accuracy is significantly below what the profile promised."""
        return {name: verdict.reason for name, verdict in self.floors.items() if verdict.status is Status.FAILED}

    @property
    def open_floors(self) -> dict[str, str]:
        """Reason by approach, where the accuracy is below what the profile promised, but not significantly."""
        return {name: verdict.reason for name, verdict in self.floors.items() if verdict.status is Status.SKIPPED}

    @property
    def failed_checks(self) -> dict[str, str]:
        """Reason by test, of tests that failed beside the rulings of behaviors: contracts, searches, trainings."""
        return dict(self.facts.get("failed_checks") or {})

    @property
    def stopped(self) -> str:
        """Why the run ended before its end; empty where it did not, and where nobody said why."""
        return str(self.facts.get("stopped") or "")

    @property
    def closing_sentence(self) -> str:
        """What this run showed, without claiming more, and what stopped it."""
        return self._incomplete(self.stopped) + self.findings_sentence.removeprefix(self._incomplete(""))

    @property
    def findings_sentence(self) -> str:
        """The same without what stopped the run, for where that is said already."""
        approaches = [result for result in self.results if is_approach(result.predictor)]
        counts = Counter(result.ruling for result in approaches or self.results)  # floors promise nothing
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

    def _incomplete(self, why: str) -> str:
        if self.lost:
            return f"INCOMPLETE: {self.lost} that the run had are missing from its journal. "
        if self.facts.get("complete"):
            return ""
        return f"INCOMPLETE: the run has not come to its end{f' ({why})' if why else ''}. "

    @property
    def _caveats(self) -> str:
        caveats = []
        if self.facts.get("unreadable_facts"):
            caveats.append("run.json is unreadable, so what was run is not known. ")
        if self.unreadable:
            caveats.append(f"{_count(self.unreadable, 'journal line')} unreadable and left out. ")
        if self.facts.get("base_verified") is False:
            caveats.append(f"The adapter is {self.facts.get('base')}. ")
        if self.facts.get("against_lacks"):
            caveats.append(f"Held against a run that is not whole: {'; '.join(self.facts['against_lacks'])}. ")
        if self.facts.get("quick"):
            caveats.append(f"Quick run on fewer cases{little_shown(self.results)}. ")
        return "".join(caveats)


def read_run(folder: Path) -> Run:
    """The run in that folder, from its journal files and `run.json`. Raises `ReportError`."""
    journal = read_journal(folder)
    try:
        return run_of(journal, read_facts(folder))
    except ReportError as error:  # the journal is what cannot be made again
        return run_of(journal, {"unreadable_facts": str(error)})


def run_of(journal: Journal, facts: Mapping[str, Any]) -> Run:
    """Everything that follows from the outcomes and the facts."""
    lost = journal.lost(facts)
    if lost or "ended" in facts:
        facts = {**facts, "complete": not lost and bool(facts.get("ended", facts.get("complete")))}
    grouped: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in journal.outcomes:
        grouped.setdefault((outcome.behavior, outcome.predictor), []).append(outcome)
    rules = Rules(promises=facts.get("promises") is not False, quick=bool(facts.get("quick")))
    whole = bool(facts.get("complete"))
    predictors = _in_order({predictor for _, predictor in (*grouped, *journal.results)})
    behaviors = sorted(journal.behaviors.values(), key=lambda behavior: (behavior.capability, behavior.name))
    results = [
        _result(behavior, predictor, grouped.get((behavior.name, predictor), []), journal, rules, whole)
        for behavior in behaviors
        for predictor in predictors
        if (behavior.name, predictor) in grouped or (behavior.name, predictor) in journal.results
    ]
    measured = [result for result in results if result.behavior.name == ACCURACY_BEHAVIOR and result.judged]
    metrics = {result.predictor: metrics_of_outcomes(result.outcomes) for result in measured}
    approaches = [predictor for predictor in predictors if is_approach(predictor)]
    comparisons = compare_all([behavior.name for behavior in behaviors], approaches, journal.outcomes)
    return Run(facts, results, metrics, comparisons, journal.findings, journal.unreadable, lost)


def _result(
    behavior: Behavior, predictor: str, outcomes: Sequence[Outcome], journal: Journal, rules: Rules, whole: bool
) -> BehaviorResult:
    """The ruling that the run gave; outcomes without one are held against their budget alone. But an approach is
    ruled when all its behaviors are judged: until then, and where a run was cut off, its promises are open."""
    counted = ruled_all([behavior], {behavior.name: outcomes}, predictor, rules)[behavior.name]
    given = journal.results.get((behavior.name, predictor))
    if given is None:
        if not whole and is_approach(predictor) and counted.ruling is not Ruling.REPORTED:
            return replace(counted, outcomes=outcomes, ruling=Ruling.INCONCLUSIVE, reason=NOT_RULED)
        return replace(counted, outcomes=outcomes)
    return replace(given, outcomes=outcomes, failed=counted.failed, judged=counted.judged, interval=counted.interval)


def _in_order(predictors: Iterable[str]) -> list[str]:
    rank = {approach.value: place for place, approach in enumerate(Approach)}
    return sorted(predictors, key=lambda name: (rank.get(name, len(rank)), name))


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'} {'is' if n == 1 else 'are'}"
