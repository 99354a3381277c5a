"""What one optimizer step costs: time and arithmetic of forward, backward and update, and where the memory goes.

Measured in a process of its own, so that the peak memory is that of these steps and of nothing before them.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM, set_seed

from sentiment.errors import DeviceError
from sentiment.models.arithmetic import Figures, Shape, step_flops
from sentiment.models.base import architecture
from sentiment.models.checks import ModelFolder
from sentiment.models.device import DTYPES, device_of, fitting_budget, precision_of, ran_out_of_memory
from sentiment.models.folders import load_model, load_tokenizer
from sentiment.models.frozen import frozen_in
from sentiment.models.method import Method, methods_of
from sentiment.models.parameters import count_parameters
from sentiment.models.step import micro_batches, supervised_logits
from sentiment.models.tokens import IGNORED, InstructionDataset, Renderer, collate
from sentiment.profiles import ModelSettings, Profile
from sentiment.types import Approach, Review

PARTS = ("forward", "backward", "optimizer")


@dataclass(frozen=True)
class StepCost:
    """One optimizer step on the same batch of rows, for one approach."""

    approach: str
    precision: str
    rows: int
    tokens: int
    """Positions computed, padding included."""
    supervised: int
    total: int
    trainable: int
    times: Mapping[str, Sequence[float]]
    """Seconds of each timed step, by part of the step."""
    flops: Mapping[str, int]
    """Matrix multiplications of forward and backward, as torch's counter has them."""
    formula: Mapping[str, int]
    """The same by the closed formula, see `arithmetic.step_flops`."""
    bytes: Mapping[str, int]
    """Of weights (in mixed precision with the casts that they are multiplied in), gradients, optimizer state, and
    activations kept for the backward pass."""
    peak: int
    """Bytes: most memory of the process, or of the CUDA device where one is used."""

    def with_times_of(self, other: StepCost) -> StepCost:
        """This cost, timed on the other's steps too."""
        return replace(self, times={part: [*times, *other.times[part]] for part, times in self.times.items()})


