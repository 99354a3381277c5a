"""Behaviors of your own: every YAML and CSV file beside this module. `docs/behaviors.md` shows how to write one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from behavior_tests.session import show
from sentiment.behavior.files import behaviors_beside
from sentiment.types import Behavior, BehaviorResult


def behaviors(config: pytest.Config) -> tuple[Behavior, ...]:
    """Those of the files."""
    return behaviors_beside(Path(__file__).parent, lambda line: show(config, line))


def test_own_behaviors(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each behavior of a file keeps its budget."""
    gate(result)
