"""The plugin's options, what they mean as settings, and how to write them again."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sentiment.pipeline.settings import Settings
    from sentiment.runs.rerun import Rerun


def add_options(parser: pytest.Parser) -> None:
    """Add them, all with one prefix."""
    group = parser.getgroup("behavior", "behavioral tests of sentiment classifiers")

    def add(name: str, text: str, **how: Any) -> None:
        group.addoption(f"--behavior-{name}", help=text, **how)

    again: dict[str, Any] = {"action": "append", "default": []}
    profiles = "qwen3, smollm2, tiny or a TOML file (default: qwen3 with CUDA, else smollm2)"
    add("profile", profiles, metavar="NAME-or-FILE")
    own = "judge a classifier of your own: by its name in pyproject.toml, or mine=python:module:function, "
    own += "mine=model:FOLDER, mine=classifier:FOLDER, mine=endpoint:URL#MODEL, mine=answers:FILE; can be repeated"
    add("subject", own, metavar="NAME[=KIND:TARGET]", **again)
    weights = "judge this model or PEFT adapter folder instead of training; needs -m base, sft or lora; repeated, with "
    weights += "--behavior-update-baseline, for several trainings of one recipe"
    add("weights", weights, metavar="PATH", **again)
    base = "judge the adapter of --behavior-weights on this base, where it names another one or one that is not here"
    add("on-base", base, metavar="FOLDER-or-ID")
    add("files", "also judge the behaviors of this YAML or CSV file; can be repeated", metavar="FILE", **again)
    pairs = "also judge pairs of an original and a flipped review (CSV, TSV or JSONL: original, revised, label)"
    add("pairs", pairs, metavar="FILE", **again)
    add("quick", "fewer cases and little training: a first look", action="store_true")
    add("slow", "also run behavioral tests that are marked slow", action="store_true")
    add("case", "judge only the case with this id, as printed in the report", metavar="ID")
    add("against", "also hold every behavior against this earlier run's folder", metavar="RUN")
    add("baselines", "where committed baselines lie (default: behavior_tests/baselines)", metavar="DIR")
    update = "record the baseline anew, of what is given, or of three trainings (resumes); needs all behaviors"
    add("update-baseline", update, action="store_true")
    add("strict", "known weaknesses and inconclusive behaviors fail their tests too", action="store_true")
    add("reports", "where run folders go (default: reports)", metavar="DIR")


def option(config: pytest.Config, name: str) -> Any:
    """The value of `--behavior-NAME`."""
    return config.getoption(f"--behavior-{name}")


def settings_of(config: pytest.Config) -> Settings:
    """What the `pyproject.toml` of the root folder and the options ask for, the options first.

    Raises `SettingsError` or `SubjectError`.
    """
    from sentiment.paths import at_home
    from sentiment.pipeline.settings import read_settings

    def path(name: str, default: Path | None) -> Path | None:
        given = option(config, name)
        return at_home(given) if given else default

    read = read_settings(config.rootpath)
    settings = replace(
        read,
        profile=option(config, "profile") or read.profile,
        behaviors=(*read.behaviors, *map(at_home, option(config, "files"))),
        pairs=tuple(map(at_home, option(config, "pairs"))),
        weights=tuple(map(at_home, option(config, "weights"))),
        on_base=option(config, "on-base"),
        against=path("against", None),
        case=option(config, "case"),
        quick=option(config, "quick"),
        baselines=path("baselines", read.baselines) or read.baselines,
        reports=path("reports", read.reports) or read.reports,
        baselines_named=read.baselines_named or bool(option(config, "baselines")),
    )
    settings = settings.with_subjects(option(config, "subject"))
    mark = config.getoption("-m")
    return settings.of(mark) if mark in settings.subjects else settings  # what is not asked for need not be there


def selection_of(config: pytest.Config) -> str:
    """What was selected, in words, for the run folder's name."""
    options = [config.getoption(name, default=None) for name in ("-k", "--behavior-case")]
    files = [Path(each).name for each in _arguments(config) if not Path(each).is_dir()]
    left_out = [f"without {Path(path).name}" for path in config.getoption("deselect", default=None) or []]
    flags = [name for name in ("quick", "slow") if option(config, name)]
    parts = [config.getoption("-m") or "all", *files, *options, *left_out, *flags]
    return " ".join(str(part) for part in parts if part)


def rerun_of(config: pytest.Config) -> Rerun:
    """How a part of the session is run again."""
    from sentiment.runs.rerun import Rerun

    named = [(name, option(config, name)) for name in ("profile", "on-base", "baselines", "reports")]
    named += [(name, each) for name in ("subject", "weights", "files", "pairs") for each in option(config, name)]
    flags = ["--behavior-quick"] if option(config, "quick") else []  # its weights are other ones
    places = dict.fromkeys(each.partition("::")[0] for each in _arguments(config))
    words = [f"--behavior-{name} {shlex.quote(value)}" for name, value in named if value]
    command = " ".join(["pytest", *map(shlex.quote, places), *words, *flags])
    return Rerun(command, case="--behavior-case")


def narrowing(config: pytest.Config) -> list[str]:
    """What makes a run select less than all behaviors of a subject, or judge them otherwise."""
    names = ("quick", "case", "pairs")
    found = [f"--behavior-{name}" for name in names if option(config, name)]
    found += [name for name in ("-k", "--deselect", "--ignore") if config.getoption(name, default=None)]
    return found + [each for each in _arguments(config) if not Path(each).is_dir()]


def _arguments(config: pytest.Config) -> list[str]:
    """The files, folders and tests that were named on the command line."""
    return list(config.args) if config.args_source is pytest.Config.ArgsSource.ARGS else []
