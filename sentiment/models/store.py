"""Trained weights on disk, one folder per recipe: trained when absent, loaded when there.

A folder is named by the hash of everything that changes its weights. It holds a safetensors model (sft)
or a PEFT adapter (lora), and `record.json` about the training.
"""

from __future__ import annotations

import copy
import gc
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase, set_seed

from sentiment import cache
from sentiment.errors import TrainingError
from sentiment.files import digest_of
from sentiment.models.checks import AdapterFolder, ModelFolder
from sentiment.models.device import fitting_budget, precision_of, ran_out_of_memory
from sentiment.models.folder_files import folder_fingerprint, json_object
from sentiment.models.folders import load_model, load_tokenizer, quiet_loading
from sentiment.models.given import Weights
from sentiment.models.merging import MERGE_TOLERANCE, merged
from sentiment.models.method import Method, methods_of
from sentiment.models.rendering import RAW_VERSION, rendered
from sentiment.models.tokens import InstructionDataset, Renderer, collate
from sentiment.models.train import TrainingRecord, train, training_arguments
from sentiment.profiles import Profile, RenderingSettings
from sentiment.prompting.wordings import training_prompts
from sentiment.types import Approach, Review

RECORD = "record.json"
"""What is known of a training, beside its weights."""
TRAINING_VERSION = 5
"""Raised by hand when a change could alter trained weights; weights of other versions are not used."""
SPEED_ONLY = {"eval_batch_size", "token_budget", "logging_steps", "eval_strategy", "save_steps", "precision"}
"""Training settings that change weights at most by rounding and by which dropout draws fall where; the
resolved precision is kept apart."""

Note = Callable[[str], None]


@dataclass(frozen=True)
class Recipe:
    """Everything that a training run depends on."""

    profile: Profile
    approach: Approach
    base: ModelFolder
    train: tuple[Review, ...]
    validation: tuple[Review, ...]
    data_fingerprint: str
    device: torch.device

    @property
    def method(self) -> Method:
        """The profile's way of training the approach."""
        return methods_of(self.profile)[self.approach]

    @property
    def facts(self) -> dict:
        """What names the folder."""
        settings, adapter = self.method.training, self.method.adapter
        return self._rendering | {
            "version": TRAINING_VERSION,
            "approach": self.approach.value,
            "base": self.base.fingerprint,
            "prompt": self.profile.house_prompt.digest,
            "max_seq_length": self.profile.max_seq_length,
            "data": self.data_fingerprint,
            "training": settings.model_dump(exclude=SPEED_ONLY),
            "precision": precision_of(settings.precision, self.device),
            "adapter": adapter.model_dump() if adapter else None,
            "seed": self.profile.seed,
        }

    @property
    def digest(self) -> str:
        """The same for trainings that differ in their seed or device alone."""
        return recipe_digest(self.facts)

    @property
    def _rendering(self) -> dict:
        """How the rows are rendered, where that is not the plain way."""
        rendering = self.profile.rendering
        if rendering == RenderingSettings():
            return {}
        if rendering.form != "instruction":
            return {"rendering": rendering.model_dump(), "version of raw rows": RAW_VERSION}
        wordings = training_prompts(rendering.wordings, self.profile.data.seed, self.profile.house_prompt)
        return {"rendering": rendering.model_dump(), "wordings": [prompt.digest for prompt in wordings]}

    @property
    def folder(self) -> Path:
        """Where the weights are, or will be."""
        name = f"{self.profile.slug}-{self.approach}-{cache.digest_of(self.facts)}"
        return cache.cache_root() / "weights" / name


def stored_weights(recipe: Recipe, *, progress: bool = True, note: Note = print) -> Weights:
    """The recipe's weights, trained now when they are not stored.

    Several processes of one launch (`accelerate launch`, `torchrun`) train together: the first one holds
    the lock for all. Unrelated processes wait and then read. Raises `TrainingError`.
    """
    path = recipe.folder
    state = PartialState(cpu=recipe.device.type == "cpu")
    if not _agreed(cache.read_entry(path) is not None, state):
        with cache.locked(path, note) if state.is_main_process else nullcontext():
            if not _agreed(cache.read_entry(path) is not None, state):
                _train(recipe, path, state, progress, note if state.is_main_process else lambda _: None)
        gc.collect()  # what trained is full of cycles, and its memory is wanted for scoring
        if recipe.device.type == "cuda":
            torch.cuda.empty_cache()
    return _weights(recipe, path)


def training_record(recipe: Recipe) -> dict:
    """What is known of the stored weights' training, as written then."""
    return json.loads((recipe.folder / RECORD).read_text())


def recipe_digest(facts: Mapping[str, Any]) -> str:
    """Of a recipe's facts, without what is another one in every training of it."""
    return digest_of({name: value for name, value in facts.items() if name not in ("seed", "precision")})


