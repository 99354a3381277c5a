"""The embedded movie-review sentences: 10,605 sentences with the mean of 15 to 29 human valence ratings.

Hutto & Gilbert (2014), VADER. The sentences are those of the Rotten Tomatoes and SST corpora, so a
model trained on them must not be measured on RT, SST or GLUE SST-2.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sentiment.errors import DataError
from sentiment.types import Label, Review

UNCLEAR = 0.5
"""Sentences whose mean valence, from -4 to 4, lies nearer to zero than this have no clear opinion."""
DIVIDED = 0.25
"""Share of the raters on each side from which on a sentence divides them."""
BALANCED = 0.3
"""The mean valence of a divided sentence lies nearer to zero than this."""
PLAIN = 1.5
"""Mean valence from which on an opinion is plain."""
DISSENT = 0.1
"""Share of the raters who may be on the other side of a plain opinion."""
UNCLEAR_REASON = f"no clear opinion (|valence| < {UNCLEAR})"


def opinionated_sentences(path: Path) -> tuple[list[Review], Counter[str]]:
    """The labelled sentences of a file of `id <tab> valence <tab> text` lines, and what was dropped.

    The label is the sign of the valence. Raises `DataError` for a line of another form.
    """
    reviews = []
    dropped: Counter[str] = Counter()
    for key, valence, text in _rated(path):
        if abs(valence) < UNCLEAR:
            dropped[UNCLEAR_REASON] += 1
        else:
            label = Label.POSITIVE if valence > 0 else Label.NEGATIVE
            reviews.append(Review(f"sentence-{key}", text.strip(), label, "sentences"))
    return reviews, dropped


def disputed_sentences(truth: Path, ratings: Path) -> tuple[Review, ...]:
    """The unlabelled sentences that divide their raters, most evenly divided first, ties by id.

    Divided: at least `DIVIDED` of the raters find it positive and as many negative, and they balance. Without
    a clear opinion it stands in no pool. The files are those of `assets.sentences_files`.
    """
    given = _ratings(ratings)
    found = []
    for key, valence, text in _rated(truth):
        sides = [sum(rating > 0 for rating in given[key]), sum(rating < 0 for rating in given[key])]
        smaller = min(sides) / len(given[key])
        if abs(valence) < BALANCED and smaller >= DIVIDED:
            found.append((-smaller, Review(f"sentence-{key}", text.strip(), None, "sentences")))
    return tuple(review for _, review in sorted(found, key=lambda pair: (pair[0], pair[1].id)))


def clear_ids(truth: Path, ratings: Path) -> frozenset[str]:
    """`Review.id` of the sentences with a plain opinion: mean valence at least `PLAIN` from zero, and at most
    `DISSENT` of the raters on the other side."""
    given = _ratings(ratings)
    found = set()
    for key, valence, _ in _rated(truth):
        dissent = sum(rating * valence < 0 for rating in given[key]) / len(given[key])
        if abs(valence) >= PLAIN and dissent <= DISSENT:
            found.add(f"sentence-{key}")
    return frozenset(found)


def _ratings(path: Path) -> dict[str, list[int]]:
    """The single human ratings, from -4 to 4, of each sentence, by its key."""
    fields = (line.split("\t") for _, line in _lines(path))
    return {field[0]: json.loads(field[-1]) for field in fields}


def _rated(path: Path) -> Iterator[tuple[str, float, str]]:
    """Key, mean valence and text of every sentence."""
    for number, line in _lines(path):
        try:
            key, valence, text = line.split("\t", 2)
            yield key, float(valence), text
        except ValueError:
            raise DataError(f"{path}, line {number}: expected id, valence and text, found {line[:60]!r}") from None


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8: {error}; delete it to fetch it again") from None
    # not splitlines(): it would also break at form feeds and the like inside a sentence
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
