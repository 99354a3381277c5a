"""Command-line options of `pytest behavior_tests`; what they do is in `behavior_tests/conftest.py`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the behavioral tests."""
    group = parser.getgroup("sentiment", "behavioral tests of sentiment classifiers")
    group.addoption(
        "--profile",
        metavar="NAME-or-FILE",
        help="qwen3, smollm2, tiny or a TOML file (default: qwen3 with CUDA, else smollm2)",
    )
    group.addoption(
        "--weights", metavar="PATH", help="judge this model or PEFT adapter folder instead of training; needs one -m"
    )
    group.addoption(
        "--on-base",
        metavar="FOLDER-or-ID",
        help="judge the adapter given with --weights on this base, where it names another one or one that is not here",
    )
    group.addoption("--quick", action="store_true", help="fewer cases and little training: a first look")
    group.addoption("--slow", action="store_true", help="also run what is marked slow")
    group.addoption("--case", metavar="ID", help="judge only the case with this id, as printed in the report")
    group.addoption("--reports", metavar="DIR", default="reports", help="where run folders go (default: reports)")
    group.addoption(
        "--strict-behaviors",
        action="store_true",
        help="known weaknesses and inconclusive behaviors fail their tests too",
    )
    group.addoption("--against", metavar="RUN", help="also hold every behavior against this earlier run's folder")
    group.addoption(
        "--update-baseline",
        action="store_true",
        help="record the baseline anew: train and judge three seeds (resumes); needs all behaviors of an approach",
    )
    group.addoption(
        "--pairs",
        metavar="FILE",
        action="append",
        default=[],
        help="also judge pairs of an original and a flipped review (CSV, TSV or JSONL: original, revised, label)",
    )