def recipe_of(folder: Path) -> str:
    """Digest of the recipe by which weights in a folder were trained, as a training of ours wrote down; empty for
    weights of others. Raises `ModelError` for a record that cannot be read."""
    if not (folder / RECORD).is_file():
        return ""
    recipe = json_object(folder, RECORD, "").get("recipe")
    return recipe_digest(recipe) if isinstance(recipe, dict) else ""


def _weights(recipe: Recipe, path: Path) -> Weights:
    own = folder_fingerprint(path)
    if recipe.method.adapter is None:
        return Weights(ModelFolder(path, own), None, own)
    adapter = AdapterFolder(path, own, str(recipe.base.path))
    return Weights(recipe.base, adapter, cache.digest_of([recipe.base.fingerprint, own]))


def _agreed(found: bool, state: PartialState) -> bool:
    """The main process's answer, in every process of the launch."""
    if state.num_processes == 1:
        return found
    answer = [found]
    broadcast_object_list(answer, from_process=0)
    return answer[0]


def _train(recipe: Recipe, path: Path, state: PartialState, progress: bool, note: Note) -> None:
    note(f"{recipe.approach}: no stored weights for this recipe; training on {len(recipe.train)} reviews")
    settings = recipe.method.training
    prompt = recipe.profile.house_prompt
    work = path.with_name(path.name + ".work")  # the Trainer's pickled resume files live and die here
    tokenizer = load_tokenizer(recipe.base)
    renderer = Renderer(
        tokenizer, recipe.profile.max_seq_length, needs_think_block=recipe.profile.model.needs_think_block
    )
    untrained = load_model(recipe.base, recipe.device)
    set_seed(recipe.profile.seed)
    model = recipe.method.applied_to(untrained)
    validation = InstructionDataset(recipe.validation, renderer, prompt)
    rows = rendered(recipe.train, renderer, recipe.profile)
    arguments = training_arguments(
        settings, work=work, device=recipe.device, seed=recipe.profile.seed, world_size=state.num_processes
    )
    budget = fitting_budget(settings.token_budget, recipe.device)
    with _memory_named(recipe.approach, settings.token_budget, budget):
        record = train(
            model,
            rows,
            validation,
            arguments,
            token_budget=budget,
            pad_id=renderer.pad_id,
            consistency=recipe.profile.rendering.consistency,
            description=f"{recipe.approach}: training",
            progress=progress,
            note=note,
        )
    if state.is_main_process:
        drift = merge_drift(model, validation, renderer.pad_id) if isinstance(model, PeftModel) else None

        def fill(folder: Path) -> None:
            _save(model, tokenizer, folder, record, drift, recipe)

        cache.fill_aside(path, recipe.facts, fill)
        shutil.rmtree(work, ignore_errors=True)
    state.wait_for_everyone()


@contextmanager
def _memory_named(approach: Approach, asked: int, budget: int) -> Iterator[None]:
    """Memory that runs out as a `TrainingError` that names the setting to lower."""
    try:
        yield
    except RuntimeError as error:
        if not ran_out_of_memory(error):
            raise
        raise TrainingError(
            f"{approach}: out of memory in training with passes of up to {budget:,} tokens; "
            f"lower token_budget of [{approach}], now {asked:,}"
        ) from error


def _save(
    model: PreTrainedModel | PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    record: TrainingRecord,
    drift: float | None,
    recipe: Recipe,
) -> None:
    with quiet_loading():
        model.save_pretrained(str(folder))
    if isinstance(model, PeftModel):
        (folder / "README.md").unlink(missing_ok=True)  # a template about nothing
    else:
        tokenizer.save_pretrained(folder)
    facts = {**asdict(record), "merge_drift": drift, "recipe": recipe.facts}
    (folder / RECORD).write_text(json.dumps(facts, indent=1))


def merge_drift(model: PeftModel, rows: InstructionDataset, pad_id: int, count: int = 8) -> float:
    """Largest logit difference between the adapted and the merged model on a few rows; `model` stays as it is.

    Raises `TrainingError` when it is more than rounding explains.
    """
    batch = collate([rows[i] for i in range(min(count, len(rows)))], pad_id)
    ids = batch["input_ids"].to(model.device)
    model.eval()
    with torch.inference_mode():
        apart = model(input_ids=ids, logits_to_keep=1).logits.float()
        together = merged(copy.deepcopy(model))(input_ids=ids, logits_to_keep=1).logits.float()
    drift = float((apart - together).abs().max())
    if not drift <= MERGE_TOLERANCE:
        raise TrainingError(f"merging the adapter moved a logit by {drift:g}, more than {MERGE_TOLERANCE:g}")
    return drift
