from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sentiment.errors import BaselineError
from sentiment.judging.baseline import (
    Baseline,
    Record,
    baseline_path,
    digest_of_cases,
    failed_ids,
    read_baseline,
    short_id,
    write_baseline,
)
from sentiment.judging.known import read_known, stale
from sentiment.judging.recording import Judged, recorded
from sentiment.judging.rulings import over_budget
from sentiment.types import Label, Prediction, Status, Verdict, only
from unit_tests.making import promises_of
from unit_tests.test_files import room_for

TWO = frozenset(Label)


def record(behaviors, *trainings, over_budget=lambda behavior, outcomes: False) -> Baseline:
    return recorded(
        promises_of(behaviors),
        [
            Judged(seed, dict(zip([b.name for b in behaviors], each, strict=True)))
            for seed, each in enumerate(trainings)
        ],
        profile="tiny",
        subject="sft",
        model="m",
        over_budget=over_budget,
    )


@pytest.fixture(name="baseline")
def _baseline(behavior, outcomes) -> Baseline:
    behaviors = [behavior("a"), behavior("b", None)]
    trainings = [[outcomes(each, 30, range(seed, 5)) for each in behaviors] for seed in range(3)]
    return record(behaviors, *trainings, over_budget=lambda each, found: each.name == "a")


@pytest.fixture(name="path")
def _path(baseline: Baseline, tmp_path: Path) -> Path:
    path = baseline_path(tmp_path, "tiny", "sft")
    write_baseline(path, baseline)
    return path


def test_what_is_read_is_what_was_written(baseline: Baseline, path: Path) -> None:
    assert path.parts[-2:] == ("tiny", "sft.json")
    assert read_baseline(path, "tiny", "sft") == baseline


def test_there_need_not_be_one(tmp_path: Path) -> None:
    assert read_baseline(tmp_path / "none.json", "tiny", "sft") is None


def test_a_record_tells_in_which_trainings_a_case_failed(baseline: Baseline, behavior, outcomes) -> None:
    found = baseline.behaviors["b"]
    ids = [each.case.id for each in outcomes(behavior("b"), 6, 0)]
    assert (found.cases, found.budget, found.over_budget) == (30, None, False)
    assert found.rates == {"0": "5 of 30", "1": "4 of 30", "2": "3 of 30"}
    assert [found.failed.get(short_id(each)) for each in ids] == ["0", "0 1", "0 1 2", "0 1 2", "0 1 2", None]
    assert list(found.times_failed(ids).values()) == [1, 2, 3, 3, 3, 0]
    assert list(found.failed) == sorted(found.failed)


def test_skipped_and_unanswered_cases_are_told_apart(behavior, outcomes) -> None:
    made = outcomes(behavior(), 30, 0)
    made[0] = replace(made[0], verdict=Verdict(Status.SKIPPED, "why"))
    made[1] = replace(made[1], prediction=Prediction(None), verdict=Verdict(Status.FAILED, "neither"))
    found = record([behavior()], [made], [outcomes(behavior(), 30, 0)]).behaviors["b"]
    first, second, third = (each.case.id for each in made[:3])
    assert found.skipped == {short_id(first): "0"}
    assert found.failed == found.unanswered == {short_id(second): "0"}
    assert found.times_failed([first, second, third]) == {second: 1, third: 0}
    assert found.rates["0"] == "1 of 29"
    assert failed_ids(made[:3]) == {second: 1, third: 0}


def test_the_digest_knows_cases_and_labels_and_no_order(behavior, outcomes) -> None:
    made = outcomes(behavior(), 10, 0)
    assert digest_of_cases(made) == digest_of_cases(outcomes(behavior(), 10, 7)[::-1])
    assert digest_of_cases(made) != digest_of_cases(made[:9])
    relabelled = replace(made[0], case=replace(made[0].case, allowed=only(Label.NEGATIVE)))
    assert digest_of_cases(made) != digest_of_cases([relabelled, *made[1:]])
    unlabelled, either = (replace(made[0], case=replace(made[0].case, allowed=each)) for each in (only(None), TWO))
    assert len({digest_of_cases([each]) for each in (made[0], relabelled, unlabelled, either)}) == 4


