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
from sentiment.tables.table import open_table
from sentiment.text import text_digest
from sentiment.types import Label, Review

SEEN = "trained on, as [data] seen says"


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
    seen: frozenset[str] = frozenset()
    """Digests of texts that somebody trained on, by the files that the settings name."""


def load_source(settings: DataSettings, note: Note | None = None) -> Source:
    """The reviews that the settings name, cleaned.

    Raises `DataError` for a source that is missing, unreadable, unlabelled, empty or of one class only,
    and `AssetError` when embedded sentences cannot be fetched. `note` hears what is downloaded or skipped.
    """
    early: Counter[str] = Counter()
    test: Iterable[Review] | None = None
    train: Iterable[Review]
    name = settings.path
    if settings.test_file is not None:
        name, table = settings.test_file, _own_table(settings, settings.test_file, note)
        train, test, early = (), table, table.account.reasons
    elif settings.source == "hub":
        train, test, early = hub_reviews(settings, note)
    elif settings.source == "aclimdb":
        train, test = _aclimdb_split(Path(name), "train"), _aclimdb_split(Path(name), "test")
    elif settings.source == "file":
        table = _own_table(settings, settings.path, note)
        train, early = table, table.account.reasons
    elif settings.source == "sentences":
        name = "embedded movie-review sentences"
        train, early = opinionated_sentences(sentences_files(note)[0])
    else:
        name = "generated sentences"
        train = made_up_reviews()
    kept, kept_test, dropped = clean(train, test)
    seen = seen_texts(settings, note)
    if seen:
        rows = [*kept, *(kept_test or ())]
        early[SEEN] += sum(text_digest(review.text) in seen for review in rows)
        kept, kept_test = _unseen(kept, seen), None if kept_test is None else _unseen(kept_test, seen)
    if settings.test_file is None:
        _refuse_one_class(kept, f"{name}: the train rows" if test is not None else name)
    _refuse_one_class(kept_test, f"{name}: the test rows")
    return Source(name, kept, kept_test, dict(early + dropped), seen)


def seen_texts(settings: DataSettings, note: Note | None = None) -> frozenset[str]:
    """Digests of the texts in the files of `seen`. Raises `DataError` for a file that cannot be read."""
    layout = Layout(settings.encoding, settings.delimiter, tuple(settings.columns))
    found: set[str] = set()
    for path in settings.seen:
        rows = bad = 0
        for row in open_table(Path(path), settings.text_column, layout).rows():
            if row.problem is None and row.text is not None:
                rows += 1
                found.add(text_digest(row.text))
            else:
                bad += 1
        if not rows:
            raise DataError(f"{path}: none of its {bad} rows has a text, so nobody knows what was trained on")
        if note is not None:
            dropped = f"; {bad:,} rows without a usable text" if bad else ""
            note(f"{path}: {rows:,} texts that were trained on{dropped}")
    return frozenset(found)


def _unseen(reviews: Iterable[Review], seen: frozenset[str]) -> tuple[Review, ...]:
    return tuple(review for review in reviews if text_digest(review.text) not in seen)


def _own_table(settings: DataSettings, path: str, note: Note | None) -> LabelledReviews:
    layout = Layout(settings.encoding, settings.delimiter, tuple(settings.columns))
    table = labelled_reviews(Path(path), settings.text_column, settings.label_column, layout, settings.labels.spellings)
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
