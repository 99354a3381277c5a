"""What a test of ours asserts on."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sentiment.judging.baseline import Baseline
from sentiment.judging.checks import CheckResult, Found
from sentiment.judging.metrics import floor_result, metrics_of_outcomes
from sentiment.judging.noise import Noise
from sentiment.judging.session import Session
from sentiment.report.results import ACCURACY_FLOOR, junit_properties
from sentiment.safety import visible
from sentiment.types import BehaviorResult, Finding, Ruling, Status

UNANSWERED = "behavior_unanswered"
"""Property of a test's report: what is not ruled, and why."""


@dataclass(frozen=True)
class JudgedBehavior:
    """A behavior, judged on one subject."""

    result: BehaviorResult
    item: pytest.Item
    is_strict: bool
    """Whether known weaknesses and inconclusive behaviors fail their tests too."""
    is_one_case: bool
    """Whether a single case was judged, and held against nothing."""
    is_unanswered: bool
    """Whether it is not ruled because answers are missing."""
    promised_accuracy: float | None
    """What the profile promises of the subject's accuracy, in [0, 1]."""

    def keeps_its_promise(self) -> None:
        """Turns the ruling into pytest's outcome: fail, skip (inconclusive), xfail (known) or nothing."""
        self.item.user_properties.extend(junit_properties(self.result))
        if self.is_unanswered:
            said = f"{self.result.promise.name} of {self.result.predictor} is not ruled: {self.result.reason}"
            self.item.user_properties.append((UNANSWERED, said))
            pytest.fail(visible(said), pytrace=False)
        if self.is_one_case:
            self._keeps_its_case()
        elif self.result.ruling is not Ruling.REPORTED:
            reason = f"{self.result.ruling.value}: {self.result.reason}" if self._is_red else self.result.reason
            conclude(CheckResult(self.result.ruling, reason), self.is_strict)

    def keeps_its_accuracy(self) -> None:
        """Holds the accuracy over the behavior's cases to what the profile promises."""
        if self.promised_accuracy is None:
            pytest.skip(f"no accuracy is promised for {self.result.predictor}")
        self.item.user_properties.append((ACCURACY_FLOOR, self.promised_accuracy))
        found = floor_result(metrics_of_outcomes(self.result.outcomes), self.promised_accuracy)
        conclude(found, self.is_strict)

    @property
    def _is_red(self) -> bool:
        open_ended = (Ruling.KNOWN, Ruling.INCONCLUSIVE)
        return self.result.ruling is Ruling.FAIL or (self.is_strict and self.result.ruling in open_ended)

    def _keeps_its_case(self) -> None:
        failed = [each.verdict for each in self.result.outcomes if each.verdict.status is Status.FAILED]
        if failed:
            pytest.fail(visible(failed[0].reason), pytrace=False)
        if not self.result.judged:
            pytest.skip(visible(self.result.outcomes[0].verdict.reason))


@dataclass(frozen=True)
class Notes:
    """What a test finds out beside rulings, and what is known of the subject's weaknesses."""

    subject: str
    session: Session
    baseline: Baseline | None
    unpromised: str
    """Why nothing is promised of the subject, in words; empty where something is."""
    is_strict: bool

    @property
    def noise(self) -> Noise:
        """The subject's noise floor."""
        return self.session.noise(self.subject)

    def tell(self, found: Found) -> None:
        """Hand what was found to the report."""
        self.session.recorder.found(Finding(found.kind, self.subject, found.as_dict()))

    def conclude(self, result: CheckResult) -> None:
        """Hand what a check found to the report, and turn how it came out into pytest's outcome."""
        if result.found is not None:
            self.tell(result.found)
        if result.ruling is Ruling.REPORTED:
            pytest.skip(visible(result.reason))
        conclude(result, self.is_strict)

    def accepted(self, behavior: str) -> str:
        """Why it is accepted that the behavior fails; empty where it is not."""
        record = self.baseline.behaviors.get(behavior) if self.baseline else None
        return record.known if record else ""


def conclude(result: CheckResult, is_strict: bool) -> None:
    """pytest's outcome of a check: where it is strict, what is known or inconclusive fails too."""
    reason = visible(result.reason)
    if result.ruling is Ruling.FAIL or (is_strict and result.ruling in (Ruling.KNOWN, Ruling.INCONCLUSIVE)):
        pytest.fail(reason, pytrace=False)
    if result.ruling is Ruling.INCONCLUSIVE:
        pytest.skip(reason)
    if result.ruling is Ruling.KNOWN:
        pytest.xfail(reason)
