"""What every entry of a YAML file of behaviors says, whatever its source of cases."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sentiment.behavior.written import ACCURACY, NAME_RULE, is_name
from sentiment.behavior.yaml_lines import Location
from sentiment.errors import DataError
from sentiment.tables.labels import parse_label
from sentiment.tables.rows import text_problem
from sentiment.types import Behavior, Expectation, Kind, Label, Maker, Promise

_APPROACHES = {"base", "sft", "lora"}
LABEL_RULE = "a label is positive or negative (or 1 or 0)"


class Problem(Exception):
    """Something that is wrong at a place of an entry."""

    def __init__(self, location: Location, message: str, is_no_text: bool = False) -> None:
        super().__init__(message)
        self.location = location
        self.is_no_text = is_no_text
        """A text is wanted there, and something else found."""


class Made(NamedTuple):
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


def _budget(value: object) -> float | None:
    """A number; or, as older files have it, a mapping of base, sft and lora to one number."""
    if isinstance(value, dict):
        return _budget_of_all(value)
    return None if value is None else _share(value)


def _budget_of_all(budgets: Mapping[object, object]) -> float:
    if not budgets or not budgets.keys() <= _APPROACHES:
        raise ValueError("a budget is one number, for every classifier that promises anything: write budget: 0.1")
    shares = {_share(each) for each in budgets.values()}
    if len(shares) > 1:
        one = f"write one number, such as budget: {min(shares):g}"
        raise ValueError(f"a budget is the same for every classifier that promises anything: {one}")
    (share,) = shares
    if budgets.keys() == {"base"}:
        raise ValueError(f"base promises nothing: write budget: {share:g} if all others do, else leave it out")
    return share


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a budget is a number from 0 to 1")
    return float(value)


Text = Annotated[str, AfterValidator(_text)]
Line = Annotated[str, AfterValidator(_one_line)]
Name = Annotated[str, AfterValidator(_name)]
Truth = Annotated[Label, BeforeValidator(_label)]
Words = Annotated[list[Line], Field(min_length=1), AfterValidator(_words)]
Slot = Annotated[str, Field(pattern=r"^\w+$")]
Count = Annotated[int, Field(gt=0, le=100_000)]
Budget = Annotated[float | None, BeforeValidator(_budget)]


class Model(BaseModel):
    """A mapping of a file: no other fields, no conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Entry(Model):
    """What every entry says, whatever its source. A subclass adds the source."""

    source: ClassVar[str]
    name: Name
    capability: Line
    promise: Line
    kind: Literal["MFT", "INV", "DIR"] | None = None
    """Follows from the source; whoever writes it down has it checked."""
    budget: Budget = None
    min_live: Count = 150
    quick: Count = 36
    gated: bool = True
    partner: Name | None = None

    @abstractmethod
    def made(self, folder: Path) -> Made:
        """Kind, cases and expectation; the file stands in `folder`. Raises `Problem`."""

    def behavior(self, folder: Path) -> Behavior:
        """The behavior. Raises `Problem`."""
        kind, expectation, cases = self.made(folder)
        if self.kind not in (None, kind.value):
            raise Problem(("kind",), f"{self.kind} is not what its {self.source} make, which is {kind.value}")
        if self.partner == self.name:
            raise Problem(("partner",), "a behavior cannot be its own partner")
        promise = Promise(
            name=self.name,
            capability=self.capability,
            kind=kind,
            claim=self.promise,
            budget=self.budget,
            min_live=self.min_live,
            partner=self.partner or (ACCURACY if kind is Kind.INV else None),
            gated=self.gated,
        )
        return Behavior(promise, cases, expectation, self.quick)