def test_one_label_or_none_is_digested_as_in_the_committed_baselines(behavior, outcomes) -> None:
    made = outcomes(behavior(), 2, 0)
    made[1] = replace(made[1], case=replace(made[1].case, allowed=only(None)))
    facts = sorted([f"{made[0].case.id} 1", f"{made[1].case.id} None"])
    assert digest_of_cases(made) == hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def test_what_is_over_its_budget_is_marked_and_unmarked_when_it_is_mended(behavior, outcomes) -> None:
    weak, fine = [behavior("weak"), behavior("fine")], [outcomes(behavior("weak"), 30, 30), outcomes(behavior(), 30, 0)]
    first = record(weak, fine, over_budget=lambda each, found: each.name == "weak")
    assert {name: each.over_budget for name, each in first.behaviors.items()} == {"weak": True, "fine": False}
    assert not record(weak, fine).behaviors["weak"].over_budget


def test_one_bad_training_is_enough_to_be_known(behavior, outcomes) -> None:
    trainings = [[outcomes(behavior(), 30, failed)] for failed in (0, 20, 0)]
    found = record([behavior()], *trainings, over_budget=lambda each, made: made[0].verdict.status is Status.FAILED)
    assert found.behaviors["b"].over_budget


def test_without_a_budget_nothing_is_over_it(behavior, outcomes) -> None:
    found = record([behavior(budget=None)], [outcomes(behavior(), 30, 30)], over_budget=over_budget)
    assert (found.behaviors["b"].budget, found.behaviors["b"].over_budget) == (None, False)


def test_the_family_counts_one_test_per_record_and_one_per_budget_that_is_to_be_kept(baseline: Baseline) -> None:
    plain = Record(cases=1, digest="x")
    behaviors = {"plain": plain, "promised": plain.model_copy(update={"budget": 0.1})}
    behaviors["known"] = behaviors["promised"].model_copy(update={"over_budget": True})
    assert baseline.model_copy(update={"behaviors": behaviors}).family == 1 + 2 + 1


def test_one_training_shows_no_over_dispersion_and_wandering_ones_do(behavior, outcomes) -> None:
    behaviors = [behavior(f"b{i}", capability=f"c{i}") for i in range(6)]
    calm = [[outcomes(each, 120, range(20)) for each in behaviors] for _ in range(3)]
    wild = [[outcomes(each, 120, 10 + 30 * seed) for each in behaviors] for seed in range(3)]
    assert record(behaviors, calm[0]).over_dispersion == 1.0
    assert 1.0 < record(behaviors, *calm).over_dispersion < record(behaviors, *wild).over_dispersion
    # one pool over all behaviors: a wild one widens the gate of the calm ones too
    one_wild = [[*a[:5], b[5]] for a, b in zip(calm, wild, strict=True)]
    assert record(behaviors, *one_wild).over_dispersion > record(behaviors, *calm).over_dispersion


def test_churn_is_the_mean_square_of_group_differences_between_trainings_per_case(behavior, outcomes) -> None:
    trainings = [[outcomes(behavior(), 40, failed, size=4)] for failed in ([], [0, 1, 2], [0, 39])]
    # the pairs differ by 3; by 1 and 1; by -2 and 1
    assert record([behavior()], *trainings).behaviors["b"].churn == pytest.approx((9 + 2 + 5) / 3 / 40, abs=1e-6)
    assert record([behavior()], trainings[1]).behaviors["b"].churn == 0.0


def test_churn_is_counted_over_the_cases_that_both_trainings_judged(behavior, outcomes) -> None:
    first, second = outcomes(behavior(), 30, 0), outcomes(behavior(), 30, range(6))
    second[:5] = [replace(each, verdict=Verdict(Status.SKIPPED, "why")) for each in second[:5]]
    assert record([behavior()], [first], [second]).behaviors["b"].churn == pytest.approx(1 / 25)
    nothing = [replace(each, verdict=Verdict(Status.SKIPPED, "why")) for each in first]
    assert record([behavior()], [first], [nothing]).behaviors["b"].churn == 0.0


@pytest.fixture(name="with_churn")
def _with_churn(baseline: Baseline):
    """A baseline of as many trainings, over-dispersed by 3, with behaviors of the given churn."""

    def make(seeds: int, *churn: float) -> Baseline:
        records = {str(i): Record(cases=100, digest="x", churn=each) for i, each in enumerate(churn)}
        facts = {"seeds": list(range(seeds)), "over_dispersion": 3.0, "behaviors": records}
        return baseline.model_copy(update=facts)

    return make


