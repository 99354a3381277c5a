from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from sentiment.behavior.expectations import same_as_base
from sentiment.judging.calibration import calibration_of
from sentiment.judging.judge import judge
from sentiment.judging.spread import Spread, spread_of
from sentiment.report.charts import (
    diverging,
    forest,
    forest_limit,
    prompt_accuracies,
    reliability,
    strip,
    strip_start,
)
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Journal
from sentiment.runs.run import run_of
from sentiment.types import Case, Kind, Label, Outcome, Prediction, Prompt, Query, only, shares_of
from unit_tests.making import behavior_of, case_of

PLACES = {"base": 0, "sft": 1, "lora": 2}


def answered(shares: list[tuple[float | None, Label]]) -> list[Outcome]:
    cases = [Case(f"x:{i}", Query(Prompt("p", "{review}"), str(i)), only(label)) for i, (_, label) in enumerate(shares)]
    answers = {
        case.query: Prediction(Label.POSITIVE, shares_of(share)) for case, (share, _) in zip(cases, shares, strict=True)
    }
    return judge(behavior_of(), cases, "sft", answers)


def test_a_forest_puts_rate_interval_and_budget_where_they_belong(promises, outcomes_of) -> None:
    run = run_of(Journal({"firm": promises["firm"]}, outcomes_of("firm", "lora", 15)), RunFacts())
    (result,) = run.results
    svg = ET.fromstring(forest({"lora": result}, PLACES, 1.0))
    whisker, budget = (svg.find(f"line[@class='{name}']") for name in ("whisker c2", "budget"))
    assert (whisker.get("x1"), whisker.get("x2"), budget.get("x1")) == ("24.22%", "52.97%", "15.00%")
    assert svg.find("svg").get("x") == "37.50%"
    assert re.search(r"lora 37.5\s%, 95 % interval 24.2 to 53.0, budget 15.0\s%", svg.find("title").text)


def test_the_axis_ends_at_a_round_share_above_all_intervals(promises, outcomes_of) -> None:
    for wrong, limit in ((0, 0.1), (4, 0.25), (15, 1.0)):
        run = run_of(Journal({"firm": promises["firm"]}, outcomes_of("firm", "sft", wrong)), RunFacts())
        assert forest_limit(run.results) == limit
    assert forest_limit([]) == 1.0


def test_hostile_names_stay_text_in_a_picture(promises, outcomes_of, hostile) -> None:
    for name in hostile:
        run = run_of(Journal({"firm": promises["firm"]}, outcomes_of("firm", name, 5)), RunFacts())
        svg = ET.fromstring(forest({name: run.results[0]}, PLACES, 1.0))
        assert {each.tag for each in svg.iter()} == {"svg", "title", "line", "path"}


def test_bars_of_broken_and_fixed_cases_share_one_scale() -> None:
    svg = ET.fromstring(diverging(fixed=10, broken=5, limit=20))
    assert [(each.get("x"), each.get("width")) for each in svg.findall("rect")] == [
        ("37.50%", "12.50%"), ("50%", "25.00%"),
    ]  # fmt: skip


def reworded(rights: list[int], house: int) -> tuple[Spread, dict[str, float]]:
    """Twenty reviews asked with one prompt per entry of `rights`, so many of them answered rightly."""
    house_prompt, cases, answers = Prompt("house", "{review}"), [], {}
    for k, right in enumerate(rights):
        for i in range(20):
            base = case_of("steady", Query(house_prompt, f"review {i}"), label=Label.POSITIVE)
            query = Query(Prompt(f"wording-{k}", "Well: " * (k + 1) + "{review}"), base.query.text)
            cases.append(case_of("steady", query, label=Label.POSITIVE, base=base))
            answers |= {
                query: Prediction(Label(i < right), shares_of(0.5)),
                base.query: Prediction(Label(i < house), shares_of(0.5)),
            }
    outcomes = judge(behavior_of(kind=Kind.INV, expectation=same_as_base), cases, "lora", answers)
    return spread_of(outcomes, permutations=50), prompt_accuracies(outcomes)


