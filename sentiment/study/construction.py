"""How rows, trainings and the adapter are made, shown on the profile's own reviews and weights
(Q1.3, Q2, Q3.1, Q3.2, Q4.2, Q5)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from sentiment.data.pools import POOLS, Pools
from sentiment.models.method import methods_of
from sentiment.models.store import MERGE_TOLERANCE, training_record
from sentiment.models.tokens import InstructionDataset
from sentiment.models.train import training_arguments
from sentiment.pipeline import Workbench
from sentiment.runs.records import plain
from sentiment.study.training_rows import (
    LongReview,
    PaddedBatch,
    RowLengths,
    TrainingRow,
    long_review,
    padded_batch,
    row_lengths,
    taken_apart,
)
from sentiment.text import text_digest
from sentiment.types import Approach, Label, Query

ARGUMENTS = (
    "output_dir", "num_train_epochs", "per_device_train_batch_size", "per_device_eval_batch_size", "learning_rate",
    "gradient_accumulation_steps", "bf16", "fp16", "logging_strategy", "logging_steps", "eval_strategy",
    "save_strategy", "save_steps", "lr_scheduler_type", "warmup_steps", "weight_decay", "max_grad_norm", "seed",
)  # fmt: skip
ADAPTER = ("r", "lora_alpha", "lora_dropout", "target_modules", "bias", "task_type")
SHOWN = 8
"""Answers that are not one of the two words, of each approach."""


@dataclass(frozen=True)
class PoolSize:
    """Rows of each class in one pool, and how many it had before sampling."""

    pool: str
    negative: int
    positive: int
    negative_available: int
    positive_available: int


@dataclass(frozen=True)
class PoolSizes:
    """Rows of each class in each pool, before and after sampling."""

    sizes: tuple[PoolSize, ...]
    shared: int
    """Texts that two pools share."""
    dropped: Mapping[str, int]
    """Reviews by the reason for which they were left out."""
    joined: float
    """Share of the training rows that are joined to longer reviews."""


@dataclass(frozen=True)
class OtherAnswer:
    """An answer that is not exactly a label word, and what it was read as."""

    text: str
    label: str | None
    count: int


@dataclass(frozen=True)
class AnswersRead:
    """What an approach wrote to the test reviews, and what was made of it (Q3.1, Q3.2)."""

    count: int
    exact: int
    """Exactly a label word."""
    read: int
    """Something else that was read as a label."""
    unanswered: int
    others: tuple[OtherAnswer, ...]
    """Those that are not exactly a label word, the most frequent first."""


@dataclass(frozen=True)
class TrainingDone:
    """The arguments as transformers has them (Q4.2), and how the training went."""

    arguments: Mapping[str, bool | int | float | str | None]
    rows: int
    steps: int
    validation_loss: float | None
    """At the end; None where it was not measured."""


@dataclass(frozen=True)
class AdapterDone:
    """The trained adapter's settings as peft stored them (Q5.1), and how merging it changed the logits (Q5.2)."""

    config: Mapping[str, int | float | str | tuple[str, ...]]
    merge_drift: float
    """Largest difference of a logit."""
    merge_tolerance: float


@dataclass(frozen=True)
class ConstructionFindings:
    """How rows, trainings and the adapter are made."""

    pools: PoolSizes
    example: TrainingRow
    """The shortest."""
    rows: RowLengths
    long: LongReview
    batch: PaddedBatch
    most_tokens: int
    """Of an answer."""
    answers: Mapping[str, AnswersRead]
    """By approach."""
    trainings: Mapping[str, TrainingDone]
    """By approach."""
    adapter: AdapterDone


def construction(bench: Workbench) -> ConstructionFindings:
    """Pools, a training row and a batch, answers as they are read, training arguments, the adapter's settings."""
    renderer = bench.renderer(bench.weights(Approach.BASE))
    house, rows = bench.profile.house_prompt, bench.training_rows
    dataset = InstructionDataset(rows, renderer, house)
    shortest = min(range(len(rows)), key=lambda i: len(dataset[i]["input_ids"]))
    return ConstructionFindings(
        pools=_pools(bench.pools, bench.profile.data.joined),
        example=taken_apart(renderer, rows[shortest], dataset[shortest]),
        rows=row_lengths(renderer, house, rows, dataset),
        long=long_review(renderer, house, rows[0]),
        batch=padded_batch(renderer, dataset.rows[: bench.profile.sft.train_batch_size]),
        most_tokens=bench.profile.scoring.max_new_tokens,
        answers={approach.value: _answers(bench, approach) for approach in Approach},
        trainings={approach.value: _training(bench, approach) for approach in methods_of(bench.profile)},
        adapter=_adapter(bench),
    )


def _pools(pools: Pools, joined: float) -> PoolSizes:
    texts = {name: {text_digest(review.text) for review in pools.pool(name)} for name in POOLS}
    sizes = tuple(
        PoolSize(
            name,
            **{label.word: sum(review.label is label for review in pools.pool(name)) for label in Label},
            **{f"{label.word}_available": pools.available[name][label] for label in Label},
        )
        for name in POOLS
    )
    shared = sum(len(texts[one] & texts[other]) for one, other in combinations(POOLS, 2))
    return PoolSizes(sizes, shared, dict(pools.dropped), joined)


def _answers(bench: Workbench, approach: Approach) -> AnswersRead:
    house = bench.profile.house_prompt
    predictor = bench.predictor(approach)
    answers = predictor.predict([Query(house, review.text) for review in bench.pools.test])
    predictor.release()
    exact = [answer.text.strip() in house.words for answer in answers]
    others = Counter((a.text.strip(), a.label) for a, is_exact in zip(answers, exact, strict=True) if not is_exact)
    ranked = sorted(others.items(), key=lambda pair: (-pair[1], pair[0][0]))
    return AnswersRead(
        count=len(answers),
        exact=sum(exact),
        read=sum(a.label is not None and not is_exact for a, is_exact in zip(answers, exact, strict=True)),
        unanswered=sum(answer.label is None for answer in answers),
        others=tuple(
            OtherAnswer(text, None if label is None else label.word, count) for (text, label), count in ranked[:SHOWN]
        ),
    )


def _training(bench: Workbench, approach: Approach) -> TrainingDone:
    made = bench.recipe(approach)
    record = training_record(made)
    arguments = training_arguments(made.method.training, work=made.folder, device=made.device, seed=bench.profile.seed)
    values = arguments.to_dict() | {"output_dir": made.folder.name}
    evaluated = [entry["eval_loss"] for entry in record["losses"] if "eval_loss" in entry]
    return TrainingDone(
        arguments={name: plain(values[name]) for name in ARGUMENTS},
        rows=record["rows"],
        steps=record["steps"],
        validation_loss=evaluated[-1] if evaluated else None,
    )


def _adapter(bench: Workbench) -> AdapterDone:
    folder = bench.weights(Approach.LORA).path
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    return AdapterDone(
        config={name: config[name] for name in ADAPTER} | {"target_modules": tuple(sorted(config["target_modules"]))},
        merge_drift=training_record(bench.recipe(Approach.LORA))["merge_drift"],
        merge_tolerance=MERGE_TOLERANCE,
    )
