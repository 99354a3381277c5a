"""Two searches for a wording that does harm. Both only say of a wording how it does: others propose wordings.

The first goes through a population and is a check: no wording of it may cost accuracy. The second looks for the worst
of fresh wordings and is reported, never judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sentiment.error_analysis.smallest_change import Culprit, Exam
from sentiment.judging.checks import CheckResult
from sentiment.judging.statistics import ALPHA
from sentiment.prompting.wordings import Parts, compose
from sentiment.types import Predictor, Prompt, Review, Ruling

SEARCHED_REVIEWS = 20
"""Reviews on which the worst wording is looked for; it is measured on as many others."""


@dataclass(frozen=True)
class CostlyWording:
    """A wording of a population that costs accuracy."""

    kind: ClassVar[str] = "prompt_finding"
    tried: int
    """Wordings of the population."""
    culprit: Culprit

    def as_dict(self) -> dict[str, Any]:
        """Facts for JSON."""
        return {"tried": self.tried, **self.culprit.as_dict()}


class CostsAccuracyError(AssertionError):
    """A wording with which significantly fewer reviews get their label than with the house prompt."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(f"{parts} costs accuracy")
        self.parts = parts


class PopulationSearch:
    """With no wording of a population is a predictor significantly less accurate than with the house prompt.

    All are asked at once, and share the level of one test.
    """

    def __init__(
        self, predictor: Predictor, house: Prompt, population: Sequence[Prompt], reviews: Sequence[Review]
    ) -> None:
        self.population = population
        self._exam = Exam(predictor, house, reviews, level=ALPHA / len(population))
        self._exam.ask([house, *population])

    @property
    def wordings(self) -> list[Parts]:
        """The parts of the population's prompts, those with the fewest changes first."""
        return sorted((Parts(**prompt.parts) for prompt in self.population), key=lambda parts: len(parts.changed))

    def refuse(self, parts: Parts) -> None:
        """Raises `CostsAccuracyError` where the predictor is significantly less accurate with this wording."""
        if self._exam.breaks(parts):
            raise CostsAccuracyError(parts)

    def result(self, costly: Parts | None, accepted: str = "", unpromised: str = "") -> CheckResult:
        """What follows from a wording that costs accuracy, or from None when there is none.

        `unpromised` is why nothing is promised, so that one is only reported; `accepted` why one may be found, so that
        it is known. Else it is a failure.
        """
        if costly is None:
            return CheckResult(Ruling.PASS)
        found = CostlyWording(len(self.population), self._exam.culprit(costly))
        said = "\n".join(found.culprit.lines())
        if unpromised:
            return CheckResult(Ruling.REPORTED, f"{unpromised}: {said}", found)
        if accepted:
            return CheckResult(Ruling.KNOWN, f"{accepted}: {said}", found)
        return CheckResult(Ruling.FAIL, said, found)


@dataclass(frozen=True)
class WorstWording:
    """The worst wording that a search came upon. Accuracies lie in [0, 1]."""

    kind: ClassVar[str] = "worst_prompt"
    tried: int
    """Wordings that the search asked."""
    parts: Parts
    prompt: Prompt
    """The parts, composed."""
    reviews: int
    accuracy: float
    """On the reviews that it was found on, so it is too low by the luck of the search."""
    accuracy_before: float
    """With the house prompt, on the same reviews."""
    accuracy_on_other_reviews: float
    accuracy_before_on_other_reviews: float

    def as_dict(self) -> dict[str, Any]:
        """Facts for JSON."""
        return {
            "tried": self.tried,
            "parts": self.parts.changed,
            "template": self.prompt.template,
            "system": self.prompt.system,
            "chat": self.prompt.chat,
            "reviews": self.reviews,
            "accuracy": self.accuracy,
            "accuracy_before": self.accuracy_before,
            "accuracy_on_other_reviews": self.accuracy_on_other_reviews,
            "accuracy_before_on_other_reviews": self.accuracy_before_on_other_reviews,
        }


class WorstWordingSearch:
    """Remembers every wording that it is asked about; needs more than `SEARCHED_REVIEWS` reviews."""

    def __init__(self, predictor: Predictor, house: Prompt, reviews: Sequence[Review]) -> None:
        self._house = house
        self._search = Exam(predictor, house, reviews[:SEARCHED_REVIEWS], level=ALPHA)
        self._others = Exam(predictor, house, reviews[SEARCHED_REVIEWS : 2 * SEARCHED_REVIEWS], level=ALPHA)
        self._tried: set[Parts] = set()

    def harm(self, parts: Parts) -> float:
        """What a search makes as large as it can, in [-1, 1]: mean lead of the wrong label over the right one."""
        self._tried.add(parts)
        return -self._search.margin(compose(parts))

    def worst(self) -> WorstWording:
        """Of those asked about, the least accurate one, and of equals the most harmful. Raises `ValueError` when
        none was."""
        exam = self._search
        worst = min(
            self._tried, key=lambda parts: (exam.accuracy(compose(parts)), exam.margin(compose(parts)), repr(parts))
        )
        prompt = compose(worst, "worst-found")
        return WorstWording(
            tried=len(self._tried),
            parts=worst,
            prompt=prompt,
            reviews=len(self._search.reviews),
            accuracy=self._search.accuracy(prompt),
            accuracy_before=self._search.accuracy(self._house),
            accuracy_on_other_reviews=self._others.accuracy(prompt),
            accuracy_before_on_other_reviews=self._others.accuracy(self._house),
        )
