"""Which rows of a body of reviews are fit to use: no empty text, no duplicate, no contradiction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sentiment.text import text_digest
from sentiment.types import Label, Review

EMPTY = "empty text"
WORDLESS = "no letter a-z and no digit"
DUPLICATE = "exact duplicate"
CONTRADICTION = "exact duplicate with the other label"
CROSSING = "train row that also stands in the test split"
_NOTHING = text_digest("")


def clean(
    train: Iterable[Review], test: Iterable[Review] | None
) -> tuple[tuple[Review, ...], tuple[Review, ...] | None, Counter[str]]:
    """The fit rows of both sides, in their order, and how many were dropped for which reason.

    Texts are compared by their normal form. Of duplicates within a side the first is kept; a text on
    both sides stays on the test side; one that comes with both labels is dropped wherever it stands.
    """
    dropped: Counter[str] = Counter()
    train_rows = _with_digests(train, dropped)
    test_rows = None if test is None else _with_digests(test, dropped)
    labels: dict[str, set[Label | None]] = {}
    for digest, review in (*train_rows, *(test_rows or ())):
        labels.setdefault(digest, set()).add(review.label)
    disputed = {digest for digest, found in labels.items() if len(found) > 1}
    in_test = {digest for digest, _ in test_rows or ()}
    kept_test = None if test_rows is None else _kept(test_rows, disputed, set(), dropped)
    return _kept(train_rows, disputed, in_test, dropped), kept_test, dropped


def _with_digests(reviews: Iterable[Review], dropped: Counter[str]) -> list[tuple[str, Review]]:
    rows = []
    for review in reviews:
        digest = text_digest(review.text)
        if digest != _NOTHING:
            rows.append((digest, review))
        else:
            dropped[WORDLESS if review.text.strip() else EMPTY] += 1
    return rows


def _kept(
    rows: Sequence[tuple[str, Review]], disputed: set[str], elsewhere: set[str], dropped: Counter[str]
) -> tuple[Review, ...]:
    seen: set[str] = set()
    kept = []
    for digest, review in rows:
        if digest in disputed:
            dropped[CONTRADICTION] += 1
        elif digest in elsewhere:
            dropped[CROSSING] += 1
        elif digest in seen:
            dropped[DUPLICATE] += 1
        else:
            seen.add(digest)
            kept.append(review)
    return tuple(kept)
