"""The study, as a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentiment.cli.app import app
from sentiment.cli.options import ProfileOption
from sentiment.cli.saying import answer, say, workbench
from sentiment.errors import SentimentError
from sentiment.paths import at_home


@app.command(epilog="Example: sentiment study --profile smollm2 --output reports/study")
def study(
    profile: ProfileOption = None,
    step: Annotated[
        list[str] | None, typer.Option("--step", metavar="NAME", help="Do this step alone; may be repeated.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do the steps again, also where they are stored.")] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", parser=at_home, metavar="PATH", help="Where the document goes.")
    ] = Path("reports/study"),
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            parser=at_home,
            metavar="FILE",
            help="Where the written answers go; without it, beside the document.",
        ),
    ] = None,
) -> None:
    """Train or load all approaches, run every experiment, and write one document (Markdown, HTML, PDF).

    Steps that are done are stored, so an interrupted study goes on where it stopped.
    """
    from sentiment.study.document import write_study
    from sentiment.study.run import STEPS, run_study

    known = [each.name for each in STEPS]
    for name in step or []:
        if name not in known:
            raise SentimentError(f"--step {name}: no such step; there are {', '.join(known)}")
    bench = workbench(profile)
    answer(str(write_study(run_study(bench, step or (), fresh, profile), output, answers, say)))
