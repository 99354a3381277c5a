"""`report.html`: one file that needs nothing else.

Every string is escaped by the template engine, after control characters were written out. The page runs
one script, which its content security policy names by its hash, and may load nothing. What the script
shows lies beside it as JSON and reaches the page as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from sentiment.judging.calibration import calibration_of
from sentiment.report import charts
from sentiment.report.cards import house_prompt
from sentiment.report.diff import word_diff
from sentiment.report.overview import anchor, broken, capabilities, overall, pairs, promised
from sentiment.report.page_data import page_data
from sentiment.report.shown import EXAMPLE, shown_card
from sentiment.report.templates import render
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Finding
from sentiment.runs.run import Run
from sentiment.safety import visible
from sentiment.types import BehaviorResult, Kind, Shows

PAGE_BYTES = 9_500_000
"""Largest size of the page. Cases beyond the first of each behavior are left out where they do not fit, and the page
says how many."""
SHOWN = 3
"""Failing cases of a behavior that are shown without scripts, and on paper."""

KINDS = {
    Kind.MFT: "MFT: the right answer is known",
    Kind.INV: "INV: the answer must not change",
    Kind.DIR: "DIR: the answer must change",
}
_DATA = Markup("<!--data-->")
"""Where the script's data goes once the page around it is there, so that the data can take what room is left. No
text of a run can be mistaken for it: they are all escaped."""
_FACTS = {
    "model": "Model", "weights": "Weights", "base": "Base of the adapter", "adapter": "Adapter",
    "profile": "Profile", "selection": "Selection",
    "data": "Data", "device": "Device", "dtype": "Precision", "seed": "Seed", "started": "Started (UTC)",
    "duration": "Took", "commit": "Commit", "versions": "Versions",
}  # fmt: skip
"""Of `run.json`, what the first screen names; the end of the page has all."""
_NOTHING: tuple[Any, ...] = (None, "", {}, [])
_FINDINGS = {
    "prompt_finding": ("A prompt that costs accuracy", {
        "tried", "smallest", "example", "template", "accuracy_before", "accuracy", "p_value", "reviews", "flips",
    }),
    "worst_prompt": ("The worst prompt that a search found", {
        "tried", "template", "reviews", "accuracy", "accuracy_before", "accuracy_on_other_reviews",
        "accuracy_before_on_other_reviews",
    }),
    "label_noise": ("Training on wrong labels", {"rows", "reviews", "rates"}),
    "noise_floor": ("Noise of the scores", {"queries", "flips", "largest"}),
}  # fmt: skip
"""Title and facts of each kind that the page has a sentence for; any other is shown as it is."""
_EXPLAINED = {"candidates", "failed", "kinds", "examples"}


def report_html(run: Run) -> str:
    """The page of a run, also of one that has not come to its end."""
    listed = capabilities(run)
    views = [view for capability in listed for view in capability.behaviors]
    names = run.judged
    places = {name: place for place, name in enumerate(run.subjects)}
    house = house_prompt(run)
    explained = [each for each in run.findings if each.kind == "error_analysis" and each.facts.keys() >= _EXPLAINED]
    page = render(
        "report.html.j2",
        run=run,
        title=run.facts.title or "run",
        subtitle=_state(run.facts),
        overall=overall(run),
        facts=[*_first_facts(run.facts), *_subjects(run)],
        all_facts=_facts(run.facts),
        broken=broken(run),
        promised=promised(run),
        capabilities=listed,
        pairs=pairs(run),
        widest=max((max(each.counts.fixed, each.counts.broken) for each in run.comparisons), default=1),
        shown=names,
        places=places,
        since=_since(run),
        index={view.promise.name: place for place, view in enumerate(views)},
        kinds=KINDS,
        first=SHOWN,
        shown_card=lambda card: shown_card(card, run.facts.rerun, house),
        example=EXAMPLE,
        rated=[view for view in views if any(result.judged for result in view.shown(names).values())],
        limit=charts.forest_limit([result for view in views for result in view.shown(names).values()]),
        calibrations=_calibrations(run),
        strips=_strips(run, places),
        explained=explained,
        notes=[_note(finding) for finding in run.findings if finding not in explained],
        data=_DATA,
        **_HELPERS,
    )
    cards = {view.promise.name: view.cards for view in views}
    return page.replace(_DATA, page_data(run, house, cards, PAGE_BYTES - len(page.encode())))


def _since(run: Run) -> list[str]:
    """What the run is held against, in words."""
    held = {
        "the baseline": any(result.change for result in run.results),
        "the earlier run": any(result.against for result in run.results),
    }
    return [words for words, is_held in held.items() if is_held]


def _new_failures(result: BehaviorResult) -> set[str]:
    """The cases that fail now and did not before, in the baseline or in the earlier run."""
    return {case for change in (result.change, result.against) if change for case in change.new_failures}


def _state(facts: RunFacts) -> str:
    state = "complete" if facts.complete else "incomplete"
    return f"Behavioral tests of a sentiment classifier: run {state}{', quick' if facts.quick else ''}"


def _first_facts(facts: RunFacts) -> list[tuple[str, str]]:
    """In the order of `_FACTS`."""
    told = {**facts.as_json(), "duration": None if facts.duration is None else _minutes(facts.duration)}
    return [(word, _as_text(told[name])) for name, word in _FACTS.items() if told[name] not in _NOTHING]


def _subjects(run: Run) -> list[tuple[str, str]]:
    """What is known of each judged subject beside the model that the run is about."""
    known = {name: run.subjects[name] for name in run.judged}
    return [
        (name, subject.says)
        for name, subject in known.items()
        if subject.facts and subject.facts.get("model") != run.facts.model
    ]


def _facts(facts: RunFacts) -> list[tuple[str, str]]:
    told = facts.as_json().items()
    return [(key.replace("_", " "), _as_text(value)) for key, value in told if value not in _NOTHING]


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:g} s"


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_as_text(each)}" for key, each in value.items() if each not in _NOTHING)
    if isinstance(value, list | tuple):
        return ("; " if any(isinstance(each, Mapping) for each in value) else ", ").join(map(_as_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _calibrations(run: Run) -> dict[str, Any]:
    measured = {r.predictor: calibration_of(r.outcomes) for r in run.results if r.promise.shows is Shows.ACCURACY}
    names = run.judged
    return {name: found for name, found in measured.items() if found is not None and name in names}


def _strips(run: Run, places: Mapping[str, int]) -> dict[str, Any]:
    accuracies = {
        result.predictor: charts.prompt_accuracies(result.outcomes)
        for result in run.results
        if result.promise.shows is Shows.PROMPT_SPREAD and result.predictor in run.spreads
    }
    houses = {name: run.spreads[name].house_accuracy for name in accuracies}
    low = charts.strip_start([*accuracies.values(), houses])
    return {name: charts.strip(run.spreads[name], found, places[name], low) for name, found in accuracies.items()}


def _note(finding: Finding) -> tuple[str, Finding, str]:
    """Its title, the finding, and its kind where the page has a sentence for these facts."""
    title, needed = _FINDINGS.get(finding.kind, (finding.kind.replace("_", " ").capitalize(), set()))
    return title, finding, finding.kind if needed and finding.facts.keys() >= needed else ""


def _marked(example: Mapping[str, Any]) -> list[tuple[bool, str]]:
    """The text of an explained failure in stretches, and whether each carries the answer."""
    text, carrying = example["text"], example.get("carrying")
    if not carrying:
        return [(False, text)]
    start, end = carrying["start"], carrying["end"]
    return [(False, text[:start]), (True, text[start:end]), (False, text[end:])]


_HELPERS = {
    "anchor": anchor,
    "as_text": _as_text,
    "axis": charts.axis,
    "diverging": charts.diverging,
    "forest": charts.forest,
    "marked": _marked,
    "new_failures": _new_failures,
    "reliability": charts.reliability,
    "swatch": charts.swatch,
    "word_diff": lambda base, text: word_diff(visible(base), visible(text)),
}
