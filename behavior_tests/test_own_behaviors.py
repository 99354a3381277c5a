"""Behaviors of your own: every YAML and CSV file beside this module. `docs/behaviors.md` shows how to write one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment.behavior.files import behaviors_beside
from sentiment.errors import SentimentError
from sentiment.types import Behavior, BehaviorResult

try:
    BEHAVIORS: tuple[Behavior, ...] = behaviors_beside(Path(__file__).parent)
except SentimentError as error:
    # pytest prints this one as a line; anything else would be a traceback
    raise pytest.Collector.CollectError(str(error)) from None

if BEHAVIORS:  # an empty list would be reported as a skipped test

    def test_own_behaviors(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
        """Each behavior of a file keeps its budget."""
        gate(result)
