"""`report.html`: one file that needs nothing else, and the list of runs.

Every string is escaped by the template engine, after control characters were written out; the page
runs no script and may load nothing (its content security policy says so).
"""

from __future__ import annotations

import base64
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sentiment.behavior.judge import is_approach
from sentiment.metrics import Metrics
from sentiment.report.run_folder import LATEST, PAGE
from sentiment.report.runs import Run
from sentiment.report.safety import visible
from sentiment.types import BehaviorResult, Label, Outcome, Ruling

SHOWN = 20
"""Failing cases shown per behavior and predictor; `failures.csv` has all."""
TEXT_SHOWN = 1200
"""Characters of a text that are shown."""


@dataclass(frozen=True)
class Capability:
    """One block of the matrix."""

    name: str
    rows: Sequence[tuple[str, Sequence[tuple[str, BehaviorResult | None]]]]
    """Behavior name, and per predictor its name and result; None where it was not run."""


def report_html(run: Run, figures: Mapping[str, bytes]) -> str:
    """The page of a run; `figures` holds the confusion matrix of each measured predictor as PNG."""
    pictures = {
        name: Markup("data:image/png;base64," + base64.b64encode(png).decode()) for name, png in figures.items()
    }
    return (
        _engine()
        .get_template("report.html.j2")
        .render(
            run=run,
            title=_title(run.facts),
            subtitle=" · ".join(str(run.facts[key]) for key in ("started", "device", "dtype") if run.facts.get(key)),
            facts=_facts(run.facts),
            capabilities=_capabilities(run),
            pictures=pictures,
            alt=_alt,
            shown=SHOWN,
            rerun=lambda outcome: rerun_command(run.facts, outcome),
            tone=_tone,
            overall=_overall(run),
            clip=_clip,
        )
    )


def index_html(runs: Sequence[tuple[Path, Mapping[str, Any]]]) -> str:
    """The list of runs, newest first; links are relative to the folder that holds them all."""
    rows = [
        {"name": folder.name, "link": f"{quote(folder.name)}/{PAGE}", "title": _title(facts), "state": _state(facts)}
        for folder, facts in runs
    ]
    return _engine().get_template("index.html.j2").render(rows=rows, latest=f"{LATEST}/{PAGE}")


def rerun_command(facts: Mapping[str, Any], outcome: Outcome) -> str:
    """The command that judges this one case again, with the run's own `rerun_command` where it has one."""
    words = [str(facts.get("rerun_command") or "pytest behavior_tests")]
    if is_approach(outcome.predictor):
        words.append(f"-m {outcome.predictor}")
    return " ".join([*words, "--case", shlex.quote(outcome.case.id)])


def _engine() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )


def _capabilities(run: Run) -> list[Capability]:
    names = list(dict.fromkeys(result.behavior.capability for result in run.results))
    return [Capability(name, _rows(run, name)) for name in names]


def _rows(run: Run, capability: str) -> list[tuple[str, list[tuple[str, BehaviorResult | None]]]]:
    found = {
        (result.behavior.name, result.predictor): result
        for result in run.results
        if result.behavior.capability == capability
    }
    behaviors = dict.fromkeys(behavior for behavior, _ in found)
    return [
        (behavior, [(predictor, found.get((behavior, predictor))) for predictor in run.predictors])
        for behavior in behaviors
    ]


def _title(facts: Mapping[str, Any]) -> str:
    return " · ".join(str(facts[key]) for key in ("profile", "model", "selection") if facts.get(key)) or "run"


def _state(facts: Mapping[str, Any]) -> str:
    return ("complete" if facts.get("complete") else "incomplete") + (", quick" if facts.get("quick") else "")


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key.replace("_", " "), _as_text(value)) for key, value in facts.items() if value not in (None, "", {}, [])]


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_as_text(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_as_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _alt(name: str, metrics: Metrics) -> str:
    """The matrix in words, for those who cannot see the picture."""
    rows = [
        f"of {sum(row)} {label.word} reviews {row[0]} were called negative, {row[1]} positive, {row[2]} neither"
        for label, row in zip(Label, metrics.confusion, strict=True)
    ]
    return f"Confusion matrix of {name}: {'; '.join(rows)}."


def _tone(ruling: Ruling) -> str:
    """The class that colors a ruling; its word is always shown too."""
    good, bad = {Ruling.PASS, Ruling.IMPROVED}, {Ruling.FAIL}
    return "good" if ruling in good else "bad" if ruling in bad else "plain" if ruling is Ruling.REPORTED else "open"


def _overall(run: Run) -> str:
    tones = {_tone(result.ruling) for result in run.results}
    if "bad" in tones or run.broken_floors:
        return "bad"
    return "good" if "good" in tones and "open" not in tones and run.facts.get("complete") else "open"


def _clip(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}… ({len(text) - TEXT_SHOWN} more characters)"
