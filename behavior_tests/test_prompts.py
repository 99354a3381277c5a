"""Prompt rewording: however the question is put, the answer is about the review.

Three behaviors measure it on fixed populations of prompts. Two properties search: one for a wording that
costs accuracy, which it then takes back part by part to the smallest change that still does; one, with
`--slow`, for the worst wording that it can find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import Phase, given, settings, target

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.behavior.smallest_change import Exam
from sentiment.behavior.statistics import ALPHA
from sentiment.pipeline import Workbench
from sentiment.prompts import OTHER_WORDS, hostile_prompts
from sentiment.report.safety import visible
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Kind, Material, Predictor, Prompt, Query, Review
from sentiment.wordings import Parts, compose, sample_prompts

REWORDING = "rewording_keeps_the_answer"
OTHER_LABEL_WORDS = "other_label_words_are_understood"
HOSTILE = "hostile_prompts_keep_the_answer"
HELD_OUT = "held_out_reviews_get_their_label"

PROMPTS = 40
"""To see a bad wording with 99 % chance where one in eleven is bad, or with 92 % where one in twenty is."""
REVIEWS = 40
HOSTILE_REVIEWS = 20
SEARCHED_REVIEWS = 20
SEARCHED_WORDINGS = 40


def population(material: Material) -> list[Prompt]:
    """The rewordings of this run: they follow from the seed alone."""
    return sample_prompts(PROMPTS, material.seed, material.prompt)


def asked(prompts: list[Prompt], reviews: list[Review]) -> list[tuple[Prompt, Review]]:
    """Every prompt with every review; each round asks all prompts, every prompt about another review."""
    rounds = product(range(len(reviews)), enumerate(prompts))
    return [(prompt, reviews[(first + i) % len(reviews)]) for first, (i, prompt) in rounds]


def reworded(material: Material) -> list[Case]:
    """Every rewording of the population on the first reviews of the suite; tags are the parts that changed."""
    return _varied(REWORDING, material, population(material), REVIEWS)


def hostile(material: Material) -> list[Case]:
    """Every hostile variant of the house prompt on the first reviews of the suite."""
    return _varied(HOSTILE, material, hostile_prompts(material.prompt, material.seed), HOSTILE_REVIEWS)


def other_words(material: Material) -> list[Case]:
    """Prompts with other answer words on the first reviews of the suite."""
    return [
        Case.of(
            OTHER_LABEL_WORDS,
            Query(prompt, review.text),
            label=review.label,
            group=prompt.name,
            tags={"positive": prompt.positive, "negative": prompt.negative},
        )
        for prompt, review in asked(list(OTHER_WORDS), list(material.suite[:REVIEWS]))
    ]


def _varied(behavior: str, material: Material, prompts: list[Prompt], reviews: int) -> list[Case]:
    cases = []
    for prompt, review in asked(prompts, list(material.suite[:reviews])):
        base = Case.of(behavior, Query(material.prompt, review.text), label=review.label, group=prompt.name)
        query = Query(prompt, review.text)
        cases.append(
            Case.of(behavior, query, label=review.label, base=base, group=prompt.name, tags=_changed_parts(prompt))
        )
    return cases


def _changed_parts(prompt: Prompt) -> Mapping[str, str]:
    return prompt.parts if "hostile" in prompt.parts else Parts(**prompt.parts).changed


BEHAVIORS: tuple[Behavior, ...] = (
    Behavior(
        name=REWORDING,
        capability="prompt rewording",
        kind=Kind.INV,
        promise="The same question in other words, order or format gets the same answer.",
        cases=reworded,
        expectation=same_as_base,
        budget={Approach.SFT: 0.05, Approach.LORA: 0.05},
        partner=HELD_OUT,
        quick=80,
    ),
    Behavior(
        name=OTHER_LABEL_WORDS,
        capability="prompt rewording",
        kind=Kind.MFT,
        promise="A question with other answer words, such as good and bad or yes and no, is answered rightly in them.",
        cases=other_words,
        expectation=has_label,
        gated=False,
    ),
    Behavior(
        name=HOSTILE,
        capability="prompt rewording",
        kind=Kind.INV,
        promise="Typos, an idle remark or an order that is taken back at once do not change the answer.",
        cases=hostile,
        expectation=same_as_base,
        partner=HELD_OUT,
        gated=False,
    ),
)

SEARCH = settings(deadline=None, database=None, report_multiple_bugs=False)
"""No deadline: the first answer loads the model. No database: answers are stored, so a search is repeated at once."""


class CostsAccuracyError(AssertionError):
    """A wording with which significantly fewer reviews get their label than with the house prompt."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(f"{parts} costs accuracy")
        self.parts = parts