def step_cost(
    profile: Profile, approach: Approach, base: ModelFolder, reviews: Sequence[Review], steps: int
) -> StepCost:
    """The cost of a step on `reviews`, from `steps` of them after one that warms up.

    Raises `DeviceError` when memory runs out, or the process that measures dies.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(_measured, profile, approach, base, tuple(reviews), steps).result()
        except RuntimeError as error:
            if not isinstance(error, BrokenProcessPool) and not ran_out_of_memory(error):
                raise
            raise DeviceError(
                f"the process that measures a step of {approach} {_end_of(error)}; "
                f"lower train_batch_size or token_budget of [{approach}]"
            ) from None


def counted_flops(settings: ModelSettings, method: Method, shapes: Sequence[Shape]) -> dict[str, int]:
    """Matrix multiplications of forward and backward, as torch's counter has them, on the meta device.

    There nothing is computed, and attention is spelled out: the fused kernels of a CPU would not be counted.
    """
    with torch.device("meta"):
        whole: Any = AutoModelForCausalLM.from_config(architecture(settings), attn_implementation="eager")
        whole.tie_weights()
        model: Any = method.applied_to(whole)
    found = {"forward": 0, "backward": 0}
    for shape in shapes:
        ids = torch.zeros(shape.rows, shape.width, dtype=torch.long, device="meta")
        kept = torch.zeros(shape.rows, shape.supervised // shape.rows, dtype=torch.long, device="meta")
        mask = torch.zeros(shape.rows, 1, shape.width, shape.width, device="meta")  # ready made: nothing to look into
        with FlopCounterMode(display=False) as counter:
            logits = model(input_ids=ids, attention_mask=mask, use_cache=False, logits_to_keep=kept).logits
        found["forward"] += counter.get_total_flops()
        with FlopCounterMode(display=False) as counter:
            logits.sum().backward()
        found["backward"] += counter.get_total_flops()
    return found


def _measured(
    profile: Profile, approach: Approach, base: ModelFolder, reviews: tuple[Review, ...], steps: int
) -> StepCost:
    device, methods = device_of(profile), methods_of(profile)
    method = methods[approach]
    precision = precision_of(method.training.precision, device)
    set_seed(profile.seed)
    model: Any = method.applied_to(load_model(base, device))
    model.train()
    renderer = Renderer(load_tokenizer(base), profile.max_seq_length, needs_think_block=profile.model.needs_think_block)
    rows = InstructionDataset(reviews, renderer, profile.house_prompt)
    batch = {k: v.to(device) for k, v in collate([rows[i] for i in range(len(rows))], renderer.pad_id).items()}
    # all methods compute the same passes
    budget = fitting_budget(min(each.training.token_budget for each in methods.values()), device)
    parts = list(micro_batches(batch, budget))
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=method.training.learning_rate, fused=True)
    one_step = _Step(model, parts, optimizer, precision, device)
    with frozen_in(model, DTYPES[precision]) as frozen_casts:  # as in training
        times = [one_step.run() for _ in range(steps + 1)][1:]
        activations, trained_casts = one_step.saved_bytes()
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else _peak_of_process()
    counts, figures = count_parameters(model), Figures.of(architecture(profile.model).to_dict())
    shapes = [_shape(part) for part in parts]
    return StepCost(
        approach=approach.value,
        precision=precision,
        rows=len(rows),
        tokens=sum(shape.tokens for shape in shapes),
        supervised=sum(shape.supervised for shape in shapes),
        total=counts.total,
        trainable=counts.trainable,
        times={part: [each[part] for each in times] for part in PARTS},
        flops=counted_flops(profile.model, method, shapes),
        formula=step_flops(figures, shapes, counts.trainable if method.adapter else None),
        bytes={
            "weights": _size(model.parameters()) + frozen_casts + trained_casts,
            "gradients": _size(trained),
            "optimizer": _size(v for state in optimizer.state.values() for v in state.values()),
            "activations": activations,
        },
        peak=peak,
    )


@dataclass(frozen=True)
class _Step:
    """An optimizer step that computes every row whole, so that it can be held against a formula."""

    model: Any
    parts: Sequence[dict[str, Tensor]]
    optimizer: torch.optim.Optimizer
    precision: str
    device: torch.device

    def run(self) -> dict[str, float]:
        """One step; seconds by part."""
        seconds = dict.fromkeys(PARTS, 0.0)
        for part in self.parts:
            with _clocked(seconds, "forward", self.device):
                loss = self._loss(part)
            with _clocked(seconds, "backward", self.device):
                loss.backward()
        with _clocked(seconds, "optimizer", self.device):
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
        return seconds

    def saved_bytes(self) -> tuple[int, int]:
        """Most bytes that one pass keeps for its backward pass: of activations, and of casts of weights that train.

        The weights themselves are not counted.
        """
        weights = {parameter.untyped_storage().data_ptr() for parameter in self.model.parameters()}
        return max(self._saved(part, weights) for part in self.parts)

    def _saved(self, part: dict[str, Tensor], weights: set[int]) -> tuple[int, int]:
        activations: dict[int, int] = {}
        casts: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in weights:
                (casts if _is_cast_weight(tensor) else activations)[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            loss = self._loss(part)  # holds what was kept until it is counted
        found = sum(activations.values()), sum(casts.values())
        del loss
        return found

    def _loss(self, part: dict[str, Tensor]) -> Tensor:
        reduced = self.precision != "fp32"
        with torch.autocast(self.device.type, DTYPES[self.precision]) if reduced else nullcontext():
            logits, targets = supervised_logits(self.model, part["input_ids"], part["labels"])
        return F.cross_entropy(logits.float(), targets)


@contextmanager
def _clocked(seconds: dict[str, float], part: str, device: torch.device) -> Iterator[None]:
    wait: Callable[[], object] = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    wait()
    begin = time.perf_counter()
    yield
    wait()
    seconds[part] += time.perf_counter() - begin


def _end_of(error: RuntimeError) -> str:
    return "ran out of memory" if ran_out_of_memory(error) else "died, perhaps for want of memory"


def _shape(part: dict[str, Tensor]) -> Shape:
    """What `supervised_logits` computes of it: all positions but the last."""
    rows, width = part["input_ids"].shape
    return Shape(rows, width - 1, int((part["labels"][:, 1:] != IGNORED).sum()))


def _is_cast_weight(tensor: Tensor) -> bool:
    """Whether a tensor of the graph is a weight that trains, in another number format or transposed."""
    node: Any = tensor.grad_fn
    while node is not None and len(node.next_functions) == 1:
        node = node.next_functions[0][0]
    weight = getattr(node, "variable", None)  # where the chain ends at a leaf
    return weight is not None and weight.numel() == tensor.numel()


def _size(tensors: Any) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _peak_of_process() -> int:
    """Bytes, of this process alone.

    On Linux the kernel's count for the address space: that of `getrusage` starts with the memory of the process that
    started this one (`exec_mmap` in the kernel's fs/exec.c).
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
