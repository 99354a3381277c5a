"""`report.html`: one file that needs nothing else.

Every string is escaped by the template engine, after control characters were written out. The page runs
one script, which its content security policy names by its hash, and may load nothing. What the script
shows lies beside it as JSON and reaches the page as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from sentiment.report import charts
from sentiment.report.calibration import calibration_of
from sentiment.report.cards import (
    Card,
    house_prompt,
    page_data,
    prompt_facts,
    rerun_command,
    shown_predictors,
    tags_of,
)
from sentiment.report.diff import word_diff
from sentiment.report.journal import Finding
from sentiment.report.overview import anchor, broken, capabilities, overall, pairs, promised
from sentiment.report.runs import ACCURACY_BEHAVIOR, REWORDING_BEHAVIOR, Run
from sentiment.report.safety import visible
from sentiment.report.templates import render
from sentiment.types import Approach, BehaviorResult, Kind

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
    names = shown_predictors(run)
    places = _places(run.predictors)
    house = house_prompt(run)
    explained = [each for each in run.findings if each.kind == "error_analysis" and each.facts.keys() >= _EXPLAINED]
    page = render(
        "report.html.j2",
        run=run,
        title=_title(run.facts),
        subtitle=_state(run.facts),
        overall=overall(run),
        facts=[(word, _fact(key, run.facts[key])) for key, word in _FACTS.items() if run.facts.get(key) is not None],
        all_facts=_facts(run.facts),
        broken=broken(run),
        promised=promised(run),
        capabilities=listed,
        pairs=pairs(run),
        widest=max((max(each.fixed, each.broken) for each in run.comparisons), default=1),
        shown=names,
        places=places,
        since=_since(run),
        index={view.behavior.name: place for place, view in enumerate(views)},
        kinds=KINDS,
        first=SHOWN,
        rerun=lambda card: rerun_command(run.facts, card.case.id, card.failing),
        prompt_of=lambda card: _prompt(card, house),
        rated=[view for view in views if any(result.judged for result in view.shown(names).values())],
        limit=charts.forest_limit([result for view in views for result in view.shown(names).values()]),
        calibrations=_calibrations(run),
        strips=_strips(run, places),
        explained=explained,
        notes=[_note(finding) for finding in run.findings if finding not in explained],
        data=_DATA,
        **_HELPERS,
    )
    cards = {view.behavior.name: view.cards for view in views}
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


def _places(predictors: Sequence[str]) -> dict[str, int]:
    """Which shape and color is whose: an approach has the same in every run."""
    approaches = [approach.value for approach in Approach]
    return {name: approaches.index(name) if name in approaches else len(approaches) for name in predictors}


def _title(facts: Mapping[str, Any]) -> str:
    return " · ".join(str(facts[key]) for key in ("profile", "model", "selection") if facts.get(key)) or "run"


def _state(facts: Mapping[str, Any]) -> str:
    state = "complete" if facts.get("complete") else "incomplete"
    return f"Behavioral tests of a sentiment classifier: run {state}{', quick' if facts.get('quick') else ''}"


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key.replace("_", " "), _as_text(value)) for key, value in facts.items() if value not in (None, "", {}, [])]


def _fact(key: str, value: Any) -> str:
    if key == "duration" and isinstance(value, int | float):
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{value:g} s"
    return _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_as_text(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_as_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _prompt(card: Card, house: Any) -> dict[str, Any] | None:
    prompt = card.case.query.prompt
    return None if prompt == house else prompt_facts(prompt, house)


def _calibrations(run: Run) -> dict[str, Any]:
    measured = {r.predictor: calibration_of(r.outcomes) for r in run.results if r.behavior.name == ACCURACY_BEHAVIOR}
    names = shown_predictors(run)
    return {name: found for name, found in measured.items() if found is not None and name in names}


def _strips(run: Run, places: Mapping[str, int]) -> dict[str, Any]:
    accuracies = {
        result.predictor: charts.prompt_accuracies(result.outcomes)
        for result in run.results
        if result.behavior.name == REWORDING_BEHAVIOR and result.predictor in run.spreads
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
    "tags_of": tags_of,
    "word_diff": lambda base, text: word_diff(visible(base), visible(text)),
}
