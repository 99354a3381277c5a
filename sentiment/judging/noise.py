"""The noise floor: how far an answer moves when nothing but its company in the batch changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from sentiment.types import Prediction, Predictor, Prompt, Query

FILLER = "It runs for about two hours and was shown at the usual times. "
"""Repeated, it makes a text so long that the others are padded to it."""
FILLER_REPEATS = 12
MOST_TOLERATED = 0.02
"""Upper bound of the tolerance that a noise floor gives to invariance cases."""


@dataclass(frozen=True)
class Noise:
    """The same queries answered alone, together, in reverse order, and beside a long text."""

    kind: ClassVar[str] = "noise_floor"
    queries: int
    flips: int
    """Queries whose label was not the same each time."""
    largest: float
    """Largest difference of P(positive) between two of the four ways, in [0, 1]."""

    @property
    def tolerance(self) -> float:
        """How far P(positive) may move for nothing: `largest`, but never more than `MOST_TOLERATED`, or a broken
        predictor would excuse every flip."""
        return min(self.largest, MOST_TOLERATED)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


UNMEASURED = Noise(0, 0, 0.0)
"""Where nothing can be asked twice: no flip is excused."""


def noise_of(facts: Mapping[str, Any]) -> Noise:
    """What `Noise.as_dict` gave, read back. Raises `ValueError` for values that are no counts and no share."""
    noise = Noise(facts["queries"], facts["flips"], facts["largest"])
    if any(type(count) is not int or count < 0 for count in (noise.queries, noise.flips)):
        raise ValueError(f"counts are expected, got {noise.queries!r} queries and {noise.flips!r} flips")
    if type(noise.largest) not in (float, int) or not 0 <= noise.largest <= 1:
        raise ValueError(f"largest is a share, got {noise.largest!r}")
    return noise


def measure_noise(predictor: Predictor, prompt: Prompt, texts: Sequence[str]) -> Noise:
    """Ask the predictor itself, not a store of its answers; `Noise.tolerance` is that of INV cases."""
    queries = [Query(prompt, text) for text in texts]
    alone = [predictor.predict([query])[0] for query in queries]
    together = predictor.predict(queries)
    reordered = predictor.predict(queries[::-1])[::-1]
    padded = predictor.predict([*queries, Query(prompt, FILLER * FILLER_REPEATS)])[:-1]
    answers = list(zip(alone, together, reordered, padded, strict=True))
    return Noise(
        queries=len(queries),
        flips=sum(len({answer.label for answer in each}) > 1 for each in answers),
        largest=max((_range(each) for each in answers), default=0.0),
    )


def _range(answers: Iterable[Prediction]) -> float:
    shares = [answer.p_positive for answer in answers if answer.p_positive is not None]
    return max(shares) - min(shares) if shares else 0.0
