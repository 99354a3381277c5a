"""The shared words: one frozen record per thing that flows from a review to a report.

Only the standard library is imported here, so every room of the package can speak these words
without loading anything. The flow is

    Review -> Query (a Prompt and a text) -> Prediction -> Verdict -> Outcome -> BehaviorResult
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import cached_property
from random import Random
from typing import Protocol, runtime_checkable

from sentiment.errors import PromptError, shown

REVIEW_SLOT = "{review}"


class Label(IntEnum):
    """A sentiment class; the integers are IMDB's."""

    NEGATIVE = 0
    POSITIVE = 1

    @property
    def flipped(self) -> Label:
        """The other class."""
        return Label(1 - self)

    @property
    def word(self) -> str:
        """Lower-case English name, as written to files."""
        return self.name.lower()


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


@dataclass(frozen=True)
class Review:
    """A text with, perhaps, a known sentiment. What sources yield and edits map."""

    id: str
    """Stable across runs, and kept by edits."""
    text: str
    label: Label | None = None
    source: str = ""
    """Where it came from, e.g. `imdb/train`."""


@dataclass(frozen=True)
class Prompt:
    """The wording around a review, and the word that stands for each label.

    Raises `PromptError` when the template has no or several `{review}` slots, or when the two
    answer words are empty, equal, or one begins with the other.
    """

    name: str
    template: str
    """Text with exactly one `{review}`. Other braces are ordinary characters."""
    positive: str = "positive"
    """The answer word for a positive review."""
    negative: str = "negative"
    """The answer word for a negative review."""
    system: str | None = None
    """System message; None leaves it to the chat template. Plain prompts may not have one."""
    chat: bool = True
    """Through the model's chat template where it has one; False sends the text as it is."""
    parts: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Names of the parts that the wording was composed of, for the analysis of what matters."""

    def __post_init__(self) -> None:
        slots = self.template.count(REVIEW_SLOT)
        if slots != 1:
            raise PromptError(
                f"prompt {self.name!r}: the template needs exactly one {REVIEW_SLOT}, found {slots} "
                f"in {shown(self.template)}"
            )
        first, second = (word.strip().casefold() for word in self.words)
        if not first or not second or first.startswith(second) or second.startswith(first):
            raise PromptError(
                f"prompt {self.name!r}: the answer words must differ and neither may begin with the "
                f"other, got negative={shown(self.negative)} and positive={shown(self.positive)}"
            )
        if self.system is not None and not self.chat:
            raise PromptError(f"prompt {self.name!r}: a plain prompt (chat = false) cannot have a system message")

    @property
    def words(self) -> tuple[str, str]:
        """The answer words, indexed by `Label`."""
        return self.negative, self.positive

    @property
    def halves(self) -> tuple[str, str]:
        """What stands before and after the review."""
        before, after = self.template.split(REVIEW_SLOT)
        return before, after

    @cached_property
    def digest(self) -> str:
        """Hash of everything that can change an answer (not the name, not the part names)."""
        facts = [self.template, self.positive, self.negative, self.system, self.chat]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Query:
    """All that a predictor may see: it carries no label, so a predictor cannot peek."""

    prompt: Prompt
    text: str

    @cached_property
    def digest(self) -> str:
        """Hash of prompt and text; the key of a stored prediction."""
        text = self.text.encode("utf-8", "surrogatepass")
        return hashlib.sha256(self.prompt.digest.encode() + b"\0" + text).hexdigest()


@dataclass(frozen=True)
class Prediction:
    """What a predictor answered to one query."""

    label: Label | None
    """None: the answer held neither label, or both. Never folded into a class."""
    p_positive: float | None = None
    """P(positive) / (P(positive) + P(negative)) at the answer position, in [0, 1], over every spelling of the
    words; None from predictors without probabilities, and where both words begin with the same token."""
    label_mass: float | None = None
    """P(positive) + P(negative) at the answer position, in [0, 1]: how much the model plays along."""
    text: str = ""
    """The decoded answer, or as much of it as settles the label."""
    cut: bool = False
    """Whether the review was cut to fit the model's sequence length."""


