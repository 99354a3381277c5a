"""Pairs of sentences that differ in one filling of a frame only: who somebody is, or where something happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, permutations, zip_longest
from random import Random

from sentiment.behavior.templates import Lexicon, Sentence, fill
from sentiment.errors import BehaviorError
from sentiment.types import Draft, Label, Maker, Material, Query, only

Filling = Mapping[str, str]
"""What stands in each of the slots that are exchanged together: a name and its pronouns, say."""

Swap = tuple[Filling, Filling]
"""What stands in the base, and what takes its place."""


def exchanges(sets: Iterable[Sequence[Filling]]) -> list[Swap]:
    """Every filling of a set against every other of the same set, both ways round."""
    return [swap for fillings in sets for swap in permutations(fillings, 2)]


def swapped(
    frames: Mapping[Label, Sequence[str]],
    lexicon: Lexicon,
    swaps: Sequence[Swap],
    *,
    count: int = 160,
) -> Maker:
    """`count` sentences with the second filling of a swap; the base has the first, and else the same words.

    Frames of the two labels take turns, and a frame meets no swap twice. The frame is the group, both
    fillings are tags. Raises `BehaviorError` for a frame that a swap does not change, and when there are
    fewer sentences than `count`.
    """
    labelled = [
        (frame, label)
        for in_turn in zip_longest(*([(frame, label) for frame in frames[label]] for label in frames))
        for frame, label in filter(None, in_turn)
    ]

    def cases(material: Material) -> list[Draft]:
        drawn = (_cases(frame, label, lexicon, swaps, material) for frame, label in labelled)
        made = list(islice(filter(None, chain.from_iterable(zip_longest(*drawn))), count))
        if len(made) < count:
            raise BehaviorError(
                f"behavior {material.behavior!r}: {len(labelled)} frames and {len(swaps)} swaps give {len(made)} "
                f"cases, {count} are wanted"
            )
        return made

    return cases


def _cases(
    frame: str,
    label: Label,
    lexicon: Lexicon,
    swaps: Sequence[Swap],
    material: Material,
) -> Iterator[Draft]:
    random = Random(f"{material.seed}:{frame}")
    for swap in random.sample(swaps, len(swaps)):
        same = {slot: random.choice(words) for slot, words in lexicon.items()}
        before, after = (_filled(frame, {**same, **filling}) for filling in swap)
        if before.text == after.text:
            raise BehaviorError(f"behavior {material.behavior!r}: {swap} changes nothing in the frame {frame!r}")
        base = Draft(Query(material.prompt, before.text), only(label), group=frame, tags=before.slots)
        tags = after.slots | {f"{slot} before": word for slot, word in before.slots.items() if slot in swap[0]}
        yield Draft(Query(material.prompt, after.text), only(label), base, frame, tags)


def _filled(frame: str, words: Filling) -> Sentence:
    return next(fill(frame, {slot: (word,) for slot, word in words.items()}))
