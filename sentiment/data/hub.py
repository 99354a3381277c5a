"""Reviews from a dataset of the Hugging Face hub, or from a local folder in the hub's layout."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sentiment.data.assets import Note, offline_reason
from sentiment.data.labels import parse_label
from sentiment.errors import DataError
from sentiment.profiles import DataSettings
from sentiment.types import Review

_TRAIN_SPLITS = ("train", "validation", "dev", "valid")


def hub_reviews(settings: DataSettings, note: Note | None = None) -> tuple[list[Review], list[Review] | None]:
    """The labelled reviews of the train side and, where there is one, of the test split.

    Splits without labels (IMDB's `unsupervised`, say) are passed over. Nothing is written for a local
    folder; a hub dataset is kept where `HF_HOME` says. Code that comes with a dataset is never run.

    Raises `DataError` when the dataset cannot be had, or lacks a column or a usable label.
    """
    with tempfile.TemporaryDirectory(prefix="sentiment-") as scratch:
        splits = _load(settings, scratch)
        found = {name: _split_reviews(split, name, settings) for name, split in splits.items() if _is_used(name)}
        for name in splits:
            if not found.get(name) and note is not None:
                note(f"{settings.path}: split {name!r} is not used")
    train = [review for name in _TRAIN_SPLITS for review in found.get(name) or ()]
    if not train:
        raise DataError(f"{settings.path}: no labelled train split; splits found: {', '.join(splits) or 'none'}")
    return train, found.get("test")


def _is_used(split: str) -> bool:
    return split == "test" or split in _TRAIN_SPLITS


def _load(settings: DataSettings, scratch: str) -> Mapping[str, Any]:
    if offline_reason() is not None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import datasets

    local = Path(settings.path).is_dir()
    if not local and len(Path(settings.path).parts) > 2:
        raise DataError(f"data.path {settings.path!r} is neither a folder nor a hub id such as stanfordnlp/imdb")
    try:
        if local:
            # streamed, so that no Arrow copy of the user's folder is left anywhere
            return datasets.load_dataset(settings.path, streaming=True, cache_dir=scratch)
        return datasets.load_dataset(settings.path, revision=settings.revision)
    except Exception as error:  # the library and its back ends raise errors of every kind
        remedy = (
            "put parquet files with the split in their names there"
            if local
            else "go online once, set HF_HOME to a warm cache, give data.path a local folder in the hub's layout "
            '(in a profile with `extends = "qwen3"`), or use --profile smollm2'
        )
        said = (str(error).strip().splitlines() or [""])[0]
        raise DataError(
            f"dataset {settings.path!r} cannot be loaded ({type(error).__name__}: {said}); {remedy}"
        ) from error


def _split_reviews(split: Any, name: str, settings: DataSettings) -> list[Review] | None:
    """The reviews of one split, or None when none of its rows is labelled."""
    names = getattr((split.features or {}).get(settings.label_column), "names", None)
    source = f"{Path(settings.path).name}/{name}"
    rows = list(_cells(split, source, settings))
    if all(label is None or label == -1 for _, label in rows):
        return None
    reviews = []
    for number, (text, value) in enumerate(rows):
        where = f"{source}, row {number}"
        if text is not None and not isinstance(text, str):
            raise DataError(f"{where}: column {settings.text_column!r} must hold strings, found {text!r}")
        named = names[value] if names and isinstance(value, int) and 0 <= value < len(names) else value
        if names and named is value:
            raise DataError(f"{where}: label {value!r} is not one of {', '.join(names)}")
        reviews.append(Review(f"{source}-{number}", text or "", parse_label(named, where), source))
    return reviews


def _cells(split: Iterable[Mapping[str, Any]], source: str, settings: DataSettings) -> Iterator[tuple[Any, Any]]:
    for row in split:
        for column in (settings.text_column, settings.label_column):
            if column not in row:
                raise DataError(f"{source}: no column {column!r}; columns found: {', '.join(map(repr, row))}")
        yield row[settings.text_column], row[settings.label_column]
