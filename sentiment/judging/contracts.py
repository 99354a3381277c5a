"""Contracts of the harness itself: what has to hold before any number means something."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sentiment.judging.checks import CheckResult
from sentiment.judging.noise import Noise
from sentiment.types import Label, Predictor, Query, Ruling


def labels_do_not_depend_on_the_batch(noise: Noise) -> CheckResult:
    """The same query gets the same label alone, in a batch, in reverse order and padded to a long one."""
    if not noise.queries:
        return CheckResult(Ruling.INCONCLUSIVE, "its answers were given elsewhere: nothing can be asked twice")
    if noise.flips:
        reason = f"{noise.flips} of {noise.queries} reviews changed their label with the batch"
        return CheckResult(Ruling.FAIL, reason)
    return CheckResult(Ruling.PASS)


def labels_equal_the_reference(
    predictor: Predictor, reference: Callable[[Query], Label | None], queries: Sequence[Query]
) -> CheckResult:
    """A fast predictor gives the very labels that the plain way of answering one query gives."""
    answers = zip(queries, predictor.predict(queries), strict=True)
    asked = [(query, answer.label, reference(query)) for query, answer in answers]
    different = [each for each in asked if each[1] is not each[2]]
    if not different:
        return CheckResult(Ruling.PASS)
    query, fast, plain = different[0]
    first = f"{_word(fast)} and not {_word(plain)} for {query.text[:80]!r}"
    return CheckResult(
        Ruling.FAIL, f"{len(different)} of {len(queries)} labels are not those of the reference; the first: {first}"
    )


def _word(label: Label | None) -> str:
    return "neither label" if label is None else label.word
