"""One side of a comparison of two runs, and what keeps two sides from being compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import ReportError
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Journal, read_journal
from sentiment.runs.run_folder import PAGE, read_facts
from sentiment.types import Outcome, Promise, Prompt, Role, Status, SubjectFacts


@dataclass(frozen=True)
class Side:
    """One of the two runs."""

    folder: Path
    facts: RunFacts
    promises: Mapping[str, Promise]
    """By the behavior's name."""
    subjects: Mapping[str, SubjectFacts]
    outcomes: Mapping[tuple[str, str], Sequence[Outcome]]
    """By behavior and predictor; skipped cases are left out."""
    lacks: Sequence[str]
    """Why it is no whole run, in sentences."""

    @property
    def predictors(self) -> list[str]:
        """In the order of first use."""
        return list(dict.fromkeys(predictor for _, predictor in self.outcomes))

    def is_floor(self, predictor: str) -> bool:
        """Whether it is a reference, and no subject that is judged."""
        return self.subjects[predictor].role is Role.FLOOR

    @property
    def prompts(self) -> dict[str, Prompt]:
        """Every wording that was asked, by digest."""
        found = (outcome.case.query.prompt for each in self.outcomes.values() for outcome in each)
        return {prompt.digest: prompt for prompt in found}


def read_side(folder: Path) -> Side:
    """The outcomes in a run folder. Raises `ReportError` when it is none, or holds nothing to compare."""
    if not folder.is_dir():
        hint = f"; give its folder {folder.parent}" if folder.name == PAGE else ""
        raise ReportError(f"{folder} is not a run folder{hint}")
    journal = read_journal(folder)
    outcomes: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in journal.outcomes:
        if outcome.verdict.status is not Status.SKIPPED:
            outcomes.setdefault((outcome.behavior, outcome.predictor), []).append(outcome)
    facts = read_facts(folder)
    if not outcomes:
        torn = [f"{count_of(journal.unreadable, 'line')} unreadable"] if journal.unreadable else []
        why = "; ".join([*torn, *filter(None, [journal.lost(facts.counts)])])
        raise ReportError(f"{folder} holds no judged case{f' ({why})' if why else ''}: nothing to compare")
    subjects = journal.naming(facts.subjects).subjects
    return Side(folder, facts, journal.promises, subjects, outcomes, _lacks(folder, journal, facts))


def lacking(folder: Path) -> list[str]:
    """Why the folder holds no whole run, in sentences. Raises `ReportError` when it cannot be read."""
    return _lacks(folder, read_journal(folder), read_facts(folder))


def _lacks(folder: Path, journal: Journal, facts: RunFacts) -> list[str]:
    name, lost = folder.name, journal.lost(facts.counts)
    found = [f"{name} is incomplete: {lost} are missing from its journal"] if lost else []
    if not lost and not facts.came_to_its_end:
        found.append(f"{name} is incomplete")
    if journal.unreadable:
        found.append(f"{name}: {count_of(journal.unreadable, 'journal line')} unreadable")
    return found


def why_nothing_is_shared(before: Side, after: Side, pairs: Sequence[tuple[str, str]]) -> str:
    """The first thing that differs, from the most general on."""
    names = [
        {behavior for behavior, predictor in side.outcomes if predictor in {pair[i] for pair in pairs}}
        for i, side in enumerate((before, after))
    ]
    if names[0].isdisjoint(names[1]):
        listed = [", ".join(sorted(each)[:3]) + (", ..." if len(each) > 3 else "") for each in names]
        return f"they judged other behaviors, {listed[0]} against {listed[1]}"
    prompts = before.prompts, after.prompts
    if prompts[0].keys().isdisjoint(prompts[1]):
        asked = [next(iter(each.values())) for each in prompts]
        return f"they asked with other prompts, {asked[0].template!r} against {asked[1].template!r}"
    facts = [
        f"{name} {side}" for name in ("profile", "data", "seed") for side in (_differing(name, before, after),) if side
    ]
    return f"they judged other cases of the same behaviors{' (' + ', '.join(facts) + ')' if facts else ''}"


def _differing(name: str, before: Side, after: Side) -> str:
    values = [as_text(getattr(side.facts, name)) for side in (before, after)]
    return f"{values[0]} against {values[1]}" if values[0] != values[1] else ""


def warnings_of(before: Side, after: Side) -> list[str]:
    """What a reader has to know before the figures."""
    found = [*before.lacks, *after.lacks]
    profiles = _differing("profile", before, after)
    found += [f"the profiles differ: {profiles}"] if profiles else []
    lonely = [_names(mine.prompts, other.prompts) for mine, other in ((before, after), (after, before))]
    if any(lonely):
        only = f"{lonely[0] or 'none'} only in the first run, {lonely[1] or 'none'} only in the second"
        found.append(f"the prompts differ: {only}; cases are shared where the wording is the very same")
    return found


def _names(mine: Mapping[str, Prompt], other: Mapping[str, Prompt]) -> str:
    names = [prompt.name for digest, prompt in mine.items() if digest not in other]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def as_text(value: Any) -> str:
    """A fact in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return "unknown" if value is None else str(value)


def count_of(n: int, noun: str) -> str:
    """E.g. `1 case is` or `2 cases are`."""
    return f"{n:,} {noun} is" if n == 1 else f"{n:,} {noun}s are"
