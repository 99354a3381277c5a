"""What an edit changed, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

LARGEST = 4_000_000
"""Product of the two word counts above which changed stretches are not taken apart any further."""
ALIKE = 0.3
"""Share of common words below which two texts are shown one after the other."""

_TOKEN = re.compile(r"(\w+(?:['’]\w+)*|[^\w\s]|\A)(\s*)")
_BLANKS = str.maketrans({" ": "␣", "\t": "⇥", "\n": "⏎\n", "\u00a0": "⍽"})

Change = Literal["same", "del", "ins"]
Token = tuple[str, str]
"""A word or a sign, and the white space after it."""
Block = tuple[bool, Sequence[Token], Sequence[Token]]
"""Whether the words are equal; those of the base; those of the text."""


class Segment(NamedTuple):
    """A stretch of text that is common to both, deleted from the base, or inserted."""

    change: Change
    text: str


def word_diff(base: str, text: str) -> list[Segment]:
    """How `base` became `text`, as few readable stretches.

    All but the deleted ones make up `text`, all but the inserted ones `base`; only where white space alone
    changed, it is written out as signs.
    """
    if base == text:
        return [Segment("same", text)] if text else []
    blocks = list(_blocks(_TOKEN.findall(base), _TOKEN.findall(text)))
    if _common(blocks) < ALIKE:
        return [Segment("del", base), Segment("ins", text)] if base and text else _joined(_pieces(blocks))
    return _joined(_pieces(_readable(blocks)))


def _blocks(old: list[Token], new: list[Token]) -> Iterator[Block]:
    """Equal and changed stretches in turn. What both begin and end with is set aside first: most edits are small."""
    head = _common_start(old, new)
    tail = _common_start(old[head:][::-1], new[head:][::-1])
    yield True, old[:head], new[:head]
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle_old) * len(middle_new) > LARGEST:
        yield False, middle_old, middle_new
    else:
        before, after = ([word for word, _ in tokens] for tokens in (middle_old, middle_new))
        for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            yield kind == "equal", middle_old[a:b], middle_new[c:d]
    yield True, old[len(old) - tail :], new[len(new) - tail :]


def _common_start(old: Sequence[Token], new: Sequence[Token]) -> int:
    pairs = zip(old, new, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a[0] != b[0]), min(len(old), len(new)))


def _common(blocks: Sequence[Block]) -> float:
    """Share of the longer text's words that are in both."""
    equal = sum(_words(new) for is_equal, _, new in blocks if is_equal)
    longer = max(sum(_words(old) for _, old, _ in blocks), sum(_words(new) for _, _, new in blocks))
    return equal / longer if longer else 0.0


def _words(tokens: Sequence[Token]) -> int:
    return sum(word[:1].isalnum() for word, _ in tokens)


def _readable(blocks: Sequence[Block]) -> Iterator[Block]:
    """A lone short word or a sign between two larger changes is taken into them."""
    merged: list[Block] = []
    for place, (is_equal, old, new) in enumerate(blocks):
        around = [blocks[i] for i in (place - 1, place + 1) if 0 <= i < len(blocks)]
        is_island = len(new) == 1 and len(new[0][0]) <= 3 and len(around) == 2
        swallowed = is_island and all(not each[0] and len(each[1]) + len(each[2]) > 3 for each in around)
        merged.append((is_equal and not swallowed, old, new))
    for is_equal, group in groupby(merged, key=lambda block: block[0]):
        parts = list(group)
        yield is_equal, [token for part in parts for token in part[1]], [token for part in parts for token in part[2]]


def _pieces(blocks: Sequence[Block] | Iterator[Block]) -> Iterator[Segment]:
    for is_equal, old, new in blocks:
        if not is_equal:
            gap = new[-1][1] if old and new and old[-1][1] == new[-1][1] else ""
            before, after = ("".join(map("".join, tokens)).removesuffix(gap) for tokens in (old, new))
            yield from (Segment("del", before), Segment("ins", after), Segment("same", gap))
            continue
        for (_, gap_before), (word, gap) in zip(old, new, strict=True):
            yield Segment("same", word)
            if gap == gap_before:
                yield Segment("same", gap)
            else:
                yield Segment("del", gap_before)
                yield Segment("ins", gap)


def _joined(pieces: Iterator[Segment]) -> list[Segment]:
    """Neighbours of one kind become one; between two common stretches the deleted one comes first."""
    segments: list[Segment] = []
    full = (piece for piece in pieces if piece.text)
    for is_same, run in groupby(full, key=lambda piece: piece.change == "same"):
        listed = list(run)
        kinds: tuple[Change, ...] = ("same",) if is_same else ("del", "ins")
        for kind in kinds:
            text = "".join(piece.text for piece in listed if piece.change == kind)
            if text:
                segments.append(Segment(kind, text.translate(_BLANKS) if kind != "same" and text.isspace() else text))
    return segments
