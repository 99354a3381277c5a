"""Which items of ours there are: behaviors x subjects, less what the options leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sentiment.behavior.files import behaviors_beside, pairs_behavior, read_behaviors
from sentiment.errors import BehaviorError, SentimentError
from sentiment.pipeline.run import JudgingRun
from sentiment.plugin.names import BEHAVIOR, SUBJECT
from sentiment.plugin.options import narrowing, option
from sentiment.plugin.stopping import stopping
from sentiment.types import Approach, Behavior

WHOLE_RUNS_ONLY = "examined in whole runs, not in a quick look or for a single case"


class Collecting:
    """The items of ours in this session."""

    def __init__(self, config: pytest.Config, run: JudgingRun, note: Callable[[str], None]) -> None:
        self.config, self.run, self._note = config, run, note
        self.items: list[pytest.Item] = []
        """Those that run."""
        self._places: dict[str, str] = {}

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """One item per subject, and per behavior where the test asks for one."""
        wanted = getattr(metafunc.module, "SUBJECTS", None)
        names = [name for name in self.run.judged if wanted is None or name in wanted]
        subjects = [pytest.param(name, marks=getattr(pytest.mark, name), id=name) for name in names]
        metafunc.parametrize(SUBJECT, subjects, indirect=True, scope="session")
        if BEHAVIOR in metafunc.fixturenames:
            behaviors = self._behaviors_of(metafunc)
            metafunc.parametrize(BEHAVIOR, behaviors, indirect=True, ids=lambda behavior: behavior.name)

    def own_behaviors(self, folder: Path) -> tuple[Behavior, ...]:
        """Of the files in the folder, and of those that were named. Raises `BehaviorError`."""
        beside = behaviors_beside(folder, self._note)
        named = [path for path in self.run.settings.behaviors if path.resolve().parent != folder.resolve()]
        return (*beside, *(behavior for path in named for behavior in read_behaviors(path, self._note)))

    def pair_behaviors(self) -> tuple[Behavior, ...]:
        """One per file of pairs. Raises `BehaviorError`."""
        return tuple(pairs_behavior(path, self._note) for path in self.run.settings.pairs)

    def behaviors(self) -> dict[str, list[Behavior]]:
        """By subject, what its items judge."""
        found: dict[str, dict[str, Behavior]] = {name: {} for name in self.run.judged}
        for item in self.items:
            behavior = _behavior_of(item)
            if behavior is not None:
                found[_subject_of(item)][behavior.name] = behavior
        return {name: list(each.values()) for name, each in found.items()}

    def refuse_partial_selection(self) -> None:
        """A baseline holds all behaviors of a subject, or its family of tests would be wrong."""
        partial, mark = narrowing(self.config), self.config.getoption("-m")
        if partial:
            raise SentimentError(
                f"--behavior-update-baseline records whole subjects, and {partial[0]} selects less or other; "
                "use: pytest behavior_tests --behavior-update-baseline [-m lora]"
            )
        if mark not in ("", *self.run.judged):
            names = ", ".join(self.run.judged)
            raise SentimentError(f"--behavior-update-baseline takes -m with one of {names} alone, got {mark!r}")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out slow items of ours, and for a single case every behavior but its own."""
        # a module without behaviors has one empty item that says nothing
        items[:] = [each for each in items if not _is_empty(each)]
        dropped = {item for item in items if is_ours(item) and not self._is_wanted(item)}
        if dropped:
            self.config.hook.pytest_deselected(items=list(dropped))
            items[:] = [item for item in items if item not in dropped]
        self.items = [item for item in items if is_ours(item)]
        with stopping():
            self._check()
        if self.run.settings.quick or self.run.settings.case:
            for item in self.items:
                if item.get_closest_marker("whole_run"):
                    item.add_marker(pytest.mark.skip(reason=WHOLE_RUNS_ONLY))

    def _check(self) -> None:
        case, subjects = self.run.settings.case, {_subject_of(item) for item in self.items}
        if case and not self.items:
            raise SentimentError(f"--behavior-case {case}: no behavior of that name; ids are printed in the report")
        if self.run.settings.weights and (len(subjects) != 1 or not subjects <= set(Approach)):
            raise SentimentError("--behavior-weights judges one model: say as what with -m base, -m sft or -m lora")
        if len(self.run.settings.weights) > 1 and not option(self.config, "update-baseline"):
            raise SentimentError(
                "--behavior-weights judges one model; several are trainings of one recipe, of which "
                "--behavior-update-baseline records a baseline"
            )
        self.run.check_baselines(subjects)

    def _is_wanted(self, item: pytest.Item) -> bool:
        behavior, case = _behavior_of(item), self.run.settings.case
        if item.get_closest_marker("slow") and not option(self.config, "slow"):
            return False
        return case is None or (behavior is not None and case.startswith(f"{behavior.name}:"))

    def _behaviors_of(self, metafunc: pytest.Metafunc) -> Sequence[Behavior]:
        make = getattr(metafunc.module, "behaviors", None)
        behaviors: Sequence[Behavior] = make(self.config) if make else metafunc.module.BEHAVIORS
        file, here = Path(str(metafunc.module.__file__)).name, set()
        for behavior in behaviors:
            place = behavior.place or file
            first = self._places.setdefault(behavior.name, place)
            if first != place or behavior.name in here:
                raise BehaviorError(
                    f"behavior {behavior.name!r} of {place} stands in {first} already: rename one of them"
                )
            here.add(behavior.name)
        return behaviors


def is_ours(item: pytest.Item) -> bool:
    """Whether the item judges a subject."""
    return SUBJECT in getattr(item, "fixturenames", ())


def _is_empty(item: pytest.Item) -> bool:
    return BEHAVIOR in getattr(item, "fixturenames", ()) and _behavior_of(item) is None


def _parameter(item: pytest.Item, name: str) -> object:
    return item.callspec.params.get(name) if hasattr(item, "callspec") else None


def _subject_of(item: pytest.Item) -> str:
    return str(_parameter(item, SUBJECT))


def _behavior_of(item: pytest.Item) -> Behavior | None:
    found = _parameter(item, BEHAVIOR)
    return found if isinstance(found, Behavior) else None
