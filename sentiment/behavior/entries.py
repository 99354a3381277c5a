"""An entry of a YAML file of behaviors: a pydantic model per source of cases.

The model checks each field by itself; `made` checks what they mean together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sentiment.behavior import additions, edits
from sentiment.behavior.cases import edited, paired, templated, twinned
from sentiment.behavior.entry import Count, Entry, Line, Made, Model, Problem, Slot, Text, Truth, Words
from sentiment.behavior.expectations import both_right, has_label, same_as_base
from sentiment.behavior.lexicon import MOVIES
from sentiment.behavior.pairs import read_pairs
from sentiment.behavior.swaps import Filling, Swap, exchanges, swapped
from sentiment.behavior.templates import Lexicon, Sentence, fill
from sentiment.behavior.written import Written, in_fair_order, varying, written
from sentiment.behavior.yaml_lines import Location
from sentiment.errors import BehaviorError, DataError
from sentiment.types import Edit, Kind, Label

_EDITS: Mapping[str, Edit] = {
    "typos": edits.typos(),
    "contractions": edits.contractions,
    "casing": edits.casing,
    "urls_and_handles": additions.urls_and_handles,
    "html": additions.html,
    "neutral_emoji": additions.neutral_emoji,
    "unicode_look": edits.unicode_look,
    "whitespace": edits.whitespace,
    "irrelevant_sentences": additions.irrelevant_sentences,
}
_MOST_SENTENCES = 288
_MOST_PAIRS = 160
"""Of sentences that differ in a frame or in a filling."""


def _edit(value: str) -> str:
    if value not in _EDITS:
        raise ValueError(f"known edits are {', '.join(_EDITS)}")
    return value


class _Framed(Entry):
    """Frames with slots."""

    lexicon: dict[Slot, Words] = Field(default_factory=dict)
    """Slots of one's own beside the built-in ones; one of the same name goes before the built-in one."""
    count: Count | None = None
    """Absent: all that the frames give, up to as many as a suite needs."""

    @property
    def words(self) -> Lexicon:
        """What each slot may be filled with."""
        return {**MOVIES, **self.lexicon}


class _Frames(_Framed):
    """Sentence frames, all with one label."""

    source = "frames"
    frames: list[Line] = Field(min_length=1)
    label: Truth

    def made(self, folder: Path) -> Made:
        _refuse_repeats(("frames",), self.frames)
        for place, frame in enumerate(self.frames):
            _check_frame(("frames", place), frame, self.words)
        count = _count(self.count, self.frames, self.words, _MOST_SENTENCES)
        return Made(Kind.MFT, has_label, templated(self.frames, self.words, self.label, count=count))


class _Twins(_Framed):
    """Pairs of a base frame and a varied frame, which are filled with the same words."""

    source = "twins"
    twins: list[Annotated[list[Line], Field(min_length=2, max_length=2)]] = Field(min_length=1)
    labels: Annotated[list[Truth], Field(min_length=2, max_length=2)]
    """Of the base and of the varied sentence."""

    def made(self, folder: Path) -> Made:
        twins = [(base, varied) for base, varied in self.twins]
        _refuse_repeats(("twins",), twins)
        for place, (base, varied) in enumerate(twins):
            if base == varied:
                raise Problem(("twins", place), f"the twins are the same frame {base!r}")
            for frame in (base, varied):
                _check_frame(("twins", place), frame, self.words)
        before, after = self.labels
        count = _count(self.count, [f"{base}\n{varied}" for base, varied in twins], self.words, _MOST_PAIRS)
        cases = twinned(twins, self.words, (before, after), count=count)
        return Made(*varying(before, after), cases)


