"""One whole study on the tiny profile, for all tests of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sentiment.pipeline import Workbench
from sentiment.profiles import Profile
from sentiment.study.document import write_study
from sentiment.study.run import run_study


class Study(NamedTuple):
    bench: Workbench
    results: dict[str, Any]
    folder: Path
    notes: list[str]


@pytest.fixture(scope="session", name="study")
def _study(tiny: Profile, tmp_path_factory: pytest.TempPathFactory) -> Study:
    notes: list[str] = []
    bench = Workbench(tiny, note=notes.append, progress=False)
    results = run_study(bench)
    folder = tmp_path_factory.mktemp("study")
    write_study(results, folder, note=notes.append)
    return Study(bench, results, folder, notes)
