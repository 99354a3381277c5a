"""Label flips: a few words are changed, and a review says the opposite.

The pairs in `pairs/label_flips.jsonl` are written by hand. Within a pair everything stays but the words that carry
the verdict: an adjective, a negation, what the audience did, the number of stars. Whoever goes by the subject, the
length or the tone of a review answers both texts alike, and gets one of them wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sentiment.behavior.cases import paired
from sentiment.behavior.expectations import both_right
from sentiment.behavior.pairs import read_pairs
from sentiment.types import Approach, Behavior, BehaviorResult, Kind

PAIRS = read_pairs(Path(__file__).parent / "pairs" / "label_flips.jsonl")
"""Short and long reviews, praise and blame take turns, so that any first part of them is mixed."""

BEHAVIORS: tuple[Behavior, ...] = (
    Behavior(
        name="a_minimal_edit_flips_the_label",
        capability="label flips",
        kind=Kind.DIR,
        promise="A review, and the same review with the few words changed that decide it, both get their label.",
        cases=paired("a_minimal_edit_flips_the_label", PAIRS),
        expectation=both_right,
        budget={Approach.SFT: 0.40, Approach.LORA: 0.40},
        min_live=100,
        quick=48,
    ),
)


def test_label_flips(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each label-flip behavior keeps its budget."""
    gate(result)
