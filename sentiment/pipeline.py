"""The order of things: profile -> reviews -> base model -> weights -> predictor. Nothing else knows it.

torch is imported on first use, so that `--help` and input checks answer at once.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment import cache
from sentiment.behavior.judge import queries_of
from sentiment.data.assets import offline_reason, sentences_files
from sentiment.data.joined import with_joined
from sentiment.data.pools import Pools, fingerprint, make_pools
from sentiment.data.sentences import clear_ids, disputed_sentences
from sentiment.data.sources import load_source
from sentiment.data.text import text_digest
from sentiment.errors import BehaviorError, DamagedError, ModelError
from sentiment.floors import ConstantPredictor, WordCountPredictor
from sentiment.profiles import AdapterSettings, Profile, load_profile
from sentiment.robust import Calibrated, Canonical, Ensemble, Forced, Strategy
from sentiment.types import Approach, Behavior, Case, Label, Material, Predictor, Query, Review
from sentiment.wordings import training_prompts

if TYPE_CHECKING:
    import torch

    from sentiment.models.checks import ModelFolder
    from sentiment.models.given import Given, Weights
    from sentiment.models.predictions import StoredPredictor
    from sentiment.models.score import ModelPredictor
    from sentiment.models.store import Recipe
    from sentiment.models.tokens import Renderer

QUICK_ROWS = 240
"""Training rows of a quick run whose full weights are not stored."""
PROBE = (
    "A film without a dull minute, and the best thing that its director has done.",
    "Two hours that feel like five. Nobody seems to know why they are there; I left before the end!",
    "x",
)
"""Texts on which a foreign adapter is merged on trial."""

Note = Callable[[str], None]


@dataclass(frozen=True)
class Workbench:
    """A profile at work: each thing is made on first use, and then kept."""

    profile: Profile
    weights_path: Path | None = None
    """Weights trained elsewhere, judged in place of the profile's own."""
    on_base: str | None = None
    """Folder or hub id of the base that an adapter given by path is judged on, where that is not what it names."""
    quick: bool = False
    progress: bool = True
    note: Note = print
    _cases: dict[str, list[Case]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By behavior: approaches share them."""

    @cached_property
    def device(self) -> torch.device:
        """Raises `DeviceError` when the profile asks for CUDA and there is none."""
        from sentiment.models.device import device_of

        return device_of(self.profile)

    @cached_property
    def pools(self) -> Pools:
        """The profile's reviews. Raises `DataError` or `AssetError`."""
        data = self.profile.data
        pools = make_pools(load_source(data, self.note), data, data.seed)
        for line in pools.summary():
            self.note(line)
        return pools

    @cached_property
    def base(self) -> ModelFolder:
        """The untrained model. Raises `ModelError` or `AssetError`."""
        from sentiment.models.base import base_model

        return base_model(self.profile.model, self.note)

    @cached_property
    def given(self) -> Given | None:
        """What lies in the folder given by path, read but not loaded. Raises `ModelError` when it cannot be judged."""
        from sentiment.models.given import read_given

        if self.weights_path is not None:
            return read_given(self.weights_path, self.profile.model, self.on_base)
        if self.on_base is not None:
            raise ModelError(
                f"--on-base {self.on_base} says what an adapter given with --weights is judged on; give both"
            )
        return None

    @cached_property
    def material(self) -> Material:
        """What behaviors draw from."""
        data = self.profile.data
        pools = Material(self.profile.house_prompt, self.pools.test, self.pools.suite, data.seed)
        if data.source != "sentences":
            return pools
        files = sentences_files(self.note)
        plain = clear_ids(*files)
        clear = tuple(review for review in self.pools.suite if review.id in plain)
        return dataclasses.replace(pools, disputed=disputed_sentences(*files), clear=clear)

    def cases_of(self, behavior: Behavior) -> list[Case]:
        """The behavior's cases; in a quick run the first few.

        Raises `LeakError` when one shows a text that models may be trained on, `BehaviorError` when two
        share an id, `NotApplicableError` where the profile's data cannot feed the behavior.
        """
        if behavior.name not in self._cases:
            self._cases[behavior.name] = self._checked_cases(behavior)
        return self._cases[behavior.name]

    def _checked_cases(self, behavior: Behavior) -> list[Case]:
        who = f"behavior {behavior.name!r}{f' of {behavior.place}' if behavior.place else ''}"
        cases = list(behavior.cases(self.material))
        counts = Counter(case.id for case in cases)
        if len(counts) < len(cases):
            raise BehaviorError(f"{who} has two cases {counts.most_common(1)[0][0]}: drop one")
        if self.quick:
            cases = cases[: behavior.quick]
        self.pools.refuse_trained_on((query.text for query in queries_of(cases)), who)
        return cases

    def varied(self, **training: Any) -> Workbench:
        """A workbench whose profile trains differently (`seed`, `rendering`); reviews and base model are shared."""
        other = dataclasses.replace(self, profile=self.profile.model_copy(update=training))
        shared = ("pools", "base", "material", "device")
        other.__dict__.update({name: self.__dict__[name] for name in shared if name in self.__dict__})
        return other

    @cached_property
    def floors(self) -> list[Predictor]:
        """What a useful classifier must beat: a constant, and word counts learnt from the same rows (from all of
        them also in a quick run)."""
        return [ConstantPredictor(Label.POSITIVE), WordCountPredictor.fit(self.training_rows)]

    @cached_property
    def training_rows(self) -> tuple[Review, ...]:
        """The reviews that sft and lora learn from, as the profile has them joined.

        Raises `LeakError` when one belongs to another pool.
        """
        self.pools.refuse_foreign(self.pools.train, "train")
        self.pools.refuse_foreign(self.pools.validation, "validation")
        return with_joined(self.pools.train, self.profile.data.joined, self.profile.data.seed)

    def learnt_from(self, approach: Approach) -> frozenset[str] | None:
        """Digests of the texts that the approach was trained on; None for weights given by path: nobody knows."""
        if self.weights_path is not None:
            return None
        if approach is Approach.BASE:
            return frozenset()
        return frozenset(text_digest(review.text) for review in (*self.pools.train, *self.training_rows))

    def recipe(self, approach: Approach, rows: tuple[Review, ...] | None = None) -> Recipe:
        """How `sft` or `lora` is trained, on the profile's training rows unless others are given.

        Raises `LeakError` when a training text belongs to another pool.
        """
        from sentiment.models.store import Recipe

        validation = self.pools.validation
        if rows is not None:
            self.pools.refuse_foreign(rows, "train")
            return Recipe(self.profile, approach, self.base, rows, validation, fingerprint(rows), self.device)
        rows = self.training_rows
        full = Recipe(self.profile, approach, self.base, rows, validation, fingerprint(rows), self.device)
        if not self.quick or cache.read_entry(full.folder) is not None:
            return full
        few = self.pools.train[:QUICK_ROWS]
        return dataclasses.replace(full, train=few, data_fingerprint=fingerprint(few))

    def weights(self, approach: Approach, rows: tuple[Review, ...] | None = None) -> Weights:
        """The weights to judge: given by path, or the profile's own, trained now when they are not stored;
        `rows` as in `recipe`."""
        from sentiment.models.given import Weights, given_weights
        from sentiment.models.store import stored_weights

        if self.given is not None and rows is None:
            return given_weights(self.given, lambda: self.base, self._other_base)
        if approach is Approach.BASE:
            return Weights(self.base, None, self.base.fingerprint)

        def stored() -> Weights:
            recipe = self.recipe(approach, rows)
            weights = stored_weights(recipe, progress=self.progress, note=self.note)
            cache.drop_work(recipe.folder)
            return weights

        try:
            return stored()
        except DamagedError as error:
            self._build_anew(error)
            return stored()

    def _other_base(self, named: str) -> ModelFolder:
        from sentiment.models.base import base_model

        return base_model(self.profile.model.model_copy(update={"id": named, "source": "hub", "revision": None}))

    def _build_anew(self, error: DamagedError) -> None:
        """Say what was damaged, and see to it that it is not trusted again; weights given by path are not ours."""
        if self.given is not None and error.folder == self.given.path:
            raise ModelError(f"{error}; copy it again from where it was trained") from None
        self.note(f"{error}; it is built anew")
        cache.distrust(error.folder)
        self.__dict__.pop("base", None)  # it may be that

    def record(self, approach: Approach) -> dict[str, Any]:
        """What is known of how the approach was trained; empty for base and for weights given by path."""
        from sentiment.models.store import training_record

        if approach is Approach.BASE or self.weights_path is not None:
            return {}
        record = training_record(self.recipe(approach))
        return {key: value for key, value in record.items() if key not in ("losses", "recipe")}

    def renderer(self, weights: Weights) -> Renderer:
        """The one renderer of training and scoring, for the tokenizer of these weights."""
        from sentiment.models.folders import tokenizer_of
        from sentiment.models.tokens import Renderer

        profile = self.profile
        return Renderer(
            tokenizer_of(weights), profile.max_seq_length, needs_think_block=profile.model.needs_think_block
        )

    @property
    def scoring_precision(self) -> str:
        """Number format of the first look at a query."""
        from sentiment.models.device import precision_of

        return precision_of(self.profile.scoring.precision, self.device)

    def predictor(self, approach: Approach, rows: tuple[Review, ...] | None = None) -> StoredPredictor:
        """The approach as a predictor that remembers its answers; weights are trained now if need be, and
        loaded only for a query that was never asked. `rows` as in `recipe`."""
        from sentiment.models.predictions import StoredPredictor
        from sentiment.models.score import SCORING_VERSION

        weights = self.weights(approach, rows)
        facts = {
            "weights": weights.fingerprint,
            "version": SCORING_VERSION,
            "precision": self.scoring_precision,
            "max_seq_length": self.profile.max_seq_length,
            "max_new_tokens": self.profile.scoring.max_new_tokens,
        }
        own = cache.digest_of(facts)

        def load() -> ModelPredictor:
            try:
                return self.scorer(approach.value, weights, own)
            except DamagedError as error:
                self._build_anew(error)
            anew = self.weights(approach, rows)
            if anew.fingerprint != weights.fingerprint:  # another machine's training: answers would get a wrong key
                raise ModelError(f"{approach}: what was damaged is built anew, with other weights; run again")
            return self.scorer(approach.value, anew, own)

        return StoredPredictor(approach.value, own, load, self.note)

    def asking(self, predictor: Predictor, strategy: Strategy) -> Predictor:
        """The predictor, asked in a way that depends less on the wording; sizes as in the profile's `study`."""
        house, sizes = self.profile.house_prompt, self.profile.study
        if strategy is Strategy.CANONICAL:
            return Canonical(predictor, house)
        if strategy is Strategy.FORCED:
            return Forced(predictor)
        if strategy is Strategy.CALIBRATED:  # texts that no training saw: it is surer of those that it did
            return Calibrated(predictor, tuple(review.text for review in self.pools.validation[: sizes.unlabelled]))
        if strategy is Strategy.ENSEMBLE:
            return Ensemble(predictor, training_prompts(sizes.ensemble, self.profile.data.seed, house))
        return predictor

    def scorer(self, name: str, weights: Weights, fingerprint: str = "") -> ModelPredictor:
        """The model itself, loaded and ready to answer."""
        from sentiment.models.device import fitting_budget
        from sentiment.models.folders import check_vocabulary, load_scored
        from sentiment.models.score import ModelPredictor

        scoring, renderer = self.profile.scoring, self.renderer(weights)
        probe = [row.ids for row in renderer.encode([Query(self.profile.house_prompt, text) for text in PROBE])]
        model = load_scored(weights, self.device, probe, self.note)
        check_vocabulary(model, renderer.tokenizer, weights.path)
        return ModelPredictor(
            name,
            fingerprint,
            model,
            renderer,
            precision=self.scoring_precision,
            token_budget=fitting_budget(scoring.token_budget, self.device),
            max_new_tokens=scoring.max_new_tokens,
            note=self.note,
        )


def chosen_profile(wanted: str | None) -> tuple[Profile, str]:
    """The profile to run, and in words why that one.

    Unnamed, it is `qwen3` where CUDA is present and `smollm2` elsewhere.
    """
    if wanted is not None:
        return load_profile(wanted), "asked for"
    import torch

    if torch.cuda.is_available():
        return load_profile("qwen3"), f"default where an accelerator is present ({torch.cuda.get_device_name()})"
    return load_profile("smollm2"), "default without an accelerator"


def go_offline_if_asked() -> None:
    """Let `SENTIMENT_OFFLINE` speak for the hub's libraries too; call it before they are imported."""
    if offline_reason() is not None:
        os.environ["HF_HUB_OFFLINE"] = "1"


def run_facts(workbench: Workbench) -> dict[str, Any]:
    """What identifies a run: settings, device, versions, commit. `adapter` is what lora is, if it is trained here."""
    from sentiment.models.device import describe

    profile = workbench.profile
    base = workbench.given.base if workbench.given else None
    return {
        "profile": profile.name,
        "model": profile.model.id,
        "weights": str(workbench.weights_path) if workbench.weights_path else None,
        "base": base.says if base else None,
        "base_verified": base.verified if base else None,
        "adapter": None if workbench.given else _in_words(profile.adapter),
        "device": describe(workbench.device),
        "dtype": workbench.scoring_precision,
        "data": profile.data.path or profile.data.source,
        "seed": profile.seed,
        "quick": workbench.quick,
        "promises": profile.promises,
        "accuracy_floor": {} if workbench.quick else dict(profile.accuracy_floor),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("sentiment-behavior", "torch", "transformers", "peft")},
        },
        "commit": _commit(),
    }


def _in_words(adapter: AdapterSettings) -> str:
    return f"LoRA r {adapter.r}, alpha {adapter.alpha}, dropout {adapter.dropout:g}, {adapter.targets}"


def _commit() -> str | None:
    with suppress(OSError, subprocess.CalledProcessError):
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()
    return None
