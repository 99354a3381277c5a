"""Queries and cases as files: for whoever answers them elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import BehaviorError, DataError, NotApplicableError
from sentiment.files import disk_told, parsed_json, write_atomically
from sentiment.judging.judge import queries_of
from sentiment.pipeline.corpus import Corpus
from sentiment.prompting.messages import messages_of
from sentiment.runs.lines import behavior_line, case_line
from sentiment.types import Behavior, Case, Query

CASES = "cases.jsonl"
"""Name of the file of cases, beside that of the queries."""


@dataclass(frozen=True)
class Exported:
    """What was written."""

    queries: Path
    cases: Path
    asked: int
    """Distinct queries."""
    judged: int
    """Cases."""


def export(corpus: Corpus, behaviors: Sequence[Behavior], queries: Path, note: Callable[[str], object]) -> Exported:
    """Write every distinct query of the behaviors, one line each: id, text, messages; and their cases beside it.

    Behaviors that the data cannot feed are told and left out. Raises `DataError` where a file cannot be written, and
    `BehaviorError` where no case is left.
    """
    if queries.suffix not in (".jsonl", ".ndjson"):
        raise DataError(f"output {queries}: queries are written as JSON lines; name a .jsonl file")
    cases = queries.with_name(CASES)
    if cases == queries:
        raise DataError(
            f"output {queries} is the name of the file of cases, which is written beside it; choose another"
        )
    _refuse_another(cases)
    made = list(_made(corpus, behaviors, note))
    asked = queries_of(case for _, each in made for case in each)
    if not asked:
        raise BehaviorError("nothing to export: no behavior has a case")
    _write(cases, (line for behavior, each in made for line in (behavior_line(behavior), *map(case_line, each))))
    _write(queries, map(_query_line, asked))
    return Exported(queries, cases, len(asked), sum(len(each) for _, each in made))


def _made(
    corpus: Corpus, behaviors: Sequence[Behavior], note: Callable[[str], object]
) -> Iterator[tuple[Behavior, Sequence[Case]]]:
    for behavior in behaviors:
        try:
            yield behavior, corpus.cases_of(behavior)
        except NotApplicableError as error:
            note(f"{behavior.name} is left out: {error}")


def _refuse_another(cases: Path) -> None:
    """Raise `DataError` where a file of that name is there that no export wrote."""
    if cases.exists():
        with suppress(OSError, ValueError), cases.open(encoding="utf-8") as file:
            first = parsed_json(file.readline())
            if isinstance(first, dict) and "behavior" in first:
                return
        raise DataError(f"{cases} would be written over, and holds something else: name an output in another folder")


def _query_line(query: Query) -> Mapping[str, Any]:
    return {"id": query.digest, "text": query.text, "messages": messages_of(query)}


def _write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with disk_told(path, DataError, "make room, or name another file with --output"):
        write_atomically(path, "".join(json.dumps(line) + "\n" for line in lines))
