"""One training loop for full fine-tuning and for low-rank adapters, on `transformers.Trainer`.

What differs from a plain Trainer changes speed and memory, never the gradients:
- logits and loss only at supervised positions;
- a batch is split into micro-batches of similar length within a token budget;
- the beginning that all rows of a micro-batch share is computed once (`prefix.py`).
With adapter dropout the shared beginning gets one dropout draw for all rows instead of one each.
"""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import extract_model_from_parallel
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm
from transformers import PreTrainedModel, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from sentiment.errors import TrainingError
from sentiment.models.batches import PASS_OVERHEAD, cheapest_batches
from sentiment.models.device import precision_of
from sentiment.models.dropout import cheapen_dropout
from sentiment.models.folders import quiet_loading
from sentiment.models.prefix import prefix_cache, suffix_logits
from sentiment.models.tokens import IGNORED, InstructionDataset, collate
from sentiment.profiles import AdapterSettings, TrainingSettings

CHECKPOINT_MARKER = "whole.json"
ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]


@dataclass(frozen=True)
class ParameterCount:
    """Sizes of a model (Q4.1)."""

    total: int
    """Parameters of the model without an adapter; shared ones counted once."""
    trainable: int
    percent: float
    """Trainable, in percent of the model without an adapter."""


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


def count_parameters(model: nn.Module) -> ParameterCount:
    """Total, trainable and percentage (Q4.1); adapter weights count as trainable, not as the model's own."""
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    total = sum(size for name, size in sizes.items() if "lora_" not in name)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return ParameterCount(total, trainable, 100 * trainable / total)


def add_adapter(model: PreTrainedModel, settings: AdapterSettings) -> PeftModel:
    """The model with a fresh low-rank adapter (Q5.1); only the adapter trains."""
    targets: list[str] | str = ATTENTION if settings.targets == "attention" else "all-linear"
    config = LoraConfig(
        r=settings.r,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        bias="none",
        task_type="CAUSAL_LM",
    )
    with quiet_loading():
        adapted = get_peft_model(model, config)
    cheapen_dropout(adapted)
    return adapted


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


class PromptTrainer(Trainer):
    """A Trainer whose step costs only what the gradient needs."""

    def __init__(self, *args: Any, token_budget: int, share_prefix: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token_budget = token_budget
        self.share_prefix = share_prefix
        self.model_accepts_loss_kwargs = True  # the token count of the whole optimizer step is used below

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Forward and backward over one batch, micro-batch by micro-batch; returns the batch's loss."""
        model.train()
        inputs = self._prepare_inputs(inputs)
        if num_items_in_batch is None:
            num_items_in_batch = (inputs["labels"] != IGNORED).sum()
        total = torch.zeros((), device=self.args.device)
        parts = list(micro_batches(inputs, self.token_budget))
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            with contextlib.nullcontext() if last else self.accelerator.no_sync(model):
                with self.accelerator.autocast():  # one cache of cast weights for prefix and suffix
                    loss = self.compute_loss(model, part, num_items_in_batch=num_items_in_batch)
                self.accelerator.backward(loss)
            total += loss.detach()
        if not torch.isfinite(total):
            raise TrainingError(
                f"the loss is {total.item()} after {self.state.global_step} of {self.state.max_steps} steps; "
                f"lower learning_rate (now {self.args.learning_rate:g}) or use precision = 'fp32'"
            )
        return total

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Mean cross-entropy over supervised tokens; over the whole optimizer step's when their number is given."""
        logits, targets = supervised_logits(model, inputs["input_ids"], inputs["labels"], self.share_prefix)
        loss = F.cross_entropy(logits.float(), targets, reduction="sum")
        if num_items_in_batch is None:
            loss = loss / targets.numel()
        else:  # distributed training averages over processes, the token count is of all of them
            loss = loss / num_items_in_batch * self.accelerator.num_processes
        return (loss, {"logits": logits}) if return_outputs else loss

    def prediction_step(
        self, model: nn.Module, inputs: dict[str, Any], prediction_loss_only: bool, ignore_keys: Any = None
    ) -> tuple[Tensor, None, None]:
        """The loss of one evaluation batch; its logits are never needed."""
        inputs = self._prepare_inputs(inputs)
        supervised = (inputs["labels"] != IGNORED).sum()
        with torch.no_grad():
            parts = [
                self.compute_loss(model, part, num_items_in_batch=supervised) / self.accelerator.num_processes
                for part in micro_batches(inputs, self.token_budget)
            ]
        return torch.stack(parts).sum(), None, None


def micro_batches(inputs: dict[str, Tensor], budget: int) -> Iterator[dict[str, Tensor]]:
    """The batch in parts of similar length within a token budget, padding trimmed."""
    lengths = _lengths(inputs["labels"])
    overhead = PASS_OVERHEAD[inputs["labels"].device.type] + shared_prefix(inputs["input_ids"], inputs["labels"])
    for rows in cheapest_batches(lengths, budget, overhead):
        width = max(lengths[row] for row in rows)
        yield {name: inputs[name][rows, :width] for name in ("input_ids", "labels")}


def supervised_logits(
    model: nn.Module, ids: Tensor, labels: Tensor, share_prefix: bool = True
) -> tuple[Tensor, Tensor]:
    """Logits at the positions that predict a supervised token, and those tokens: (N, V) and (N,).

    `ids`, `labels`: (B, T), right-padded.
    """
    shared = shared_prefix(ids, labels) if share_prefix else 0
    ids, targets = ids[:, :-1], labels[:, 1:]  # nothing follows the last token
    keep = targets[:, shared:] != IGNORED
    cache = prefix_cache(model, ids[0, :shared]) if shared else None
    return suffix_logits(model, ids[:, shared:], cache, keep), targets[:, shared:][keep]


def shared_prefix(ids: Tensor, labels: Tensor) -> int:
    """Tokens that all rows begin with, ending before the first position that predicts a supervised token."""
    if len(ids) < 2:
        return 0
    same = (ids == ids[0]).all(dim=0).long().cumprod(dim=0).sum()
    first_supervised = (labels != IGNORED).long().argmax(dim=1).min()
    return max(0, int(torch.minimum(same, first_supervised - 1)))


def _lengths(labels: Tensor) -> list[int]:
    """Row lengths without padding: the answer is the end of a row."""
    supervised = (labels != IGNORED).long()
    return (labels.shape[1] - supervised.flip(1).argmax(dim=1)).tolist()


class _Watch(TrainerCallback):
    """Shows progress and marks whole checkpoints."""

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
    train_set: InstructionDataset,
    validation_set: InstructionDataset,
    arguments: TrainingArguments,
    *,
    token_budget: int,
    pad_id: int,
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
    if any(not math.isfinite(entry.get("loss", 0.0)) for entry in history):
        raise TrainingError(
            f"{description}: a logged loss is not finite; lower learning_rate or use precision = 'fp32'"
        )
    return TrainingRecord(
        steps=trainer.state.global_step,
        rows=len(train_set),
        seconds=seconds,
        precision="bf16" if arguments.bf16 else "fp16" if arguments.fp16 else "fp32",
        parameters=asdict(count_parameters(model)),
        losses=history,
        resumed_from=int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0,
    )
