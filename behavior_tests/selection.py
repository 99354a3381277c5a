"""Which behaviors a session collects, and what a selection of them allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from behavior_tests.session import BASELINES
from sentiment.errors import BehaviorError, SentimentError
from sentiment.types import Approach, Behavior

KNOWN_BEHAVIORS = pytest.StashKey[dict[str, str]]()
"""Name -> where it is written, of every behavior that was collected."""


def behaviors_of(metafunc: pytest.Metafunc) -> Sequence[Behavior]:
    """A module's `BEHAVIORS`, or where they depend on options what its `behaviors(config)` gives."""
    make = getattr(metafunc.module, "behaviors", None)
    return make(metafunc.config) if make else metafunc.module.BEHAVIORS


def refuse_repeated_names(metafunc: pytest.Metafunc, behaviors: Sequence[Behavior]) -> None:
    """A name is one behavior's. Raises `BehaviorError` that says where both stand."""
    file = Path(metafunc.module.__file__).name
    known, here = metafunc.config.stash[KNOWN_BEHAVIORS], set()
    for behavior in behaviors:
        place = behavior.place or file
        if known.setdefault(behavior.name, place) != place or behavior.name in here:
            first = known[behavior.name]
            raise BehaviorError(f"behavior {behavior.name!r} of {place} stands in {first} already: rename one of them")
        here.add(behavior.name)


def refuse_partial_selection(config: pytest.Config) -> None:
    """A baseline holds all behaviors of an approach, or its family of tests would be wrong."""
    narrowing = ("-k", "--case", "--quick", "--weights", "--on-base", "--pairs", "--deselect", "--ignore")
    partial = [name for name in narrowing if config.getoption(name, default=None)]
    partial += [path for path in config.args if Path(path).resolve() != BASELINES.parent]
    if partial:
        raise SentimentError(
            f"--update-baseline records whole approaches, and {partial[0]} selects less or other; "
            "use: pytest behavior_tests --update-baseline [-m lora]"
        )
    if config.getoption("-m") not in ("", *(approach.value for approach in Approach)):
        raise SentimentError(f"--update-baseline takes -m base, sft or lora alone, got {config.getoption('-m')!r}")


def parameters(item: pytest.Item) -> Mapping[str, object]:
    """What the item was parametrized with."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def parameter(item: pytest.Item, name: str) -> object:
    """One parameter of the item; None where it has none of that name."""
    return parameters(item).get(name)


def behavior_of(item: pytest.Item) -> Behavior | None:
    """The behavior that the item judges, if it judges one."""
    found = parameter(item, "behavior")
    return found if isinstance(found, Behavior) else None
