from __future__ import annotations

import json

import pytest

from sentiment.data.generated import made_up_reviews
from sentiment.error_analysis.analysis import error_analysis
from sentiment.error_analysis.candidates import read_candidates
from sentiment.judging.checks import CheckResult
from sentiment.judging.contracts import labels_do_not_depend_on_the_batch, labels_equal_the_reference
from sentiment.judging.noise import Noise
from sentiment.predictors.floors import ConstantPredictor, WordCountPredictor
from sentiment.types import Label, Prompt, Query, Ruling

PROMPT = Prompt("p", "{review}")
COUNTER = WordCountPredictor.fit(made_up_reviews())


@pytest.mark.parametrize("ruling", [ruling for ruling in Ruling if ruling is not Ruling.PASS])
def test_a_check_that_does_not_pass_says_why(ruling: Ruling) -> None:
    with pytest.raises(ValueError, match=f"ends with '{ruling.value}' needs a reason"):
        CheckResult(ruling)


def test_labels_that_turn_with_the_batch_break_the_contract_and_moving_shares_do_not() -> None:
    assert labels_do_not_depend_on_the_batch(Noise(12, 0, 0.3)).ruling is Ruling.PASS
    broken = labels_do_not_depend_on_the_batch(Noise(12, 1, 0.003))
    assert (broken.ruling, broken.reason) == (Ruling.FAIL, "1 of 12 reviews changed their label with the batch")


def test_a_predictor_must_give_the_labels_of_its_reference() -> None:
    queries = [Query(PROMPT, review.text) for review in made_up_reviews()[:8]]
    praise = ConstantPredictor(Label.POSITIVE)

    def counted(query: Query) -> Label | None:
        return COUNTER.predict([query])[0].label

    assert labels_equal_the_reference(COUNTER, counted, queries).ruling is Ruling.PASS
    blamed = [query for query in queries if counted(query) is Label.NEGATIVE]
    assert blamed
    broken = labels_equal_the_reference(praise, counted, queries)
    assert broken.ruling is Ruling.FAIL
    assert broken.reason == (
        f"{len(blamed)} of 8 labels are not those of the reference; "
        f"the first: positive and not negative for {blamed[0].text[:80]!r}"
    )
    silent = labels_equal_the_reference(praise, lambda query: None, queries)
    assert "8 of 8" in silent.reason
    assert "positive and not neither label" in silent.reason


def test_five_kinds_of_failure_are_enough_and_the_facts_count_all() -> None:
    candidates = read_candidates()
    found = error_analysis(COUNTER, PROMPT, candidates)
    assert (found.result.ruling, found.result.found) == (Ruling.PASS, found)
    facts = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert facts["candidates"] == sum(kind["candidates"] for kind in facts["kinds"]) == len(candidates)
    assert facts["failed"] == sum(kind["failed"] for kind in facts["kinds"]) == sum(facts["answered"].values()) > 5
    assert len({example["kind"] for example in facts["examples"]}) == len(facts["examples"]) == 5


def test_fewer_kinds_of_failure_than_five_are_a_failure_and_shown_all_the_same() -> None:
    blamed = [candidate.kind for candidate in read_candidates() if candidate.label is Label.NEGATIVE]
    kinds = list(dict.fromkeys(blamed))[:4]
    few = [candidate for candidate in read_candidates() if candidate.kind in kinds]
    wrong = sum(candidate.label is Label.NEGATIVE for candidate in few)
    found = error_analysis(ConstantPredictor(Label.POSITIVE), PROMPT, few)
    assert found.result.ruling is Ruling.FAIL
    assert found.result.reason == (
        f"failures of 4 different kinds and not of 5 were found among {len(few)} candidates: {wrong} failures"
    )
    assert found.result.found is found
