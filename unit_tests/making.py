"""Short ways to the cases, behaviors and data that tests make up."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sentiment import cache
from sentiment.behavior.expectations import has_label
from sentiment.data.assets import VADER, assets_folder
from sentiment.data.generated import made_up_reviews
from sentiment.types import Behavior, Case, Draft, Expectation, Kind, Label, Maker, Promise, Query, only


def case_of(
    behavior: str,
    query: Query,
    *,
    label: Label | None = None,
    base: Case | None = None,
    group: str = "",
    tags: Mapping[str, str] | None = None,
) -> Case:
    """A case of the behavior of that name, which allows one label, or knows none."""
    before = None if base is None else Draft(base.query, base.allowed, group=base.group)
    return Draft(query, only(label), before, group, tags or {}).stamped(behavior)


def behavior_of(
    name: str = "b",
    capability: str = "c",
    kind: Kind = Kind.MFT,
    claim: str = "It holds.",
    expectation: Expectation = has_label,
    make: Maker = lambda material: (),
    **promised: Any,
) -> Behavior:
    """A behavior; without a maker its cases are those that the test makes."""
    return Behavior(Promise(name, capability, kind, claim, **promised), make, expectation)


def promises_of(behaviors: Iterable[Behavior]) -> list[Promise]:
    """What they promise, in order."""
    return [behavior.promise for behavior in behaviors]


def embed_made_up_sentences(count: int = 600) -> None:
    """Put generated sentences in the place of the downloaded ones into the cache that `SENTIMENT_CACHE` names."""
    reviews = made_up_reviews(count=count)
    valences = [2.5 if review.label is Label.POSITIVE else -2.5 for review in reviews]
    truth = [
        f"{i}\t{valence}\t{review.text}" for i, (valence, review) in enumerate(zip(valences, reviews, strict=True))
    ]
    ratings = [f"{i}\t{valence}\t0.5\t[{round(valence)}]" for i, valence in enumerate(valences)]

    def fill(folder: Path) -> None:
        with tarfile.open(folder / Path(VADER.member).name, mode="w:gz") as tar:
            for name, lines in (("GroundTruth", truth), ("anonDataRatings", ratings)):
                content = "\n".join(lines).encode()
                entry = tarfile.TarInfo(f"hutto_ICWSM_2014/movieReviewSnippets_{name}.txt")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))

    cache.build(assets_folder() / f"{VADER.package}-{VADER.version}", asdict(VADER), fill)
