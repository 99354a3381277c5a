"""How commands speak: what happens on stderr, what was asked for on stdout."""

from __future__ import annotations

import os
import sys

import typer

from sentiment.errors import SentimentError
from sentiment.paths import at_home
from sentiment.pipeline import Workbench, chosen_profile
from sentiment.profiles import Profile
from sentiment.prompting.prompts import load_prompt
from sentiment.safety import whole_line
from sentiment.types import Prompt


def say(line: str) -> None:
    """What happens, on stderr."""
    typer.echo(whole_line(line), err=True)


def print_figures(text: str) -> None:
    """Figures for standard output, at once; a full disk behind it is one line."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or what is held back fails again at the end
        raise SentimentError(f"standard output cannot be written: {error.strerror}; free some space") from None


def answer(line: str) -> None:
    """What was asked for, on stdout; JSON needs no such care."""
    typer.echo(whole_line(line))


def workbench(profile: str | None) -> Workbench:
    """The profile at work; says which it is and why."""
    chosen, why = chosen_profile(profile)
    bench = Workbench(chosen, note=say)
    say(f"profile {chosen.name} ({why}) on {bench.device}")
    return bench


def prompt_of(name: str, profile: Profile) -> Prompt:
    """The wording of that name, or in that file."""
    return load_prompt(str(at_home(name)) if name.startswith("~") else name, profile.house_prompt)
