"""What a check beside the behaviors comes to: a contract of the harness, a search, an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from sentiment.types import Ruling


class Found(Protocol):
    """What was found out beside the rulings of behaviors, for the report."""

    kind: ClassVar[str]
    """Name of this kind of facts, as on disk."""

    def as_dict(self) -> dict[str, Any]:
        """The facts, for JSON."""
        ...


@dataclass(frozen=True)
class CheckResult:
    """How a check came out. One that does not pass must say why."""

    ruling: Ruling
    reason: str = ""
    found: Found | None = None
    """For the report, however the check came out."""

    def __post_init__(self) -> None:
        if self.ruling is not Ruling.PASS and not self.reason:
            raise ValueError(f"a check that ends with {self.ruling.value!r} needs a reason")
