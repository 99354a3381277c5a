"""What a run of pytest left behind."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import sentiment.plugin.hooks  # pytester forgets what is imported while it runs
import sentiment.report.write  # noqa: F401

PLUGIN = ("-p", "sentiment.plugin")


class Ran(NamedTuple):
    folder: Path
    """Of the repository."""
    status: int
    printed: str

    def outcomes(self) -> dict[str, str]:
        """By test, of `pytest -v`."""
        lines = [line.split() for line in self.printed.splitlines() if "::" in line and "%]" in line]
        return {words[0].rpartition("::")[2]: words[1] for words in lines}

    def run_folder(self) -> Path:
        """The last one that was made."""
        return max(path for path in (self.folder / "reports").iterdir() if path.name[0].isdigit())

    def results(self) -> dict[str, Any]:
        """Content of its `results.json`."""
        found: dict[str, Any] = json.loads((self.run_folder() / "results.json").read_text(encoding="utf-8"))
        return found

    def journalled(self) -> Counter[tuple[str, str]]:
        """How often each case of each subject is journalled."""
        paths = self.run_folder().glob("journal*.jsonl")
        lines: list[dict[str, Any]] = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
        return Counter((line["predictor"], line["case"]["id"]) for line in lines if "case" in line)

    def table(self) -> list[str]:
        """The closing table, without the path below it."""
        lines = self.printed.splitlines()
        begin = next(i for i, line in enumerate(lines) if "behaviors" in line and line.startswith("==="))
        end = max(i for i, line in enumerate(lines) if line.startswith("report: "))
        return lines[begin + 1 : end]

    def assert_told_once(self, message: str) -> None:
        """One line says it, nothing else is red, and the exit status is that of the command on bad input."""
        assert self.status == 2, self.printed
        assert self.printed.count(message) == 1, self.printed
        assert sum("error: " in line for line in self.printed.splitlines()) == 1, self.printed
        assert "Traceback" not in self.printed
        assert "ERROR" not in self.printed


def ran_inside(repository: pytest.Pytester, *arguments: str) -> Ran:
    """pytest in this process, with the plugin, on the repository."""
    done = repository.runpytest_inprocess(*PLUGIN, *arguments)
    return Ran(repository.path, int(done.ret), done.stdout.str() + done.stderr.str())
