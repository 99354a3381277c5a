"""An entry of a YAML file of behaviors: a pydantic model per source of cases.

The model checks each field by itself; `behavior` checks what they mean together, and makes the `Behavior`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sentiment.behavior import additions, edits
from sentiment.behavior.cases import Maker, edited, paired, templated, twinned
from sentiment.behavior.expectations import both_right, has_label, same_as_base
from sentiment.behavior.lexicon import MOVIES
from sentiment.behavior.pairs import read_pairs
from sentiment.behavior.templates import Lexicon, fill
from sentiment.behavior.written import ACCURACY, NAME_RULE, Written, in_fair_order, is_name, varying, written
from sentiment.behavior.yaml_lines import Location
from sentiment.data.labels import parse_label
from sentiment.data.rows import text_problem
from sentiment.errors import BehaviorError, DataError
from sentiment.types import Approach, Behavior, Edit, Expectation, Kind, Label

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
LABEL_RULE = "a label is positive or negative (or 1 or 0)"
_MOST_SENTENCES = 288
_MOST_TWINS = 160


class Problem(Exception):
    """Something that is wrong at a place of an entry."""

    def __init__(self, location: Location, message: str, is_no_text: bool = False) -> None:
        super().__init__(message)
        self.location = location
        self.is_no_text = is_no_text
        """A text is wanted there, and something else found."""


class _Made(NamedTuple):
    """What the source of an entry gives to its behavior."""

    kind: Kind
    expectation: Expectation
    cases: Maker


def _text(value: str) -> str:
    if problem := text_problem(value):
        raise ValueError(problem)
    return value


def _one_line(value: str) -> str:
    value = _text(value).strip()
    if len(value.splitlines()) > 1:
        raise ValueError("must be one line")
    return value


def _words(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise ValueError("a word stands here twice")
    return value


def _name(value: str) -> str:
    if not is_name(value):
        raise ValueError(NAME_RULE)
    return value


def _label(value: object) -> Label:
    try:
        return parse_label(value, "")
    except DataError:
        raise ValueError(LABEL_RULE) from None


def _edit(value: str) -> str:
    if value not in _EDITS:
        raise ValueError(f"known edits are {', '.join(_EDITS)}")
    return value


Text = Annotated[str, AfterValidator(_text)]
Line = Annotated[str, AfterValidator(_one_line)]
Name = Annotated[str, AfterValidator(_name)]
Truth = Annotated[Label, BeforeValidator(_label)]
Share = Annotated[float, Field(ge=0, le=1)]
Words = Annotated[list[Line], Field(min_length=1), AfterValidator(_words)]
Slot = Annotated[str, Field(pattern=r"^\w+$")]
Count = Annotated[int, Field(gt=0, le=100_000)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Entry(_Model):
    """What every entry says, whatever its source. A subclass adds the source."""

    source: ClassVar[str]
    name: Name
    capability: Line
    promise: Line
    kind: Literal["MFT", "INV", "DIR"] | None = None
    """Follows from the source; whoever writes it down has it checked."""
    budget: dict[Literal["base", "sft", "lora"], Share] = Field(default_factory=dict)
    min_live: Count = 150
    gated: bool = True
    partner: Name | None = None

    @abstractmethod
    def made(self, folder: Path) -> _Made:
        """Kind, cases and expectation; the file stands in `folder`. Raises `Problem`."""

    def behavior(self, folder: Path) -> Behavior:
        """The behavior. Raises `Problem`."""
        kind, expectation, cases = self.made(folder)
        if self.kind not in (None, kind.value):
            raise Problem(("kind",), f"{self.kind} is not what its {self.source} make, which is {kind.value}")
        if self.partner == self.name:
            raise Problem(("partner",), "a behavior cannot be its own partner")
        return Behavior(
            name=self.name,
            capability=self.capability,
            kind=kind,
            promise=self.promise,
            cases=cases,
            expectation=expectation,
            budget={Approach(approach): share for approach, share in self.budget.items()},
            min_live=self.min_live,
            partner=self.partner or (ACCURACY if kind is Kind.INV else None),
            gated=self.gated,
        )


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

    def made(self, folder: Path) -> _Made:
        _refuse_repeats("frames", self.frames)
        for place, frame in enumerate(self.frames):
            _check_frame(("frames", place), frame, self.words)
        count = _count(self.count, self.frames, self.words, _MOST_SENTENCES)
        return _Made(Kind.MFT, has_label, templated(self.name, self.frames, self.words, self.label, count=count))


class _Twins(_Framed):
    """Pairs of a base frame and a varied frame, which are filled with the same words."""

    source = "twins"
    twins: list[Annotated[list[Line], Field(min_length=2, max_length=2)]] = Field(min_length=1)
    labels: Annotated[list[Truth], Field(min_length=2, max_length=2)]
    """Of the base and of the varied sentence."""

    def made(self, folder: Path) -> _Made:
        twins = [(base, varied) for base, varied in self.twins]
        _refuse_repeats("twins", twins)
        for place, (base, varied) in enumerate(twins):
            if base == varied:
                raise Problem(("twins", place), f"the twins are the same frame {base!r}")
            for frame in (base, varied):
                _check_frame(("twins", place), frame, self.words)
        before, after = self.labels
        count = _count(self.count, [f"{base}\n{varied}" for base, varied in twins], self.words, _MOST_TWINS)
        cases = twinned(self.name, twins, self.words, (before, after), count=count)
        return _Made(*varying(before, after), cases)


class LabelledText(_Model):
    """One of the `texts`."""

    text: Text
    label: Truth


class _Texts(Entry):
    """Whole texts, each with its label."""

    source = "texts"
    texts: list[LabelledText] = Field(min_length=1)

    def made(self, folder: Path) -> _Made:
        _refuse_repeats("texts", [each.text for each in self.texts])
        texts = [Written(each.text, each.label) for each in self.texts]
        return _Made(Kind.MFT, has_label, written(self.name, texts))


class _Pairs(Entry):
    """A file of originals and revisions."""

    source = "pairs"
    pairs: Line
    """Path, relative to the YAML file."""

    def made(self, folder: Path) -> _Made:
        try:
            pairs = read_pairs(folder / self.pairs)
        except BehaviorError as error:
            raise Problem(("pairs",), str(error)) from None
        return _Made(Kind.DIR, both_right, in_fair_order(paired(self.name, pairs)))


class _Edit(Entry):
    """An edit of real reviews that leaves their opinion as it is."""

    source = "edit"
    edit: Annotated[str, AfterValidator(_edit)]
    count: Count = 160

    def made(self, folder: Path) -> _Made:
        return _Made(Kind.INV, same_as_base, edited(self.name, _EDITS[self.edit], count=self.count))


ENTRIES: Mapping[str, type[Entry]] = {model.source: model for model in (_Frames, _Twins, _Texts, _Pairs, _Edit)}
"""The models by the field that says where cases come from."""


def _refuse_repeats(field: str, values: Iterable[Hashable]) -> None:
    numbers: dict[Hashable, int] = {}
    for place, value in enumerate(values):
        first = numbers.setdefault(value, place)
        if first < place:
            raise Problem((field, place), f"the same as number {first + 1} of {field}: {value!r}")


def _check_frame(location: Location, frame: str, lexicon: Lexicon) -> None:
    try:
        sentence = next(fill(frame, lexicon))
    except DataError as error:
        raise Problem(location, str(error)) from None
    if set("{}") & set(sentence.text):
        raise Problem(location, f"frame {frame!r}: a brace that belongs to no {{slot}}")


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
