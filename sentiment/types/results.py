"""How cases, and behaviors as a whole, came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sentiment.types.asking import Prediction
from sentiment.types.behaviors import Case, Promise, Status, Verdict


@dataclass(frozen=True)
class Outcome:
    """One judged case of one predictor: one row of the CSV."""

    behavior: str
    predictor: str
    case: Case
    prediction: Prediction
    base_prediction: Prediction | None
    verdict: Verdict


@dataclass(frozen=True)
class Finding:
    """Facts beside the rulings that the report shows: the worst prompt, the failures that were explained."""

    kind: str
    predictor: str
    facts: Mapping[str, Any]
    """As JSON can hold it."""


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

    promise: Promise
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
    budget: float | None = None
    """The promise's, where it holds for this subject."""
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
