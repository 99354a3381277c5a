"""Commands on the cache."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from sentiment import cache
from sentiment.cli.app import cache_app
from sentiment.cli.saying import answer, say
from sentiment.errors import CacheError


class What(str, Enum):
    """Parts of the cache."""

    ASSETS = "assets"
    MODELS = "models"
    WEIGHTS = "weights"
    PREDICTIONS = "predictions"
    ALL = "all"


@cache_app.command("list", epilog="Example: sentiment cache list")
def list_() -> None:
    """What the cache holds, and how large it is."""
    root = cache.cache_root()
    for part in list(What)[:-1]:
        for path in sorted((root / part.value).glob("*")):
            if path.suffix != ".lock":
                answer(f"{_size(path) / 2**20:>10,.1f} MiB  {part.value}/{path.name}")
    answer(f"{_size(root) / 2**20:>10,.1f} MiB  {root}")


@cache_app.command(epilog="Example: sentiment cache prune predictions")
def prune(what: Annotated[What, typer.Argument(help="assets, models, weights, predictions or all.")]) -> None:
    """Delete a part of the cache; it is fetched, trained or asked again when it is needed.

    Exit status 2 when something of it cannot be deleted.
    """
    refused = False
    for part in list(What)[:-1] if what is What.ALL else [what]:
        try:
            typer.echo(f"{cache.prune(part.value) / 2**20:,.1f} MiB freed: {part.value}")
        except CacheError as error:
            refused = True
            say(f"error: {error}")
    if refused:
        raise typer.Exit(2)


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
