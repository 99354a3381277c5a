"""Where cases come from: frames, twin frames, edited reviews, pairs. Each function makes a maker.

A maker is what `Behavior.make` wants: it gets the `Material` of a profile and gives drafts of all cases, in an order
whose every prefix is a fair sample of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from sentiment.behavior.pairs import Pair
from sentiment.behavior.templates import Lexicon, sample
from sentiment.errors import BehaviorError
from sentiment.types import TWO_LABELS, Draft, Edit, Label, Maker, Material, Query, only

CASES_VERSION = 1
"""Raised by hand when a change alters cases without altering their ids; baselines of other versions are refused."""

_BETWEEN = "\n"
"""Stands between the two sentences of a twin while they are filled together."""


def templated(frames: Sequence[str], lexicon: Lexicon, label: Label, *, count: int = 288) -> Maker:
    """`count` labelled sentences, drawn evenly over the frames. The frame is the group, its fillers are tags."""

    def cases(material: Material) -> list[Draft]:
        return [
            Draft(Query(material.prompt, text), only(label), group=frame, tags=slots)
            for text, frame, slots in sample(frames, lexicon, count, material.seed)
        ]

    return cases


def twinned(
    twins: Sequence[tuple[str, str]], lexicon: Lexicon, labels: tuple[Label, Label], *, count: int = 160
) -> Maker:
    """`count` pairs of sentences with the same words in both: (base frame, varied frame), and the label of each.

    The base frame is the group. Raises `BehaviorError` for a frame that spans lines.
    """
    for twin in twins:
        if _BETWEEN in twin[0] + twin[1]:
            raise BehaviorError(f"a frame must be one line, got {twin}")

    def cases(material: Material) -> list[Draft]:
        made = []
        for text, frame, slots in sample([_BETWEEN.join(twin) for twin in twins], lexicon, count, material.seed):
            plain, varied = text.split(_BETWEEN)
            group = frame.split(_BETWEEN)[0]
            base = Draft(Query(material.prompt, plain), only(labels[0]), group=group, tags=slots)
            query = Query(material.prompt, varied[:1].upper() + varied[1:])
            made.append(Draft(query, only(labels[1]), base, group, slots))
        return made

    return cases


def edited(edit: Edit, *, count: int = 160) -> Maker:
    """The first `count` reviews of the suite pool that the edit changes; the unedited review is the base.

    An edit draws from a generator seeded by the review's id, so a review is edited alike in every run.
    Raises `BehaviorError` when the edit loses the review's id or label.
    """

    def cases(material: Material) -> list[Draft]:
        made: list[Draft] = []
        for review in material.suite:
            if len(made) == count:
                break
            varied = edit(review, material.random(review.id))
            if (varied.id, varied.label) != (review.id, review.label):
                raise BehaviorError(
                    f"behavior {material.behavior!r}: the edit turned review {review.id!r} ({review.label!r}) into "
                    f"{varied.id!r} ({varied.label!r}); use dataclasses.replace(review, text=...)"
                )
            if varied.text != review.text:
                query, plain = Query(material.prompt, varied.text), Query(material.prompt, review.text)
                base = Draft(plain, only(review.label), group=review.id)
                made.append(Draft(query, only(review.label), base, review.id))
        return made

    return cases


def paired(pairs: Sequence[Pair]) -> Maker:
    """One case per pair: the revised text, with the original as its base."""

    def cases(material: Material) -> list[Draft]:
        made = []
        for pair in pairs:
            base = Draft(Query(material.prompt, pair.original), only(pair.label), group=pair.id)
            query = Query(material.prompt, pair.revised)
            made.append(Draft(query, TWO_LABELS.others(pair.label), base, pair.id))
        return made

    return cases
