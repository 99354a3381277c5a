"""Folders of sequence classifiers: what is refused, and which class means which sentiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import ModelError
from sentiment.models.base import from_hub
from sentiment.models.checks import (
    ModelFolder,
    existing_folder,
    is_adapter,
    refuse_code,
    refuse_incomplete,
    refuse_quantized,
)
from sentiment.models.folder_files import (
    MODEL_CONFIG,
    folder_fingerprint,
    json_object,
)
from sentiment.paths import at_home
from sentiment.spellings import Spellings, is_neither, named, spelling
from sentiment.types import Label


@dataclass(frozen=True)
class ClassifierFolder(ModelFolder):
    """A sequence classifier on disk."""

    classes: tuple[str, ...]
    """Names, by class."""
    meanings: tuple[Label | None, ...]
    """What each class means; None: neither label."""

    @property
    def abstains(self) -> bool:
        """Whether it has a class that is neither label."""
        return None in self.meanings

    @property
    def says(self) -> str:
        """Its classes in words."""
        sides = {
            side: [name for name, label in zip(self.classes, self.meanings, strict=True) if label is meant]
            for side, meant in (("negative", Label.NEGATIVE), ("positive", Label.POSITIVE), ("no answer", None))
        }
        return "; ".join(f"{side}: {', '.join(names)}" for side, names in sides.items() if names)


def classifier_folder(target: str, revision: str | None, labels: Spellings) -> ClassifierFolder:
    """The sequence classifier in a folder or on the hub, checked, its classes read.

    Raises `ModelError` for whatever is refused of a language model's folder, for another kind of model, for an adapter,
    and where a class does not say which sentiment it is.
    """
    path = at_home(target)
    is_folder = path.exists() or path.is_absolute() or target.startswith(".")
    path = existing_folder(path, "classifier") if is_folder else from_hub(target, revision)
    if is_adapter(path):
        raise ModelError(f"{path} holds an adapter of a classifier; save the whole model after merge_and_unload()")
    config = json_object(path, MODEL_CONFIG, "a classifier's folder needs one")
    refuse_code(path / MODEL_CONFIG, config)
    refuse_quantized(path, config)
    _refuse_other_kinds(path, config)
    refuse_incomplete(path)
    classes = _classes(path, config)
    return ClassifierFolder(path, folder_fingerprint(path), classes, meanings_of(classes, labels, str(path)))


def meanings_of(classes: tuple[str, ...], labels: Spellings, where: str) -> tuple[Label | None, ...]:
    """What each class means: as the user says, else by its name. A number is no name: models are trained either way
    round. Raises `ModelError`, saying how to say it."""
    spelled = [spelling(name) for name in classes]
    foreign = labels.own.keys() - set(spelled)
    if foreign:
        raise ModelError(f"{where}: labels name {_listed(sorted(foreign))}, and its classes are {_listed(classes)}")
    found: list[Label | None] = []
    unclear = []
    for name, each in zip(classes, spelled, strict=True):
        label = labels.own[each] if each in labels.own else named(each)
        if label is None and each not in labels.own and not is_neither(each):
            unclear.append(name)
        found.append(label)
    missing = [label.word for label in Label if label not in found and not unclear]
    if unclear or missing:
        what = f"do not say which sentiment they are: {_listed(unclear)}" if unclear else f"lack a {missing[0]} one"
        raise ModelError(
            f"{where}: its classes {what}; put each of {_listed(classes)} where it belongs in "
            "[tool.sentiment.subjects.NAME]: labels = { negative = [...], positive = [...], ignore = [...] }"
        )
    return tuple(found)


def _refuse_other_kinds(path: Path, config: Mapping[str, Any]) -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as KNOWN

    kind, architectures = config.get("model_type"), config.get("architectures")
    wanted = KNOWN.get(kind) if isinstance(kind, str) else None
    if wanted is None:
        raise ModelError(f"{path}: model_type {kind!r} has no sequence classifier in the installed transformers")
    if architectures != [wanted]:
        causal = isinstance(architectures, list) and any("CausalLM" in str(each) for each in architectures)
        remedy = f"; judge it as such: --[behavior-]subject mine=model:{path}" if causal else ""
        raise ModelError(f"{path} is a {architectures!r}, no sequence classifier ({wanted}){remedy}")
    if config.get("problem_type") not in (None, "single_label_classification"):
        raise ModelError(f"{path}: problem_type {config['problem_type']!r}; one label for each text is needed")


def _classes(path: Path, config: Mapping[str, Any]) -> tuple[str, ...]:
    names = config.get("id2label")
    if names is None:
        count = config.get("num_labels", 2)
        names = {str(i): f"LABEL_{i}" for i in range(count)} if isinstance(count, int) else {}
    if not isinstance(names, dict) or set(names) != {str(i) for i in range(len(names))}:
        raise ModelError(f"{path / MODEL_CONFIG}: id2label must name the classes 0, 1, ..., got {names!r}")
    if len(names) < 2:
        raise ModelError(f"{path} has {len(names)} class, as a regression has; two or more are needed")
    return tuple(str(names[str(i)]) for i in range(len(names)))


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
