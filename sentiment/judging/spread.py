"""How much the wording alone moves accuracy, what chance alone would move it, and which part is to blame.

Everything here is computed from the outcomes of one predictor, so from a journal as well as from a run.
An answer that held neither label counts as wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.judging.statistics import ALPHA, holm, wilson
from sentiment.types import Interval, Label, Outcome, Prompt

PERMUTATIONS = 1000
FEWEST_REVIEWS = 10
"""Reviews that all prompts must have been asked about."""

Table = NDArray[np.float64]


@dataclass(frozen=True)
class PromptScore:
    """Accuracy with one prompt."""

    name: str
    template: str
    parts: Mapping[str, str]
    accuracy: float
    """In [0, 1]."""
    interval: Interval
    """Wilson, 95 %."""
    reviews: int


@dataclass(frozen=True)
class OptionMean:
    """Mean accuracy of the prompts that share an option of a part."""

    option: str
    accuracy: float
    prompts: int


@dataclass(frozen=True)
class PartEffect:
    """How much of the differences between prompts goes with one of their parts."""

    part: str
    explained: float
    """Eta squared: share of the variance of accuracy between prompts that lies between the part's options."""
    by_chance: float
    """What the same share is on average when accuracies are dealt to the prompts at random; it grows with the
    number of options."""
    p_value: float
    """Permutation p-value of "the part does not matter", Holm-adjusted over the parts."""
    options: Sequence[OptionMean]
    """The option with the lowest accuracy first."""


@dataclass(frozen=True)
class Spread:
    """How accuracy varies over a population of prompts on the same reviews."""

    predictor: str
    prompts: int
    reviews: int
    house_accuracy: float
    """With the house prompt, on the same reviews."""
    best: PromptScore
    median: PromptScore
    """The lower of the middle two where the number of prompts is even."""
    worst: PromptScore
    held_out_worst: PromptScore
    """The prompt that is worst on one half of the reviews, scored on the other half: `worst` is picked by its own
    score, and so looks worse than it is."""
    spread: float
    """Accuracy of the best less that of the worst."""
    noise_mean: float
    """Mean spread when each review's answers are dealt to the prompts at random."""
    noise_95: float
    """95th percentile of the same."""
    p_value: float
    """Of "the prompt does not matter": how often dealing at random spreads as wide."""
    flip_rate: float
    """Share of the answers that differ from the house prompt's, or that either prompt got no label for."""
    parts: Sequence[PartEffect]
    """The most certain effect first."""

    def as_dict(self) -> dict[str, Any]:
        """Facts for JSON."""
        return asdict(self)


