from __future__ import annotations

from collections.abc import Sequence

import pytest

from sentiment.behavior.expectations import flips_from_base, has_label, same_as_base
from sentiment.behavior.judge import judge, queries_of, ruled
from sentiment.errors import DataError
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Kind, Label, Prediction, Prompt, Query, Ruling

PROMPT = Prompt("p", "{review}")


def behavior(expectation=has_label, **changes) -> Behavior:
    facts = {"budget": {Approach.SFT: 0.15}, "min_live": 150, **changes}
    return Behavior("b", "c", Kind.MFT, "It holds.", lambda material: (), expectation, **facts)


def cases(n: int) -> list[Case]:
    return [Case.of("b", Query(PROMPT, f"text {i}"), label=Label.POSITIVE) for i in range(n)]


def result(failed: int, n: int, predictor: str = "sft", **changes) -> BehaviorResult:
    answers = {
        case.query: Prediction(Label.NEGATIVE if i < failed else Label.POSITIVE) for i, case in enumerate(cases(n))
    }
    rules = behavior(**changes)
    return ruled(rules, predictor, judge(rules, cases(n), predictor, answers))


def labels(*wanted: Label | None) -> Sequence[Prediction]:
    return [Prediction(label) for label in wanted]


def test_each_distinct_query_is_wanted_once_and_bases_too() -> None:
    base, other = cases(2)
    edits = [Case.of("b", Query(PROMPT, f"edit {i}"), base=base) for i in range(3)]
    assert queries_of([*edits, other, edits[0]]) == [
        edits[0].query,
        base.query,
        edits[1].query,
        edits[2].query,
        other.query,
    ]


def test_outcomes_are_in_case_order_and_carry_the_base_answer() -> None:
    base = cases(1)[0]
    edit = Case.of("b", Query(PROMPT, "edit"), base=base)
    outcomes = judge(
        behavior(same_as_base),
        [edit],
        "sft",
        dict(zip([edit.query, base.query], labels(Label.NEGATIVE, Label.POSITIVE), strict=True)),
    )
    assert [outcome.case for outcome in outcomes] == [edit]
    assert outcomes[0].base_prediction == Prediction(Label.POSITIVE)
    assert outcomes[0].verdict.reason == "the edit turned positive into negative"


@pytest.mark.parametrize(
    ("failed", "n", "predictor", "ruling", "reason"),
    [
        (12, 240, "sft", Ruling.PASS, "12 of 240 fail (5.0 %), within the budget of 15 %"),
        (40, 240, "sft", Ruling.PASS, "40 of 240 fail (16.7 %), not significantly over the budget of 15 %"),
        (60, 240, "sft", Ruling.FAIL, "60 of 240 fail (25.0 %), over the budget of 15 %"),
        (80, 80, "sft", Ruling.INCONCLUSIVE, "80 of 80 fail (100.0 %); a ruling needs 150 judged cases"),
        (240, 240, "base", Ruling.REPORTED, "240 of 240 fail (100.0 %); no budget for base"),
        (0, 240, "tf-idf", Ruling.REPORTED, "0 of 240 fail (0.0 %); no budget for tf-idf"),
    ],
)
def test_the_ruling_follows_from_counts_and_budget(
    failed: int, n: int, predictor: str, ruling: Ruling, reason: str
) -> None:
    got = result(failed, n, predictor)
    assert (got.ruling, got.failed, got.judged) == (ruling, failed, n)
    assert got.reason.startswith(reason)
    assert got.interval.low <= got.rate <= got.interval.high


def test_an_approach_may_be_given_as_itself() -> None:
    assert result(0, 240, Approach.SFT).ruling is Ruling.PASS


def test_skipped_cases_are_not_judged() -> None:
    base = Case.of("b", Query(PROMPT, "base"), label=Label.POSITIVE)
    edits = [Case.of("b", Query(PROMPT, f"edit {i}"), base=base) for i in range(200)]
    rules = behavior(flips_from_base)
    wrong_base = {query: Prediction(Label.NEGATIVE) for query in queries_of(edits)}
    with pytest.raises(DataError, match=r"judged no case of sft: all 200 were skipped, .* the base is already wrong"):
        ruled(rules, "sft", judge(rules, edits, "sft", wrong_base))


def test_a_behavior_without_cases_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(DataError, match="it made none"):
        ruled(behavior(), "sft", [])
