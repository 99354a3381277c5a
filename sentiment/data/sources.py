"""The bodies of reviews that a profile can name, behind one function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sentiment.data.assets import Note, sentences_files
from sentiment.data.generated import made_up_reviews
from sentiment.data.hub import hub_reviews
from sentiment.data.hygiene import clean
from sentiment.data.sentences import opinionated_sentences
from sentiment.errors import DataError
from sentiment.profiles import DataSettings
from sentiment.tables.labels import LabelledReviews, labelled_reviews
from sentiment.tables.layout import Layout
from sentiment.types import Label, Review


@dataclass(frozen=True)
class Source:
    """A body of labelled reviews, free of duplicates and contradictions, every text in it once."""

    name: str
    train: tuple[Review, ...]
    """Rows that may become train or validation; the whole body when `test` is None."""
    test: tuple[Review, ...] | None
    """Rows of a published test split; None when the source has one undivided body."""
    dropped: dict[str, int]
    """Reason in words -> rows left out for it."""


def load_source(settings: DataSettings, note: Note | None = None) -> Source:
    """The reviews that the settings name, cleaned.

    Raises `DataError` for a source that is missing, unreadable, unlabelled, empty or of one class only,
    and `AssetError` when embedded sentences cannot be fetched. `note` hears what is downloaded or skipped.
    """
    early: Counter[str] = Counter()
    test: Iterable[Review] | None = None
    train: Iterable[Review]
    name = settings.path
    if settings.source == "hub":
        train, test, early = hub_reviews(settings, note)
    elif settings.source == "aclimdb":
        train, test = _aclimdb_split(Path(name), "train"), _aclimdb_split(Path(name), "test")
    elif settings.source == "file":
        table = _own_table(settings, note)
        train, early = table, table.account.reasons
    elif settings.source == "sentences":
        name = "embedded movie-review sentences"
        train, early = opinionated_sentences(sentences_files(note)[0])
    else:
        name = "generated sentences"
        train = made_up_reviews()
    kept, kept_test, dropped = clean(train, test)
    for side, rows in (("train", kept), ("test", kept_test)):
        _refuse_one_class(rows, f"{name}: the {side} rows" if test is not None else name)
    return Source(name, kept, kept_test, dict(early + dropped))


def _own_table(settings: DataSettings, note: Note | None) -> LabelledReviews:
    layout = Layout(settings.encoding, settings.delimiter, tuple(settings.columns))
    table = labelled_reviews(
        Path(settings.path), settings.text_column, settings.label_column, layout, settings.labels.spellings
    )
    if note is not None:
        for line in (*table.notes, *table.account.asked()):
            note(line)
    return table


def _refuse_one_class(rows: Iterable[Review] | None, where: str) -> None:
    if rows is None:
        return
    found = {review.label for review in rows}
    for label in Label:
        if label not in found:
            raise DataError(f"{where}: no usable {label.word} review is left; both classes are needed")


def _aclimdb_split(folder: Path, split: str) -> list[Review]:
    """The reviews under `<folder>/<split>/{neg,pos}`, one text file each, in the order of their names."""
    reviews = []
    for name, label in (("neg", Label.NEGATIVE), ("pos", Label.POSITIVE)):
        place = folder / split / name
        files = sorted(place.glob("*.txt"))
        if not files:
            raise DataError(f"{place} holds no .txt files; data.path must be the unpacked aclImdb folder")
        for file in files:
            try:
                text = file.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise DataError(f"{file} is not UTF-8: {error}") from None
            reviews.append(Review(f"aclimdb/{split}/{name}/{file.stem}", text, label, f"aclimdb/{split}"))
    return reviews
