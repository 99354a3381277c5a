"""Does accuracy drop when the test prompt is not the training prompt (Q8)? Trained on one format, asked in many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from statistics import fmean

import numpy as np

from sentiment.behavior.expectations import same_as_base
from sentiment.judging.judge import judge, queries_of
from sentiment.judging.paired import worse_than
from sentiment.judging.spread import PERMUTATIONS, Spread, eta_squared, permutation_p_value, spread_of
from sentiment.judging.statistics import holm, wilson
from sentiment.pipeline import Workbench
from sentiment.prompting.prompts import OTHER_WORDS, WORDINGS
from sentiment.prompting.wordings import Parts, sample_prompts
from sentiment.study.measures import (
    Errors,
    crossed_interval,
    errors_of,
    is_wrong,
    is_wrong_by_likelihood,
    most_common,
    one_is_better,
)
from sentiment.study.record import Ends
from sentiment.types import Approach, Behavior, Draft, Kind, Outcome, Predictor, Promise, Prompt, Query, Review, only

REWORDED = Behavior(
    Promise("formats", "prompt rewording", Kind.INV, claim="Another format of the same question gets the same answer."),
    make=lambda material: (),
    expectation=same_as_base,
)
FEWEST_FORMATS = 2
"""Formats in every cell of two parts whose joint effect is looked at."""
ALTERNATIVES = tuple(prompt for prompt in WORDINGS if prompt not in OTHER_WORDS)
"""Formats written by hand, with the house prompt's answer words; the first is the single try that is asked for."""


@dataclass(frozen=True)
class FormatRow:
    """One format: what was made of it, and whether it is worse than the training prompt."""

    format: str
    template: str
    system: str | None
    chat: bool
    changed: Mapping[str, str]
    """Parts in which it differs from the training prompt; empty for formats written by hand."""
    accuracy: float
    interval: Ends
    """Wilson."""
    unanswered: int
    answers: tuple[tuple[str, int], ...]
    """Given most often, with their counts."""
    p_value: float
    """One-sided and exact, of "it is no worse than the training prompt"."""
    p_adjusted: float
    """Holm's, over the formats beside it."""


@dataclass(frozen=True)
class PartsCell:
    """The formats that share an option of each of two parts."""

    options: tuple[str, str]
    formats: int
    accuracy: float
    unanswered: float


@dataclass(frozen=True)
class PartPair:
    """The two parts that together go with most of the differences between formats."""

    parts: tuple[str, str]
    explained: float
    """Eta squared, adjusted for the number of cells."""
    p_value: float
    cells: tuple[PartsCell, ...]


@dataclass(frozen=True)
class ApproachFormats:
    """One approach in all formats. Shares lie in [0, 1]."""

    spread: Spread | None
    """None where formats or reviews were too few."""
    pair_of_parts: PartPair | None
    matched_accuracy: float
    """With the training prompt."""
    mismatched_accuracy: float
    """Mean over the other formats."""
    mismatched_unanswered: float
    mismatched_by_likelihood: float
    """With the likelier label word for the answer."""
    drop_interval: Ends
    """Of `matched_accuracy` less `mismatched_accuracy`, reviews and formats drawn again."""
    p_mismatched_is_worse: float
    as_good_formats: int
    """Formats at least as accurate as the training prompt."""
    rows: tuple[FormatRow, ...]
    """The worst first."""
    handwritten: tuple[FormatRow, ...]
    single_try: str
    """The format written by hand that is the assignment's single try."""


@dataclass(frozen=True)
class TrainedOn:
    """The training prompt."""

    template: str
    chat: bool


@dataclass(frozen=True)
class FormatFindings:
    """Each approach in a population of formats, on the same reviews."""

    formats: int
    reviews: int
    house: TrainedOn
    approaches: Mapping[str, ApproachFormats]


def formats(bench: Workbench) -> FormatFindings:
    """sft and lora in every format of a population, and in the handwritten ones, on the same reviews."""
    sizes, material = bench.profile.study, bench.material
    population = sample_prompts(sizes.formats, material.seed, material.prompt)
    reviews = material.suite[: sizes.format_reviews]
    found = {}
    for approach in (Approach.SFT, Approach.LORA):
        predictor = bench.predictor(approach)
        outcomes = asked_in(predictor, material.prompt, population, reviews)
        handwritten = _by_format(asked_in(predictor, material.prompt, ALTERNATIVES, reviews))
        found[approach.value] = _examined(outcomes, handwritten, len(reviews))
        predictor.release()
    house = TrainedOn(material.prompt.template, material.prompt.chat)
    return FormatFindings(len(population), len(reviews), house, found)


def asked_in(
    predictor: Predictor, house: Prompt, prompts: Sequence[Prompt], reviews: Sequence[Review]
) -> list[Outcome]:
    """Every review in every prompt, each beside its answer to the house prompt."""
    cases = []
    for prompt, review in product(prompts, reviews):
        base = Draft(Query(house, review.text), only(review.label), group=review.id)
        draft = Draft(Query(prompt, review.text), only(review.label), base, review.id)
        cases.append(draft.stamped(REWORDED.name))
    queries = queries_of(cases)
    answers = dict(zip(queries, predictor.predict(queries), strict=True))
    return judge(REWORDED, cases, predictor.name, answers)