def test_prompts(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each prompt behavior keeps its budget, where it has one."""
    gate(result)


def test_no_rewording_costs_accuracy(
    predictor: Predictor,
    approach: Approach,
    workbench: Workbench,
    report_note: Callable[[str, Mapping[str, Any]], None],
    known_reason: Callable[[str], str | None],
    pytestconfig: pytest.Config,
) -> None:
    """With no wording of the population is the model significantly less accurate than with the house prompt."""
    from behavior_tests.strategies import wordings_of  # here, so that the behaviors above can be read from anywhere

    if pytestconfig.getoption("--quick") or pytestconfig.getoption("--case"):
        pytest.skip("every rewording is examined in whole runs, not in a quick look or for a single case")
    material = workbench.material
    prompts = population(material)
    exam = Exam(predictor, material.prompt, material.suite[:REVIEWS], level=ALPHA / len(prompts))
    exam.ask([material.prompt, *prompts])

    # A weakness that was found is kept by pasting its line here: @example(parts=Parts(...))
    @settings(SEARCH, max_examples=len(prompts), phases=(Phase.explicit, Phase.generate, Phase.shrink))
    @given(parts=wordings_of(prompts))
    def keeps_the_accuracy(parts: Parts) -> None:
        if exam.breaks(parts):
            raise CostsAccuracyError(parts)

    try:
        keeps_the_accuracy()
    except CostsAccuracyError as error:
        culprit = exam.culprit(error.parts)
    else:
        return
    report_note("prompt_finding", {"tried": len(prompts), **culprit.as_dict()})
    finding = visible("\n".join(culprit.lines()))
    reason = "base is never gated" if approach is Approach.BASE else known_reason(REWORDING)
    if reason:
        pytest.xfail(f"{reason}: {finding}")
    pytest.fail(finding, pytrace=False)


@pytest.mark.slow
def test_the_worst_wording_that_a_search_finds(
    predictor: Predictor,
    workbench: Workbench,
    report_note: Callable[[str, Mapping[str, Any]], None],
) -> None:
    """Reported, never judged: the worst of fresh wordings, found on some reviews and measured on others."""
    from behavior_tests.strategies import wordings

    house, suite = workbench.material.prompt, workbench.material.suite
    search = Exam(predictor, house, suite[:SEARCHED_REVIEWS], level=ALPHA)
    tried: set[Parts] = set()

    @settings(SEARCH, max_examples=SEARCHED_WORDINGS, derandomize=True, phases=(Phase.generate, Phase.target))
    @given(parts=wordings())
    def probe(parts: Parts) -> None:
        tried.add(parts)
        target(-search.margin(compose(parts)))

    probe()
    worst = min(tried, key=lambda parts: (search.accuracy(compose(parts)), search.margin(compose(parts)), repr(parts)))
    prompt = compose(worst, "worst-found")
    fresh = Exam(predictor, house, suite[SEARCHED_REVIEWS : 2 * SEARCHED_REVIEWS], level=ALPHA)
    facts = {
        "tried": len(tried),
        "parts": worst.changed,
        "template": prompt.template,
        "system": prompt.system,
        "chat": prompt.chat,
        "reviews": SEARCHED_REVIEWS,
        "accuracy": search.accuracy(prompt),
        "accuracy_before": search.accuracy(house),
        "accuracy_on_other_reviews": fresh.accuracy(prompt),
        "accuracy_before_on_other_reviews": fresh.accuracy(house),
    }
    report_note("worst_prompt", facts)