class _Swaps(_Framed):
    """Sentences of known opinion in which words are exchanged that say nothing about it."""

    source = "swaps"
    swaps: list[Annotated[list[dict[Slot, Line]], Field(min_length=2)]] = Field(min_length=1)
    """Sets of fillings: within a set, every filling takes the place of every other."""
    frames_by_label: dict[Literal["positive", "negative"], Annotated[list[Line], Field(min_length=1)]] = Field(
        min_length=1
    )

    def made(self, folder: Path) -> Made:
        self._check_fillings()
        swaps = exchanges(self.swaps)
        self._check_frames(swaps)
        frames = {Label[word.upper()]: frames for word, frames in self.frames_by_label.items()}
        found = sum(map(len, frames.values())) * len(swaps)
        if self.count and self.count > found:
            raise Problem(("count",), f"{self.count} cases are wanted, the frames and swaps give {found}")
        count = self.count or min(found, _MOST_PAIRS)
        return Made(Kind.INV, same_as_base, swapped(frames, self.words, swaps, count=count))

    def _check_fillings(self) -> None:
        slots = set(self.swaps[0][0])
        for place, fillings in enumerate(self.swaps):
            _refuse_repeats(("swaps", place), [tuple(sorted(filling.items())) for filling in fillings])
            for number, filling in enumerate(fillings):
                if not filling or set(filling) != slots:
                    listed = ", ".join(sorted(slots)) or "one at least"
                    raise Problem(("swaps", place, number), f"every filling has the same slots, here {listed}")

    def _check_frames(self, swaps: Sequence[Swap]) -> None:
        exchanged: Filling = swaps[0][0]
        lexicon = {**self.words, **{slot: (word,) for slot, word in exchanged.items()}}
        told_apart: dict[frozenset[str], bool] = {}
        places: dict[str, str] = {}
        for label, frames in self.frames_by_label.items():
            for place, frame in enumerate(frames):
                location = ("frames_by_label", label, place)
                if frame in places:
                    raise Problem(location, f"this frame is among the {places[frame]} ones already")
                places[frame] = label
                slots = frozenset(_check_frame(location, frame, lexicon).slots.keys() & exchanged.keys())
                if slots not in told_apart:
                    told_apart[slots] = _tell_apart(slots, swaps)
                if not told_apart[slots]:
                    raise Problem(location, f"two fillings or two swaps give the same sentences in the frame {frame!r}")


class LabelledText(Model):
    """One of the `texts`."""

    text: Text
    label: Truth


class _Texts(Entry):
    """Whole texts, each with its label."""

    source = "texts"
    texts: list[LabelledText] = Field(min_length=1)

    def made(self, folder: Path) -> Made:
        _refuse_repeats(("texts",), [each.text for each in self.texts])
        texts = [Written(each.text, each.label) for each in self.texts]
        return Made(Kind.MFT, has_label, written(texts))


class _Pairs(Entry):
    """A file of originals and revisions."""

    source = "pairs"
    pairs: Line
    """Path, relative to the YAML file."""
    order: Literal["mixed", "file"] = "mixed"
    """`file`: as they stand there, where somebody saw to it that every first part of them is a fair sample."""

    def made(self, folder: Path) -> Made:
        try:
            pairs = read_pairs(folder / self.pairs)
        except BehaviorError as error:
            raise Problem(("pairs",), str(error)) from None
        cases = paired(pairs)
        return Made(Kind.DIR, both_right, cases if self.order == "file" else in_fair_order(cases))


class _Edit(Entry):
    """An edit of real reviews that leaves their opinion as it is."""

    source = "edit"
    edit: Annotated[str, AfterValidator(_edit)]
    count: Count = 160

    def made(self, folder: Path) -> Made:
        return Made(Kind.INV, same_as_base, edited(_EDITS[self.edit], count=self.count))


ENTRIES: Mapping[str, type[Entry]] = {model.source: model for model in (_Frames, _Twins, _Swaps, _Texts, _Pairs, _Edit)}
"""The models by the field that says where cases come from."""


def _refuse_repeats(location: Location, values: Iterable[Hashable]) -> None:
    numbers: dict[Hashable, int] = {}
    for place, value in enumerate(values):
        first = numbers.setdefault(value, place)
        if first < place:
            raise Problem((*location, place), f"the same as number {first + 1} of {location[0]}: {value!r}")


def _check_frame(location: Location, frame: str, lexicon: Lexicon) -> Sentence:
    """One filling of the frame."""
    try:
        sentence = next(fill(frame, lexicon))
    except DataError as error:
        raise Problem(location, str(error)) from None
    if set("{}") & set(sentence.text):
        raise Problem(location, f"frame {frame!r}: a brace that belongs to no {{slot}}")
    return sentence


def _tell_apart(slots: Iterable[str], swaps: Sequence[Swap]) -> bool:
    """Whether a frame with these slots gives two different sentences for every swap, and no two swaps the same two."""
    seen = {tuple(tuple(filling[slot] for slot in slots) for filling in swap) for swap in swaps}
    return len(seen) == len(swaps) and all(before != after for before, after in seen)


def _count(wanted: int | None, frames: Sequence[str], lexicon: Lexicon, most: int) -> int:
    """As many sentences as are wanted; by default all that the frames give, up to `most`."""
    distinct: set[str] = set()
    for frame in frames:
        for sentence in fill(frame, lexicon):
            distinct.add(sentence.text)
            if len(distinct) == (wanted or most):
                return len(distinct)
    if wanted:
        raise Problem(("count",), f"{wanted} cases are wanted, the frames give {len(distinct)} distinct ones")
    return len(distinct)