def test_one_training_tells_no_variance_between_trainings(with_churn) -> None:
    alone = with_churn(1, 0.5)
    assert alone.variance("0", 100) is None


def test_the_variance_between_trainings_follows_churn_cases_and_over_dispersion(with_churn) -> None:
    same = with_churn(3, 0.5, 0.5)
    # two trainings differ by 3 * 0.5 * 100; three times a new one, less three others, has 9 + 3 variances of one
    assert same.variance("0", 100) == pytest.approx(3 * 0.5 * 100 / 2 * 12)
    assert same.variance("0", 50) == pytest.approx(3 * 0.5 * 50 / 2 * 12)
    two = with_churn(2, 0.5, 0.5)
    assert two.variance("0", 100) == pytest.approx(3 * 0.5 * 100 / 2 * 6)


def test_a_calm_behavior_is_taken_to_shift_as_far_as_the_mean_one_and_a_wild_one_further(with_churn) -> None:
    mixed = with_churn(3, 0.0, 0.1, 0.8)
    calm, quiet, wild = (mixed.variance(name, 100) for name in mixed.behaviors)
    assert calm == pytest.approx((3 - 1) * 0.3 * 100 * 6)
    assert quiet == pytest.approx((0.1 + (3 - 1) * 0.3) * 100 * 6)
    assert wild == pytest.approx(3 * 0.8 * 100 * 6)


