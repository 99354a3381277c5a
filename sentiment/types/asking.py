"""What a classifier is asked, and what it answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

from sentiment.errors import PromptError, shown
from sentiment.types.labels import Label

REVIEW_SLOT = "{review}"


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
    """None: the answer held no label, or several, or the classifier abstains. Never folded into a class."""
    shares: Mapping[Label, float] | None = None
    """Label -> its share, in [0, 1], of the probability of all labels, over every spelling of their words at the
    answer position; None from predictors without probabilities, and where words begin with the same token."""
    label_mass: float | None = None
    """Probability of all labels together at the answer position, in [0, 1]: how much the model plays along."""
    text: str = ""
    """The decoded answer, or as much of it as settles the label."""
    cut: bool = False
    """Whether the review was cut to fit the model's sequence length."""

    @property
    def p_positive(self) -> float | None:
        """The positive label's share."""
        return None if self.shares is None else self.shares.get(Label.POSITIVE, 0.0)

    def is_right(self, allowed: Collection[Label]) -> bool:
        """Whether the answer is one of the allowed labels. None never is."""
        return self.label is not None and self.label in allowed


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


@runtime_checkable
class StreamingPredictor(Predictor, Protocol):
    """A predictor whose answers come one by one, so that each can be kept as soon as it is there."""

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[Query, Prediction]]:
        """Each distinct query with its answer, in any order; one that has no answer and will have none is left out."""
        ...
