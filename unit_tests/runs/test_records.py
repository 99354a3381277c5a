"""Records are read from JSON with nothing converted and, where they must be whole, nothing made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from sentiment.runs.records import is_deeper, plain, reader
from sentiment.types import Kind, Prompt


@dataclass(frozen=True)
class Leaf:
    share: float
    kind: Kind | None = None


@dataclass(frozen=True)
class Tree:
    name: str
    count: int = 1
    is_tall: bool = False
    leaves: Sequence[Leaf] = ()
    parent: Tree | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    odd: Mapping[str, Any] = field(default_factory=dict)


TREE = Tree("\ud800", 2, True, [Leaf(1.0, Kind.INV), Leaf(0.5)], Tree("root"), {"a": "\udfff"}, {"x": [1, None]})
WHOLE = plain(TREE)


def test_what_is_read_is_what_was_written() -> None:
    read = reader(Tree, whole=True)(WHOLE)
    assert (read.name, read.count, read.is_tall, read.leaves, read.tags, read.odd) == (
        TREE.name, TREE.count, TREE.is_tall, TREE.leaves, TREE.tags, TREE.odd,
    )  # fmt: skip
    assert read.parent == Tree("root", leaves=[])  # as JSON, which has no tuples, gives them
    assert read.leaves[0].kind is Kind.INV


@pytest.mark.parametrize(
    "change",
    [
        {"name": 5}, {"name": b"x"}, {"name": None}, {"count": True}, {"count": 1.0}, {"count": "1"}, {"is_tall": 1},
        {"is_tall": "yes"}, {"leaves": {"share": 1}}, {"leaves": "x"}, {"leaves": [{"share": "0.5", "kind": None}]},
        {"leaves": [{"share": float("nan"), "kind": None}]}, {"leaves": [{"share": 10**400, "kind": None}]},
        {"leaves": [{"share": True, "kind": None}]}, {"leaves": [{"share": 0.5, "kind": "other"}]}, {"parent": []},
        {"tags": {"a": 1}}, {"tags": []}, {"tags": None}, {"odd": 5},
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused_in_one_line(change) -> None:
    for whole in (True, False):
        with pytest.raises(ValueError, match=rf"^{next(iter(change))}\b.*: .+$"):
            reader(Tree, whole=whole)({**WHOLE, **change})


@pytest.mark.parametrize("missing", list(WHOLE))
def test_what_is_missing_is_made_up_only_where_the_record_need_not_be_whole(missing: str) -> None:
    part = {name: value for name, value in WHOLE.items() if name != missing}
    with pytest.raises(ValueError, match=f"{missing}: "):
        reader(Tree, whole=True)(part)
    if missing != "name":
        assert getattr(reader(Tree, whole=False)(part), missing) == getattr(Tree("x"), missing)


def test_what_a_record_itself_refuses_is_an_error_like_any_other() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        reader(Prompt, whole=False)({"name": "x", "template": "no slot"})


def test_unknown_keys_are_left_out() -> None:
    assert reader(Leaf, whole=True)({"share": 1, "kind": None, "more": 1}) == Leaf(1.0)


def test_depth_is_counted_in_mappings_and_lists() -> None:
    assert is_deeper({"a": [{"b": 1}]}, 2)
    assert not is_deeper({"a": [{"b": 1}]}, 3)


def test_what_json_cannot_hold_is_written_plainly() -> None:
    assert plain({"a": float("inf"), 3: (Kind.DIR, {1})}) == {"a": None, "3": ["DIR", [1]]}
