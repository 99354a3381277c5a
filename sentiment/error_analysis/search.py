"""The search for failures worth showing, and the measured evidence for each.

    candidates -> find_failures -> pick (one per kind) -> explain

Evidence is what the model answers when something of the text is taken away: each phrase in turn, and then as few
words as possible. Such an edited text says something about the model and nothing about the label; the claim that
the answer is wrong concerns the original text alone. Words that depend on each other may hide each other's effect:
what is called the carrying phrase is the one that was measured to matter most, alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from sentiment.error_analysis.candidates import Candidate
from sentiment.error_analysis.phrases import (
    LONGEST,
    Change,
    changed,
    deletions,
    has_words,
    phrases_of,
    replacements,
    without,
)
from sentiment.types import Label, Prediction, Predictor, Prompt, Query

BUDGET = 300
"""Edited texts asked per failure in the search for the smallest edit."""
EFFECT = 0.05
"""A phrase whose absence moves the probability by less, and leaves the answer, is not said to carry it."""
PARTNERS = 6
"""How many of the most effective single changes are combined with each other."""


@dataclass(frozen=True)
class Failure:
    """A candidate that the model answered wrongly, or with neither label."""

    candidate: Candidate
    prediction: Prediction

    @property
    def answer_word(self) -> str:
        """The answer's label, or "neither"."""
        return _word_of(self.prediction.label) or "neither"


@dataclass(frozen=True)
class Phrase:
    """A few words of a text, and the answer to the text without them."""

    text: str
    start: int
    end: int
    p_without: float | None
    label_without: Label | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, the label as its word."""
        return {**asdict(self), "label_without": _word_of(self.label_without)}


@dataclass(frozen=True)
class SmallestEdit:
    """The fewest changed words that were found to put an answer right."""

    changes: tuple[Change, ...]
    text: str
    """The edited text: evidence about the model, with no claim about its own label."""
    p_positive: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Explained:
    """A failure with its evidence."""

    failure: Failure
    phrases: tuple[Phrase, ...]
    """All phrases of the text, in order."""
    carrying: Phrase | None
    """The one whose removal moves the answer furthest towards the right label; None when none moves it there."""
    edit: SmallestEdit | None
    tried: int
    """How many edits were asked in the search, whole phrases not counted."""

    @property
    def evidence(self) -> tuple[str, str]:
        """What was measured, in two sentences: on the carrying phrase, and on the smallest edit."""
        return self._on_the_phrase, self._on_the_edit

    @property
    def _on_the_phrase(self) -> str:
        before = self.failure.prediction
        was = _said(before.label, before.p_positive)
        if self.carrying is None:
            return f"The answer is {was}; leaving out any one phrase does not move it towards the right label."
        if (
            self.carrying.label_without is before.label
            and _distance(before.p_positive, self.carrying.p_without) < EFFECT
        ):
            return (
                f"The answer is {was}, and no single phrase carries it: whichever is left out, the probability moves "
                f"by less than {EFFECT:.2f} towards the right label."
            )
        now = _said(self.carrying.label_without, self.carrying.p_without)
        still = "still " if self.carrying.label_without is before.label else ""
        return f"The answer is {was}; without “{self.carrying.text}” it is {still}{now}."

    @property
    def _on_the_edit(self) -> str:
        if self.edit is None:
            return f"No change of up to {LONGEST} words that puts the answer right was found among {self.tried} tried."
        steps = [
            f"“{change.was}” becomes “{change.now}”" if change.now else f"“{change.was}” is deleted"
            for change in self.edit.changes
        ]
        now = _said(self.failure.candidate.label, self.edit.p_positive)
        return f"The answer is {now} once {' and '.join(steps)}."

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the candidate, the answer, the measurements, and the evidence in words."""
        prediction = self.failure.prediction
        return {
            **self.failure.candidate.as_dict(),
            "answer": _word_of(prediction.label),
            "answer_text": prediction.text,
            "p_positive": prediction.p_positive,
            "phrases": [phrase.as_dict() for phrase in self.phrases],
            "carrying": self.carrying.as_dict() if self.carrying else None,
            "smallest_edit": self.edit.as_dict() if self.edit else None,
            "tried": self.tried,
            "evidence": list(self.evidence),
        }


def find_failures(predictor: Predictor, prompt: Prompt, candidates: Sequence[Candidate]) -> list[Failure]:
    """Those that the predictor answers wrongly or with neither label, in order; all asked in one batch."""
    answers = predictor.predict([Query(prompt, candidate.text) for candidate in candidates])
    asked = zip(candidates, answers, strict=True)
    return [Failure(candidate, answer) for candidate, answer in asked if answer.label is not candidate.label]


