"""A profile at work: profile -> reviews -> base model -> weights -> subject.

torch is imported on first use, so that `--help` and input checks answer at once.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment import cache
from sentiment.data.pools import fingerprint
from sentiment.errors import DamagedError, ModelError
from sentiment.paths import at_home
from sentiment.pipeline.corpus import Corpus
from sentiment.predictors.stored import StoredPredictor
from sentiment.text import text_digest
from sentiment.types import Approach, Query, Review, Subject, SubjectFacts

if TYPE_CHECKING:
    import torch

    from sentiment.models.checks import ModelFolder
    from sentiment.models.given import Given, Weights
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


@dataclass(frozen=True)
class Workbench(Corpus):
    """A profile at work: its corpus, and the language models that learn from it."""

    weights_path: Path | None = None
    """Weights trained elsewhere, judged in place of the profile's own."""
    on_base: str | None = None
    """Folder or hub id of the base that an adapter given by path is judged on, where that is not what it names."""
    progress: bool = field(default=True, kw_only=True)

    @cached_property
    def device(self) -> torch.device:
        """Raises `DeviceError` when the profile asks for CUDA and there is none."""
        from sentiment.models.device import device_of

        return device_of(self.profile)

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
                f"--[behavior-]on-base {self.on_base} says what an adapter given with --[behavior-]weights is judged "
                "on; give both"
            )
        return None

    def varied(self, **training: Any) -> Workbench:
        """A workbench whose profile trains differently (`seed`, `rendering`); reviews and base model are shared."""
        return self._beside(profile=self.profile.model_copy(update=training))

    def _beside(self, **changes: Any) -> Workbench:
        """Another workbench on the same reviews, and on the same base model where that is the profile's."""
        other = dataclasses.replace(self, **changes)
        shared = ["pools", "material", "device", *(["base"] if other.profile.model == self.profile.model else [])]
        other.__dict__.update({name: self.__dict__[name] for name in shared if name in self.__dict__})
        return other

    def learnt_from(self, approach: Approach) -> frozenset[str] | None:
        """Digests of the texts that the approach was trained on; for weights given by path those that `[data] seen`
        tells, or None: nobody knows."""
        if self.weights_path is not None:
            return self.seen
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

    def subject(self, approach: Approach, rows: tuple[Review, ...] | None = None) -> Subject:
        """The approach as a subject: its weights are trained, if need be, when it is first identified. `rows` as in
        `recipe`."""

        def again(seed: int) -> Subject:
            return self.varied(seed=seed).subject(approach)

        is_trained = approach is not Approach.BASE and self.weights_path is None
        facts = SubjectFacts(
            approach.value,
            promises=approach is not Approach.BASE,  # what was never trained for it promises nothing
            facts={"model": self.profile.model.id},
        )
        return self._subject(
            facts,
            lambda: self.weights(approach, rows),
            lambda: self._recipe_digest(approach),
            again if is_trained else None,
        )

    def of_weights(self, path: Path) -> Workbench:
        """A workbench for what lies in that folder, on the same base."""
        return self._beside(weights_path=path)

    def of_other(self, target: str, on_base: str | None) -> Workbench:
        """A workbench for a model or adapter of a folder, or for a model of the hub. Raises `ModelError`."""
        path = at_home(target)
        if path.exists() or path.is_absolute() or target.startswith("."):
            return self._beside(weights_path=path, on_base=on_base)
        if on_base is not None:
            raise ModelError(f"on_base {on_base}: {target} is no folder here, and only an adapter has a base")
        model = self.profile.model.model_copy(update={"id": target, "source": "hub", "revision": None})
        profile = self.profile.model_copy(update={"model": model})
        return self._beside(profile=profile, weights_path=None, on_base=None)

    def given_subject(self, name: str, *, promises: bool) -> Subject:
        """The weights given by path, or the untrained model, under a name of its own. Raises `ModelError`."""
        says = self.given.says if self.given else self.profile.model.id
        facts = SubjectFacts(name, promises=promises, facts={"model": says})
        return self._subject(facts, lambda: self.weights(Approach.BASE), str)

    def _recipe_digest(self, approach: Approach) -> str:
        """How the approach's weights came to be, which of base is the model itself; empty where nobody knows."""
        from sentiment.models.store import recipe_of

        if self.given is not None:
            return recipe_of(self.given.path)
        if approach is Approach.BASE:
            return cache.digest_of(["base", self.base.fingerprint])
        return self.recipe(approach).digest

    def _subject(
        self,
        facts: SubjectFacts,
        weights: Callable[[], Weights],
        recipe: Callable[[], str],
        again: Callable[[int], Subject] | None = None,
    ) -> Subject:
        @functools.cache
        def identified() -> tuple[Weights, str]:
            found = weights()
            return found, self._fingerprint(found)

        def load() -> ModelPredictor:
            found, own = identified()
            try:
                return self.scorer(facts.name, found, own)
            except DamagedError as error:
                self._build_anew(error)
            anew = weights()
            if anew.fingerprint != found.fingerprint:  # another machine's training: answers would get a wrong key
                raise ModelError(f"{facts.name}: what was damaged is built anew, with other weights; run again")
            return self.scorer(facts.name, anew, own)

        return Subject(facts, lambda: identified()[1], load, recipe=recipe, again=again)

    def predictor(self, approach: Approach, rows: tuple[Review, ...] | None = None) -> StoredPredictor:
        """The approach as a predictor that remembers its answers; weights are trained now if need be, and
        loaded only for a query that was never asked. `rows` as in `recipe`."""
        subject = self.subject(approach, rows)
        return StoredPredictor(subject.name, subject.identify(), subject.load, self.note)

    def _fingerprint(self, weights: Weights) -> str:
        """Of the answers that these weights give."""
        from sentiment.models.score import SCORING_VERSION

        facts = {
            "weights": weights.fingerprint,
            "version": SCORING_VERSION,
            "precision": self.scoring_precision,
            "max_seq_length": self.profile.max_seq_length,
            "max_new_tokens": self.profile.scoring.max_new_tokens,
        }
        return cache.digest_of(facts)

    def scorer(self, name: str, weights: Weights, fingerprint: str = "") -> ModelPredictor:
        """The model itself, loaded and ready to answer."""
        from sentiment.models.device import fitting_budget, free_memory
        from sentiment.models.folders import check_vocabulary, load_scored
        from sentiment.models.score import ModelPredictor

        free_memory()
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
