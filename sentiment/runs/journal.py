"""The journal: one JSON line per judged case, per ruling and per finding, on disk as soon as it is known.

Everything else in a run folder is made from it, so a run that was stopped at any moment can still be
reported. Each line stands alone: it repeats what is needed of its behavior. Under several worker
processes each writes its own file, `journal-<worker>.jsonl`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sentiment.errors import ReportError
from sentiment.files import parsed_json
from sentiment.runs.lines import Finding, finding_line, outcome_lines, parse_line, result_line, subject_line
from sentiment.runs.run_folder import JOURNALS, writing
from sentiment.types import BehaviorResult, Outcome, Promise, Role, SubjectFacts

_BEFORE_SUBJECTS = {
    "base": SubjectFacts("base", promises=False),
    "sft": SubjectFacts("sft"),
    "lora": SubjectFacts("lora"),
}
"""The subjects of runs whose journal names none; all else that answered in them was a floor."""


@dataclass(frozen=True)
class Journal:
    """What the journal files of one folder hold."""

    promises: Mapping[str, Promise]
    """By the behavior's name."""
    outcomes: Sequence[Outcome]
    """One per behavior, predictor and case; where a case was judged twice, the later line counts."""
    results: Mapping[tuple[str, str], BehaviorResult] = field(default_factory=dict)
    """The rulings, by behavior and predictor; their outcomes, counts and interval are to be filled in."""
    named: Mapping[str, SubjectFacts] = field(default_factory=dict)
    """Subjects by name, in their order; also those that were not asked."""
    findings: Sequence[Finding] = ()
    """What tests found out beside their rulings; of equal ones the last."""
    unreadable: int = 0
    """Lines left out because they were torn (by a kill) or are not ours."""

    @cached_property
    def subjects(self) -> dict[str, SubjectFacts]:
        """All that it names and all that answered, judged ones first.

        In a journal that names none all but the subjects of then were floors. In one that does, whoever it does not
        name lost the line: it counts as judged, since a subject that is taken for a floor keeps every promise.
        """
        ruled = {predictor for _, predictor in self.results}
        answered = {outcome.predictor for outcome in self.outcomes} | ruled
        known = dict(self.named) or {name: each for name, each in _BEFORE_SUBJECTS.items() if name in answered}
        for name in sorted(answered - known.keys()):
            is_judged = bool(self.named) or name in ruled
            known[name] = SubjectFacts(name) if is_judged else SubjectFacts(name, Role.FLOOR, promises=False)
        return dict(sorted(known.items(), key=lambda each: each[1].role is Role.FLOOR))

    @property
    def counts(self) -> dict[str, int]:
        """How much it holds, by kind: what `run.json` remembers, so that a journal that was shortened is found out."""
        return {"cases": len(self.outcomes), "rulings": len(self.results), "findings": len(self.findings)}

    def naming(self, subjects: Iterable[SubjectFacts]) -> Journal:
        """The same with the subjects that `run.json` declares, where its own lines do not."""
        others = {each.name: each for each in subjects if each.name not in self.named}
        return replace(self, named={**self.named, **others})

    def lost(self, had: Mapping[str, int]) -> str:
        """What is missing of the counts that `run.json` remembers, in words; empty when nothing is known to be."""
        short = {kind: had[kind] - count for kind, count in self.counts.items() if had.get(kind, 0) > count}
        *first, last = [f"{count:,} of {had[kind]:,} {kind}" for kind, count in short.items()] or [""]
        return f"{', '.join(first)} and {last}" if first else last


def journal_path(folder: Path, worker: str | None = None) -> Path:
    """The journal file of this process; `worker` names it where several write."""
    return folder / (f"journal-{worker}.jsonl" if worker else "journal.jsonl")


def append_subject(path: Path, subject: SubjectFacts) -> None:
    """Add a subject. Raises `ReportError`."""
    _append(path, [subject_line(subject)])


def append(path: Path, promise: Promise, outcomes: Iterable[Outcome]) -> None:
    """Add the outcomes to the file and flush it to disk. Raises `ReportError` when it cannot."""
    _append(path, outcome_lines(promise, outcomes))


def append_result(path: Path, result: BehaviorResult) -> None:
    """Add a behavior's ruling. Raises `ReportError`."""
    _append(path, [result_line(result)])


def append_finding(path: Path, finding: Finding) -> None:
    """Add a finding. Raises `ReportError`."""
    _append(path, [finding_line(finding)])


def _append(path: Path, values: Iterable[Mapping[str, Any]]) -> None:
    lines = "".join(json.dumps(value, allow_nan=False) + "\n" for value in values)
    with writing(path), path.open("ab+") as file:
        if _is_torn(path):
            lines = "\n" + lines
        file.write(lines.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def read_journal(folder: Path) -> Journal:
    """All journal files of the folder, merged. Raises `ReportError` when there is none or it cannot be read."""
    paths = sorted(folder.glob(JOURNALS))
    if not paths:
        raise ReportError(f"{folder} holds no journal (journal.jsonl): is it a run folder?")
    promises: dict[str, Promise] = {}
    subjects: dict[str, SubjectFacts] = {}
    outcomes: dict[tuple[str, str, str], Outcome] = {}
    results: dict[tuple[str, str], BehaviorResult] = {}
    findings: dict[tuple[str, str], Finding] = {}
    unreadable = 0
    for path in paths:
        for line in _lines(path):
            try:
                found = parse_line(parsed_json(line))
            except ValueError:
                unreadable += 1
                continue
            if isinstance(found, Finding):
                findings[found.kind, found.predictor] = found
                continue
            if isinstance(found, SubjectFacts):
                subjects.setdefault(found.name, found)
                continue
            promise, what = found
            promises[promise.name] = promise
            if isinstance(what, Outcome):
                outcomes[promise.name, what.predictor, what.case.id] = what
            else:
                results[promise.name, what.predictor] = what
    return Journal(promises, list(outcomes.values()), results, subjects, list(findings.values()), unreadable)


def _lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().split(b"\n") if line.strip()]
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}") from None


def _is_torn(path: Path) -> bool:
    """Whether the file ends within a line, as after a kill."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
