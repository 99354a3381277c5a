"""The house: nothing heavy is loaded before it is needed. That imports point one way is held by `lint-imports`."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "sentiment"
MODULES = sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports anywhere in it, `if TYPE_CHECKING` aside."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_needs_hypothesis_or_pickle_and_the_command_line_alone_typer(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert roots.isdisjoint({"hypothesis", "pickle", "dill", "joblib"})
    assert "typer" not in roots or "cli" in path.parts


def test_importing_loads_no_torch() -> None:
    """All in one process, since none may."""
    modules = "sentiment.cli, sentiment.pipeline.python, sentiment.plugin.hooks, sentiment.suites.prompts"
    code = f"import sys, {modules}; print({{'torch', 'transformers', 'peft', 'accelerate'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_no_code_trusts_remote_code_or_loads_pickles() -> None:
    for path in MODULES:
        text = path.read_text()
        assert "trust_remote_code=True" not in text, path
        assert "torch.load(" not in text, path


def test_the_wheel_holds_every_file_that_is_no_module() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"].items()
    packed = {
        path
        for package, globs in patterns
        for glob in globs
        for path in ROOT.parent.joinpath(*package.split(".")).glob(glob)
    }
    found = {path for path in ROOT.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert found - packed == set()
