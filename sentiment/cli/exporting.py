"""Queries for whoever answers them elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentiment.cli.app import app
from sentiment.cli.options import FilesOption, PairsOption, ProfileOption, QuickOption, SuiteOption
from sentiment.cli.saying import answer, say
from sentiment.paths import at_home


@app.command(epilog="Example: sentiment export --suite negation --suite sarcasm -o queries.jsonl")
def export(
    output: Annotated[
        Path,
        typer.Option("-o", "--output", parser=at_home, metavar="FILE", help="Where the queries go: a .jsonl file."),
    ],
    suite: SuiteOption = None,
    files: FilesOption = None,
    pairs: PairsOption = None,
    quick: QuickOption = False,
    profile: ProfileOption = None,
) -> None:
    """Write every query of the suites, to be answered anywhere, and cases.jsonl beside it.

    A line of the queries: id, text (of the review) and messages (as a chat model is asked). An answer: id, and one of
    text (what a model wrote), label, shares. Judge them with --subject mine=answers:FILE, and the same options as here;
    what [tool.sentiment] of the pyproject.toml here says of the profile and of behaviors holds for both.
    """
    from sentiment.pipeline.corpus import Corpus
    from sentiment.pipeline.export import export as exported
    from sentiment.pipeline.python import chosen_behaviors
    from sentiment.pipeline.run import WITHOUT_MODEL
    from sentiment.pipeline.settings import read_settings
    from sentiment.profiles import load_profile

    read = read_settings(Path.cwd())
    corpus = Corpus(load_profile(profile or read.profile or WITHOUT_MODEL), quick=quick, note=say)
    named = [*read.behaviors, *(files or [])]
    own = bool(files or pairs)
    behaviors = chosen_behaviors(suite, named, pairs or [], say, only_own=own, with_prompts=True)
    done = exported(corpus, behaviors, output, say)
    answer(f"{done.asked:,} queries: {done.queries}")
    answer(f"{done.judged:,} cases: {done.cases}")
