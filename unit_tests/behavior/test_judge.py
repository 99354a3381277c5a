from __future__ import annotations

from collections.abc import Sequence

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.behavior.judge import budget_of, is_approach, judge, queries_of
from sentiment.types import Approach, Behavior, Case, Kind, Label, Prediction, Prompt, Query

PROMPT = Prompt("p", "{review}")


def behavior(expectation=has_label, kind: Kind = Kind.MFT) -> Behavior:
    budget = {Approach.SFT: 0.15}
    return Behavior("b", "c", kind, "It holds.", lambda material: (), expectation, budget)


def cases(n: int) -> list[Case]:
    return [Case.of("b", Query(PROMPT, f"text {i}"), label=Label.POSITIVE) for i in range(n)]


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


def test_budgets_are_of_approaches_and_floors_have_none() -> None:
    assert budget_of(behavior(), "sft") == budget_of(behavior(), Approach.SFT) == 0.15
    assert budget_of(behavior(), "lora") is None
    assert budget_of(behavior(), "tf-idf") is None
    assert [is_approach(name) for name in ("base", "lora", "tf-idf", "constant")] == [True, True, False, False]
