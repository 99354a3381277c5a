"""Judging from Python: a function in, rulings out, a run folder with the same report as anywhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.behavior.files import pairs_behavior, read_behaviors
from sentiment.errors import BehaviorError, SentimentError, SubjectError
from sentiment.judging.metrics import Metrics, metrics_of
from sentiment.judging.session import in_one
from sentiment.paths import at_home
from sentiment.pipeline.run import JudgingRun
from sentiment.pipeline.settings import read_settings
from sentiment.pipeline.subjects import function_subject
from sentiment.predictors.function import Function, FunctionPredictor
from sentiment.report.terminal import closing_lines
from sentiment.runs.rerun import Rerun
from sentiment.runs.run import Run
from sentiment.runs.run_folder import PAGE
from sentiment.spellings import known, spelling
from sentiment.suites import SUITES
from sentiment.types import Behavior, BehaviorResult, Label, Prompt, Query, Ruling, Subject

if TYPE_CHECKING:
    import pandas as pd

WITH_PROMPTS = "prompts"
"""The suite that varies the prompt, which a function of a text does not see."""
_TEXT = Prompt("text", "{review}", chat=False)

Judged = Function | Subject | Mapping[str, Function | Subject]


@dataclass(frozen=True)
class Results:
    """What judging found out. Shows itself as the closing table, in a notebook as a table."""

    run: Run
    folder: Path
    """The run folder."""

    @property
    def failed(self) -> list[BehaviorResult]:
        """The behaviors that are shown to be broken."""
        return [result for result in self._judged if result.ruling is Ruling.FAIL]

    @property
    def _judged(self) -> list[BehaviorResult]:
        return [result for result in self.run.results if result.predictor in self.run.judged]

    def frame(self) -> pd.DataFrame:
        """One row per behavior and subject: capability, behavior, subject, cases, judged, failed, rate, low and high
        (of the rate's Wilson 95 % interval), budget, ruling, reason. Rates lie in [0, 1]."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "capability": result.promise.capability,
                    "behavior": result.promise.name,
                    "subject": result.predictor,
                    "cases": len(result.outcomes),
                    "judged": result.judged,
                    "failed": result.failed,
                    "rate": result.rate,
                    "low": result.interval.low,
                    "high": result.interval.high,
                    "budget": result.budget,
                    "ruling": result.ruling.value,
                    "reason": result.reason,
                }
                for result in self._judged
            ]
        )

    def failures(self) -> pd.DataFrame:
        """One row per failed case, the columns of `failures.csv`."""
        from sentiment.report.frames import failures_frame, outcomes_frame

        promises = {result.promise.name: result.promise for result in self._judged}
        outcomes = [outcome for result in self._judged for outcome in result.outcomes]
        return failures_frame(outcomes_frame(promises, outcomes))

    def report(self) -> Path:
        """The page: one HTML file that needs nothing else."""
        return self.folder / PAGE

    def __repr__(self) -> str:
        return "\n".join(closing_lines(self.run, tells_why=True))

    def _repr_html_(self) -> str:
        shown = self.frame().drop(columns=["reason", "low", "high"])
        table: str = shown.to_html(index=False, float_format=lambda share: f"{100 * share:.1f} %", na_rep="")
        page = escape(str(self.report()))
        return f"<p>{escape(self.run.closing_sentence)}</p>{table}<p>Report: <code>{page}</code></p>"


def judge(
    predict: Judged,
    *,
    name: str = "",
    suites: Iterable[str] | None = None,
    behaviors: Iterable[Behavior] = (),
    files: Iterable[str | Path] = (),
    version: str | None = None,
    abstains: bool = False,
    quick: bool = False,
    case: str | None = None,
    against: str | Path | None = None,
    reports: str | Path | None = None,
    note: Callable[[str], None] = print,
) -> Results:
    """Judge a classifier: a function from a list of texts to labels, P(positive) or shares (see `FunctionPredictor`).

    A mapping of names to functions judges several, side by side. `suites` are names out of `sentiment.suites.SUITES`
    (all but those that vary the prompt, where none are named); `behaviors` and `files` (YAML or CSV) are one's own.
    With a `version`, which must change whenever an answer could, answers are stored and not asked for again. The report
    goes to a new folder in `reports` (default: as `[tool.sentiment]` says, else `reports`).

    Raises `SentimentError` for whatever of this cannot be used; the function's own errors come as `SubjectError`.
    """
    subjects = _subjects(predict, name, version, abstains)
    chosen = [*behaviors, *(behavior for file in files for behavior in read_behaviors(at_home(file), note))]
    if suites is not None or not chosen:
        chosen = [*behaviors_of_suites(suites), *chosen]
    settings = replace(
        read_settings(Path.cwd()),
        profile=None,
        subjects={},
        behaviors=(),
        case=case,
        quick=quick,
        against=at_home(against) if against is not None else None,
    )
    if reports is not None:
        settings = replace(settings, reports=at_home(reports))
    asked = " ".join(subject.name for subject in subjects)
    run = JudgingRun(settings, asked=asked, rerun=Rerun(command=""), note=note, own=subjects)
    return judged(run, [subject.name for subject in subjects], chosen)