def pick(failures: Iterable[Failure], kinds: int = 5) -> list[Failure]:
    """One failure of each kind, for the `kinds` kinds whose worst failure is the most evidently wrong.

    Worst first; fewer where fewer kinds failed. Equal ones go by their id, so the choice is always the same.
    """
    worst: dict[str, Failure] = {}
    for failure in sorted(failures, key=lambda each: (_rightness(each.prediction, each.candidate), each.candidate.id)):
        worst.setdefault(failure.candidate.kind, failure)
    return list(worst.values())[:kinds]


def explain(predictor: Predictor, prompt: Prompt, failure: Failure, budget: int = BUDGET) -> Explained:
    """The evidence for a failure: each phrase left out in turn, and the smallest edit that puts it right.

    Where leaving out a phrase puts it right, only smaller edits than that are searched for.
    """
    candidate, text = failure.candidate, failure.candidate.text
    spans = [span for span in phrases_of(text) if has_words(without(text, *span))]
    answers = predictor.predict([Query(prompt, without(text, *span)) for span in spans])
    phrases = tuple(
        Phrase(text[start:end], start, end, answer.p_positive, answer.label)
        for (start, end), answer in zip(spans, answers, strict=True)
    )
    edits = [
        SmallestEdit(
            tuple(word for word in deletions(text) if start <= word.start < end),
            without(text, start, end),
            answer.p_positive,
        )
        for (start, end), answer in zip(spans, answers, strict=True)
        if answer.label is candidate.label
    ]
    shortest = min(edits, key=lambda edit: len(edit.changes), default=None)
    largest = len(shortest.changes) - 1 if shortest else LONGEST
    smaller, tried = _smallest_edit(predictor, prompt, candidate, largest, budget)
    effects = [_rightness(answer, candidate) for answer in answers]
    best = max(effects, default=0.0)
    carrying = phrases[effects.index(best)] if best > _rightness(failure.prediction, candidate) else None
    return Explained(failure, phrases, carrying, smaller or shortest, tried)


def _smallest_edit(
    predictor: Predictor, prompt: Prompt, candidate: Candidate, largest: int, budget: int
) -> tuple[SmallestEdit | None, int]:
    """The smallest edit of up to `largest` words, and how many edits were asked; one batch per number of words.

    Single words are deleted or replaced; larger edits are adjacent words deleted, and combinations of the most
    effective single changes. Where the budget cannot hold a batch, the least promising are left out: those whose
    words had the least effect alone.
    """
    text = candidate.text
    words = deletions(text)
    alone: dict[Change, float] = {}
    tried = 0
    for size in range(1, largest + 1):
        edits = _edits(words, alone, size) if alone else [(change,) for change in [*words, *replacements(text)]]
        texts = {edit: changed(text, edit) for edit in edits}
        asked = list(dict.fromkeys(filter(has_words, texts.values())))[: budget - tried]
        if not asked:
            break
        tried += len(asked)
        answers = dict(zip(asked, predictor.predict([Query(prompt, each) for each in asked]), strict=True))
        effects = {edit: _rightness(answers[new], candidate) for edit, new in texts.items() if new in answers}
        right = [edit for edit in effects if answers[texts[edit]].label is candidate.label]
        if right:
            best = max(right, key=lambda edit: effects[edit])
            return SmallestEdit(best, texts[best], answers[texts[best]].p_positive), tried
        alone = alone or {edit[0]: effect for edit, effect in effects.items()}
    return None, tried


def _edits(words: Sequence[Change], alone: dict[Change, float], size: int) -> list[tuple[Change, ...]]:
    """Edits of several words, the most promising first."""
    adjacent = (tuple(words[i : i + size]) for i in range(len(words) - size + 1))
    edits = [*adjacent, *combinations(_most_effective(alone), size)]
    return sorted(edits, key=lambda edit: -sum(alone.get(change, 0.0) for change in edit))


def _most_effective(alone: dict[Change, float]) -> list[Change]:
    """The best change of each of the words that matter most, in text order."""
    per_word: dict[int, Change] = {}
    for change in sorted(alone, key=lambda each: -alone[each]):
        per_word.setdefault(change.start, change)
    return sorted(list(per_word.values())[:PARTNERS], key=lambda change: change.start)


def _rightness(prediction: Prediction, candidate: Candidate) -> float:
    """Share of the right label in the answer, in [0, 1]; at most one half for an answer with neither label.

    Without probabilities it is the label alone that counts.
    """
    if prediction.p_positive is None:
        return 0.5 if prediction.label is None else float(prediction.label is candidate.label)
    share = prediction.p_positive if candidate.label is Label.POSITIVE else 1 - prediction.p_positive
    return min(share, 0.5) if prediction.label is None else share


def _distance(one: float | None, other: float | None) -> float:
    return float("inf") if one is None or other is None else abs(one - other)


def _word_of(label: Label | None) -> str | None:
    return None if label is None else label.word


def _said(label: Label | None, p_positive: float | None) -> str:
    share = "" if p_positive is None else f" (p of positive {p_positive:.2f})"
    return f"{_word_of(label) or 'neither label'}{share}"
