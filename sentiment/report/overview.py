"""What the first screen says: what broke, and a matrix of capabilities and predictors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from sentiment.judging.compare import Comparison
from sentiment.judging.statistics import ALPHA, wilson
from sentiment.report.cards import Card, cards_of
from sentiment.report.signs import SEVERITY, SIGNS
from sentiment.runs.run import Run
from sentiment.safety import visible
from sentiment.types import BehaviorResult, Interval, Promise, Ruling


@dataclass(frozen=True)
class Cell:
    """A capability of one predictor: its behaviors taken together."""

    results: Sequence[BehaviorResult]

    @property
    def ruling(self) -> Ruling:
        """The worst."""
        return min((result.ruling for result in self.results), key=SEVERITY.__getitem__)

    @property
    def rulings(self) -> dict[Ruling, int]:
        """How many behaviors got each, the worst first."""
        counts = Counter(result.ruling for result in self.results)
        return {ruling: counts[ruling] for ruling in SEVERITY if counts[ruling]}

    @property
    def failed(self) -> int:
        """Over all behaviors."""
        return sum(result.failed for result in self.results)

    @property
    def judged(self) -> int:
        """Over all behaviors."""
        return sum(result.judged for result in self.results)

    @property
    def rate(self) -> float:
        """Failed over judged; nan when nothing was judged."""
        return self.failed / self.judged if self.judged else float("nan")

    @cached_property
    def interval(self) -> Interval:
        """Wilson, 95 %, of the rate."""
        if len(self.results) == 1:
            return self.results[0].interval
        return wilson(self.failed, self.judged) if self.judged else Interval(0.0, 1.0)


@dataclass(frozen=True)
class BehaviorView:
    """A behavior with its results and the cards of its cases."""

    results: Mapping[str, BehaviorResult]
    """By predictor."""
    cards: Sequence[Card]

    @property
    def promise(self) -> Promise:
        """What it promises."""
        return next(iter(self.results.values())).promise

    @property
    def name(self) -> str:
        """As it may be shown."""
        return visible(self.promise.name)

    @property
    def ruling(self) -> Ruling:
        """The worst."""
        return Cell(list(self.results.values())).ruling

    @property
    def failing(self) -> list[Card]:
        """Cards of cases that some subject fails, and not those that were fixed."""
        return [card for card in self.cards if card.failing]

    @property
    def worst_rate(self) -> float:
        """The highest failure rate; below zero where nothing was judged."""
        return max((result.rate for result in self.results.values() if result.judged), default=-1.0)

    def shown(self, names: Sequence[str]) -> dict[str, BehaviorResult]:
        """The results of these predictors."""
        return {name: self.results[name] for name in names if name in self.results}

    def cell(self, name: str) -> Cell | None:
        """The behavior as a cell of the matrix."""
        return Cell([self.results[name]]) if name in self.results else None

    @property
    def fixed(self) -> int:
        """Cases that were failures before and are none any more."""
        return len(self.cards) - len(self.failing)


@dataclass(frozen=True)
class Capability:
    """A row of the matrix, and the behaviors that it is made of."""

    name: str
    cells: Mapping[str, Cell | None]
    """By predictor; None where nothing was run."""
    behaviors: Sequence[BehaviorView]


@dataclass(frozen=True)
class Pair:
    """Two subjects over all behaviors."""

    first: str
    second: str
    comparisons: Sequence[Comparison]
    """The largest difference first."""

    def total(self, name: str) -> int:
        """Sum of a count over the behaviors."""
        return sum(getattr(comparison.counts, name) for comparison in self.comparisons)

    @property
    def worse(self) -> list[Comparison]:
        """Where the second fails significantly more."""
        return [each for each in self.comparisons if each.p_adjusted < ALPHA and each.counts.difference > 0]

    @property
    def better(self) -> list[Comparison]:
        """Where the second fails significantly less."""
        return [each for each in self.comparisons if each.p_adjusted < ALPHA and each.counts.difference < 0]


def capabilities(run: Run) -> list[Capability]:
    """Every capability with its behaviors; what is broken comes first, and of equals what fails most."""
    found: dict[str, dict[str, dict[str, BehaviorResult]]] = {}
    for result in run.results:
        behaviors = found.setdefault(result.promise.capability, {})
        behaviors.setdefault(result.promise.name, {})[result.predictor] = result
    names = run.judged
    listed = [_capability(name, behaviors, names) for name, behaviors in found.items()]
    return sorted(listed, key=lambda each: _urgency([cell for cell in each.cells.values() if cell]))


def broken(run: Run) -> dict[str, list[BehaviorResult]]:
    """By predictor the results that failed, the highest rate first; one that judged nothing before all others."""
    failed = sorted(
        (result for result in run.results if result.ruling is Ruling.FAIL),
        key=lambda result: -result.rate if result.judged else -2,
    )
    found = {name: [result for result in failed if result.predictor == name] for name in run.predictors}
    return {name: results for name, results in found.items() if results}


def promised(run: Run) -> Counter[str]:
    """How many behaviors of a predictor were judged."""
    return Counter(result.predictor for result in run.results if result.ruling is not Ruling.REPORTED)


def pairs(run: Run) -> list[Pair]:
    """Each two subjects that share cases."""
    grouped: dict[tuple[str, str], list[Comparison]] = {}
    for comparison in run.comparisons:
        grouped.setdefault((comparison.first, comparison.second), []).append(comparison)
    return [
        Pair(*names, sorted(listed, key=lambda each: -abs(each.counts.difference))) for names, listed in grouped.items()
    ]


def anchor(kind: str, name: str) -> str:
    """The link to a behavior, a capability or a case on the page."""
    return f"#{kind}:{quote(visible(name), safe=':')}"


def overall(run: Run) -> str:
    """The class of the closing sentence."""
    tones = {SIGNS[result.ruling].tone for result in run.results}
    if "bad" in tones or run.broken_floors or run.failed_checks:
        return "bad"
    kept = "good" in tones and "open" not in tones and not run.open_floors
    return "good" if kept and run.facts.complete else "open"


def _capability(name: str, behaviors: Mapping[str, Mapping[str, BehaviorResult]], names: Sequence[str]) -> Capability:
    views = [
        BehaviorView(results, cards_of([results[name] for name in names if name in results]))
        for results in behaviors.values()
    ]
    cells = {
        predictor: Cell(mine) if (mine := [v.results[predictor] for v in views if predictor in v.results]) else None
        for predictor in names
    }
    return Capability(name, cells, sorted(views, key=lambda view: _urgency([Cell([r]) for r in view.results.values()])))


def _urgency(cells: Sequence[Cell]) -> tuple[int, float]:
    return min((SEVERITY[cell.ruling] for cell in cells), default=len(SEVERITY)), -max(
        (c.rate for c in cells if c.judged), default=0.0
    )
