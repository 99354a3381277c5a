"""How rows, trainings and the adapter are made, shown on the profile's own reviews and weights
(Q1.3, Q2, Q3.1, Q3.2, Q4.2, Q5)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from sentiment.data.pools import POOLS, Pools
from sentiment.data.text import text_digest
from sentiment.models.store import MERGE_TOLERANCE, training_record
from sentiment.models.tokens import IGNORED, InstructionDataset, Renderer, collate
from sentiment.models.train import training_arguments
from sentiment.pipeline import Workbench
from sentiment.types import Approach, Label, Query, Review

ARGUMENTS = (
    "output_dir", "num_train_epochs", "per_device_train_batch_size", "per_device_eval_batch_size", "learning_rate",
    "gradient_accumulation_steps", "bf16", "fp16", "logging_strategy", "logging_steps", "eval_strategy",
    "save_strategy", "save_steps", "lr_scheduler_type", "warmup_steps", "weight_decay", "max_grad_norm", "seed",
)  # fmt: skip
ADAPTER = ("r", "lora_alpha", "lora_dropout", "target_modules", "bias", "task_type")
SHOWN = 8
"""Answers that are not one of the two words, of each approach."""


def construction(bench: Workbench) -> dict[str, Any]:
    """Pools, a training row and a batch, answers as they are read, training arguments, the adapter's settings."""
    renderer = bench.renderer(bench.weights(Approach.BASE))
    rows = bench.training_rows
    dataset = InstructionDataset(rows, renderer, bench.profile.house_prompt)
    shortest = min(range(len(rows)), key=lambda i: len(dataset[i]["input_ids"]))
    return {
        "pools": {**_pools(bench.pools), "joined": bench.profile.data.joined},
        "example": _example(renderer, rows[shortest], dataset[shortest]),
        "rows": _lengths(bench, renderer, dataset),
        "long": _long(bench, renderer, rows[0]),
        "batch": _batch([dataset[i] for i in range(min(bench.profile.sft.train_batch_size, len(dataset)))], renderer),
        "most_tokens": bench.profile.scoring.max_new_tokens,
        "answers": {approach.value: _answers(bench, approach) for approach in Approach},
        "trainings": {approach.value: _training(bench, approach) for approach in (Approach.SFT, Approach.LORA)},
        "adapter": _adapter(bench),
    }


def _pools(pools: Pools) -> dict[str, Any]:
    """Rows of each class in each pool, before and after sampling, and the texts that two of them share."""
    texts = {name: {text_digest(review.text) for review in pools.pool(name)} for name in POOLS}
    return {
        "sizes": [
            {
                "pool": name,
                **{label.word: sum(review.label is label for review in pools.pool(name)) for label in Label},
                **{f"{label.word}_available": pools.available[name][label] for label in Label},
            }
            for name in POOLS
        ],
        "shared": sum(len(texts[one] & texts[other]) for one, other in combinations(POOLS, 2)),
        "dropped": dict(pools.dropped),
    }


def _example(renderer: Renderer, review: Review, row: dict[str, list[int]]) -> dict[str, Any]:
    """The training row of a review, taken apart where its supervised tokens begin (Q2.1, Q2.2)."""
    assert review.label is not None  # a training row has one
    begin = row["labels"].count(IGNORED)
    return {
        "label": review.label.word,
        "prompt": renderer.tokenizer.decode(row["input_ids"][:begin]),
        "response": renderer.tokenizer.decode(row["input_ids"][begin:]),
        "prompt_tokens": begin,
        "response_ids": row["input_ids"][begin:],
        "labels": row["labels"][begin:],
    }


