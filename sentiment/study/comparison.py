"""base, sft and lora side by side on the test pool, with the floors (Q1.3, Q3.3, Q4, Q5)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

from sentiment.behavior.paired import differ
from sentiment.behavior.statistics import holm
from sentiment.metrics import Metrics, macro_intervals, metrics_of
from sentiment.models.parameters import counted
from sentiment.pipeline import Workbench
from sentiment.types import Approach, Label, Prediction, Query

TIMED = 128
"""Test reviews that throughput is measured on."""


def comparison(bench: Workbench) -> dict[str, Any]:
    """Quality, size and speed of every approach and floor, and exact paired tests between them."""
    reviews = bench.pools.test
    labels = [Label(review.label) for review in reviews if review.label is not None]
    queries = [Query(bench.profile.house_prompt, review.text) for review in reviews]
    sizes = counted(bench.profile)
    answers: dict[str, Sequence[Prediction]] = {}
    rows: list[dict[str, Any]] = []
    for approach in Approach:
        predictor = bench.predictor(approach)
        answers[approach.value] = predictor.predict(queries)
        predictor.release()
        rows.append(
            {
                **_quality(approach.value, labels, answers[approach.value]),
                **asdict(sizes[approach]),
                "training_seconds": bench.record(approach).get("seconds"),
                "training_rows": bench.record(approach).get("rows"),
                "reviews_per_second": _throughput(bench, approach, queries[:TIMED]),
                "bytes_on_disk": _size_on_disk(bench, approach),
            }
        )
    for floor in bench.floors:
        answers[floor.name] = floor.predict(queries)
        rows.append(_quality(floor.name, labels, answers[floor.name]))
    return {
        "test_reviews": len(labels),
        "timed": len(queries[:TIMED]),
        "cut": sum(answer.cut for answer in answers[Approach.BASE.value]),
        "pools": bench.pools.summary(),
        "rows": rows,
        "pairs": _paired(labels, answers),
    }


def _quality(name: str, labels: Sequence[Label], answers: Sequence[Prediction]) -> dict[str, Any]:
    found: Metrics = metrics_of(labels, answers)
    intervals = {f"{key}_interval": [each.low, each.high] for key, each in macro_intervals(found).items()}
    return {"name": name, **found.as_dict(), **intervals}


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


def _paired(labels: Sequence[Label], answers: Mapping[str, Sequence[Prediction]]) -> list[dict[str, Any]]:
    """Every two of them on the same reviews: McNemar's exact test, Holm-adjusted."""
    wrong = {
        name: [int(answer.label is not label) for label, answer in zip(labels, given, strict=True)]
        for name, given in answers.items()
    }
    pairs: list[dict[str, Any]] = []
    for first, second in combinations(wrong, 2):
        changes = [now - before for before, now in zip(wrong[first], wrong[second], strict=True)]
        pairs.append(
            {
                "first": first,
                "second": second,
                "fixed": changes.count(-1),
                "broken": changes.count(1),
                "both_wrong": sum(a and b for a, b in zip(wrong[first], wrong[second], strict=True)),
                "p_value": differ(changes),
            }
        )
    for pair, adjusted in zip(pairs, holm([pair["p_value"] for pair in pairs]), strict=True):
        pair["p_adjusted"] = adjusted
    return pairs
