"""base, sft and lora side by side on the test pool, with the floors (Q1.3, Q3.3, Q4, Q5)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from sentiment.judging.metrics import Counts, macro_intervals, metrics_of
from sentiment.judging.paired import on_shared_cases
from sentiment.judging.statistics import holm
from sentiment.models.parameters import counted
from sentiment.pipeline import Workbench
from sentiment.study.record import Ends
from sentiment.types import Approach, Label, Prediction, Query

TIMED = 128
"""Test reviews that throughput is measured on."""


@dataclass(frozen=True)
class Quality:
    """How well one classifier labels the test pool; fields as in `Metrics`."""

    name: str
    n: int
    accuracy: float
    accuracy_interval: Ends
    """Wilson."""
    macro_f1: float
    macro_precision: float
    macro_recall: float
    unanswered: int
    support: Mapping[str, int]
    """Reviews per true class."""
    confusion: Counts
    macro_f1_interval: Ends
    """Of the bootstrap, as the two below."""
    macro_precision_interval: Ends
    macro_recall_interval: Ends


@dataclass(frozen=True)
class ApproachQuality(Quality):
    """The same of an approach, with its size and its speed."""

    total: int
    """Parameters, without an adapter."""
    trainable: int
    percent: float
    training_seconds: float | None
    """None where nothing was trained."""
    training_rows: int | None
    reviews_per_second: float
    bytes_on_disk: int
    """Of what is stored for the approach alone: a whole model, or the adapter."""


@dataclass(frozen=True)
class PairTest:
    """Two classifiers on the same reviews: McNemar's exact test."""

    first: str
    second: str
    fixed: int
    """Reviews that only the first gets wrong."""
    broken: int
    """Reviews that only the second gets wrong."""
    both_wrong: int
    p_value: float
    p_adjusted: float
    """Holm's, over all pairs."""


@dataclass(frozen=True)
class ComparisonFindings:
    """Approaches and floors on the test pool."""

    test_reviews: int
    timed: int
    """Reviews that throughput was measured on."""
    cut: int
    """Reviews that were cut to fit."""
    pools: tuple[str, ...]
    """In words."""
    rows: tuple[ApproachQuality | Quality, ...]
    pairs: tuple[PairTest, ...]


def comparison(bench: Workbench) -> ComparisonFindings:
    """Quality, size and speed of every approach and floor, and exact paired tests between them."""
    reviews = bench.pools.test
    labels = [Label(review.label) for review in reviews if review.label is not None]
    queries = [Query(bench.profile.house_prompt, review.text) for review in reviews]
    sizes = counted(bench.profile)
    answers: dict[str, Sequence[Prediction]] = {}
    rows: list[Quality] = []
    for approach in Approach:
        predictor = bench.predictor(approach)
        answers[approach.value] = predictor.predict(queries)
        predictor.release()
        rows.append(
            ApproachQuality(
                **vars(_quality(approach.value, labels, answers[approach.value])),
                **vars(sizes[approach]),
                training_seconds=bench.record(approach).get("seconds"),
                training_rows=bench.record(approach).get("rows"),
                reviews_per_second=_throughput(bench, approach, queries[:TIMED]),
                bytes_on_disk=_size_on_disk(bench, approach),
            )
        )
    for floor in bench.floors:
        answers[floor.name] = floor.load().predict(queries)
        rows.append(_quality(floor.name, labels, answers[floor.name]))
    return ComparisonFindings(
        test_reviews=len(labels),
        timed=len(queries[:TIMED]),
        cut=sum(answer.cut for answer in answers[Approach.BASE.value]),
        pools=tuple(bench.pools.summary()),
        rows=tuple(rows),
        pairs=_paired(labels, answers),
    )


def _quality(name: str, labels: Sequence[Label], answers: Sequence[Prediction]) -> Quality:
    found = metrics_of(labels, answers)
    intervals = {f"{key}_interval": (each.low, each.high) for key, each in macro_intervals(found).items()}
    return Quality(
        name=name,
        n=found.n,
        accuracy=found.accuracy,
        accuracy_interval=(found.interval.low, found.interval.high),
        macro_f1=found.macro_f1,
        macro_precision=found.macro_precision,
        macro_recall=found.macro_recall,
        unanswered=found.unanswered,
        support={label.word: found.support[label] for label in Label},
        confusion=found.confusion,
        **intervals,
    )


def _throughput(bench: Workbench, approach: Approach, queries: Sequence[Query]) -> float:
    """Reviews per second of the loaded model, after a first few that warm it up."""
    scorer = bench.scorer(approach.value, bench.weights(approach))
    scorer.predict(queries[:8])
    begin = time.perf_counter()
    scorer.predict(queries)
    return len(queries) / (time.perf_counter() - begin)


def _size_on_disk(bench: Workbench, approach: Approach) -> int:
    """Bytes of what is stored for the approach alone: a whole model, or the adapter."""
    return sum(file.stat().st_size for file in bench.weights(approach).path.glob("*.safetensors"))


def _paired(labels: Sequence[Label], answers: Mapping[str, Sequence[Prediction]]) -> tuple[PairTest, ...]:
    """Every two of them on the same reviews: McNemar's exact test, Holm-adjusted."""
    places = {str(place): str(place) for place in range(len(labels))}  # each review is a group of its own
    wrong = {
        name: {
            place: int(answer.label is not label) for place, label, answer in zip(places, labels, given, strict=True)
        }
        for name, given in answers.items()
    }
    pairs = []
    for first, second in combinations(wrong, 2):
        found = on_shared_cases(wrong[first], wrong[second], places)
        if found is not None:
            pairs.append(
                PairTest(first, second, found.fixed, found.broken, found.both_wrong, found.p_value, found.p_value)
            )
    adjusted = holm([pair.p_value for pair in pairs])
    return tuple(replace(pair, p_adjusted=p) for pair, p in zip(pairs, adjusted, strict=True))
