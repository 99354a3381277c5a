"""Scoring the same prompts three ways: ours, the notebook's loop, and batched `generate`."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from torch.utils.flop_counter import FlopCounterMode

from sentiment.models.generate import generate_answers, predict_sentiment
from sentiment.models.score import ModelPredictor
from sentiment.prompting.answers import parse_answer
from sentiment.types import Label, Prompt, Query

Labels = list[Label | None]


def scoring_ways(scorer: ModelPredictor, prompt: Prompt, texts: Sequence[str]) -> dict[str, Callable[[], Labels]]:
    """Each way as a function that labels all texts."""
    model: Any = copy.deepcopy(scorer.model)
    model.set_attn_implementation("sdpa")  # nothing of ours
    renderer, longest = scorer.renderer, scorer.max_new_tokens

    def batched(size: int) -> Labels:
        rows = [row.ids for row in renderer.encode([Query(prompt, text) for text in texts])]
        labels: Labels = []
        for begin in range(0, len(rows), size):
            answers = generate_answers(
                model, rows[begin : begin + size], renderer.stops(prompt), renderer.pad_id, longest
            )
            decoded = [str(renderer.tokenizer.decode(a, skip_special_tokens=True)) for a in answers]
            labels += [parse_answer(text, prompt.words) for text in decoded]
        return labels

    return {
        "one generate per example": lambda: [predict_sentiment(model, renderer, prompt, t, longest) for t in texts],
        "generate in batches of 32": lambda: batched(32),
        "ours": lambda: [p.label for p in scorer.predict([Query(prompt, text) for text in texts])],
    }


def measure_scoring(
    scorer: ModelPredictor, prompt: Prompt, texts: Sequence[str], repeats: int, peak: float
) -> list[dict[str, Any]]:
    """Rows of the table: identical labels per second, ratio to the notebook's loop, share of the matmul peak."""
    ways = scoring_ways(scorer, prompt, texts)
    with FlopCounterMode(display=False) as counter:
        ways["ours"]()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    labels: dict[str, Labels] = {}
    for _ in range(repeats):  # interleaved, so that a slow minute hits all
        for name, way in ways.items():
            begin = time.perf_counter()
            labels[name] = way()
            seconds[name].append(time.perf_counter() - begin)
    reference = labels["one generate per example"]
    rows = []
    for name in ways:
        same = sum(a is b for a, b in zip(labels[name], reference, strict=True))
        row: dict[str, Any] = {
            "way": name,
            "identical labels per second": round(same / median(seconds[name]), 2),
            "identical": f"{same} of {len(reference)}",
            "times the loop": round(median(seconds["one generate per example"]) / median(seconds[name]), 2),
        }
        if name == "ours":
            row["share of matmul peak"] = round(counter.get_total_flops() / median(seconds[name]) / peak, 3)
        rows.append(row)
    return rows
