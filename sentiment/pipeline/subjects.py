"""From what a user says of a classifier to a subject."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment.errors import CacheError, SubjectError
from sentiment.files import digest_of
from sentiment.pipeline.kinds import (
    AnswersSubject,
    ClassifierSubject,
    EndpointSubject,
    ModelSubject,
    PythonSubject,
    SubjectSettings,
)
from sentiment.pipeline.workbench import Workbench
from sentiment.predictors.endpoint import EndpointPredictor
from sentiment.predictors.endpoint_facts import Endpoint
from sentiment.predictors.function import Function, FunctionPredictor, imported
from sentiment.predictors.given_answers import GivenAnswers
from sentiment.predictors.stored import begun, forget, given_when, is_old
from sentiment.types import Subject, SubjectFacts

if TYPE_CHECKING:
    from sentiment.models.classifier import ClassifierPredictor

Note = Callable[[str], None]


def own_subject(name: str, settings: SubjectSettings, folder: Path, bench: Workbench) -> Subject:
    """The subject of that name; `bench` is the run's, for its base model, prompt and device.

    Raises `SubjectError` or `ModelError` when there is no such classifier, as far as can be told without loading it.
    """
    match settings:
        case PythonSubject():
            return function_subject(
                name,
                imported(settings.target, folder),
                kind=f"Python function {settings.target}",
                place=str(folder.resolve()),
                version=settings.version,
                abstains=settings.abstains,
                promises=settings.promises,
            )
        case ModelSubject():
            return _model(name, settings, bench)
        case ClassifierSubject():
            return _classifier(name, settings, bench.note)
        case EndpointSubject():
            return _endpoint(name, settings, bench.note)
        case AnswersSubject():
            return _answers(name, settings, bench.note)


def function_subject(
    name: str,
    function: Function,
    *,
    kind: str,
    place: str,
    version: str | None = None,
    abstains: bool = False,
    promises: bool = True,
) -> Subject:
    """A function as a subject; its answers outlive the run only under a `version`, which is that of the `kind` of
    function in this `place`, under this name."""
    fingerprint = None if version is None else digest_of(["function", name, kind, place, version])
    facts = {"model": kind, **({} if version is None else {"version": version})}
    return Subject(
        SubjectFacts(name, promises=promises, reads_prompts=False, abstains=abstains, facts=facts),
        identify=lambda: fingerprint,
        load=lambda: FunctionPredictor(name, function),
    )


def _model(name: str, settings: ModelSubject, bench: Workbench) -> Subject:
    """A language model or adapter of another place, asked as the profile's own are."""
    return bench.of_other(settings.target, settings.on_base).given_subject(name, promises=settings.promises)


def _classifier(name: str, settings: ClassifierSubject, note: Note) -> Subject:
    from sentiment.models.classifier_folder import classifier_folder

    folder = classifier_folder(settings.target, settings.revision, settings.labels.spellings)

    def identify() -> str:
        from sentiment.models.classifier import answers_fingerprint

        return answers_fingerprint(folder, settings.max_length)

    def load() -> ClassifierPredictor:
        from sentiment.models.classifier import ClassifierPredictor
        from sentiment.models.device import best_device, fitting_budget

        device = best_device()
        budget = fitting_budget(settings.token_budget, device)
        return ClassifierPredictor(name, folder, device, max_length=settings.max_length, token_budget=budget, note=note)

    facts = {"model": f"sequence classifier {settings.target}", "classes": folder.says}
    return Subject(
        SubjectFacts(name, promises=settings.promises, reads_prompts=False, abstains=folder.abstains, facts=facts),
        identify,
        load,
    )


def _endpoint(name: str, settings: EndpointSubject, note: Note) -> Subject:
    """Without a version nobody knows what answers there tomorrow: answers last for a run, be it interrupted."""
    endpoint = Endpoint(
        settings.url,
        settings.model,
        api=settings.api,
        key=settings.key,
        workers=settings.workers,
        timeout=settings.timeout,
        attempts=settings.attempts,
        max_tokens=settings.max_tokens,
        extra=settings.extra,
    )
    if find_spec("openai") is None:
        raise SubjectError(
            f"{name}: an endpoint is asked through the openai package: pip install 'sentiment-behavior[endpoint]'"
        )
    fingerprint = digest_of([endpoint.fingerprint, settings.version])
    if settings.version is None and is_old(fingerprint):
        forget(fingerprint)
    facts = {"model": f"{settings.model} at {settings.url}", "interface": settings.api}
    if settings.version is not None:
        facts["version"] = settings.version
    if given := given_when(fingerprint, note):
        facts["stored answers"] = f"given {given}"

    def load() -> EndpointPredictor:
        try:
            begun(fingerprint)
        except CacheError as error:
            note(f"{error}; when its answers were given is not remembered")
        return EndpointPredictor(name, endpoint)

    return Subject(
        SubjectFacts(name, promises=settings.promises, facts=facts),
        identify=lambda: fingerprint,
        load=load,
        lasting=settings.version is not None,
    )


def _answers(name: str, settings: AnswersSubject, note: Note) -> Subject:
    path = Path(settings.target)
    if not path.is_file():
        raise SubjectError(f"{name}: {path}: no such file of answers")
    facts = {"model": f"answers in {path}"}
    return Subject(
        SubjectFacts(name, promises=settings.promises, abstains=settings.abstains, facts=facts),
        identify=lambda: None,
        load=lambda: GivenAnswers(name, path, note),
        recorded=True,
    )
