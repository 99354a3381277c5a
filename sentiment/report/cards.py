"""The cases worth reading: one card per case that a judged subject failed, with what every one of them answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentiment.runs.run import Run
from sentiment.types import BehaviorResult, Case, Outcome, Prompt, Status

NEW, FIXED = "new", "fixed"


@dataclass(frozen=True)
class Card:
    """A case, and what each predictor answered."""

    case: Case
    outcomes: Mapping[str, Outcome]
    """By predictor, in the order of the run."""
    notes: Mapping[str, str]
    """By predictor: `new` for a failure that was none before, `fixed` for one that is none any more."""

    @property
    def failing(self) -> list[str]:
        """The predictors that fail it."""
        return [name for name, outcome in self.outcomes.items() if outcome.verdict.status is Status.FAILED]


def cards_of(results: Sequence[BehaviorResult]) -> list[Card]:
    """The cards of one behavior, from the results of the predictors that count: new failures first, those that
    were fixed since the baseline last, and otherwise in case order."""
    notes: dict[str, dict[str, str]] = {}
    answers: dict[str, dict[str, Outcome]] = {}
    for result in results:
        for change in (result.change, result.against):
            if change is not None:
                marks = dict.fromkeys(change.fixed, FIXED) | dict.fromkeys(change.new_failures, NEW)
                for case, mark in marks.items():
                    notes.setdefault(case, {}).setdefault(result.predictor, mark)
        for outcome in result.outcomes:
            answers.setdefault(outcome.case.id, {})[result.predictor] = outcome
    cards = [
        Card(next(iter(by_name.values())).case, by_name, notes.get(case, {}))
        for case, by_name in answers.items()
        if case in notes or any(outcome.verdict.status is Status.FAILED for outcome in by_name.values())
    ]
    return sorted(cards, key=lambda card: (not card.failing, NEW not in card.notes.values()))


def house_prompt(run: Run) -> Prompt | None:
    """The run's; of the first schema, which does not name it, the prompt that most texts were asked with."""
    if run.facts.house_prompt is not None:
        return run.facts.house_prompt
    prompts = [(outcome.case.base or outcome.case).query.prompt for outcome in run.outcomes]
    asked = Counter((prompt.name, prompt.template) for prompt in prompts)
    most = max(asked, key=asked.__getitem__, default=None)
    return next((prompt for prompt in prompts if (prompt.name, prompt.template) == most), None)
