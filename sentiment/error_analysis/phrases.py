"""Taking words out of a text: cut it into phrases, leave some out, delete or replace single words.

Places are offsets into the original text, so that a report can highlight them there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 5
"""Words of the longest phrase."""

_WORD = re.compile(r"[\w$%](?:\S*[\w$%])?")
_CLAUSE_END = re.compile(r"""[,.;:!?…()—–"“”‘]|\s-+\s|\s'|'\s""")
_STOP = ".!?…"
_PAUSE = ",;:—–"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CONJUNCTIONS = _set(
    "and but or nor so yet though although because since while whereas unless until if when where which who that than "
    "despite except instead"
)
_LEANING = _CONJUNCTIONS | _set(
    "a an the this these those my your his her its our their of to in on at for with by from as into about over "
    "i you he she it we they is are was were be been am have has had do does did will would can could should may might "
    "must not never no very too only even"
)
"""Words that belong to what follows: a phrase rather ends before them than after."""

_TYPICAL = _set(
    "good great wonderful brilliant superb lovely charming marvelous magnificent breathtaking beautiful funny fresh "
    "moving clever thrilling perfect stunning sharp nice pleasant happy heartwarming bad terrible dreadful "
    "dull boring tedious clumsy stupid silly cheap lazy weak wooden wrong predictable ridiculous tasteless savage "
    "painful sick wicked nasty noisy slow cold"
)
_ORDINARY = _set("awful ugly atrocious unbearable insufferable annoying idiotic inspiring excellent ideal")
_FILM = _set("masterpiece gem classic triumph mess disaster flop disgrace bore chore turkey")
REPLACEMENTS = {
    **dict.fromkeys(_TYPICAL, "typical"),
    **dict.fromkeys(_ORDINARY, "ordinary"),
    **dict.fromkeys(_FILM, "film"),
    **dict.fromkeys(_set("love like enjoy hate adore"), "watch"),
    **dict.fromkeys(_set("loved liked enjoyed hated adored"), "watched"),
    **dict.fromkeys(_set("beautifully wonderfully badly terribly criminally insanely happily"), "really"),
    **dict.fromkeys(_set("no none"), "some"),
    "nothing": "something", "nobody": "somebody", "never": "always", "without": "with", "neither": "either",
    "nor": "or", "hardly": "fully", "impossible": "possible", "cannot": "can", "can't": "can", "couldn't": "could",
    "won't": "will", "wouldn't": "would", "don't": "do", "doesn't": "does", "didn't": "did", "isn't": "is",
    "wasn't": "was", "aren't": "are", "weren't": "were", "hasn't": "has", "haven't": "have", "shouldn't": "should",
}  # fmt: skip
"""Words that may be replaced, in lower case: praise and blame by something neutral, a negator by its opposite. The
article before an adjective stays right."""


@dataclass(frozen=True)
class Change:
    """One word of the original text, deleted or replaced."""

    start: int
    end: int
    was: str
    now: str = ""
    """Empty: deleted."""


def phrases_of(text: str) -> list[tuple[int, int]]:
    """Start and end of each phrase: clauses, cut further where they have more than `LONGEST` words.

    A clause ends at punctuation and quotes, and before a conjunction that has three words or more on both sides,
    unless the word before belongs to it (“in which”). What surrounds a phrase is not part of it.
    """
    clauses: list[list[re.Match[str]]] = []
    for word in _WORD.finditer(text):
        if not clauses or _CLAUSE_END.search(text, clauses[-1][-1].end(), word.start()):
            clauses.append([])
        clauses[-1].append(word)
    pieces = (piece for clause in clauses for part in _at_conjunctions(clause) for piece in _short(part))
    return [(piece[0].start(), piece[-1].end()) for piece in pieces]


def has_words(text: str) -> bool:
    """Whether there is anything to read."""
    return _WORD.search(text) is not None


def deletions(text: str) -> list[Change]:
    """The deletion of each word, in order."""
    return [Change(word.start(), word.end(), word[0]) for word in _WORD.finditer(text)]


def replacements(text: str) -> list[Change]:
    """The replacement of each word that `REPLACEMENTS` knows, in order, in its own capitals."""
    found = []
    for word in deletions(text):
        new = REPLACEMENTS.get(word.was.lower().replace("’", "'"))
        if new is not None:
            found.append(Change(word.start, word.end, word.was, new.capitalize() if word.was[0].isupper() else new))
    return found


def changed(text: str, changes: Iterable[Change]) -> str:
    """The text with all the changes made."""
    for change in sorted(changes, key=lambda each: -each.start):  # from the end, so that the places stay valid
        if change.now:
            text = text[: change.start] + change.now + text[change.end :]
        else:
            text = without(text, change.start, change.end)
    return text


def without(text: str, start: int, end: int) -> str:
    """The text with that span left out; quotes and punctuation around the gap are mended, and the capital kept."""
    left, right = text[:start].rstrip(), text[end:].lstrip()
    closing = re.match(r"[,.;:!?…]*[\"'”’)]", right)
    if closing and left.endswith(('"', "'", "“", "‘", "(")):
        left, right = left[:-1].rstrip(), right[closing.end() :].lstrip()
    if not left or left[-1] in _STOP:
        right = right.lstrip(_STOP + _PAUSE + " ")
        if text[start].isupper():
            right = right[:1].upper() + right[1:]
    elif not right or right[0] in _STOP + _PAUSE:  # of two marks that meet, the latter stays
        left = re.sub(rf"[{_PAUSE}](?=[\"'”’]?$)", "", left).rstrip()
    glue = " " if left and right and right[0] not in _STOP + ",;:)”’" and left[-1] not in "(“‘" else ""
    return f"{left}{glue}{right}"


def _at_conjunctions(clause: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    start = 0
    words = [word[0].lower() for word in clause]
    for i, word in enumerate(words):
        if word in _CONJUNCTIONS and words[i - 1] not in _LEANING and i - start >= 3 and len(words) - i >= 3:
            yield clause[start:i]
            start = i
    yield clause[start:]


def _short(words: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """The words, halved until short: as near to the middle as can be without parting a word from its noun or verb."""
    if len(words) <= LONGEST:
        yield words
        return
    middle = len(words) / 2
    cut = min(range(2, len(words) - 1), key=lambda i: abs(i - middle) + 2 * (words[i - 1][0].lower() in _LEANING))
    yield from _short(words[:cut])
    yield from _short(words[cut:])
