"""Who is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from sentiment.types.asking import Predictor


class Approach(str, Enum):
    """How a classifier is made from the language model."""

    BASE = "base"
    """Zero-shot: the model as published."""
    SFT = "sft"
    """Full-parameter supervised fine-tuning."""
    LORA = "lora"
    """Low-rank adapters, merged into the base weights for scoring."""

    def __str__(self) -> str:
        return self.value


class Role(str, Enum):
    """What a subject is in a run for."""

    JUDGED = "judged"
    """Its behaviors are ruled, and can turn the run red."""
    FLOOR = "floor"
    """A reference that a useful classifier must beat; it fails by design."""


@dataclass(frozen=True)
class SubjectFacts:
    """What the journal and the report hold of a subject."""

    name: str
    """Short name for tables, e.g. `lora`; unique in a run."""
    role: Role = Role.JUDGED
    promises: bool = True
    """Whether the budgets of behaviors hold for it."""
    reads_prompts: bool = True
    """False: it sees the text alone, so that behaviors which vary the prompt do not apply."""
    abstains: bool = False
    """Whether no answer is an answer of its own: None on both sides of a pair is agreement."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the report's head says of it, by heading: the model, its classes, its version."""

    @property
    def says(self) -> str:
        """These facts in a line, the model first."""
        others = (f"{name} {said}" for name, said in self.facts.items() if name != "model")
        return "; ".join([*filter(None, [self.facts.get("model")]), *others])


@dataclass(frozen=True)
class Subject:
    """A classifier that is judged, or a floor: all that a session knows of it."""

    facts: SubjectFacts
    identify: Callable[[], str | None]
    """Gives the fingerprint, which changes whenever an answer could, without loading weights (but training them where
    that was never done); None where nobody can know, so that no answer outlives the run."""
    load: Callable[[], Predictor]
    """Ready to answer."""
    lasting: bool = True
    """False: what it answered is kept until a run comes to its end, so that an interrupted one goes on, and no longer:
    nobody can know whether it would still answer so."""
    recorded: bool = False
    """Its answers were given elsewhere: nothing else can be asked of it, and no noise measured."""
    recipe: Callable[[], str] = str
    """Gives the digest of how it came to be, seed and device apart; empty: nobody knows."""
    again: Callable[[int], Subject] | None = None
    """The same recipe, trained with another seed; None: nothing of it is trained here."""

    @property
    def name(self) -> str:
        """As in its facts."""
        return self.facts.name
