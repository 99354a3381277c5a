"""Pairs of your own, given with `--pairs FILE`: both the original and the revised review get their label.

The public counterfactual sets fit: columns `original`, `revised` and `label`, or two rows a pair with one `batch_id`,
in CSV, TSV or JSONL. Mind that all originals of the counterfactually augmented IMDB reviews are IMDB training rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from behavior_tests.session import show
from sentiment.behavior.cases import paired
from sentiment.behavior.expectations import both_right
from sentiment.behavior.pairs import read_pairs
from sentiment.paths import at_home
from sentiment.types import Approach, Behavior, BehaviorResult, Kind


def behaviors(config: pytest.Config) -> tuple[Behavior, ...]:
    """One behavior per file."""
    return tuple(_both_right(at_home(path), lambda line: show(config, line)) for path in config.getoption("--pairs"))


def _both_right(path: Path, note: Callable[[str], object]) -> Behavior:
    name = f"pairs_of_{re.sub('[^a-z0-9]+', '_', path.stem.lower()).strip('_')}_are_both_right"
    return Behavior(
        name=name,
        capability="counterfactual pairs",
        kind=Kind.DIR,
        promise=f"Both reviews of every pair in {path.name} get their label.",
        cases=paired(name, read_pairs(path, note)),
        expectation=both_right,
        budget={Approach.SFT: 0.40, Approach.LORA: 0.40},
        min_live=100,
        place=str(path),
    )


def test_counterfactual_pairs(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each file's pairs keep their budget."""
    gate(result)
