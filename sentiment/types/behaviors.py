"""What is promised, and the cases that it is checked on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from random import Random

from sentiment.types.asking import Prediction, Prompt, Query, Review
from sentiment.types.labels import Label


@dataclass(frozen=True)
class Draft:
    """A case before its behavior has stamped it."""

    query: Query
    allowed: frozenset[Label] = frozenset()
    """The labels that are right answers; empty: unknown."""
    base: Draft | None = None
    group: str = ""
    """Empty: that of its base, or one of its own."""
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def digest(self) -> str:
        """Hash of base text, text and prompt: what follows the behavior's name in the case's id."""
        facts = f"{self.base.query.digest if self.base else ''}\0{self.query.digest}"
        return hashlib.sha256(facts.encode()).hexdigest()[:12]

    def stamped(self, behavior: str) -> Case:
        """The case of the behavior of that name. Its id follows from its content, so it is the same in every run."""
        base = self.base.stamped(behavior) if self.base else None
        group = self.group or (base.group if base else self.digest)
        return Case(f"{behavior}:{self.digest}", self.query, self.allowed, base, group, self.tags)


@dataclass(frozen=True)
class Case:
    """One thing to check. MFT cases have no base; INV and DIR cases remember the one they vary."""

    id: str
    """`<behavior>:<hash of base text, text, prompt>`; `Draft.stamped` makes it."""
    query: Query
    allowed: frozenset[Label] = frozenset()
    """The labels that are right answers ("not negative" is a set of them); empty: unknown."""
    base: Case | None = None
    group: str = ""
    """Cases of one group are one cluster: the review it was edited from, or its sentence frame."""
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Slot fillers and the like, kept for the report."""

    @property
    def label(self) -> Label | None:
        """The one label that is right; None where several are, or none is known."""
        return next(iter(self.allowed)) if len(self.allowed) == 1 else None


class Status(str, Enum):
    """How one case came out."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """The case does not apply (a DIR case whose base is already wrong, say)."""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one case. A failure or a skip must say why."""

    status: Status
    reason: str = ""

    def __post_init__(self) -> None:
        if self.status is not Status.PASSED and not self.reason:
            raise ValueError(f"a {self.status.value} verdict needs a reason")


PASSED = Verdict(Status.PASSED)

Edit = Callable[[Review, Random], Review]
Expectation = Callable[[Case, Prediction, Prediction | None], Verdict]


class Kind(str, Enum):
    """CheckList's three kinds of test (Ribeiro et al. 2020, https://aclanthology.org/2020.acl-main.442)."""

    MFT = "MFT"
    """Minimum functionality: the label is known."""
    INV = "INV"
    """Invariance: the answer must not change."""
    DIR = "DIR"
    """Direction: the answer must change in a known way."""


@dataclass(frozen=True)
class Material:
    """What behaviors make their cases from."""

    prompt: Prompt
    """The house prompt: the one that the models were trained with."""
    test: Sequence[Review]
    """Labelled reviews of the test pool."""
    suite: Sequence[Review]
    """Labelled reviews of the suite pool, never seen in training."""
    seed: int
    disputed: Sequence[Review] = ()
    """Unlabelled texts on whose opinion human raters disagree; empty where the data has no ratings."""
    clear: Sequence[Review] = ()
    """Reviews of the suite pool on whose label raters agree; empty where the data has no ratings."""
    behavior: str = ""
    """Name of the behavior that draws from it: what it draws at random is its own."""

    def random(self, of: str) -> Random:
        """The behavior's generator for one thing, a review's id say: the same in every run of that seed."""
        return Random(f"{self.seed}:{self.behavior}:{of}")


Maker = Callable[[Material], Sequence[Draft]]
"""Gives all cases of a behavior, in an order whose every prefix is a fair sample. Raises `NotApplicableError` where
the profile's data cannot feed the behavior."""


class Shows(str, Enum):
    """What the report computes from a behavior's outcomes beside its failure rate."""

    ACCURACY = "accuracy"
    """Accuracy, F1, confusion matrix and calibration; floors are judged on its cases too."""
    PROMPT_SPREAD = "prompt spread"
    """How accuracy varies with the wording of the prompt."""


@dataclass(frozen=True)
class Promise:
    """A promise about a classifier: what the journal and the report hold of a behavior."""

    name: str
    """Unique, snake_case, reads as a claim: `negated_praise_is_negative`."""
    capability: str
    """Row of the report, e.g. `negation`."""
    kind: Kind
    claim: str
    """The promise in plain words, one sentence."""
    budget: float | None = None
    """Failure rate, in [0, 1], that is promised for every subject that promises anything, written before the first
    run; None: reported only."""
    min_live: int = 150
    """Fewer judged cases than this are inconclusive."""
    partner: str | None = None
    """A behavior that a constant classifier fails when it passes this one."""
    gated: bool = True
    """False: measured and reported, but never judged."""
    shows: Shows | None = None


@dataclass(frozen=True)
class Behavior:
    """A promise, checked on a population of cases. Data, not a class to extend."""

    promise: Promise
    make: Maker
    expectation: Expectation
    quick: int = 36
    """How many of the cases a quick run takes, from the first on."""
    place: str = field(default="", compare=False)
    """File and line of one that a user wrote down, for errors; empty: it is code."""

    @property
    def name(self) -> str:
        """Of its promise."""
        return self.promise.name

    def cases(self, material: Material) -> list[Case]:
        """All cases, stamped with its name, in the maker's order. Raises what the maker raises."""
        return [draft.stamped(self.name) for draft in self.make(replace(material, behavior=self.name))]
