"""One training loop for full fine-tuning and for low-rank adapters, on `transformers.Trainer`."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import extract_model_from_parallel
from peft import PeftModel
from tqdm import tqdm
from transformers import PreTrainedModel, PrinterCallback, TrainerCallback, TrainingArguments

from sentiment.errors import TrainingError
from sentiment.models.device import precision_of
from sentiment.models.folders import quiet_loading
from sentiment.models.parameters import count_parameters
from sentiment.models.rendering import RenderedDataset
from sentiment.models.step import PromptTrainer
from sentiment.models.tokens import InstructionDataset, collate
from sentiment.profiles import TrainingSettings

CHECKPOINT_MARKER = "whole.json"


@dataclass(frozen=True)
class TrainingRecord:
    """What a training run did; kept beside the weights."""

    steps: int
    rows: int
    seconds: float
    """Of this process, from the first step or the checkpoint it resumed from."""
    precision: str
    parameters: dict[str, Any]
    losses: list[dict[str, float]]
    """Per logging step: `step` and `loss` or `eval_loss`."""
    resumed_from: int
    """Step of the checkpoint that the run went on from; 0 for a run from the start."""


def training_arguments(
    settings: TrainingSettings, *, work: Path, device: torch.device, seed: int, world_size: int = 1
) -> TrainingArguments:
    """The settings in transformers' terms (Q4.2).

    Several processes share the rows of an optimizer step, so a recipe means the same on any number
    of devices; `TrainingError` when they cannot be shared evenly.
    """
    if settings.train_batch_size % world_size:
        raise TrainingError(
            f"train_batch_size {settings.train_batch_size} cannot be shared by {world_size} processes; "
            f"use a multiple of {world_size}"
        )
    precision = precision_of(settings.precision, device)
    arguments = TrainingArguments(
        output_dir=str(work),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.train_batch_size // world_size,
        per_device_eval_batch_size=settings.eval_batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=device.type == "cpu",
        logging_strategy="steps",
        logging_steps=settings.logging_steps,
        logging_nan_inf_filter=False,  # it would hide the very thing we stop for
        eval_strategy=settings.eval_strategy,
        save_strategy="steps",
        save_steps=settings.save_steps,
        save_total_limit=2,
        seed=seed,
        data_seed=seed,
        dataloader_pin_memory=device.type == "cuda",
        ddp_find_unused_parameters=False,
        ddp_broadcast_buffers=False,  # ranks make different numbers of forward passes per step
        remove_unused_columns=False,
        report_to="none",
        disable_tqdm=True,
    )
    if arguments.n_gpu > 1:
        arguments._n_gpu = 1  # several visible devices without a launcher would mean DataParallel
    return arguments


class _Watch(TrainerCallback):
    """Shows progress, marks whole checkpoints, and makes none at the last step."""

    def __init__(self, description: str, shown: bool) -> None:
        self.description, self.shown = description, shown
        self.bar: tqdm | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar = tqdm(
            total=state.max_steps, initial=state.global_step, desc=self.description, unit="step",
            disable=not (self.shown and state.is_world_process_zero),
        )  # fmt: skip

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        assert self.bar is not None
        self.bar.update(state.global_step - self.bar.n)
        if state.global_step >= state.max_steps:
            control.should_save = False  # the weights themselves are stored next, at a third of the bytes

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        if self.bar is not None and logs and "loss" in logs:
            self.bar.set_postfix(loss=f"{float(logs['loss']):.3f}")

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        PartialState().wait_for_everyone()  # every process writes its own random state
        if state.is_world_process_zero:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            (folder / CHECKPOINT_MARKER).write_text(json.dumps({"step": state.global_step}))

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.bar is not None:
            self.bar.close()


def whole_checkpoint(work: Path) -> Path | None:
    """The newest checkpoint whose marker was written; torsos beside it are deleted by the main process."""
    found = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    whole = [path for path in found if (path / CHECKPOINT_MARKER).is_file()]
    for torso in set(found) - set(whole):
        if PartialState().is_main_process:
            shutil.rmtree(torso)
    return whole[-1] if whole else None


def train(
    model: PreTrainedModel | PeftModel,
    train_set: InstructionDataset | RenderedDataset,
    validation_set: InstructionDataset,
    arguments: TrainingArguments,
    *,
    token_budget: int,
    pad_id: int,
    consistency: float = 0.0,
    description: str = "training",
    progress: bool = True,
    note: Callable[[str], None] = print,
) -> TrainingRecord:
    """Train `model` in place; resume from the last whole checkpoint in `arguments.output_dir`.

    Raises `TrainingError` when the loss is not finite.
    """
    checkpoint = whole_checkpoint(Path(str(arguments.output_dir)))
    if checkpoint is not None:
        note(f"{description}: goes on from {checkpoint.name}")
    trainer = PromptTrainer(
        model=model,
        args=arguments,
        train_dataset=train_set,
        eval_dataset=validation_set,
        data_collator=partial(collate, pad_id=pad_id),
        callbacks=[_Watch(description, progress)],
        token_budget=token_budget,
        consistency=consistency,
    )
    trainer.remove_callback(PrinterCallback)
    begin = time.perf_counter()
    with quiet_loading():  # every checkpoint would show a bar of its own
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = time.perf_counter() - begin
    extract_model_from_parallel(model, keep_fp32_wrapper=False)  # or the model would stay in mixed precision
    history = [
        {key: float(value) for key, value in entry.items() if key in ("step", "loss", "eval_loss", "grad_norm")}
        for entry in trainer.state.log_history
        if "loss" in entry or "eval_loss" in entry
    ]
    return TrainingRecord(
        steps=trainer.state.global_step,
        rows=len(train_set),
        seconds=seconds,
        precision="bf16" if arguments.bf16 else "fp16" if arguments.fp16 else "fp32",
        parameters=asdict(count_parameters(model)),
        losses=history,
        resumed_from=int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0,
    )
