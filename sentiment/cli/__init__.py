"""The `sentiment` command: each step of a run, by hand."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from sentiment.cli import asking, exporting, judging, runs, storing, studying  # noqa: F401  (each adds its commands)
from sentiment.cli.app import app
from sentiment.cli.saying import say
from sentiment.errors import fault_of, users_traceback
from sentiment.pipeline import go_offline_if_asked


def main() -> None:
    """Run the command; what a user can cause is one line and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console of any encoding shows any path
    go_offline_if_asked()
    try:
        app()
    except SystemExit as ended:
        if isinstance(getattr(ended.__context__, "__cause__", None), KeyboardInterrupt):  # typer's way of taking Ctrl-C
            say("interrupted; what is stored stays, and the same command goes on from there")
        raise
    except Exception as error:
        said = fault_of(error)
        if said is None:
            raise
        for line in users_traceback(error):
            say(line)
        say(f"error: {said}")
        sys.exit(2)


__all__ = ["app", "main"]