def _examined(outcomes: Sequence[Outcome], handwritten: tuple[FormatRow, ...], reviews: int) -> ApproachFormats:
    """`outcomes`: format by format, each over the same `reviews`."""
    prompts = [outcome.case.query.prompt for outcome in outcomes[::reviews]]
    errors, at_home = errors_of(outcomes, reviews)
    interval = crossed_interval(errors - np.array(at_home))
    rows = _by_format(outcomes)
    matched = 1 - fmean(at_home)
    return ApproachFormats(
        spread=spread_of(outcomes),
        pair_of_parts=pair_of_parts(prompts, 1 - errors.mean(axis=1), _unanswered(outcomes, len(prompts))),
        matched_accuracy=matched,
        mismatched_accuracy=1 - float(errors.mean()),
        mismatched_unanswered=fmean(outcome.prediction.label is None for outcome in outcomes),
        mismatched_by_likelihood=1 - fmean(is_wrong_by_likelihood(o.prediction, o.case.label) for o in outcomes),
        drop_interval=(interval.low, interval.high),
        p_mismatched_is_worse=one_is_better(at_home, [int(n) for n in errors.sum(axis=0)], len(prompts)),
        as_good_formats=sum(row.accuracy >= matched for row in rows),
        rows=rows,
        handwritten=handwritten,
        single_try=ALTERNATIVES[0].name,
    )


def _unanswered(outcomes: Sequence[Outcome], formats: int) -> list[float]:
    missing = np.array([outcome.prediction.label is None for outcome in outcomes], dtype=float)
    return [float(share) for share in missing.reshape(formats, -1).mean(axis=1)]


def pair_of_parts(
    prompts: Sequence[Prompt], accuracy: Sequence[float] | Errors, unanswered: Sequence[float], seed: int = 0
) -> PartPair | None:
    """The two parts that together go with most of the differences between the prompts, and the means of their cells.

    Pairs are ranked by eta squared adjusted for the number of cells; `p_value` is that of the best pair, against
    the best pair of accuracies dealt at random (Westfall & Young 1993). Only pairs count whose every cell holds
    several prompts, since one alone does not tell its parts from the rest of it. None where there is no such pair.
    """
    values = np.asarray(accuracy, dtype=float)
    random = np.random.default_rng(seed)
    dealt = np.vstack([values, random.permuted(np.tile(values, (PERMUTATIONS, 1)), axis=1)])
    parts = [part for part in prompts[0].parts if len({prompt.parts[part] for prompt in prompts}) > 1]
    best: tuple[float, tuple[str, str], list[tuple[str, str]]] | None = None
    chance = np.full(PERMUTATIONS, -np.inf)
    for pair in combinations(parts, 2):
        chosen = [(prompt.parts[pair[0]], prompt.parts[pair[1]]) for prompt in prompts]
        cells = sorted(set(chosen))
        if min(map(chosen.count, cells)) < FEWEST_FORMATS:
            continue
        members = np.array([[each == cell for each in chosen] for cell in cells], dtype=float)
        by_chance = (len(cells) - 1) / (len(prompts) - 1)
        adjusted = (eta_squared(dealt, members) - by_chance) / (1 - by_chance)
        chance = np.maximum(chance, adjusted[1:])
        if best is None or adjusted[0] > best[0]:
            best = (float(adjusted[0]), pair, chosen)
    if best is None:
        return None
    explained, pair, chosen = best
    means = tuple(
        PartsCell(
            options=cell,
            formats=chosen.count(cell),
            accuracy=fmean(v for v, each in zip(values, chosen, strict=True) if each == cell),
            unanswered=fmean(v for v, each in zip(unanswered, chosen, strict=True) if each == cell),
        )
        for cell in sorted(set(chosen))
    )
    return PartPair(pair, explained, permutation_p_value(explained, chance), means)


def _by_format(outcomes: Sequence[Outcome]) -> tuple[FormatRow, ...]:
    """One row per format, the worst first; p-values are one-sided, exact and Holm-adjusted over the rows."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.query.prompt.name, []).append(outcome)
    rows = []
    for name, group in groups.items():
        prompt = group[0].case.query.prompt
        right = [not is_wrong(outcome.prediction, outcome.case.label) for outcome in group]
        before = [not is_wrong(outcome.base_prediction, outcome.case.label) for outcome in group]
        interval = wilson(sum(right), len(right))
        p_value = worse_than(before, right)
        rows.append(
            FormatRow(
                format=name,
                template=prompt.template,
                system=prompt.system,
                chat=prompt.chat,
                changed=Parts(**prompt.parts).changed if prompt.parts else {},
                accuracy=sum(right) / len(right),
                interval=(interval.low, interval.high),
                unanswered=sum(outcome.prediction.label is None for outcome in group),
                answers=most_common(outcome.prediction.text for outcome in group),
                p_value=p_value,
                p_adjusted=p_value,
            )
        )
    adjusted = holm([row.p_value for row in rows])
    rows = [replace(row, p_adjusted=p) for row, p in zip(rows, adjusted, strict=True)]
    return tuple(sorted(rows, key=lambda row: (row.accuracy, row.format)))