def judged(run: JudgingRun, subjects: Sequence[str], behaviors: Sequence[Behavior]) -> Results:
    """The run's subjects of these names, judged on the behaviors. Raises `SentimentError`."""
    names = [behavior.name for behavior in behaviors]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BehaviorError(f"behavior {twice!r} is given twice: drop one")
    if not names:
        raise BehaviorError(f"no behavior is given: name a suite out of {', '.join(SUITES)}, or behaviors of your own")
    run.check()
    run.check_baselines(subjects)
    recorder = run.recorder()
    session = run.session(dict.fromkeys(subjects, behaviors), recorder)
    complete, stopped = False, ""
    try:
        for name in subjects:
            session.results(name)
        complete, stopped = not session.unanswered, in_one(session.unanswered)
    except SentimentError as error:
        stopped = str(error)
        raise
    finally:
        run.end(recorder, session, complete=complete, failed_checks={}, stopped=stopped)
    return Results(recorder.run(), recorder.folder)


def evaluate(predict: Function, texts: Sequence[str], labels: Sequence[Any], *, name: str = "") -> Metrics:
    """Accuracy, macro F1, precision and recall of a function on labelled texts.

    Labels are spelled as in users' tables: positive, 1, True ... Raises `DataError` where there are none, `ValueError`
    for one that is not understood or where there are not as many as texts.
    """
    found = [_label(label) for label in labels]
    predictor = FunctionPredictor(name or _name_of(predict), predict)
    return metrics_of(found, predictor.predict([Query(_TEXT, text) for text in texts]))


def _subjects(predict: Judged, name: str, version: str | None, abstains: bool) -> list[Subject]:
    given = predict if isinstance(predict, Mapping) else {name or _name_of(predict): predict}
    subjects = []
    for each, function in given.items():
        if isinstance(function, Subject):
            subjects.append(function)
        elif callable(function):
            kind = f"Python function {getattr(function, '__qualname__', type(function).__name__)}"
            place = f"{getattr(function, '__module__', '')} in {Path.cwd()}"
            subjects.append(
                function_subject(each, function, kind=kind, place=place, version=version, abstains=abstains)
            )
        else:
            raise SubjectError(f"{each}: a function of a list of texts is wanted, got a {type(function).__name__}")
    return subjects


def chosen_behaviors(
    suites: Iterable[str] | None,
    files: Iterable[Path],
    pairs: Iterable[Path],
    note: Callable[[str], None],
    *,
    only_own: bool,
    with_prompts: bool,
) -> list[Behavior]:
    """Those of the suites, of all where none is named, and one's own: those of the files and pairs.

    With `only_own` none of a suite that is not named.
    """
    own = [behavior for path in files for behavior in read_behaviors(path, note)]
    own += [pairs_behavior(path, note) for path in pairs]
    return own if only_own and not suites else [*behaviors_of_suites(suites, with_prompts=with_prompts), *own]


def behaviors_of_suites(names: Iterable[str] | None, *, with_prompts: bool = False) -> list[Behavior]:
    """The behaviors of the named suites; of all where none are named, less those that vary the prompt."""
    if names is None:
        names = [suite for suite in SUITES if suite != WITH_PROMPTS or with_prompts]
    found: list[Behavior] = []
    for suite in [names] if isinstance(names, str) else names:
        if suite not in SUITES:
            raise BehaviorError(f"there is no suite {suite!r}; there are {', '.join(SUITES)}")
        found += import_module(f"sentiment.suites.{suite}").BEHAVIORS
    return found


def _name_of(predict: object) -> str:
    if isinstance(predict, Subject):
        return predict.name
    name = getattr(predict, "__name__", type(predict).__name__)
    return re.sub(r"\W+", "_", name).strip("_").lower() or "function"


def _label(value: Any) -> Label:
    label = known(spelling(value))
    if label is None:
        raise ValueError(f"label {value!r} is neither positive nor negative")
    return label
