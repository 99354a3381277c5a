"""The order of the experiments, and keeping what each found.

A step that was done with the same settings, model and versions is read back and not done again, so an
interrupted study goes on where it stopped. Trainings and answers within a step are stored besides.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sentiment import cache
from sentiment.errors import CacheError
from sentiment.pipeline import Workbench, run_facts
from sentiment.study.comparison import ComparisonFindings, comparison
from sentiment.study.construction import ConstructionFindings, construction
from sentiment.study.cost import CostFindings, cost
from sentiment.study.derivation import DerivationFindings, derivation
from sentiment.study.failures import FailureFindings, failures
from sentiment.study.formats import FormatFindings, formats
from sentiment.study.raw_text import RawTextFindings, raw_text
from sentiment.study.record import Done, Study, as_json, from_json
from sentiment.study.strategies import StrategyFindings, strategies

SCHEMA_VERSION = 1
"""Of the study's `results.json`; raised when a field is renamed, removed or changes its meaning."""
FIELDS = [field.name for field in fields(Done)]


@dataclass(frozen=True)
class Step:
    """One experiment."""

    name: str
    answers: str
    """The assignment's questions that it bears on."""
    run: Callable[[Workbench], object]
    findings: type
    """What `run` returns."""
    version: int = 1
    """Raised by hand when what it finds could change; findings of other versions are not read."""


STEPS = (
    Step("derivation", "Q6", derivation, DerivationFindings, version=2),
    Step("comparison", "Q3.3, Q3.4, Q4.1", comparison, ComparisonFindings, version=2),
    Step("construction", "Q1.3, Q2, Q3.1, Q3.2, Q4.2, Q5", construction, ConstructionFindings, version=2),
    Step("cost", "Q7", cost, CostFindings, version=5),
    Step("raw_text", "Q1.1, Q1.2", raw_text, RawTextFindings, version=2),
    Step("formats", "Q8", formats, FormatFindings, version=3),
    Step("failures", "Q10", failures, FailureFindings, version=2),
    Step("strategies", "Q9", strategies, StrategyFindings, version=3),
)


def run_study(bench: Workbench, only: Collection[str] = (), fresh: bool = False, profile: str | None = None) -> Study:
    """What every step found, done now where it is not stored.

    `only` names the steps to do; others are shown where they are stored. `fresh` does them anew. `profile` is
    what the profile was chosen by, where that is not its name: a file.
    """
    command = f"sentiment study --profile {shlex.quote(profile or bench.profile.name)}"
    chosen = [step for step in STEPS if (step.name in only if only else _applies(step, bench))]
    found: dict[str, Done] = {}
    for step in STEPS:
        path = _place(bench, step)
        stored = _stored(path, step, bench.note)
        if step in chosen and (fresh or stored is None):
            bench.note(f"study {chosen.index(step) + 1}/{len(chosen)}: {step.name} ({step.answers})")
            stored = _done(bench, step, command)
            _keep(path, stored, bench.note)
            bench.note(f"study: {step.name} took {stored.seconds:.0f} s")
        if stored is not None and (step in chosen or only):
            found[step.name] = stored
    facts = run_facts(bench).as_json()
    shown = ("profile", "model", "device", "dtype", "data", "seed", "versions")
    return Study(
        SCHEMA_VERSION,
        run={
            "command": command,
            **{key: facts[key] for key in shown},
            "precision": _precisions(bench),
            "max_seq_length": bench.profile.max_seq_length,
            "house_prompt": bench.profile.house_prompt.template,
            "sizes": bench.profile.data.model_dump(include={"train", "validation", "test", "suite", "joined"}),
            "study": bench.profile.study.model_dump(),
            "sft": bench.profile.sft.model_dump(),
            "lora": bench.profile.lora.model_dump(),
            "adapter": bench.profile.adapter.model_dump(),
        },
        steps=found,
    )


def study_of(results: Mapping[str, Any]) -> Study:
    """The study whose `results.json` this is. Raises `ValueError` where its steps are not what they find."""
    steps = {step.name: step for step in STEPS}
    done = {name: _read(steps[name], stored) for name, stored in results["steps"].items()}
    return Study(results["schema_version"], results["run"], done)


def _applies(step: Step, bench: Workbench) -> bool:
    return step.name != "strategies" or bench.profile.study.strategies


def _done(bench: Workbench, step: Step, command: str) -> Done:
    begin = time.time()
    found = step.run(bench)
    return Done(
        date=time.strftime("%Y-%m-%d", time.gmtime(begin)),
        seconds=round(time.time() - begin, 1),
        command=f"{command} --step {step.name}",
        answers=step.answers,
        commit=run_facts(bench).commit,
        found=found,
    )


def _read(step: Step, stored: Mapping[str, Any]) -> Done:
    done = from_json(Done, {name: stored[name] for name in FIELDS})
    return replace(done, found=from_json(step.findings, done.found))


def _stored(path: Path, step: Step, note: cache.Note) -> Done | None:
    stored = cache.kept(path, FIELDS, note)
    try:
        return None if stored is None else _read(step, stored)
    except ValueError as error:
        note(f"{path} is damaged ({error}) and is made anew where it is needed")
        return None


def _keep(path: Path, done: Done, note: cache.Note) -> None:
    try:
        cache.keep(path, as_json(done))
    except CacheError as error:  # what was found goes into the document all the same
        note(f"{error}; the next study has to do the step again")


def _place(bench: Workbench, step: Step) -> Path:
    """Where the step's findings are kept; named by everything that could change them."""
    from sentiment.models import rendering, score, store

    facts = run_facts(bench)
    digest = cache.digest_of(
        [
            bench.profile.model_dump(mode="json"),
            bench.base.fingerprint,
            facts.device,
            facts.dtype,
            facts.versions,
            [step.version, score.SCORING_VERSION, store.TRAINING_VERSION, rendering.RAW_VERSION],
        ]
    )
    return cache.cache_root() / "study" / f"{bench.profile.slug}-{step.name}-{digest}.json"


def _precisions(bench: Workbench) -> dict[str, str]:
    from sentiment.models.device import precision_of

    profile = bench.profile
    return {
        "sft": precision_of(profile.sft.precision, bench.device),
        "lora": precision_of(profile.lora.precision, bench.device),
        "scoring": bench.scoring_precision,
    }
