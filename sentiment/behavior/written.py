"""Behaviors from texts that somebody wrote down one by one, and what every file of behaviors has in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sentiment.behavior.expectations import flips_from_base, has_label, same_as_base
from sentiment.types import Draft, Expectation, Kind, Label, Maker, Material, Query, only

ACCURACY = "held_out_reviews_get_their_label"
"""Any constant classifier fails this behavior on half of its cases, so it is a partner for every invariance."""
NAME_RULE = "a name is snake_case, such as denied_boredom_is_positive"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Written:
    """A text, its label, and perhaps the labelled text that it varies."""

    text: str
    label: Label
    base: Written | None = None


def is_name(name: str) -> bool:
    """Whether a behavior may be called so."""
    return _NAME.fullmatch(name) is not None


def written(texts: Sequence[Written]) -> Maker:
    """One case per text, in an order that does not depend on theirs. Texts with one base are one group."""

    def draft(text: Written, material: Material) -> Draft:
        base = draft(text.base, material) if text.base else None
        return Draft(Query(material.prompt, text.text), only(text.label), base)

    return in_fair_order(lambda material: [draft(text, material) for text in texts])


def in_fair_order(maker: Maker) -> Maker:
    """The same cases by a hash of each: texts that a file sorts by class or topic come out mixed."""
    return lambda material: sorted(maker(material), key=lambda draft: draft.digest)


def varying(before: Label, after: Label) -> tuple[Kind, Expectation]:
    """What is asked of a text that varies another: INV with the same label on both, else DIR."""
    return (Kind.INV, same_as_base) if before is after else (Kind.DIR, flips_from_base)


def asked_of(text: Written) -> tuple[Kind, Expectation]:
    """What is asked of a text: MFT without a base."""
    return varying(text.base.label, text.label) if text.base else (Kind.MFT, has_label)
