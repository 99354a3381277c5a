"""A run held against an earlier one, case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sentiment.judging.baseline import failed_ids
from sentiment.judging.rulings import too_few, worsening
from sentiment.judging.statistics import ALPHA, holm
from sentiment.types import BehaviorResult, Outcome, Ruling


def held_against(
    results: Mapping[str, BehaviorResult], earlier: Mapping[str, Sequence[Outcome]], name: str, quick: bool = False
) -> dict[str, BehaviorResult]:
    """The results with `against` filled in, and a ruling of `fail` where a behavior became significantly worse.

    `earlier` holds the outcomes of the run called `name`, by behavior; one that is not gated, or whose cases are too
    few for a ruling (of a `quick` run or a whole one), stays as it is. The test is the exact paired one by group,
    Holm-adjusted over the behaviors that both have: it compares these two models on these cases, not the recipes that
    trained them.
    """
    both = [each for each in results if each in earlier and results[each].judged]
    level = ALPHA / max(1, len(both))
    changes = {each: worsening(failed_ids(earlier[each]), 1, results[each].outcomes, level) for each in both}
    found = {each: change for each, change in changes.items() if change is not None}
    worse = dict(zip(found, holm([change.p_worse for change in found.values()]), strict=True))
    better = dict(zip(found, holm([change.p_better for change in found.values()]), strict=True))
    held = dict(results)
    for each, change in found.items():
        adjusted = replace(change, p_worse=worse[each], p_better=better[each])
        held[each] = replace(results[each], against=adjusted)
        if adjusted.p_worse < ALPHA and results[each].promise.gated and not too_few(results[each], quick):
            reason = f"{results[each].reason}; worse than {100 * change.rate:.3g} % in {name} (p = {worse[each]:.2g})"
            held[each] = replace(held[each], ruling=Ruling.FAIL, reason=reason)
    return held
