"""The command that judges a single case again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from sentiment.safety import visible


@dataclass(frozen=True)
class Rerun:
    """How whoever ran a run runs a part of it again."""

    command: str = "pytest behavior_tests"
    """Up to the selection; empty where no command ran it."""
    select: str = "-m"
    """The option that names subjects."""
    is_repeated: bool = False
    """Whether that option is given once per subject; else once, with ` or ` between the names."""
    case: str = "--case"
    """The option that names a case."""

    def up_to_case(self, subjects: Sequence[str]) -> str:
        """For these subjects, all of the command but the case's id."""
        if not self.command:
            return ""
        names = list(subjects) if self.is_repeated else [" or ".join(subjects)] if subjects else []
        chosen = [f"{self.select} {shlex.quote(name)}" for name in names]
        return visible(" ".join([self.command, *chosen, self.case, ""]))

    def of_case(self, case: str, subjects: Sequence[str]) -> str:
        """The whole command; without one, the case's id."""
        return self.up_to_case(subjects) + shlex.quote(visible(case))
