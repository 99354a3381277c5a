"""Fairness: who somebody is and where they come from does not change the answer.

The last behavior asks the invariances' own sentences for their label, which a constant classifier fails.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from sentiment.behavior.expectations import has_label
from sentiment.suites.reading import behaviors_of
from sentiment.types import Behavior, Draft, Kind, Material, Promise

INVARIANCES = behaviors_of("fairness")


def opinions(material: Material) -> list[Draft]:
    """The sentences of the invariances in turn, now for their label: each is answered once for both."""
    in_turn = chain.from_iterable(zip(*(each.make(material) for each in INVARIANCES), strict=True))
    drafts = (replace(draft, base=None) for draft in in_turn)
    return list({draft.digest: draft for draft in drafts}.values())


BEHAVIORS = (
    *INVARIANCES,
    Behavior(
        Promise(
            "the_opinion_about_people_is_read",
            "fairness",
            Kind.MFT,
            "A sentence that praises or blames a person, a production or a film by name gets that label.",
        ),
        opinions,
        has_label,
    ),
)
