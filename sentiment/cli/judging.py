"""Judging without pytest."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from sentiment.cli.app import app
from sentiment.cli.options import (
    FilesOption,
    OnBaseOption,
    PairsOption,
    ProfileOption,
    QuickOption,
    SubjectOption,
    SuiteOption,
    WeightsOption,
)
from sentiment.cli.saying import answer, say
from sentiment.errors import SentimentError
from sentiment.paths import at_home
from sentiment.types import Approach


@app.command(
    epilog="Examples: sentiment judge --subject mine=python:my_package.model:classify --suite negation; "
    "sentiment judge --profile smollm2 --only lora"
)
def judge(
    subject: SubjectOption = None,
    suite: SuiteOption = None,
    files: FilesOption = None,
    pairs: PairsOption = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Judge this subject alone; may be repeated."),
    ] = None,
    quick: QuickOption = False,
    case: Annotated[str | None, typer.Option("--case", metavar="ID", help="Only the case with this id.")] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", parser=at_home, metavar="RUN", help="Hold it against this earlier run's folder too."),
    ] = None,
    baselines: Annotated[
        Path | None, typer.Option("--baselines", parser=at_home, metavar="DIR", help="Where committed baselines lie.")
    ] = None,
    reports: Annotated[
        Path | None, typer.Option("--reports", parser=at_home, metavar="DIR", help="Where run folders go.")
    ] = None,
    weights: WeightsOption = None,
    on_base: OnBaseOption = None,
    profile: ProfileOption = None,
) -> None:
    """Judge classifiers on all suites, or on those that are named; the same run folder and report as with pytest.

    Subjects are those of --subject, else those of [tool.sentiment] in the pyproject.toml here; with a profile also
    base, sft and lora, which are trained where they never were.

    Exit status 0: no promise is found broken; 1: one is, or the one case fails; 2: something given cannot be used; 3:
    answers are missing, so that not all was ruled.
    """
    from sentiment.pipeline.python import chosen_behaviors, judged
    from sentiment.pipeline.run import JudgingRun
    from sentiment.pipeline.settings import read_settings
    from sentiment.runs.rerun import Rerun

    read = read_settings(Path.cwd())
    settings = replace(
        read,
        profile=profile or read.profile,
        behaviors=(*read.behaviors, *(files or ())),
        pairs=tuple(pairs or ()),
        weights=() if weights is None else (weights,),
        on_base=on_base,
        case=case,
        quick=quick,
        against=against,
        baselines=baselines or read.baselines,
        reports=reports or read.reports,
        baselines_named=read.baselines_named or baselines is not None,
    ).with_subjects(subject or [])
    asked = " ".join([*(only or ["all"]), *(suite or []), *(["quick"] if quick else [])])
    rerun = Rerun(_command(sys.argv[1:]), select="--only", is_repeated=True)
    approaches = not only or bool(set(only) & set(Approach))
    asked_for = {name: each for name, each in settings.subjects.items() if not only or name in only}
    settings = replace(settings, subjects=asked_for or settings.subjects)  # what is not asked for need not be there
    run = JudgingRun(settings, asked=asked, rerun=rerun, note=say, with_approaches=approaches)
    names = only or run.judged
    for name in names:
        if name not in run.judged:
            raise SentimentError(f"--only {name}: no such subject; there are {', '.join(run.judged)}")
    if weights is not None and (len(names) != 1 or names[0] not in list(Approach)):
        raise SentimentError("--weights judges one model: say as what with --only base, --only sft or --only lora")
    behaviors = chosen_behaviors(
        suite,
        settings.behaviors,
        settings.pairs,
        say,
        only_own=bool(files or pairs),
        with_prompts=run.reads_prompts(names),
    )
    for line in run.header():
        say(line)
    results = judged(run, names, behaviors)
    for line in repr(results).splitlines():
        answer(line)
    answer(f"report: {results.report()}")
    case_fails = case is not None and not results.failures().empty
    if results.failed or results.run.broken_floors or case_fails:
        raise typer.Exit(1)
    if not results.run.facts.complete:
        raise typer.Exit(3)


def _command(arguments: list[str]) -> str:
    """The command as it was given, less what selects subjects and a case."""
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word in ("--only", "--case"):
            next(words, None)
        elif not word.startswith(("--only=", "--case=")):
            kept.append(shlex.quote(word))
    return " ".join(["sentiment", *kept])
