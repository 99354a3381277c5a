"""Sentences from frames with named slots: the cross product of a frame with a lexicon, sampled.

A frame is a sentence such as `"This is not a {praise} {film}."`. The article before a slot agrees with
what fills it, and the sentence starts with a capital.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, islice, zip_longest
from math import prod
from random import Random
from typing import NamedTuple

from sentiment.errors import DataError

Lexicon = Mapping[str, Sequence[str]]

_SLOT = re.compile(r"(?:\b(?P<article>[Aa])n?(?P<gap> +))?\{(?P<name>\w+)\}")
_VOWEL_SOUND = re.compile(r"hour|honest|hono|heir|(?!eu|one\b|once\b|uni(?![nmd])|us[aeiu]|ubiq)[aeiou]", re.IGNORECASE)


class Sentence(NamedTuple):
    """A filled frame."""

    text: str
    frame: str
    slots: dict[str, str]
    """What each slot was filled with."""


def fill(frame: str, lexicon: Lexicon) -> Iterator[Sentence]:
    """Every filling of the frame, in lexicon order. A slot named twice gets the same word twice.

    Raises `DataError` for a slot that the lexicon lacks.
    """
    return (_filling(frame, lexicon, number) for number in range(_fillings(frame, lexicon)))


def sample(frames: Sequence[str], lexicon: Lexicon, count: int, seed: int) -> list[Sentence]:
    """`count` distinct sentences, drawn evenly over the frames; the same for the same seed.

    A frame's draw depends on the seed and on that frame alone, so adding a frame leaves the order of
    the others as it was. Raises `DataError` when the frames do not give that many.
    """
    drawn = []
    for frame in frames:
        numbers = range(_fillings(frame, lexicon))
        chosen = Random(f"{seed}:{frame}").sample(numbers, min(count, len(numbers)))
        drawn.append([_filling(frame, lexicon, number) for number in chosen])
    in_turn = (sentence for sentence in chain.from_iterable(zip_longest(*drawn)) if sentence is not None)
    distinct: dict[str, Sentence] = {}
    for sentence in in_turn:
        distinct.setdefault(sentence.text, sentence)
    if len(distinct) < count:
        raise DataError(f"{len(frames)} frames give {len(distinct)} distinct sentences, {count} are wanted")
    return list(islice(distinct.values(), count))


@cache
def _slots(frame: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match["name"] for match in _SLOT.finditer(frame)))


def _fillings(frame: str, lexicon: Lexicon) -> int:
    """How many there are."""
    for name in _slots(frame):
        if not lexicon.get(name):
            raise DataError(f"frame {frame!r}: unknown slot {name!r}; the lexicon has {', '.join(sorted(lexicon))}")
    return prod(len(lexicon[name]) for name in _slots(frame))


def _filling(frame: str, lexicon: Lexicon, number: int) -> Sentence:
    """The filling of that number, the last slot's word changing first."""
    slots = {}
    for name in reversed(_slots(frame)):
        number, place = divmod(number, len(lexicon[name]))
        slots[name] = lexicon[name][place]
    slots = {name: slots[name] for name in _slots(frame)}
    return Sentence(_filled(frame, slots), frame, slots)


def _filled(frame: str, slots: Mapping[str, str]) -> str:
    def put(match: re.Match[str]) -> str:
        word = slots[match["name"]]
        if match["article"] is None:
            return word
        return f"{match['article']}{'n' if _VOWEL_SOUND.match(word) else ''}{match['gap']}{word}"

    text = _SLOT.sub(put, frame)
    return text[:1].upper() + text[1:]
