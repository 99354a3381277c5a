"""From what a user says of a classifier to a subject."""

from __future__ import annotations

from pathlib import Path

from sentiment.files import digest_of
from sentiment.pipeline.settings import SubjectSettings
from sentiment.predictors.function import Function, FunctionPredictor, imported
from sentiment.types import Subject, SubjectFacts


def own_subject(name: str, settings: SubjectSettings, folder: Path) -> Subject:
    """The subject of that name. Raises `SubjectError` when its function cannot be imported."""
    function = imported(settings.target, folder)
    return function_subject(
        name,
        function,
        kind=f"Python function {settings.target}",
        version=settings.version,
        abstains=settings.abstains,
        promises=settings.promises,
    )


def function_subject(
    name: str,
    function: Function,
    *,
    kind: str,
    version: str | None = None,
    abstains: bool = False,
    promises: bool = True,
) -> Subject:
    """A function as a subject; its answers outlive the run only under a `version`."""
    fingerprint = None if version is None else digest_of(["function", kind, version])
    facts = {"model": kind, **({} if version is None else {"version": version})}
    return Subject(
        SubjectFacts(name, promises=promises, reads_prompts=False, abstains=abstains, facts=facts),
        identify=lambda: fingerprint,
        load=lambda: FunctionPredictor(name, function),
    )