@pytest.fixture(name="with_shifts")
def _with_shifts(baseline: Baseline):
    """A baseline of three trainings without pooled over-dispersion, with behaviors of a churn of 0.1 and the given
    shifts, two of each capability."""

    def make(*shifts: float) -> Baseline:
        records = {
            str(i): Record(cases=100, digest="x", churn=0.1, shift=each, capability=str(i // 2))
            for i, each in enumerate(shifts)
        }
        return baseline.model_copy(update={"seeds": [0, 1, 2], "over_dispersion": 1.0, "behaviors": records})

    return make


def test_a_behavior_that_was_seen_to_shift_far_may_do_so_again(with_shifts) -> None:
    calm = with_shifts(*[0.1] * 20)
    wild = with_shifts(*[0.1] * 18, 0.1, 3.0)
    # behaviors 18 and 19 are one capability, which shifted (0.1 + 3.0) / 0.2 times as far as its churn explains
    for name in ("18", "19"):
        assert wild.variance(name, 100) == pytest.approx(15.5 * calm.variance(name, 100), rel=0.01)
    assert calm.variance("0", 100) <= wild.variance("0", 100) < 5 * calm.variance("0", 100)


def test_what_was_seen_is_moderated_by_what_all_behaviors_did(with_shifts) -> None:
    even = with_shifts(*[0.05, 0.1, 0.2] * 8)
    assert even.variance("2", 100) == pytest.approx(even.variance("0", 100), rel=0.6)
    assert even.variance("2", 100) / 600 < 0.2


def test_shift_counts_all_failures_and_churn_the_groups(behavior, outcomes) -> None:
    made = behavior()
    trainings = [[outcomes(made, 60, failed, size=3)] for failed in (range(6), range(3, 9), range(12))]
    found = record([made], *trainings).behaviors["b"]
    assert found.shift == pytest.approx((0**2 + 6**2 + 6**2) / 180)
    assert found.churn > found.shift / 6
    assert found.capability == made.promise.capability


def test_the_variance_is_that_of_trainings_simulated(behavior, outcomes) -> None:
    """Group differences of a fourth training to three: their sum varies as the record of the three says."""
    random = np.random.default_rng(5)
    made = behavior()
    sums, expected = [], []
    for _ in range(150):
        failed = [set(np.flatnonzero(random.random(60) < 0.2)) for _ in range(4)]
        baseline = record([made], *([outcomes(made, 60, each, size=3)] for each in failed[:3]))
        unseen = {"b": baseline.behaviors["b"].model_copy(update={"shift": 0.0})}
        expected.append(baseline.model_copy(update={"over_dispersion": 1.0, "behaviors": unseen}).variance("b", 60))
        sums.append(3 * len(failed[3]) - sum(map(len, failed[:3])))
    # the variance of 150 normal values is known to within 3 * sqrt(2 / 149) = 35 %
    assert np.mean(np.square(sums)) == pytest.approx(np.mean(expected), rel=0.35)


def test_the_file_is_one_line_per_case_and_leaves_out_what_is_absent(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert sum('"0 1 2"' in line for line in text.splitlines()) == 6
    assert "null" not in text
    assert text.count('"over_budget": true') == 1
    assert "known" not in text


OTHERS = {
    "another profile": ('"profile": "tiny"', '"profile": "qwen3"', "profile is qwen3, this run has tiny"),
    "another subject": ('"subject": "sft"', '"subject": "lora"', "subject is lora, this run has sft"),
    "other cases": ('"cases_version": 1', '"cases_version": 0', "cases_version is 0, this run has"),
    "another schema": ('"schema_version": 2', '"schema_version": 3', "schema_version is 3, this run has"),
    "an unnamed version": (' "cases_version": 1,\n', "", "cases_version is missing, this run has"),
    "an unknown field": ('"model": "m"', '"modle": "m"', "model: Field required"),
    "no such rate": (
        '"over_dispersion": ',
        '"over_dispersion": 0.5, "x": ',
        "over_dispersion: Input should be greater",
    ),
    "a gate that is wide open": (
        '"over_dispersion": ',
        '"over_dispersion": Infinity, "x": ',
        "over_dispersion: Input should be",
    ),
    "less change than none": ('"churn": ', '"churn": -', "behaviors.a.churn: Input should be greater"),
    "no number": ('"cases": 30', '"cases": "many"', "behaviors.a.cases: Input should be a valid integer"),
    "no seeds": ('"0 1 2"', '"all"', "String should match pattern"),
    "nested": ('"model": "m",', '"model": ' + "[" * 100_000, "is not valid JSON: nested too deeply"),
    "no JSON": ('"model": "m",', '"model": "m"', "is not valid JSON: Expecting ',' delimiter: line"),
}


@pytest.mark.parametrize(("old", "new", "message"), OTHERS.values(), ids=OTHERS.keys())
def test_a_file_that_is_of_another_run_or_malformed_is_named_with_the_remedy(
    path: Path, old: str, new: str, message: str
) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BaselineError) as caught:
        read_baseline(path, "tiny", "sft")
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "--behavior-update-baseline" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_baseline_that_cannot_be_written_is_one_line_and_leaves_the_old_one(path: Path) -> None:
    baseline, before = read_baseline(path, "tiny", "sft"), path.read_bytes()
    assert baseline is not None
    with room_for(100), pytest.raises(BaselineError, match=rf"cannot write {path}: .*record again"):
        write_baseline(path, baseline)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


KNOWN = """
[sft]
a = "because"
gone = "nobody measures it any more"
[lora]
a = "another reason"
"""


def test_reasons_come_from_the_file_beside_it(path: Path) -> None:
    (path.parent / "known.toml").write_text(KNOWN, encoding="utf-8")
    found = read_baseline(path, "tiny", "sft")
    assert found is not None
    assert {name: each.known for name, each in found.behaviors.items()} == {"a": "because", "b": ""}
    over = {name: each.over_budget for name, each in found.behaviors.items()}
    assert stale(read_known(path.parent, "sft"), over) == ["gone"]
    assert stale({"b": "not needed"}, over) == ["b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sft\n", "cannot be read: .*line 1"),
        ('[sft]\na = "x"\na = "y"\n', "cannot be read: .*line 3"),
        ('sft = "x"\n', r"sft is no table: write \[sft\]"),
        ("[sft]\na = 3\n", r"sft\.a must say why in a sentence, got 3"),
        ('[sft]\na = " "\n', r"sft\.a must say why in a sentence"),
        ('[lora]\na = ""\n', r"lora\.a must say why"),
    ],
)
def test_reasons_that_cannot_be_used_are_named(path: Path, text: str, said: str) -> None:
    (path.parent / "known.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError, match=said) as caught:
        read_baseline(path, "tiny", "sft")
    assert str(path.parent / "known.toml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_the_first_schema_is_still_read(path: Path, baseline: Baseline) -> None:
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["schema_version"], facts["approach"] = 1, facts.pop("subject")
    facts["behaviors"]["a"]["known"] = "as it was written then"
    del facts["behaviors"]["a"]["over_budget"]
    path.write_text(json.dumps(facts), encoding="utf-8")
    found = read_baseline(path, "tiny", "sft")
    assert found is not None
    assert found.family == baseline.family
    assert {name: (each.over_budget, each.known) for name, each in found.behaviors.items()} == {
        "a": (True, "as it was written then"),
        "b": (False, ""),
    }
