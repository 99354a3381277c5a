"""A training step on the same rows: ours beside a plain Trainer that computes every logit of every row."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import DataCollatorForSeq2Seq, PrinterCallback, Trainer

from sentiment.models.checks import ModelFolder
from sentiment.models.folders import load_model
from sentiment.models.method import methods_of
from sentiment.models.step import PromptTrainer
from sentiment.models.tokens import InstructionDataset, Renderer, collate
from sentiment.models.train import training_arguments
from sentiment.profiles import Profile
from sentiment.types import Approach


class Epoch(NamedTuple):
    """One epoch from the same untrained weights."""

    seconds: float
    loss: float
    flops: int
    """Matrix multiplications only; 0 where not counted, since counting takes time itself."""


def one_epoch(
    profile: Profile,
    approach: Approach,
    base: ModelFolder,
    renderer: Renderer,
    rows: InstructionDataset,
    *,
    ours: bool,
    count: bool = False,
) -> Epoch:
    """Train for one epoch, our way or with a plain Trainer."""
    torch.manual_seed(profile.seed)
    model: Any = load_model(base, torch.device("cpu"))
    if not ours:
        model.set_attn_implementation("sdpa")
    method = methods_of(profile)[approach]
    model = method.applied_to(model)
    settings = method.training.model_copy(update={"eval_strategy": "no", "save_steps": 10_000})
    with tempfile.TemporaryDirectory() as work:
        arguments = training_arguments(settings, work=Path(work), device=torch.device("cpu"), seed=profile.seed)
        arguments.save_strategy = "no"
        common: dict[str, Any] = {"model": model, "args": arguments, "train_dataset": rows}
        if ours:
            collator: Any = partial(collate, pad_id=renderer.pad_id)
            trainer: Trainer = PromptTrainer(**common, data_collator=collator, token_budget=settings.token_budget)
        else:
            trainer = Trainer(**common, data_collator=DataCollatorForSeq2Seq(renderer.tokenizer))
        trainer.remove_callback(PrinterCallback)
        counter = FlopCounterMode(display=False)
        with counter if count else nullcontext():
            result = trainer.train()
    return Epoch(result.metrics["train_runtime"], result.training_loss, counter.get_total_flops() if count else 0)


def measure_training(
    profile: Profile,
    approach: Approach,
    base: ModelFolder,
    renderer: Renderer,
    rows: InstructionDataset,
    repeats: int,
    peak: float,
) -> list[dict[str, Any]]:
    """Rows of the table: examples per second, ratio to the plain Trainer, share of the matmul peak."""
    run = partial(one_epoch, profile, approach, base, renderer, rows)
    flops = {ours: run(ours=ours, count=True).flops for ours in (False, True)}  # these also warm up
    found: dict[bool, list[Epoch]] = {False: [], True: []}
    for _ in range(repeats):  # interleaved, so that a slow minute hits both
        for ours, epochs in found.items():
            epochs.append(run(ours=ours))
    seconds = {ours: median(epoch.seconds for epoch in epochs) for ours, epochs in found.items()}
    return [
        {
            "approach": approach.value,
            "way": "ours" if ours else "plain Trainer",
            "examples per second": round(len(rows) / seconds[ours], 2),
            "times plain": round(seconds[False] / seconds[ours], 2),
            "loss": round(epochs[0].loss, 4),
            "GFLOP per example": round(flops[ours] / len(rows) / 1e9, 2),
            "share of matmul peak": round(flops[ours] / seconds[ours] / peak, 3),
        }
        for ours, epochs in found.items()
    ]
