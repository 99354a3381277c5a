"""What a field of a profile may hold, beside the plain types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sentiment.errors import DataError
from sentiment.paths import at_home

Precision = Literal["auto", "fp32", "bf16", "fp16"]

# Bounds are far beyond any use, and well within what the libraries below can take.
Count = Annotated[int, Field(gt=0, le=10**9)]
Few = Annotated[int, Field(gt=0, le=10_000)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Weight = Annotated[float, Field(ge=0, le=1e6)]


def _expanded(path: str) -> str:
    """The path of a file or folder, or a hub id, with `~` as the home folder."""
    try:
        return str(at_home(path)) if path.startswith("~") else path
    except DataError as error:
        raise ValueError(str(error)) from None


Place = Annotated[str, AfterValidator(_expanded)]


def _one_line(value: str) -> str:
    if len(value) > 100 or len(value.splitlines()) > 1 or "\0" in value or not any(map(str.isalnum, value)):
        raise ValueError("a name is one line of at most 100 characters, with a letter or a digit among them")
    return value


Name = Annotated[str, AfterValidator(_one_line)]
