"""Prompt rewording: however the question is put, the answer is about the review."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.behavior.written import ACCURACY
from sentiment.prompting.prompts import OTHER_WORDS, hostile_prompts
from sentiment.prompting.wordings import Parts, sample_prompts
from sentiment.types import Behavior, Draft, Kind, Material, Promise, Prompt, Query, Review, Shows, only

REWORDING = "rewording_keeps_the_answer"

PROMPTS = 40
"""To see a bad wording with 99 % chance where one in eleven is bad, or with 92 % where one in twenty is."""
REVIEWS = 40
HOSTILE_REVIEWS = 20


def population(material: Material) -> list[Prompt]:
    """The rewordings of this run: they follow from the seed alone."""
    return sample_prompts(PROMPTS, material.seed, material.prompt)


def asked(prompts: list[Prompt], reviews: list[Review]) -> list[tuple[Prompt, Review]]:
    """Every prompt with every review; each round asks all prompts, every prompt about another review."""
    rounds = product(range(len(reviews)), enumerate(prompts))
    return [(prompt, reviews[(first + i) % len(reviews)]) for first, (i, prompt) in rounds]


def reworded(material: Material) -> list[Draft]:
    """Every rewording of the population on the first reviews of the suite; tags are the parts that changed."""
    return _varied(material, population(material), REVIEWS)


def hostile(material: Material) -> list[Draft]:
    """Every hostile variant of the house prompt on the first reviews of the suite."""
    return _varied(material, hostile_prompts(material.prompt, material.seed), HOSTILE_REVIEWS)


def other_words(material: Material) -> list[Draft]:
    """Prompts with other answer words on the first reviews of the suite."""
    return [
        Draft(
            Query(prompt, review.text),
            only(review.label),
            group=prompt.name,
            tags={"positive": prompt.positive, "negative": prompt.negative},
        )
        for prompt, review in asked(list(OTHER_WORDS), list(material.suite[:REVIEWS]))
    ]


def _varied(material: Material, prompts: list[Prompt], reviews: int) -> list[Draft]:
    drafts = []
    for prompt, review in asked(prompts, list(material.suite[:reviews])):
        base = Draft(Query(material.prompt, review.text), only(review.label), group=prompt.name)
        query = Query(prompt, review.text)
        drafts.append(Draft(query, only(review.label), base, prompt.name, _changed_parts(prompt)))
    return drafts


def _changed_parts(prompt: Prompt) -> Mapping[str, str]:
    return prompt.parts if "hostile" in prompt.parts else Parts(**prompt.parts).changed


BEHAVIORS = (
    Behavior(
        Promise(
            REWORDING,
            "prompt rewording",
            Kind.INV,
            "The same question in other words, order or format gets the same answer.",
            budget=0.05,
            partner=ACCURACY,
            shows=Shows.PROMPT_SPREAD,
        ),
        reworded,
        same_as_base,
        quick=80,
    ),
    Behavior(
        Promise(
            "other_label_words_are_understood",
            "prompt rewording",
            Kind.MFT,
            "A question with other answer words, such as good and bad or yes and no, is answered rightly in them.",
            gated=False,
        ),
        other_words,
        has_label,
    ),
    Behavior(
        Promise(
            "hostile_prompts_keep_the_answer",
            "prompt rewording",
            Kind.INV,
            "Typos, an idle remark or an order that is taken back at once do not change the answer.",
            partner=ACCURACY,
            gated=False,
        ),
        hostile,
        same_as_base,
    ),
)
