"""What identifies a run."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version

from sentiment.pipeline.workbench import Workbench
from sentiment.profiles import AdapterSettings
from sentiment.runs.facts import RunFacts

LIBRARIES = ("torch", "transformers", "peft")
"""What the answers of models depend on."""


def run_facts(workbench: Workbench, *, with_models: bool = True, libraries: Sequence[str] = LIBRARIES) -> RunFacts:
    """What identifies a run: settings, device, versions, commit; without language models nothing of the hardware.

    `libraries` are those whose versions count, beside this package's.
    """
    profile = workbench.profile
    libraries = ["sentiment-behavior", *libraries]
    facts = RunFacts(
        profile=profile.name,
        data=profile.data.place,
        seed=profile.seed,
        quick=workbench.quick,
        promises=profile.promises,
        accuracy_floor=_accuracy_floor(workbench) if with_models else {},
        versions={"python": platform.python_version(), **{name: version(name) for name in libraries}},
        commit=_commit(),
        house_prompt=profile.house_prompt,
    )
    return _with_models(facts, workbench) if with_models else facts


def _with_models(facts: RunFacts, workbench: Workbench) -> RunFacts:
    from sentiment.models.device import describe

    profile = workbench.profile
    base = workbench.given.base if workbench.given else None
    return replace(
        facts,
        model=profile.model.id,
        weights=str(workbench.weights_path) if workbench.weights_path else None,
        base=base.says if base else None,
        base_verified=base.verified if base else None,
        adapter=None if workbench.given else _in_words(profile.adapter),
        device=describe(workbench.device),
        dtype=workbench.scoring_precision,
    )


def _accuracy_floor(workbench: Workbench) -> dict[str, float]:
    """What the profile promises of a whole run."""
    promised = workbench.profile.accuracy_floor
    return {} if workbench.quick else {str(name): floor for name, floor in promised.items()}


def _in_words(adapter: AdapterSettings) -> str:
    return f"LoRA r {adapter.r}, alpha {adapter.alpha}, dropout {adapter.dropout:g}, {adapter.targets}"


def _commit() -> str | None:
    with suppress(OSError, subprocess.CalledProcessError):
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()
    return None
