"""Which change of the wording does the harm: an exact promise per wording, and the search for a cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from sentiment.judging.paired import worse_than
from sentiment.prompting.wordings import Parts, compose, house_option
from sentiment.types import Label, Prediction, Predictor, Prompt, Query, Review

SHOWN = 8
"""Reviews that the lines of a culprit quote; its facts hold all of them."""


def smallest_change(parts: Parts, breaks: Callable[[Parts], bool]) -> Parts:
    """The parts that are enough to break the promise: taking back any one more of them keeps it.

    `breaks` must hold for `parts`. Parts go back to the house's option one by one; a step back stays where the
    promise is still broken, until no single step does. That needs at most n(n + 1) / 2 questions for n parts.
    """
    for part in parts.changed:
        fewer = replace(parts, **{part: house_option(part)})
        if breaks(fewer):
            return smallest_change(fewer, breaks)
    return parts


@dataclass(frozen=True)
class Flip:
    """A review whose answer the wording changed."""

    review: Review
    before: Label | None
    now: Label | None

    def __str__(self) -> str:
        """One line: id, answers, and the first 80 characters."""
        words = [label.word if label is not None else "no answer" for label in (self.before, self.now)]
        right = self.review.label.word if self.review.label is not None else "unknown"
        text = " ".join(self.review.text.split())[:80]
        return f"{self.review.id} is {right}: {words[0]} became {words[1]}: {text}"


@dataclass(frozen=True)
class Culprit:
    """A wording that breaks the promise, and the least of it that does."""

    found: Parts
    """The wording in which it was found."""
    smallest: Parts
    prompt: Prompt
    """The smallest change, composed."""
    accuracy_before: float
    """With the house prompt, in [0, 1]."""
    accuracy: float
    """With the smallest change."""
    p_value: float
    flips: Sequence[Flip]
    reviews: int

    def as_dict(self) -> dict[str, Any]:
        """Facts for JSON."""
        return {
            "found": self.found.changed,
            "smallest": self.smallest.changed,
            "example": self.example,
            "template": self.prompt.template,
            "system": self.prompt.system,
            "chat": self.prompt.chat,
            "accuracy_before": self.accuracy_before,
            "accuracy": self.accuracy,
            "p_value": self.p_value,
            "reviews": self.reviews,
            "flips": [
                {
                    "review": flip.review.id,
                    "text": flip.review.text[:80],
                    "label": _word(flip.review.label),
                    "before": _word(flip.before),
                    "now": _word(flip.now),
                }
                for flip in self.flips
            ],
        }

    @property
    def example(self) -> str:
        """What to paste above the property, so that this wording is always tried first."""
        return f"@example(parts={self.smallest})"

    def lines(self) -> Iterator[str]:
        """In words; the texts of the reviews are quoted as they are."""
        yield (
            f"a rewording costs accuracy: {100 * self.accuracy_before:.1f} % with the house prompt, "
            f"{100 * self.accuracy:.1f} % with this change of it ({self.reviews} reviews, p = {self.p_value:.1g})"
        )
        for part, option in self.smallest.changed.items():
            yield f"  {part}: {house_option(part)} -> {option}"
        if not self.smallest.changed:
            yield "  no part at all: the standard wording itself, which is not this profile's house prompt"
        if self.found != self.smallest:
            yield f"  found in a wording with more changes: {self.found}"
        yield f"answers that changed: {len(self.flips)}"
        yield from (f"  {flip}" for flip in self.flips[:SHOWN])
        if len(self.flips) > SHOWN:
            yield f"  and {len(self.flips) - SHOWN} more"
        yield f"to try it first from now on: {self.example}"


class Exam:
    """One promise for every wording: not significantly less accurate than the house prompt on these reviews.

    `level` is that of a single wording's test; share it out over the wordings that are tried. Answers are
    remembered by wording.
    """

    def __init__(self, predictor: Predictor, house: Prompt, reviews: Sequence[Review], level: float) -> None:
        self.predictor, self.house, self.reviews, self.level = predictor, house, reviews, level
        self._answers: dict[str, list[Prediction]] = {}

    def ask(self, prompts: Sequence[Prompt]) -> None:
        """Have these wordings answered in one go."""
        new = {prompt.digest: prompt for prompt in prompts if prompt.digest not in self._answers}
        texts = [review.text for review in self.reviews]
        answers = iter(self.predictor.predict([Query(prompt, text) for prompt in new.values() for text in texts]))
        for digest in new:
            self._answers[digest] = [next(answers) for _ in texts]

    def answers(self, prompt: Prompt) -> list[Prediction]:
        """The answer to each review."""
        self.ask([prompt])
        return self._answers[prompt.digest]

    def right(self, prompt: Prompt) -> list[bool]:
        """Whether each review gets its label; an answer with neither word is wrong."""
        return [
            prediction.label is not None and prediction.label is review.label
            for prediction, review in zip(self.answers(prompt), self.reviews, strict=True)
        ]

    def accuracy(self, prompt: Prompt) -> float:
        """Share of the reviews that get their label."""
        return sum(self.right(prompt)) / len(self.reviews)

    def margin(self, prompt: Prompt) -> float:
        """Mean lead of the right label over the wrong one, in [-1, 1]; an answer with neither word counts as -1.

        From the probabilities where the predictor gives them, else 1 for a right answer and -1 for a wrong one.
        """
        leads = [
            -1.0
            if prediction.label is None
            else (1 if review.label is Label.POSITIVE else -1)
            * (2 * (float(prediction.label) if prediction.p_positive is None else prediction.p_positive) - 1)
            for prediction, review in zip(self.answers(prompt), self.reviews, strict=True)
        ]
        return fmean(leads)

    def p_value(self, prompt: Prompt) -> float:
        """Of "no less accurate than the house prompt"."""
        return worse_than(self.right(self.house), self.right(prompt))

    def breaks(self, parts: Parts) -> bool:
        """Whether this wording is significantly worse than the house prompt."""
        return self.p_value(compose(parts)) < self.level

    def culprit(self, found: Parts) -> Culprit:
        """The least of that wording which still breaks the promise. New wordings are asked on the way."""
        smallest = smallest_change(found, self.breaks)
        prompt = compose(smallest, "smallest-change")
        answers = zip(self.reviews, self.answers(self.house), self.answers(prompt), strict=True)
        return Culprit(
            found=found,
            smallest=smallest,
            prompt=prompt,
            accuracy_before=self.accuracy(self.house),
            accuracy=self.accuracy(prompt),
            p_value=self.p_value(prompt),
            flips=[
                Flip(review, before.label, now.label)
                for review, before, now in answers
                if before.label is not now.label
            ],
            reviews=len(self.reviews),
        )


def _word(label: Label | None) -> str | None:
    return None if label is None else label.word
