"""What GitHub shows of a run: Markdown for the job's summary, and annotations."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sentiment.errors import ReportError
from sentiment.report.signs import SIGNS
from sentiment.runs.run import Run
from sentiment.runs.run_folder import writing
from sentiment.safety import one_line, visible
from sentiment.types import BehaviorResult, Ruling

SENTENCES_SHOWN = 3
"""Failing sentences per behavior."""
TEXT_SHOWN = 300
"""Characters of a sentence."""
BEHAVIORS_SHOWN = 50
"""Failing behaviors with their sentences. GitHub refuses a summary of more than 1 MiB."""
ANNOTATIONS_SHOWN = 10
"""GitHub shows no more errors, and no more warnings, of one step."""

_SIGN = re.compile("[!-/:-@[-`{-~]")


def tell_github(run: Run, folder: Path) -> Iterator[str]:
    """Lines to print where GitHub runs this: annotations. Its job summary, where it asks for one, is appended to."""
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if target:
        try:
            with writing(Path(target)), Path(target).open("a", encoding="utf-8") as file:
                file.write(job_summary(run, folder))
        except ReportError as error:
            yield f"job summary: {error}"
    if os.environ.get("GITHUB_ACTIONS") == "true":
        yield from workflow_commands(run)


def job_summary(run: Run, folder: Path) -> str:
    """Markdown: the closing sentence, capabilities by subjects, and the failing behaviors with sentences."""
    parts = [f"## {markdown(run.facts.title or 'Behaviors')}\n\n{markdown(run.closing_sentence)}\n", _matrix(run)]
    failing = [result for result in run.results if result.ruling is Ruling.FAIL]
    parts += [f"- {markdown(test)}: {markdown(reason)}" for test, reason in run.failed_checks.items()]
    parts += map(_failing, failing[:BEHAVIORS_SHOWN])
    if len(failing) > BEHAVIORS_SHOWN:
        parts.append(f"{len(failing) - BEHAVIORS_SHOWN} more failing behaviors are in the report.\n")
    parts.append(f"Everything is in <code>{markdown(folder.name)}</code>: report.html, outcomes.csv, results.json.\n\n")
    return "\n".join(parts)


def workflow_commands(run: Run) -> Iterator[str]:
    """Workflow commands: an error per broken promise and failed check, a warning per inconclusive behavior."""
    errors = [(f"{r.predictor}: {r.promise.name}", r.reason) for r in run.results if r.ruling is Ruling.FAIL]
    errors += [("stopped", run.facts.stopped)] if run.facts.stopped else []
    errors += list(run.failed_checks.items())
    errors += [(f"{name}: accuracy", reason) for name, reason in run.broken_floors.items()]
    warnings = [(f"{r.predictor}: {r.promise.name}", r.reason) for r in run.results if r.ruling is Ruling.INCONCLUSIVE]
    for command, found in (("error", errors), ("warning", warnings)):
        shown = found if len(found) <= ANNOTATIONS_SHOWN else found[: ANNOTATIONS_SHOWN - 1]
        for title, message in shown:
            yield f"::{command} title={_property(title)}::{_data(message)}"
        if len(shown) < len(found):
            yield f"::{command}::{_data(f'{len(found) - len(shown)} more {command}s are in the report')}"


def markdown(text: str) -> str:
    """Text that Markdown shows as it is, on one line: every sign is a character reference, which neither
    structures nor links anything."""
    line = one_line(text, TEXT_SHOWN)
    return "".join(
        f"&#{ord(sign)};" if sign.isascii() and not sign.isalnum() and sign != " " else sign for sign in line
    )


def _matrix(run: Run) -> str:
    """Per capability and judged subject the worst ruling and how many behaviors have which."""
    predictors = run.judged
    lines = [
        f"| capability | {' | '.join(map(markdown, predictors))} |",
        f"|---|{'---|' * len(predictors)}",
    ]
    for capability in dict.fromkeys(result.promise.capability for result in run.results):
        cells = [
            _cell([r for r in run.results if r.promise.capability == capability and r.predictor == predictor])
            for predictor in predictors
        ]
        lines.append(f"| {markdown(capability)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n" if run.results else ""


def _cell(results: list[BehaviorResult]) -> str:
    counts = {ruling: sum(result.ruling is ruling for result in results) for ruling in SIGNS}
    words = ", ".join(f"{count} {ruling.value}" for ruling, count in counts.items() if count)
    sign = next((sign.picture for ruling, sign in SIGNS.items() if counts[ruling]), "")
    failed, judged = sum(result.failed for result in results), sum(result.judged for result in results)
    return f"{sign} {words}; {failed} of {judged} cases fail" if results else ""


def _failing(result: BehaviorResult) -> str:
    lines = [f"### {SIGNS[result.ruling].picture} {markdown(f'{result.predictor}: {result.promise.name}')}", ""]
    lines += [f"{markdown(result.promise.claim)}  ", markdown(result.reason), ""]
    for outcome in islice(result.failures, SENTENCES_SHOWN):
        lines.append(f"- <code>{markdown(outcome.case.query.text)}</code><br>{markdown(outcome.verdict.reason)}")
    return "\n".join([*lines, ""])


def _data(text: str) -> str:
    """A workflow command's message, escaped as GitHub's toolkit does it."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
