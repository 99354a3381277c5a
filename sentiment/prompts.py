"""Named wordings of the question, and reading one from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sentiment.errors import PromptError
from sentiment.types import Prompt

WORDINGS = (
    Prompt("question", "{review}\n\nIs this movie review positive or negative?"),
    Prompt("terse", "Review: {review}\nSentiment (positive/negative):"),
    Prompt("plain", "Review: {review}\nSentiment:", chat=False),
    Prompt(
        "expert",
        "What does its author feel about the film? Reply positive or negative.\n\n{review}",
        system="You are an experienced film critic.",
    ),
    Prompt("good-bad", "Is this movie review good or bad?\n\nReview: {review}\n\nAnswer:", "good", "bad"),
    Prompt("yes-no", "Did the author of this review like the film? yes or no\n\n{review}", "yes", "no"),
)
"""Wordings to try beside a profile's house prompt."""


def load_prompt(name_or_file: str, house: Prompt) -> Prompt:
    """The wording of that name (`house` is the profile's own), or in that file.

    A `.toml` file may set every field of `Prompt`; any other file is a template as plain text, with
    the answers positive and negative. Raises `PromptError` for an unknown name or an unusable file.
    """
    named = {prompt.name: prompt for prompt in (house, *WORDINGS)}
    if name_or_file in named:
        return named[name_or_file]
    path = Path(name_or_file)
    if not path.is_file():
        raise PromptError(f"unknown prompt {name_or_file!r}; use one of {', '.join(sorted(named))}, or a file")
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else {"template": text.removesuffix("\n")}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PromptError(f"prompt file {path}: {error}") from None
    return prompt_from_table(values, path)


def prompt_from_table(values: dict, path: Path) -> Prompt:
    """A prompt from the fields of a TOML table; `path` is named in errors."""
    types = {"name": str, "template": str, "positive": str, "negative": str, "system": str, "chat": bool}
    for key, value in values.items():
        if key not in types:
            raise PromptError(f"prompt file {path}: unknown field {key!r}; allowed: {', '.join(types)}")
        if not isinstance(value, types[key]):
            raise PromptError(f"prompt file {path}: {key} must be {types[key].__name__}, got {value!r}")
    if "template" not in values:
        raise PromptError(f"prompt file {path}: field 'template' is missing")
    try:
        return Prompt(**{"name": path.stem, **values})
    except PromptError as error:
        raise PromptError(f"prompt file {path}: {error}") from None