def _lengths(bench: Workbench, renderer: Renderer, dataset: InstructionDataset) -> dict[str, Any]:
    """How long the training rows are, and how many reviews were cut to fit (Q2.3)."""
    lengths = sorted(len(row["input_ids"]) for row in dataset.rows)
    encoded = renderer.encode([Query(bench.profile.house_prompt, review.text) for review in bench.training_rows])
    return {
        "count": len(lengths),
        "shortest": lengths[0],
        "median": lengths[len(lengths) // 2],
        "longest": lengths[-1],
        "most": renderer.max_length,
        "cut": sum(row.cut for row in encoded),
        "supervised": dict(Counter(sum(label != IGNORED for label in row["labels"]) for row in dataset.rows)),
    }


def _long(bench: Workbench, renderer: Renderer, review: Review) -> dict[str, Any]:
    """A review that fits no row: repeated until it has twice the tokens that a row may have."""
    tokens = len(renderer.tokenizer(review.text).input_ids)
    text = " ".join([review.text] * (2 * renderer.max_length // tokens + 1))
    row = renderer.supervise(Query(bench.profile.house_prompt, text), Label.POSITIVE)
    end = [token for token, label in zip(row["input_ids"], row["labels"], strict=True) if label != IGNORED]
    return {
        "whole": len(renderer.tokenizer(text).input_ids),
        "row": len(row["input_ids"]),
        "end": renderer.tokenizer.decode(end),
    }


def _batch(rows: Sequence[dict[str, list[int]]], renderer: Renderer) -> dict[str, Any]:
    """The first rows, padded to one length (Q2.4)."""
    batch = collate(rows, renderer.pad_id)
    lengths = [len(row["input_ids"]) for row in rows]
    padding = [labels[length:] for labels, length in zip(batch["labels"].tolist(), lengths, strict=True)]
    return {
        "lengths": lengths,
        "shape": list(batch["input_ids"].shape),
        "padding": sum(map(len, padding)),
        "padding_supervised": sum(label != IGNORED for row in padding for label in row),
    }


def _answers(bench: Workbench, approach: Approach) -> dict[str, Any]:
    """What the approach wrote to the test reviews, and what was made of it (Q3.1, Q3.2)."""
    house = bench.profile.house_prompt
    predictor = bench.predictor(approach)
    answers = predictor.predict([Query(house, review.text) for review in bench.pools.test])
    predictor.release()
    exact = [answer.text.strip() in house.words for answer in answers]
    others = Counter((a.text.strip(), a.label) for a, is_exact in zip(answers, exact, strict=True) if not is_exact)
    ranked = sorted(others.items(), key=lambda pair: (-pair[1], pair[0][0]))
    return {
        "count": len(answers),
        "exact": sum(exact),
        "read": sum(a.label is not None and not is_exact for a, is_exact in zip(answers, exact, strict=True)),
        "unanswered": sum(answer.label is None for answer in answers),
        "others": [
            {"text": text, "label": None if label is None else label.word, "count": count}
            for (text, label), count in ranked[:SHOWN]
        ],
    }


def _training(bench: Workbench, approach: Approach) -> dict[str, Any]:
    """The arguments as transformers has them (Q4.2), and the validation loss that the training ended with."""
    made = bench.recipe(approach)
    record = training_record(made)
    arguments = training_arguments(
        bench.profile.training(approach), work=made.folder, device=made.device, seed=bench.profile.seed
    )
    values = arguments.to_dict() | {"output_dir": made.folder.name}
    evaluated = [entry["eval_loss"] for entry in record["losses"] if "eval_loss" in entry]
    return {
        "arguments": {name: values[name] for name in ARGUMENTS},
        "rows": record["rows"],
        "steps": record["steps"],
        "validation_loss": evaluated[-1] if evaluated else None,
    }


def _adapter(bench: Workbench) -> dict[str, Any]:
    """The trained adapter's settings as peft stored them (Q5.1), and how merging it changed the logits (Q5.2)."""
    folder = bench.weights(Approach.LORA).path
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    return {
        "config": {name: config[name] for name in ADAPTER} | {"target_modules": sorted(config["target_modules"])},
        "merge_drift": training_record(bench.recipe(Approach.LORA))["merge_drift"],
        "merge_tolerance": MERGE_TOLERANCE,
    }