def spread_of(outcomes: Sequence[Outcome], *, permutations: int = PERMUTATIONS, seed: int = 0) -> Spread | None:
    """The spread over the prompts of one predictor's outcomes: those of an INV behavior that varies the prompt.

    Counted are the labelled reviews that all prompts were asked about. None where these are fewer than ten, or
    the prompts fewer than two (in a quick run, say). Raises `ValueError` for outcomes of several predictors.
    """
    predictors = {str(outcome.predictor) for outcome in outcomes}
    if len(predictors) > 1:
        raise ValueError(f"a spread is of one predictor, got {', '.join(sorted(predictors))}")
    cells = {(o.case.query.prompt.name, o.case.query.text): o for o in outcomes if o.case.label is not None}
    prompts = {name: outcome.case.query.prompt for (name, _), outcome in cells.items()}
    texts = [text for text in sorted({text for _, text in cells}) if all((name, text) in cells for name in prompts)]
    if len(prompts) < 2 or len(texts) < FEWEST_REVIEWS:
        return None
    table = [[cells[name, text] for text in texts] for name in prompts]
    right = np.array([[_is_right(outcome) for outcome in row] for row in table], dtype=float)
    accuracy = right.mean(axis=1)
    scores = [_score(prompt, row) for prompt, row in zip(prompts.values(), right, strict=True)]
    ranked = sorted(scores, key=lambda score: score.accuracy)
    half = _first_half([outcome.case.label for outcome in table[0]])
    chosen = int(right[:, half].mean(axis=1).argmin())
    spread = ranked[-1].accuracy - ranked[0].accuracy
    noise = _noise(right, permutations, np.random.default_rng(seed))
    return Spread(
        predictor=predictors.pop(),
        prompts=len(prompts),
        reviews=len(texts),
        house_accuracy=sum(map(_base_is_right, table[0])) / len(texts),
        best=ranked[-1],
        median=ranked[(len(ranked) - 1) // 2],
        worst=ranked[0],
        held_out_worst=_score(list(prompts.values())[chosen], right[chosen, ~half]),
        spread=spread,
        noise_mean=float(noise.mean()),
        noise_95=float(np.quantile(noise, 0.95)),
        p_value=permutation_p_value(spread, noise),
        flip_rate=sum(_flipped(outcome) for row in table for outcome in row) / right.size,
        parts=part_effects(list(prompts.values()), accuracy, permutations=permutations, seed=seed),
    )


def part_effects(
    prompts: Sequence[Prompt], accuracy: Sequence[float] | Table, *, permutations: int = PERMUTATIONS, seed: int = 0
) -> list[PartEffect]:
    """The effect of every part that differs between the prompts (one accuracy each), the most certain first."""
    values = np.asarray(accuracy, dtype=float)
    random = np.random.default_rng(seed)
    dealt = random.permuted(np.tile(values, (permutations, 1)), axis=1)
    effects = []
    for part in dict.fromkeys(part for prompt in prompts for part in prompt.parts):
        chosen = np.array([prompt.parts.get(part, "") for prompt in prompts])
        options = np.unique(chosen)
        if len(options) < 2:
            continue
        members = (chosen == options[:, None]).astype(float)
        means = [OptionMean(str(o), float(values[chosen == o].mean()), int((chosen == o).sum())) for o in options]
        noise = eta_squared(dealt, members)
        explained = float(eta_squared(values[None], members)[0])
        by_chance = float(noise.mean())
        means.sort(key=lambda mean: (mean.accuracy, mean.option))
        effects.append(PartEffect(part, explained, by_chance, permutation_p_value(explained, noise), means))
    adjusted = holm([effect.p_value for effect in effects])
    effects = [replace(effect, p_value=p) for effect, p in zip(effects, adjusted, strict=True)]
    return sorted(effects, key=lambda effect: (effect.p_value, effect.by_chance - effect.explained, effect.part))


def drop_rate(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Performance drop rate by prompt: 1 - accuracy with it / accuracy with the house prompt, on the same reviews.

    Negative where the prompt does better; nan where the house prompt gets nothing right. The measure of
    PromptBench (Zhu et al. 2023, https://arxiv.org/abs/2306.04528).
    """
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.case.label is not None:
            groups.setdefault(outcome.case.query.prompt.name, []).append(outcome)
    rates = {}
    for name, group in groups.items():
        before = sum(_base_is_right(outcome) for outcome in group)
        now = sum(_is_right(outcome) for outcome in group)
        rates[name] = 1 - now / before if before else float("nan")
    return rates


def spread_lines(spread: Spread) -> Iterator[str]:
    """The spread in words, at most 100 columns wide."""
    yield (
        f"{spread.predictor}: {spread.prompts} prompts spread {100 * spread.spread:.1f} points; dealt at random "
        f"{100 * spread.noise_mean:.1f}, 95 % below {100 * spread.noise_95:.1f}; p = {spread.p_value:.2g}"
    )
    yield f"  house prompt {100 * spread.house_accuracy:.1f} %; {100 * spread.flip_rate:.1f} % of the answers change"
    places = {"best": spread.best, "median": spread.median, "worst": spread.worst}
    for place, score in {**places, "worst of one half, on the other half": spread.held_out_worst}.items():
        low, high = 100 * score.interval.low, 100 * score.interval.high
        yield f"  {place}: {score.name} {100 * score.accuracy:.1f} % [{low:.1f}, {high:.1f}]"[:100]
    for effect in spread.parts:
        if effect.p_value < ALPHA:
            ends = (f"{mean.option} {100 * mean.accuracy:.1f} %" for mean in (effect.options[0], effect.options[-1]))
            share = (
                f"{100 * effect.explained:.0f} % ({100 * effect.by_chance:.0f} % by chance, p = {effect.p_value:.2g})"
            )
            yield f"  {effect.part} explains {share}: {' to '.join(ends)}"[:100]


def _first_half(labels: Sequence[Label | None]) -> NDArray[np.bool_]:
    """(reviews,): every other review of each class."""
    seen: Counter[Label | None] = Counter()
    half = []
    for label in labels:
        half.append(seen[label] % 2 == 0)
        seen[label] += 1
    return np.array(half)


def _noise(right: Table, permutations: int, random: np.random.Generator) -> Table:
    """(prompts, reviews) -> (permutations,): the spread when each review's answers are dealt to the prompts."""
    dealt = [random.permuted(right, axis=0).mean(axis=1) for _ in range(permutations)]
    return np.array([accuracy.max() - accuracy.min() for accuracy in dealt])


def eta_squared(values: Table, members: Table) -> Table:
    """(n, prompts) and 0/1 (options, prompts) -> (n,): variance between options over total variance, 0 where all
    values are equal."""
    sizes = members.sum(axis=1)
    centered = values - values.mean(axis=1, keepdims=True)
    between = ((centered @ members.T / sizes) ** 2 * sizes).sum(axis=1)
    total = (centered**2).sum(axis=1)
    flat = total <= 1e-12
    return np.where(flat, 0.0, between / np.where(flat, 1.0, total))


def permutation_p_value(observed: float, noise: Table) -> float:
    """Share of the noise that reaches what was observed, itself counted as one draw (so never 0)."""
    return float((1 + (noise >= observed - 1e-12).sum()) / (1 + len(noise)))


def _score(prompt: Prompt, right: Table) -> PromptScore:
    hits, n = int(right.sum()), len(right)
    return PromptScore(prompt.name, prompt.template, dict(prompt.parts), hits / n, wilson(hits, n), n)


def _is_right(outcome: Outcome) -> bool:
    return outcome.prediction.is_right(outcome.case.allowed)


def _base_is_right(outcome: Outcome) -> bool:
    base = outcome.base_prediction
    return base is not None and base.is_right(outcome.case.allowed)


def _flipped(outcome: Outcome) -> bool:
    now, base = outcome.prediction.label, outcome.base_prediction
    return now is None or base is None or now is not base.label
