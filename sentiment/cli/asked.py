"""Whom a command asks: an approach of the profile, weights given by path, or a classifier of the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment.cli.saying import say
from sentiment.errors import SubjectError
from sentiment.pipeline.asking import asked_by
from sentiment.pipeline.settings import read_settings
from sentiment.prompting.ways import Strategy
from sentiment.types import Approach, Predictor

if TYPE_CHECKING:
    from sentiment.pipeline import Workbench


@dataclass(frozen=True)
class Answerer:
    """Who answers, and what is known of it."""

    name: str
    predictor: Predictor
    bench: Workbench
    learnt: frozenset[str] | None
    """Digests of the texts that it was trained on; None: nobody knows."""


@contextmanager
def asked_of(
    approach: Approach | None,
    subject: str | None,
    *,
    weights: Path | None,
    on_base: str | None,
    profile: str | None,
    strategy: Strategy,
) -> Iterator[Answerer]:
    """Whoever the options name. Raises `SentimentError` unless they name one."""
    from sentiment.pipeline.run import JudgingRun
    from sentiment.predictors.stored import StoredPredictor
    from sentiment.runs.rerun import Rerun

    if subject is not None and (approach is not None or weights is not None):
        raise SubjectError("--subject names who is asked: leave --approach and --weights out")
    if subject is None and approach is None and weights is None:
        raise SubjectError("who is asked? give --approach base, sft or lora, --weights PATH, or --subject")
    settings = replace(read_settings(Path.cwd()), weights=() if weights is None else (weights,), on_base=on_base)
    settings = replace(settings, profile=profile or settings.profile)
    if subject is None:
        settings = replace(settings, subjects={})
    elif "=" in subject:
        settings = settings.with_subjects([subject])
    else:
        settings = settings.of(subject)
    run = JudgingRun(settings, rerun=Rerun(), note=say, with_approaches=subject is None)
    name = next(iter(settings.subjects), (approach or Approach.BASE).value)
    found = run.subject(name)
    if found.recorded:
        raise SubjectError(f"{name}: its answers lie in a file, so it answers nothing else; sentiment judge rules them")
    for line in run.header():
        say(line)
    predictor = StoredPredictor(name, found.identify(), found.load, say)
    learnt = run.bench.learnt_from(approach or Approach.BASE) if subject is None else run.bench.seen
    if strategy is not Strategy.AS_ASKED and not found.facts.reads_prompts:
        raise SubjectError(f"--strategy {strategy.value}: {name} reads no prompt")
    yield Answerer(name, asked_by(strategy, predictor, run.bench), run.bench, learnt)
    if not found.lasting:
        predictor.forget_asked()
