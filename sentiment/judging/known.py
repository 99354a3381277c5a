"""Accepted weaknesses: `known.toml` beside the baselines of a profile, written by hand.

    [lora]
    rewording_keeps_the_answer = "Trained on one wording only."

A table per subject, behavior -> why it is accepted that its failure rate is over the budget.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from sentiment.errors import BaselineError, reason_of, shown

KNOWN = "known.toml"


def read_known(folder: Path, subject: str) -> Mapping[str, str]:
    """The reasons of a subject, by behavior; empty where there is no file.

    Raises `BaselineError`, naming the file and the entry, for one that cannot be used.
    """
    path = folder / KNOWN
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BaselineError(f"{path} cannot be read: {reason_of(error)}") from None
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise BaselineError(f'{path}: {name} is no table: write [{name}], and below it behavior = "reason"')
        for behavior, reason in table.items():
            if not isinstance(reason, str) or not reason.strip():
                raise BaselineError(f"{path}: {name}.{behavior} must say why in a sentence, got {shown(reason)}")
    return {behavior: reason.strip() for behavior, reason in tables.get(subject, {}).items()}


def stale(reasons: Mapping[str, str], over_budget: Mapping[str, bool]) -> list[str]:
    """The reasons that nothing needs any more: of behaviors that are recorded and not over their budget, or not at
    all."""
    return [behavior for behavior in reasons if not over_budget.get(behavior)]
