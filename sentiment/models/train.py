"""One training loop for full fine-tuning and for low-rank adapters, on `transformers.Trainer`."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import extract_model_from_parallel
from peft import PeftModel
from transformers import PreTrainedModel, PrinterCallback, TrainerCallback, TrainingArguments

from sentiment import cache
from sentiment.errors import TrainingError, reason_of
from sentiment.files import remove
from sentiment.models.device import precision_of, ran_out_of_memory
from sentiment.models.folders import quiet_loading
from sentiment.models.parameters import count_parameters
from sentiment.models.rendering import RenderedDataset
from sentiment.models.step import PromptTrainer
from sentiment.models.tokens import InstructionDataset, collate
from sentiment.predictors.progress import Progress
from sentiment.profiles import TrainingSettings

CHECKPOINT_MARKER = "whole.json"
LINES_AT_LEAST = 5
"""Parts of a training that a log hears of, however fast it is."""

Note = Callable[[str], object]


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
    """Shows progress, marks whole checkpoints, makes them behind an epoch's evaluation, and none at the last step."""

    def __init__(self, description: str, shown: bool, note: Note) -> None:
        self.description, self.shown, self.note = description, shown, note
        self.progress: Progress | None = None
        self.took_a_step = False
        self._owed = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.shown and state.is_world_process_zero:
            self.progress = Progress(
                state.max_steps, self.note, unit="steps", begun=state.global_step, shares=LINES_AT_LEAST
            )
            self.progress.describe(self.description)

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.took_a_step = True

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.progress is not None:
            self.progress.advance()
        if state.global_step >= state.max_steps:
            control.should_save = False  # the weights themselves are stored next, at a third of the bytes
        elif control.should_save and float(state.epoch).is_integer():
            # the evaluation at an epoch's end draws random numbers: a checkpoint from before it would go on with others
            control.should_save, self._owed = False, True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._owed:
            control.should_save, self._owed = True, False

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        if self.progress is not None and logs and "loss" in logs:
            self.progress.describe(self.description, f"loss {float(logs['loss']):.3f}")

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        PartialState().wait_for_everyone()  # every process writes its own random state
        if state.is_world_process_zero:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            cache.mark(folder, {"step": state.global_step}, CHECKPOINT_MARKER)

    def close(self) -> None:
        """Take the bar away, also of a training that was stopped."""
        if self.progress is not None:
            self.progress.close()
            self.progress = None


def whole_checkpoint(work: Path, note: Note = print) -> Path | None:
    """The newest checkpoint whose every byte is what its marker says.

    Newer ones that are torn or damaged are deleted by the main process, and said.
    """
    found = sorted(work.glob("checkpoint-*"), key=_step, reverse=True)
    for checkpoint in found:
        entry = cache.read_entry(checkpoint, CHECKPOINT_MARKER)
        damaged = cache.verify_entry(entry) if entry is not None else "it was not written to its end"
        if damaged is None:
            return checkpoint
        _delete(checkpoint, damaged, note)
    return None


def _step(checkpoint: Path) -> int:
    """Of its name; what is called otherwise is older than all."""
    step = checkpoint.name.rpartition("-")[2]
    return int(step) if step.isdecimal() else -1


@contextmanager
def _resuming(work: Path, checkpoint: Path | None, watch: _Watch, note: Note) -> Iterator[None]:
    """What goes wrong before the first step from a checkpoint is the checkpoint's fault: it is deleted, so that the
    next run goes on from an earlier one or the start. The model may hold half of it by then. Raises `TrainingError`."""
    try:
        yield
    except Exception as error:
        _drop_torsos(work)
        if checkpoint is None or watch.took_a_step or ran_out_of_memory(error):
            raise
        said = reason_of(error)
        _delete(checkpoint, said, note)
        raise TrainingError(f"{checkpoint.name} could not be resumed from: {said}; run again, without it") from None
    finally:
        watch.close()


def _drop_torsos(work: Path) -> None:
    """Give back the room of a checkpoint that the disk did not take whole."""
    if PartialState().is_main_process:
        for checkpoint in work.glob("checkpoint-*"):
            if not (checkpoint / CHECKPOINT_MARKER).is_file():
                shutil.rmtree(checkpoint, ignore_errors=True)
        with suppress(OSError):  # there is something to go on from
            work.rmdir()


def _delete(checkpoint: Path, why: str, note: Note) -> None:
    if PartialState().is_main_process:
        note(f"{checkpoint} cannot be resumed from ({why}) and is deleted")
        with cache.storing(checkpoint):
            remove(checkpoint)


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
    note: Note = print,
) -> TrainingRecord:
    """Train `model` in place; resume from the last whole checkpoint in `arguments.output_dir`.

    Raises `TrainingError` when the loss is not finite, `CacheError` when a checkpoint cannot be written.
    """
    work = Path(str(arguments.output_dir))
    checkpoint = whole_checkpoint(work, note)
    if checkpoint is not None:
        note(f"{description}: goes on from {checkpoint.name}")
    watch = _Watch(description, progress, note)
    with cache.storing(work), _resuming(work, checkpoint, watch, note), quiet_loading():  # every checkpoint has a bar
        trainer = PromptTrainer(
            model=model,
            args=arguments,
            train_dataset=train_set,
            eval_dataset=validation_set,
            data_collator=partial(collate, pad_id=pad_id),
            callbacks=[watch],
            token_budget=token_budget,
            consistency=consistency,
        )
        trainer.remove_callback(PrinterCallback)
        begin = time.perf_counter()
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
        resumed_from=_step(checkpoint) if checkpoint else 0,
    )
