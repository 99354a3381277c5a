"""Commands on run folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentiment.cli.app import app, reports_app
from sentiment.cli.options import ReportsOption
from sentiment.cli.saying import answer, say
from sentiment.paths import at_home


@app.command(epilog="Example: sentiment report reports/latest")
def report(run: Annotated[Path, typer.Argument(parser=at_home, metavar="RUN", help="A run folder.")]) -> None:
    """Write a run's report again from its journal, also of a run that was stopped; say what it showed."""
    from sentiment.report.write import write_files
    from sentiment.runs.run import read_run
    from sentiment.runs.run_folder import original

    folder = original(run)
    found = read_run(folder)
    answer(str(write_files(folder, found)))
    say(found.closing_sentence)


@app.command(
    epilog="Example: sentiment compare reports/20260101T120000Z-smollm2-lora reports/latest --output diff.html"
)
def compare(
    before: Annotated[
        Path, typer.Argument(parser=at_home, metavar="RUN", help="The run folder to hold against.", show_default=False)
    ],
    after: Annotated[
        Path, typer.Argument(parser=at_home, metavar="RUN", help="The run folder to judge.", show_default=False)
    ],
    predictors: Annotated[
        list[str] | None,
        typer.Option("--predictors", metavar="BEFORE:AFTER", help="Compare these, e.g. lora:sft; may be repeated."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=at_home, metavar="PATH", help="Also write a page with the sentences."),
    ] = None,
) -> None:
    """What the second run fixes and breaks, on the cases that both judged.

    Exit status 0: no gated behavior is significantly worse; 1: one is; 2: the runs cannot be compared.
    """
    from sentiment.report.two_runs import compare_runs
    from sentiment.report.two_runs_page import comparison_html, comparison_lines
    from sentiment.runs.run_folder import write_atomically

    found = compare_runs(before, after, predictors or [])
    for line in comparison_lines(found):
        answer(line)
    if output is not None:
        write_atomically(output, comparison_html(found), remedy="name another file with --output")
        answer(f"page: {output}")
    if found.worse:
        raise typer.Exit(1)


@reports_app.command("list", epilog="Example: sentiment reports list")
def list_runs(reports: ReportsOption = Path("reports")) -> None:
    """The runs, newest first."""
    from sentiment.report.index import rows_of

    for row in rows_of(reports):
        answer(f"{row.folder}  {row.state}")
        if row.found:
            answer(f"  {row.found}")


@reports_app.command("prune", epilog="Example: sentiment reports prune --keep 20")
def prune_runs(
    keep: Annotated[int, typer.Option("--keep", help="How many of the newest runs stay.", show_default=False)],
    reports: ReportsOption = Path("reports"),
) -> None:
    """Delete all but the newest runs. latest stays, and so does every folder that is not a run."""
    from sentiment.report.index import write_index
    from sentiment.runs.run_folder import prune

    gone = prune(reports, keep)
    for run in gone:
        answer(f"deleted: {run}")
    if gone:
        write_index(reports)
    typer.echo(f"{len(gone)} deleted")
