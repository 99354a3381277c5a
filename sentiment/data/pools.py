"""Which review may be used for what, decided by its text alone.

A hash of seed and text gives every text a fixed number in [0, 1), and the number gives its pool. So
neither a new behavior, nor another size, nor rows that are added to the source ever move a text from one
pool to another, and no suite can draw a text that a model was trained on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest

from sentiment.data.sources import Source
from sentiment.errors import DataError, LeakError
from sentiment.profiles import DataSettings
from sentiment.text import text_digest
from sentiment.types import Label, Review

POOLS = ("train", "validation", "test", "suite")
Shares = tuple[tuple[str, float], ...]

UNDIVIDED: Shares = (("train", 0.5), ("validation", 0.6), ("test", 0.8), ("suite", 1.0))
"""Upper bounds for a source of one body: 50 % train, 10 % validation, 20 % test, 20 % suite."""
TRAIN_SIDE: Shares = (("train", 0.85), ("validation", 1.0))
TEST_SIDE: Shares = (("test", 0.5), ("suite", 1.0))
"""For a source with a published test split, whose rows never become training rows."""


@dataclass(frozen=True)
class Pools:
    """Four disjoint samples of one source, and the pool of every text of its whole body."""

    name: str
    """Of the source."""
    train: tuple[Review, ...]
    validation: tuple[Review, ...]
    test: tuple[Review, ...]
    suite: tuple[Review, ...]
    members: Mapping[str, str]
    """Text digest -> pool, of all usable rows of the source, sampled or not."""
    available: Mapping[str, Mapping[Label, int]]
    """Pool -> class -> rows before sampling."""
    asked: Mapping[str, int]
    """Pool -> size that the profile asks for."""
    dropped: Mapping[str, int]
    """Reason in words -> rows of the source left out for it."""

    def pool(self, name: str) -> tuple[Review, ...]:
        """The sample of that name, one of `POOLS`."""
        return {"train": self.train, "validation": self.validation, "test": self.test, "suite": self.suite}[name]

    def fingerprint(self, pool: str) -> str:
        """Hash of the pool's texts and labels, in order."""
        return fingerprint(self.pool(pool))

    def refuse_foreign(self, reviews: Iterable[Review], pool: str) -> None:
        """Raise `LeakError` when a text belongs to another pool; texts of no pool are the caller's own."""
        places = ((review, self.members.get(text_digest(review.text), pool)) for review in reviews)
        foreign = [(review, place) for review, place in places if place != pool]
        if foreign:
            first, place = foreign[0]
            raise LeakError(
                f"{len(foreign)} text(s) given as {pool} data belong to another pool of {self.name}, first "
                f"{first.id!r} ({place} pool); remove them, or draw {pool} data from the {pool} pool only"
            )

    def refuse_trained_on(self, texts: Iterable[str], where: str) -> None:
        """Raise `LeakError` when a text that is to be judged belongs to the train or validation pool."""
        found = [text for text in texts if self.members.get(text_digest(text)) in ("train", "validation")]
        if found:
            raise LeakError(
                f"{where}: {len(found)} text(s) belong to the training pools of {self.name}, first {found[0][:80]!r}; "
                "draw real reviews from the suite pool, or reword the template"
            )

    def summary(self) -> list[str]:
        """Lines for people: what each pool holds, where it is smaller than asked, what was dropped and why."""
        lines = [f"reviews: {self.name}"]
        for name in filter(self.asked.get, POOLS):
            counts = Counter(review.label for review in self.pool(name))
            there = self.available[name]
            line = f"{name}: {counts[Label.NEGATIVE]} negative + {counts[Label.POSITIVE]} positive"
            line += f" of {there[Label.NEGATIVE]} + {there[Label.POSITIVE]}"
            short = self.asked[name] - counts.total()
            lines.append(line + (f"; {short} fewer than the {self.asked[name]} asked for" if short > 0 else ""))
        return lines + [f"dropped {count}: {reason}" for reason, count in sorted(self.dropped.items())]


def fingerprint(reviews: Iterable[Review]) -> str:
    """Hash of texts and labels, in order."""
    digest = hashlib.sha256()
    for review in reviews:
        text = review.text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(text)} {review.label} ".encode() + text)
    return digest.hexdigest()[:20]


def make_pools(source: Source, sizes: DataSettings, seed: int) -> Pools:
    """Pools of a source: fixed shares by hash, then the first rows of each class in hash order.

    Classes alternate, negative first, so a smaller size is a prefix of a larger one and every prefix is
    balanced. Where a class runs short the pool is smaller, and its summary says so. Raises `DataError`
    when a class is missing in a pool altogether.
    """
    if source.test is None:
        sides = [(source.train, UNDIVIDED)]
    else:
        sides = [(source.train, TRAIN_SIDE), (source.test, TEST_SIDE)]
    members = dict.fromkeys(source.seen, "train")
    ranked: dict[str, dict[Label, list[tuple[float, Review]]]] = {
        name: {label: [] for label in Label} for name in POOLS
    }
    for rows, shares in sides:
        for review in rows:
            digest = text_digest(review.text)
            place = position(digest, seed)
            pool = next(name for name, bound in shares if place < bound)
            members[digest] = pool
            if review.label is None:
                raise DataError(f"{source.name}: {review.id!r} has no label")
            ranked[pool][review.label].append((place, review))
    asked = _sizes(sizes, {name: sum(map(len, ranked[name].values())) for name in POOLS})
    samples = {name: _sample(name, ranked[name], asked[name], source.name) for name in POOLS}
    available = {name: {label: len(rows) for label, rows in ranked[name].items()} for name in POOLS}
    return Pools(source.name, **samples, members=members, available=available, asked=asked, dropped=source.dropped)


def _sizes(sizes: DataSettings, there: Mapping[str, int]) -> dict[str, int]:
    """Rows that are asked for, by pool; `there` are those that it has."""
    if isinstance(sizes.test, int):
        return {"train": sizes.train, "validation": sizes.validation, "test": sizes.test, "suite": sizes.suite}
    return {"train": 0, "validation": 0, "test": there["test"], "suite": min(sizes.suite, there["suite"])}


def position(digest: str, seed: int) -> float:
    """The number in [0, 1) that a text of this digest has under this seed."""
    drawn = hashlib.sha256(f"{seed}:{digest}".encode()).digest()
    return int.from_bytes(drawn[:6], "big") / 2**48


def _sample(
    pool: str, classes: Mapping[Label, list[tuple[float, Review]]], size: int, source: str
) -> tuple[Review, ...]:
    """The first `size` rows, classes taking turns; as many as are balanced where one runs out."""
    ordered = [[r for _, r in sorted(classes[label], key=lambda pair: (pair[0], pair[1].id))] for label in Label]
    negative, positive = ordered
    for label, rows in zip(Label, ordered, strict=True):
        if not rows and size:
            raise DataError(
                f"{source}: the {pool} pool has no {label.word} review; more rows of both classes are needed"
            )
    pairs = zip_longest(negative[: len(positive) + 1], positive[: len(negative)])
    return tuple([review for review in chain.from_iterable(pairs) if review is not None][:size])
