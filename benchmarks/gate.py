"""How often the gate against a baseline is red for another training of the same recipe, and what it sees.

    python -m benchmarks.gate --worlds 1000

In every world 60 behaviors of 8 capabilities are judged for a baseline of three trainings, for a fourth training of
the same recipe, for a model whose every behavior is worse by 2 logits, and for one that fails everything. Failure
rates wander between trainings by a normal deviation on the logit scale, partly shared within a capability. In worlds
that are uneven, behaviors differ in how far they wander: their deviations are log-normal.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sentiment.judging.baseline import Baseline, Record
from sentiment.judging.paired import over_dispersion, worse
from sentiment.judging.statistics import ALPHA

BEHAVIORS, CAPABILITIES, TRAININGS = 60, 8, 3
LEVEL = ALPHA / BEHAVIORS
SHARED = 0.6
"""Share of a training's wander that the behaviors of a capability have in common."""
SHAPES = ((40, 4), (160, 1))
"""Groups, and cases per group."""
DEVIATIONS = ((0.0, 0.0), (0.3, 0.0), (0.6, 0.0), (0.3, 0.7), (0.6, 0.7))
"""Of a behavior between trainings on the logit scale, and of the logarithm of that deviation between behaviors."""
SEEN = 5
"""Behaviors per world on which the power is measured."""
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """Failures per behavior, training and group."""

    trainings: Counts
    """(behaviors, trainings + 1, groups); the last training is the one that is judged."""
    worse: Counts
    """(behaviors, groups): the same, 2 logits worse."""
    per_group: int


def world(random: np.random.Generator, groups: int, per_group: int, deviation: float, uneven: float) -> World:
    """One world, drawn."""
    behavior = random.normal(-2, 1, (BEHAVIORS, 1, 1))
    frame = random.normal(0, 1, (BEHAVIORS, groups, 1))
    hardness = behavior + frame + random.normal(0, 1.5, (BEHAVIORS, groups, per_group))
    count = TRAININGS + 2
    own = deviation * np.exp(random.normal(-(uneven**2) / 2, uneven, (BEHAVIORS, 1)) if uneven else np.zeros((1, 1)))
    shared = random.normal(0, SHARED, (CAPABILITIES, count))[np.arange(BEHAVIORS) % CAPABILITIES]
    wander = own * (shared + random.normal(0, (1 - SHARED**2) ** 0.5, (BEHAVIORS, count)))
    logits = hardness[:, None] + wander[:, :, None, None]
    logits[:, -1] += 2
    failed = (random.random(logits.shape) < 1 / (1 + np.exp(-logits))).sum(axis=3)
    return World(failed[:, :-1], failed[:, -1], per_group)


def baseline_of(found: World) -> Baseline:
    """The baseline of the first trainings, by the package's own formulas."""
    cases = found.trainings.shape[2] * found.per_group
    pairs = [
        [found.trainings[b, j] - found.trainings[b, i] for i, j in combinations(range(TRAININGS), 2)]
        for b in range(BEHAVIORS)
    ]
    records = {
        str(b): Record(
            cases=cases,
            digest="",
            churn=float(np.mean([(d**2).sum() for d in pairs[b]])) / cases,
            shift=float(np.mean([d.sum() ** 2 for d in pairs[b]])) / cases,
            capability=str(b % CAPABILITIES),
        )
        for b in range(BEHAVIORS)
    }
    freedom = (TRAININGS - 1) * CAPABILITIES
    excess = over_dispersion((each.tolist() for found in pairs for each in found), freedom, LEVEL)
    return Baseline(
        profile="",
        subject="lora",
        model="",
        seeds=list(range(TRAININGS)),
        over_dispersion=excess,
        behaviors=records,
    )


def is_red(baseline: Baseline, behavior: int, before: Counts, now: Counts) -> bool:
    """Whether the gate fires. `before`: (trainings, groups), `now`: (groups,)."""
    name = str(behavior)
    found = (TRAININGS * now - before.sum(axis=0)).tolist()
    return worse(found, baseline.variance(name, baseline.behaviors[name].cases)) < LEVEL


def measure(worlds: int, groups: int, per_group: int, deviation: float, uneven: float, seed: int) -> str:
    """One line of the table."""
    random = np.random.default_rng(seed)
    red = worsened = collapsed = 0
    for _ in range(worlds):
        found = world(random, groups, per_group, deviation, uneven)
        baseline = baseline_of(found)
        before, now = found.trainings[:, :TRAININGS], found.trainings[:, TRAININGS]
        red += any(is_red(baseline, b, before[b], now[b]) for b in range(BEHAVIORS))
        everything = np.full(groups, per_group)
        for b in range(SEEN):
            worsened += is_red(baseline, b, before[b], found.worse[b])
            collapsed += is_red(baseline, b, before[b], everything)
    rate, asked = red / worlds, worlds * SEEN
    error = (rate * (1 - rate) / worlds) ** 0.5
    return (
        f"| {groups} x {per_group} | {deviation:g} | {uneven:g} | {100 * rate:.1f} ± {100 * error:.1f} % | "
        f"{100 * worsened / asked:.0f} % | {100 * collapsed / asked:.0f} % |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print("| cases | deviation, logits | uneven | red: another training | seen: 2 logits worse | seen: all fail |")
    print("|---|---|---|---|---|---|")
    for groups, per_group in SHAPES:
        for deviation, uneven in DEVIATIONS:
            print(measure(options.worlds, groups, per_group, deviation, uneven, options.seed), flush=True)


if __name__ == "__main__":
    main()
