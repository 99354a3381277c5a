"""Reviews from a dataset of the Hugging Face hub, or from a local folder in the hub's layout."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.data.assets import Note, offline_reason
from sentiment.errors import DataError, reason_of
from sentiment.profiles import DataSettings
from sentiment.spellings import class_name, spelling
from sentiment.tables.account import IGNORED, MISSING, NOT_UNDERSTOOD, Account
from sentiment.tables.labels import LabelCounts
from sentiment.types import Label, Review

_TRAIN_SPLITS = ("train", "validation", "dev", "valid")


@dataclass(frozen=True)
class _Row:
    """A row of a split that has a label, or is to be passed over."""

    id: str
    text: str
    value: object
    """The label, by its class name where it has one."""
    source: str

    @property
    def spelled(self) -> str:
        return spelling(self.value)


def hub_reviews(
    settings: DataSettings, note: Note | None = None
) -> tuple[list[Review], list[Review] | None, Counter[str]]:
    """The labelled reviews of the train side; of the test split, where there is one; and rows left out, by reason.

    Splits without labels (IMDB's `unsupervised`, say) are passed over. Nothing is written for a local
    folder; a hub dataset is kept where `HF_HOME` says. Code that comes with a dataset is never run.

    Raises `DataError` when the dataset cannot be had, or lacks a column or usable labels.
    """
    with tempfile.TemporaryDirectory(prefix="sentiment-") as scratch:
        splits = _load(settings, scratch)
        found = {name: _rows(split, name, settings) for name, split in splits.items() if _is_used(name)}
        for name in splits:
            if not found.get(name) and note is not None:
                note(f"{settings.path}: split {name!r} is not used")
    train = [row for name in _TRAIN_SPLITS for row in found.get(name) or ()]
    if not train:
        raise DataError(f"{settings.path}: no labelled train split; splits found: {', '.join(splits) or 'none'}")
    test = found.get("test")
    meanings, dropped = _understood([*train, *(test or ())], settings, note)
    return _reviews(train, meanings), None if test is None else _reviews(test, meanings), dropped


def _is_used(split: str) -> bool:
    return split == "test" or split in _TRAIN_SPLITS


def _load(settings: DataSettings, scratch: str) -> Mapping[str, Any]:
    if offline_reason() is not None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import datasets

    if not sys.stderr.isatty():
        datasets.disable_progress_bars()  # in a log each is one line of thousands of letters
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
        raise DataError(
            f"dataset {settings.path!r} cannot be loaded ({type(error).__name__}: {reason_of(error)}); {remedy}"
        ) from error


def _rows(split: Any, name: str, settings: DataSettings) -> list[_Row] | None:
    """The rows of one split, or None when none of them is labelled."""
    names = tuple(getattr((split.features or {}).get(settings.label_column), "names", None) or ())
    source = f"{Path(settings.path).name}/{name}"
    cells = list(_cells(split, source, settings))
    if all(value == -1 or settings.labels.spellings.is_missing(spelling(value)) for _, value in cells):
        return None
    for number, (text, _) in enumerate(cells):
        if text is not None and not isinstance(text, str):
            where = f"{source}, row {number}"
            raise DataError(f"{where}: column {settings.text_column!r} must hold strings, found {text!r}")
    named = [(text or "", class_name(value, names)) for text, value in cells]
    return [_Row(f"{source}-{number}", text, value, source) for number, (text, value) in enumerate(named)]


def _understood(
    rows: list[_Row], settings: DataSettings, note: Note | None
) -> tuple[Mapping[str, Label], Counter[str]]:
    """What the labels mean, and how many rows have none that counts, by reason."""
    labels = LabelCounts(f"{settings.path}, column {settings.label_column!r}", settings.labels.spellings)
    dropped: Counter[str] = Counter()
    for row in rows:
        if labels.spellings.is_missing(row.spelled):
            dropped[MISSING] += 1
        elif labels.spellings.ignores(row.spelled):
            dropped[IGNORED] += 1
        else:
            labels.add(row.value, row.spelled)
    meanings, unknown = labels.understood()
    dropped += Counter({NOT_UNDERSTOOD: unknown.total()})
    if note is not None:
        for line in (*labels.notes(meanings), *Account(len(rows), not_understood=unknown).asked()):
            note(line)
    return meanings, dropped


def _reviews(rows: list[_Row], meanings: Mapping[str, Label]) -> list[Review]:
    return [Review(row.id, row.text, meanings[row.spelled], row.source) for row in rows if row.spelled in meanings]


def _cells(split: Any, source: str, settings: DataSettings) -> Iterator[tuple[Any, Any]]:
    for row in split:
        for column in (settings.text_column, settings.label_column):
            if column not in row:
                raise DataError(f"{source}: no column {column!r}; columns found: {', '.join(map(repr, row))}")
        yield row[settings.text_column], row[settings.label_column]
