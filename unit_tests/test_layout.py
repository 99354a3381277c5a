"""The house: imports point one way, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "sentiment"
FLOORS = [
    {"types", "errors"},
    {"files"},
    {"paths", "spellings", "profiles", "cache", "answers", "prompts", "wordings", "floors", "robust", "arithmetic"},
    {"data"},
    {"models", "behavior", "bulk"},
    {"metrics"},
    {"report"},
    {"pipeline"},
    {"assessment"},
    {"study"},
    {"cli", "__main__"},
]
MODULES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports anywhere in it, `if TYPE_CHECKING` aside."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def level(name: str) -> int:
    return next(i for i, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    if path == ROOT / "__init__.py":
        return
    here = room(path)
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("sentiment.")}
    for other in rooms & set().union(*FLOORS):
        assert (
            level(other) < level(here)
            or other == here
            or {here, other} <= {"types", "errors"}
            or (level(other) == level(here) and {here, other}.isdisjoint({"models", "behavior"}))
        ), f"{here} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_needs_pytest_hypothesis_or_pickle(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert roots.isdisjoint({"pytest", "hypothesis", "pickle", "dill", "joblib"})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_model_half_imports_torch(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    if room(path) not in {"models", "pipeline", "assessment", "cli"}:
        assert roots.isdisjoint({"torch", "transformers", "peft", "accelerate"})


@pytest.mark.parametrize("module", ["sentiment", "sentiment.types", "sentiment.pipeline", "sentiment.cli"])
def test_importing_loads_no_torch(module: str) -> None:
    code = f"import {module}, sys; print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_no_code_trusts_remote_code_or_loads_pickles() -> None:
    for path in MODULES:
        text = path.read_text()
        assert "trust_remote_code=True" not in text, path
        assert "torch.load(" not in text, path