@runtime_checkable
class Predictor(Protocol):
    """Anything that answers queries: a trained model, an endpoint, a word counter."""

    @property
    def name(self) -> str:
        """Short name for tables, e.g. `lora`."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever an answer could change; stored predictions are filed under it."""
        ...

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order."""
        ...


@dataclass(frozen=True)
class Case:
    """One thing to check. MFT cases have no base; INV and DIR cases remember the one they vary."""

    id: str
    """`<behavior>:<hash of base text, text, prompt>`; make it with `Case.of`."""
    query: Query
    label: Label | None = None
    base: Case | None = None
    group: str = ""
    """Cases of one group are one cluster: the review it was edited from, or its sentence frame."""
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Slot fillers and the like, kept for the report."""

    @staticmethod
    def of(
        behavior: str,
        query: Query,
        *,
        label: Label | None = None,
        base: Case | None = None,
        group: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Case:
        """A case whose id follows from its content, so it is the same in every run."""
        facts = f"{base.query.digest if base else ''}\0{query.digest}"
        digest = hashlib.sha256(facts.encode()).hexdigest()[:12]
        return Case(f"{behavior}:{digest}", query, label, base, group or digest, tags or {})


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


@dataclass(frozen=True)
class Behavior:
    """A promise about a classifier, checked on a population of cases. Data, not a class to extend."""

    name: str
    """Unique, snake_case, reads as a claim: `negated_praise_is_negative`."""
    capability: str
    """Row of the report, e.g. `negation`."""
    kind: Kind
    promise: str
    """The claim in plain words, one sentence."""
    cases: Callable[[Material], Sequence[Case]]
    """All cases, in an order whose every prefix is a fair sample. Raises `NotApplicableError` where the
    profile's data cannot feed the behavior."""
    expectation: Expectation
    budget: Mapping[Approach, float] = field(default_factory=dict)
    """Failure rate that is promised per approach, written before the first run; absent: reported only."""
    min_live: int = 150
    """Fewer judged cases than this are inconclusive."""
    partner: str | None = None
    """A behavior that a constant classifier fails when it passes this one."""
    gated: bool = True
    """False: measured and reported, but never judged."""
    quick: int = 36
    """How many of the cases a quick run takes, from the first on."""
    place: str = field(default="", compare=False)
    """File and line of one that a user wrote down, for errors; empty: it is code."""


@dataclass(frozen=True)
class Outcome:
    """One judged case of one predictor: one row of the CSV."""

    behavior: str
    predictor: str
    case: Case
    prediction: Prediction
    base_prediction: Prediction | None
    verdict: Verdict


class Ruling(str, Enum):
    """How a behavior as a whole came out."""

    PASS = "pass"
    FAIL = "fail"
    KNOWN = "known"
    """Over budget, recorded with a reason."""
    INCONCLUSIVE = "inconclusive"
    """Neither kept nor shown to be broken: too few live cases or groups to say, or over the budget by a little."""
    IMPROVED = "improved"
    """Significantly better than the baseline, and within budget."""
    REPORTED = "reported"
    """Measured, not judged: no budget, no baseline, or not gated at all."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a proportion; both ends in [0, 1]."""

    low: float
    high: float


@dataclass(frozen=True)
class Change:
    """A behavior's failures against those recorded before, on the same cases."""

    rate: float
    """Failure rate recorded before, in [0, 1]; over several trainings their mean."""
    p_worse: float
    """One-sided paired p-value of "no worse than before", adjusted for the family of tests."""
    p_better: float
    """The same for "no better than before"."""
    visible: float | None
    """The smallest rise of the failure rate that the gate can see; None: not even all of them failing."""
    new_failures: Sequence[str] = ()
    """Ids of the cases that fail now and did not fail before (in any training)."""
    fixed: Sequence[str] = ()
    """Ids of the cases that failed before (in every training) and do not fail now."""


@dataclass(frozen=True)
class BehaviorResult:
    """A behavior judged on all its cases; what a test asserts on."""

    behavior: Behavior
    predictor: str
    outcomes: Sequence[Outcome]
    failed: int
    judged: int
    """Failed plus passed; skipped cases are not judged."""
    interval: Interval
    """Wilson 95 % interval of the failure rate, for the eye; the gate is an exact test."""
    ruling: Ruling
    reason: str
    """One sentence: why this ruling."""
    change: Change | None = None
    """Against the committed baseline; None where it has no record of this behavior's cases."""
    against: Change | None = None
    """Against the earlier run that was named; None without one."""
    known: str = ""
    """Why the weakness is accepted, as somebody wrote it into the baseline; empty: it is not."""

    @property
    def rate(self) -> float:
        """Failed over judged, in [0, 1]; nan when nothing was judged."""
        return self.failed / self.judged if self.judged else float("nan")

    @property
    def failures(self) -> list[Outcome]:
        """The failed outcomes, in case order."""
        return [outcome for outcome in self.outcomes if outcome.verdict.status is Status.FAILED]

    @property
    def skipped(self) -> int:
        """Cases that did not apply."""
        return len(self.outcomes) - self.judged

    @property
    def groups(self) -> int:
        """Distinct groups among the judged cases: sentence frames, reviews, prompts."""
        return len({each.case.group for each in self.outcomes if each.verdict.status is not Status.SKIPPED})

    @property
    def unanswered(self) -> int:
        """Cases whose answer held neither label."""
        return sum(outcome.prediction.label is None for outcome in self.outcomes)


__all__ = [
    "PASSED",
    "REVIEW_SLOT",
    "Approach",
    "Behavior",
    "BehaviorResult",
    "Case",
    "Change",
    "Edit",
    "Expectation",
    "Interval",
    "Kind",
    "Label",
    "Material",
    "Outcome",
    "Prediction",
    "Predictor",
    "Prompt",
    "Query",
    "Review",
    "Ruling",
    "Status",
    "Verdict",
]
