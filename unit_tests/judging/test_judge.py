from __future__ import annotations

from collections.abc import Sequence

from sentiment.behavior.expectations import same_as_base
from sentiment.judging.judge import judge, queries_of
from sentiment.types import Case, Kind, Label, Prediction, Prompt, Query
from unit_tests.making import behavior_of, case_of

PROMPT = Prompt("p", "{review}")


def cases(n: int) -> list[Case]:
    return [case_of("b", Query(PROMPT, f"text {i}"), label=Label.POSITIVE) for i in range(n)]


def labels(*wanted: Label | None) -> Sequence[Prediction]:
    return [Prediction(label) for label in wanted]


def test_each_distinct_query_is_wanted_once_and_bases_too() -> None:
    base, other = cases(2)
    edits = [case_of("b", Query(PROMPT, f"edit {i}"), base=base) for i in range(3)]
    assert queries_of([*edits, other, edits[0]]) == [
        edits[0].query,
        base.query,
        edits[1].query,
        edits[2].query,
        other.query,
    ]


def test_outcomes_are_in_case_order_and_carry_the_base_answer() -> None:
    base = cases(1)[0]
    edit = case_of("b", Query(PROMPT, "edit"), base=base)
    outcomes = judge(
        behavior_of(kind=Kind.INV, expectation=same_as_base),
        [edit],
        "sft",
        dict(zip([edit.query, base.query], labels(Label.NEGATIVE, Label.POSITIVE), strict=True)),
    )
    assert [outcome.case for outcome in outcomes] == [edit]
    assert outcomes[0].base_prediction == Prediction(Label.POSITIVE)
    assert outcomes[0].verdict.reason == "the edit turned positive into negative"