def test_a_strip_has_a_dot_per_prompt_and_names_the_worst() -> None:
    spread, accuracies = reworded([20, 16, 18, 18, 14], house=18)
    assert accuracies == {"wording-0": 1.0, "wording-1": 0.8, "wording-2": 0.9, "wording-3": 0.9, "wording-4": 0.7}
    low = strip_start([accuracies])
    svg = ET.fromstring(strip(spread, accuracies, 2, low))
    assert low == 0.7
    dots = [(each.get("cx"), each.get("cy")) for each in svg.findall("circle")]
    assert [x for x, _ in dots] == ["100.00%", "33.33%", "66.67%", "66.67%", "0.00%"]
    assert dots[2][1] != dots[3][1]  # equal ones are stacked
    assert {each.get("class") for each in svg.findall("circle")} == {"c2"}
    assert svg.find("line[@class='house']").get("x1") == "66.67%"
    label = next(each for each in svg.findall("text") if "worst" in each.text)
    assert (label.text, label.get("x"), label.get("text-anchor")) == ("▾ worst: wording-4", "0.00%", "start")
    assert [each.text for each in svg.findall("text")][-3:] == ["70\xa0%", "85\xa0%", "100\xa0%"]
    band = svg.find("rect")
    left, width = (float(band.get(name).rstrip("%")) for name in ("x", "width"))
    assert width == pytest.approx(100 * spread.noise_95 / 0.3, abs=0.02)
    assert left + width / 2 == pytest.approx(100 * (0.86 - low) / 0.3, abs=0.02)
    assert "5 prompts: best 100.0\xa0%, worst 70.0\xa0% (wording-4), house prompt 90.0\xa0%" in svg.find("title").text


def test_strips_share_an_axis_that_holds_every_prompt() -> None:
    good, bad = ({"a": 1.0, "b": 0.95}, {"a": 0.34, "b": 0.41})
    assert strip_start([good, bad]) == 0.3
    assert strip_start([good]) == 0.9
    assert strip_start([{"a": 1.0}]) == 0.9
    spread, accuracies = reworded([20, 19], house=1)
    svg = ET.fromstring(strip(spread, accuracies, 0, 0.0))
    label = next(each for each in svg.findall("text") if "worst" in each.text)
    assert (label.text, label.get("text-anchor")) == ("worst: wording-1 ▾", "end")


def test_calibration_of_known_figures() -> None:
    low = [(0.2, Label(i < 20)) for i in range(50)]  # 40 % positive where 20 % is said
    high = [(0.9, Label(i < 45)) for i in range(50)]
    found = calibration_of(answered(low + high))
    assert [(each.n, round(each.said, 9), each.found) for each in found.bins] == [(50, 0.2, 0.4), (50, 0.9, 0.9)]
    assert found.brier == pytest.approx((20 * 0.64 + 30 * 0.04 + 45 * 0.01 + 5 * 0.81) / 100)
    assert found.error == pytest.approx(0.1)
    assert "100 cases" in ET.fromstring(reliability("sft", found, 1)).find("title").text


def test_bins_are_of_equal_size_where_probabilities_differ() -> None:
    found = calibration_of(answered([(i / 200, Label(i >= 100)) for i in range(200)]))
    assert [each.n for each in found.bins] == [20] * 10
    assert [each.found for each in found.bins] == [0] * 5 + [1] * 5


def test_too_few_probabilities_are_no_curve() -> None:
    assert calibration_of(answered([(0.5, Label.POSITIVE)] * 29)) is None
    assert calibration_of(answered([(None, Label.POSITIVE)] * 99)) is None
    unlabelled = [replace(o, case=replace(o.case, allowed=frozenset())) for o in answered([(0.5, Label(0))] * 99)]
    assert calibration_of(unlabelled) is None
