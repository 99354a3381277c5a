"""Ways of asking a trained classifier that make its answers depend less on how the question is put.

Each is a `Predictor` around another one, so it can stand wherever that one stands. None needs the model's
weights or a new training; `RenderingSettings` has the ways that do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from statistics import fmean, median

from sentiment.cache import digest_of
from sentiment.types import Label, Prediction, Predictor, Prompt, Query, shares_of

_LEAST = 1e-7
"""Probabilities are kept this far from 0 and 1, so that log-odds are finite."""


class Strategy(str, Enum):
    """How a question is turned into what the model is asked."""

    AS_ASKED = "as-asked"
    """The question as it stands."""
    CANONICAL = "canonical"
    """The house prompt in place of the user's."""
    FORCED = "forced"
    """The likelier of the two label words, whatever the model would write."""
    CALIBRATED = "calibrated"
    """The user's prompt, its label prior taken out."""
    ENSEMBLE = "ensemble"
    """The user's prompt and some known ones, averaged."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class _Around:
    """What every way of asking has: the predictor within, and its name."""

    predictor: Predictor

    @property
    def name(self) -> str:
        """Of the predictor within."""
        return self.predictor.name


@dataclass(frozen=True)
class Canonical(_Around):
    """Asks every text in the one wording that the model was trained with, whatever the user's was."""

    house: Prompt

    @property
    def fingerprint(self) -> str:
        """Of the predictor within, and of the wording."""
        return digest_of([self.predictor.fingerprint, "canonical", self.house.digest])

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order."""
        return self.predictor.predict([Query(self.house, query.text) for query in queries])


@dataclass(frozen=True)
class Forced(_Around):
    """Answers with the likelier of the two label words, also where the model would write neither.

    An answer without a probability stays as it is.
    """

    @property
    def fingerprint(self) -> str:
        """Of the predictor within, and of the way."""
        return digest_of([self.predictor.fingerprint, "forced"])

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order."""
        return [
            answer if answer.p_positive is None else _decided(answer, log_odds(answer.p_positive), query.prompt)
            for query, answer in zip(queries, self.predictor.predict(queries), strict=True)
        ]


@dataclass(frozen=True)
class Calibrated(_Around):
    """Moves the threshold of each prompt to where it halves unlabelled texts of balanced classes.

    Batch calibration (Zhou et al. 2024, arXiv 2309.17249), here with the median of the log-odds over texts set
    aside, so that no answer depends on what else is asked. An answer without a probability stays as it is; one
    that held neither label gets the label that its probability says.
    """

    texts: Sequence[str]
    """Unlabelled, about half of each class: where they are not, the threshold moves away from the truth."""
    _priors: dict[Prompt, float] = field(default_factory=dict, repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """Of the predictor within, and of the texts."""
        return digest_of([self.predictor.fingerprint, "calibrated", list(self.texts)])

    def prior(self, prompt: Prompt) -> float:
        """Log-odds of the positive label at the median unlabelled text; 0 where the predictor gives none."""
        if prompt not in self._priors:
            answers = self.predictor.predict([Query(prompt, text) for text in self.texts])
            known = [log_odds(answer.p_positive) for answer in answers if answer.p_positive is not None]
            self._priors[prompt] = median(known) if known else 0.0
        return self._priors[prompt]

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order."""
        answers = self.predictor.predict(queries)
        return [
            answer
            if answer.p_positive is None
            else _decided(answer, log_odds(answer.p_positive) - self.prior(query.prompt), query.prompt)
            for query, answer in zip(queries, answers, strict=True)
        ]


@dataclass(frozen=True)
class Ensemble(_Around):
    """Averages the log-odds of the user's prompt and of some known ones.

    Averaging over templates as in Voronov et al. (2024, arXiv 2401.06766). Prompts whose answer has no
    probability are left out of the average; where none has one the user's answer stands.
    """

    prompts: Sequence[Prompt]

    @property
    def fingerprint(self) -> str:
        """Of the predictor within, and of the prompts."""
        return digest_of([self.predictor.fingerprint, "ensemble", [prompt.digest for prompt in self.prompts]])

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order."""
        asked = [[query, *(Query(prompt, query.text) for prompt in self.prompts)] for query in queries]
        distinct = list(dict.fromkeys(each for group in asked for each in group))
        answers = dict(zip(distinct, self.predictor.predict(distinct), strict=True))
        found = []
        for query, group in zip(queries, asked, strict=True):
            known = [log_odds(p) for each in group if (p := answers[each].p_positive) is not None]
            found.append(_decided(answers[query], fmean(known), query.prompt) if known else answers[query])
        return found


def log_odds(share: float) -> float:
    """log(p / (1 - p)) of a probability in [0, 1], finite also at its ends."""
    share = min(max(share, _LEAST), 1 - _LEAST)
    return math.log(share / (1 - share))


def _decided(answer: Prediction, odds: float, prompt: Prompt) -> Prediction:
    label = Label.POSITIVE if odds > 0 else Label.NEGATIVE
    return replace(answer, label=label, shares=shares_of(1 / (1 + math.exp(-odds))), text=prompt.words[label])
