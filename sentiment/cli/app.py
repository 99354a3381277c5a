"""The command and its groups, to which the other modules add."""

from __future__ import annotations

from typing import Annotated

import typer

import sentiment

app = typer.Typer(
    help="Judge sentiment classifiers, your own or those trained here; train them, and ask them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cache_app = typer.Typer(help="Look into the cache folder, or make room in it.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")
reports_app = typer.Typer(help="List the runs, or make room among them.", no_args_is_help=True)
app.add_typer(reports_app, name="reports")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(sentiment.__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Judge sentiment classifiers, your own or those trained here; train them, and ask them."""
