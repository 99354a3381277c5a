from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from sentiment.judging.baseline import Baseline, short_id
from sentiment.judging.recording import Judged, recorded
from sentiment.judging.rulings import (
    LEAST_LIVE_QUICK,
    Rules,
    inconclusive,
    little_shown,
    over_budget,
    ruled_all,
    worsening,
)
from sentiment.judging.statistics import ALPHA, exceeds_budget, wilson
from sentiment.types import BehaviorResult, Outcome, Ruling, Status, Verdict
from unit_tests.making import promises_of

NO_BASELINE = Rules()
REASON = "half of the praise here is read literally"


@pytest.fixture(name="ruled")
def _ruled(behavior):
    """The result of one behavior."""

    def make(outcomes, rules=NO_BASELINE, predictor: str = "sft", **facts):
        chosen = facts.pop("of", None) or behavior(**facts)
        return ruled_all([chosen.promise], {chosen.name: outcomes}, predictor, rules)[chosen.name]

    return make


def together(behaviors, outcomes, rules=NO_BASELINE) -> dict[str, BehaviorResult]:
    """The results of several behaviors of sft."""
    return ruled_all(promises_of(behaviors), outcomes, "sft", rules)


def record(behaviors, trainings) -> Baseline:
    """A baseline of sft from lists of outcomes, one list of lists per training."""
    judged = [
        Judged(seed, {each.name: training for each, training in zip(behaviors, trainings_of, strict=True)})
        for seed, trainings_of in enumerate(trainings)
    ]
    return recorded(
        promises_of(behaviors),
        judged,
        profile="tiny",
        subject="sft",
        model="m",
        over_budget=over_budget,
    )


def with_reason(baseline: Baseline, name: str, reason: str) -> Baseline:
    known = baseline.behaviors[name].model_copy(update={"over_budget": True, "known": reason})
    return baseline.model_copy(update={"behaviors": {**baseline.behaviors, name: known}})


@pytest.mark.parametrize(
    ("failed", "n", "ruling", "reason"),
    [
        (12, 240, Ruling.PASS, "12 of 240 fail (5.0 %), within the budget of 15 %"),
        (36, 240, Ruling.PASS, "36 of 240 fail (15.0 %), within the budget of 15 %"),
        (40, 240, Ruling.INCONCLUSIVE, "40 of 240 fail (16.7 %), over the budget of 15 %, but not significantly ("),
        (60, 240, Ruling.FAIL, "60 of 240 fail (25.0 %), over the budget of 15 % (one-sided p = "),
        (80, 80, Ruling.INCONCLUSIVE, "80 of 80 fail (100.0 %); a ruling needs 150 judged cases"),
    ],
)
def test_without_a_baseline_the_ruling_follows_from_counts_and_budget(
    ruled, outcomes, behavior, failed: int, n: int, ruling: Ruling, reason: str
) -> None:
    got = ruled(outcomes(behavior(), n, failed), predictor="gpt")
    assert (got.predictor, got.ruling, got.failed, got.judged, got.change) == ("gpt", ruling, failed, n, None)
    assert got.budget == 0.15
    assert got.reason.startswith(reason)
    assert got.interval == wilson(failed, n)


@pytest.mark.parametrize("failed", [0, 240])
def test_budgets_do_not_hold_for_a_subject_that_promises_nothing(ruled, outcomes, behavior, failed: int) -> None:
    got = ruled(outcomes(behavior(), 240, failed), Rules(budgets=False), predictor="sft")
    assert (got.ruling, got.budget) == (Ruling.REPORTED, None)
    assert got.reason.endswith("; no budget and no baseline for sft")
    assert (got.failed, got.judged) == (failed, 240)


@pytest.mark.parametrize("facts", [{"gated": False}, {"budget": None}])
def test_what_is_not_gated_or_has_nothing_to_keep_is_reported(ruled, outcomes, behavior, facts) -> None:
    assert ruled(outcomes(behavior(), 240, 240), **facts).ruling is Ruling.REPORTED


def test_a_profile_without_promises_judges_nothing(ruled, outcomes, behavior) -> None:
    assert ruled(outcomes(behavior(), 240, 240), Rules(judges=False)).ruling is Ruling.REPORTED


def test_a_behavior_without_cases_fails_alone(outcomes, behavior) -> None:
    other = behavior("other")
    results = together([behavior(), other], {"b": [], "other": outcomes(other, 200, 0)})
    assert (results["b"].ruling, results["b"].judged) == (Ruling.FAIL, 0)
    assert results["b"].reason.startswith("behavior 'b' judged no case of sft: it made none")
    assert results["other"].ruling is Ruling.PASS


def test_a_behavior_whose_cases_were_all_skipped_is_never_green(outcomes, behavior) -> None:
    skipped = [replace(each, verdict=Verdict(Status.SKIPPED, "why")) for each in outcomes(behavior(), 200, 0)]
    other = behavior("other")
    results = together([behavior(), other], {"b": skipped, "other": outcomes(other, 200, 0)})
    assert (results["b"].ruling, results["b"].judged, results["b"].skipped) == (Ruling.INCONCLUSIVE, 0, 200)
    assert "all 200 were skipped, the first because why" in results["b"].reason
    assert results["other"].ruling is Ruling.PASS
    assert not over_budget(behavior().promise, skipped)


def test_a_behavior_that_could_not_be_asked_says_why(behavior) -> None:
    got = inconclusive(behavior().promise, "sft", "no ratings")
    assert (got.ruling, got.reason, got.judged) == (Ruling.INCONCLUSIVE, "no ratings", 0)


def test_only_behaviors_with_outcomes_are_ruled(outcomes, behavior) -> None:
    assert set(together([behavior(), behavior("c")], {"b": outcomes(behavior(), 200, 0)})) == {"b"}


def test_too_few_cases_are_named_with_the_rate_they_can_show(ruled, outcomes, behavior) -> None:
    got = ruled(outcomes(behavior(), 60, 60), budget=0.1)
    assert got.ruling is Ruling.INCONCLUSIVE
    least = next(k for k in range(61) if exceeds_budget(k, 60, 0.1) < ALPHA)
    assert f"these can show a rate of {100 * least / 60:.3g} % or more to be over 10 %" in got.reason
    assert ruled(outcomes(behavior(), 2, 2), budget=0.5).reason.endswith("; these show nothing")


def test_too_few_cases_without_a_budget_are_named_with_the_rise_they_can_show(ruled, outcomes, behavior) -> None:
    plain = behavior(budget=None)
    before = outcomes(plain, 60, 3)
    got = ruled(before, Rules(record([plain], [[before]])), of=plain)
    assert got.ruling is Ruling.INCONCLUSIVE
    # five new failures of sixty are p = 1/32
    assert got.change.visible == pytest.approx(5 / 60)
    assert got.reason.endswith("a ruling needs 150 judged cases; these can show a rise by 8.33 % or more")


def test_fewer_than_twenty_groups_are_inconclusive(ruled, outcomes, behavior) -> None:
    assert "20 groups, these cases have 19" in ruled(outcomes(behavior(), 190, 0, size=10)).reason
    assert ruled(outcomes(behavior(), 200, 0, size=10)).ruling is Ruling.PASS


def test_a_ruling_on_less_than_a_hundred_cases_says_so(ruled, outcomes, behavior) -> None:
    assert ruled(outcomes(behavior(), 99, 0), min_live=50).reason.endswith("underpowered with fewer than 100 cases")
    assert "underpowered" not in ruled(outcomes(behavior(), 100, 0), min_live=50).reason


def test_failures_in_few_groups_are_weaker_evidence_than_the_same_number_alone(ruled, outcomes, behavior) -> None:
    assert ruled(outcomes(behavior(), 240, 54)).ruling is Ruling.FAIL
    assert ruled(outcomes(behavior(), 240, 54, size=6)).ruling is Ruling.INCONCLUSIVE


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("size", [1, 4])
def test_over_its_budget_a_behavior_is_never_green_and_what_would_show_is_where_it_turns_red(
    ruled, outcomes, behavior, quick: bool, size: int
) -> None:
    n = 80 if quick else 160
    for failed in range(n // 4):
        got = ruled(outcomes(behavior(), n, range(0, failed * 3, 3), size=size), Rules(quick=quick))
        assert (got.ruling is Ruling.PASS) == (failed <= 0.15 * n)
        if got.ruling is Ruling.INCONCLUSIVE:
            assert "over the budget of 15 %, but not significantly (one-sided p = 0." in got.reason
            least = float(got.reason.partition("can show a rate of ")[2].partition(" %")[0])
            assert 100 * failed / n < least
    assert size > 1 or got.ruling is Ruling.FAIL


def test_a_quick_run_owns_up_to_how_little_it_can_show(outcomes, behavior) -> None:
    behaviors = [behavior("strict", budget=0.05), behavior("mild"), behavior("softer"), behavior("free", budget=None)]
    found = {each.name: outcomes(each, 36, 0) for each in behaviors[:2]}
    found |= {"softer": outcomes(behaviors[2], 60, 0), "free": outcomes(behaviors[3], 36, 36)}
    results = together(behaviors, found, Rules(quick=True))
    rates = {}
    for budget in (0.05, 0.15):
        rates[budget] = next(k for k in range(37) if exceeds_budget(k, 36, budget) < ALPHA / 3) / 36
    assert little_shown(list(results.values())) == (
        f", which show a budget to be broken only far above it (5 % from {100 * rates[0.05]:.3g} % on, "
        f"15 % from {100 * rates[0.15]:.3g} % on)"
    )
    assert little_shown([results["free"]]) == ""


def test_a_quick_run_leaves_the_baseline_aside_and_needs_fewer_cases(ruled, outcomes, behavior) -> None:
    whole = record([behavior()], [[outcomes(behavior(), 200, 0)]])
    some = outcomes(behavior(), 48, 0)
    assert (quick := ruled(some, Rules(whole, quick=True))).ruling is Ruling.PASS
    assert quick.change is None
    assert ruled(some, Rules(quick=False)).ruling is Ruling.INCONCLUSIVE
    assert ruled(some[: LEAST_LIVE_QUICK - 1], Rules(quick=True)).ruling is Ruling.INCONCLUSIVE


def test_worse_than_the_baseline_is_red_within_its_budget_and_names_the_cases(ruled, outcomes, behavior) -> None:
    before, now = outcomes(behavior(), 200, range(4)), outcomes(behavior(), 200, range(2, 24))
    got = ruled(now, Rules(record([behavior()], [[before]])))
    ids = [each.case.id for each in now]
    assert got.ruling is Ruling.FAIL
    assert "worse than the baseline's 2 %" in got.reason
    assert got.change.new_failures == tuple(ids[4:24])
    assert got.change.fixed == tuple(ids[:2])
    assert got.change.rate == pytest.approx(0.02)
    # two tests, of the budget and of the change: Holm doubles the smaller p
    assert got.change.p_worse == pytest.approx(2 * binomtest(20, 22, 0.5, alternative="greater").pvalue)


def test_the_same_answers_again_are_a_pass_that_shows_the_recorded_rate(ruled, outcomes, behavior) -> None:
    before = outcomes(behavior(), 200, 20)
    got = ruled(before, Rules(record([behavior()], [[before]])))
    assert got.ruling is Ruling.PASS
    assert "baseline 10 %" in got.reason
    assert (got.change.p_worse, got.change.new_failures, got.change.fixed) == (1.0, (), ())


def test_a_significant_improvement_says_so(ruled, outcomes, behavior) -> None:
    baseline = record([behavior()], [[outcomes(behavior(), 200, 25)]])
    got = ruled(outcomes(behavior(), 200, 2), Rules(baseline))
    assert got.ruling is Ruling.IMPROVED
    assert "better than the baseline's 12.5 % (paired p = " in got.reason
    assert len(got.change.fixed) == 23


@pytest.mark.parametrize("budget", [None, 0.15])
def test_what_promises_nothing_is_held_against_its_baseline_alone(ruled, outcomes, behavior, budget) -> None:
    before = outcomes(behavior(), 200, 100)
    rules = Rules(record([behavior(budget=None)], [[before]]), budgets=False)
    assert ruled(before, rules, budget=budget).ruling is Ruling.PASS
    assert ruled(outcomes(behavior(), 200, 120), rules, budget=budget).ruling is Ruling.FAIL


def test_over_budget_is_known_once_somebody_wrote_why(ruled, outcomes, behavior) -> None:
    before = outcomes(behavior(), 200, 60)
    baseline = record([behavior()], [[before]])
    assert (baseline.behaviors["b"].over_budget, baseline.behaviors["b"].known) == (True, "")
    got = ruled(before, Rules(with_reason(baseline, "b", REASON)))
    assert (got.ruling, got.known) == (Ruling.KNOWN, REASON)
    assert got.reason.startswith("60 of 200 fail (30.0 %); baseline 30 %")
    assert got.reason.endswith(f"over the budget of 15 %, as known: {REASON}")


@pytest.mark.parametrize("failed", [60, 10])
def test_over_budget_without_a_reason_is_red_whatever_the_rate(ruled, outcomes, behavior, failed: int) -> None:
    got = ruled(outcomes(behavior(), 200, failed), Rules(record([behavior()], [[outcomes(behavior(), 200, 60)]])))
    assert got.ruling is Ruling.FAIL
    assert "say in known.toml why that is accepted" in got.reason


def test_a_known_weakness_that_grows_is_red_and_one_that_shrinks_says_so(ruled, outcomes, behavior) -> None:
    rules = Rules(with_reason(record([behavior()], [[outcomes(behavior(), 200, 80)]]), "b", REASON))
    assert ruled(outcomes(behavior(), 200, 110), rules).ruling is Ruling.FAIL
    better = ruled(outcomes(behavior(), 200, 55), rules)
    assert better.ruling is Ruling.KNOWN
    assert "better than the baseline's 40 % (paired p = " in better.reason
    assert ruled(outcomes(behavior(), 200, 10), rules).ruling is Ruling.IMPROVED


def test_a_known_weakness_that_shows_less_here_is_open_and_an_improvement_over_budget_too(
    ruled, outcomes, behavior
) -> None:
    baseline = record([behavior()], [[outcomes(behavior(), 200, 60)]])
    for rules in (Rules(with_reason(baseline, "b", REASON)), Rules(with_reason(baseline, "b", REASON), quick=True)):
        assert ruled(outcomes(behavior(), 200, 33), rules).ruling is Ruling.INCONCLUSIVE
    better = ruled(outcomes(behavior(), 200, 33), Rules(with_reason(baseline, "b", REASON)))
    assert "better than the baseline's 30 % (paired p = " in better.reason
    assert "over the budget of 15 %, but not significantly" in better.reason


def test_a_known_weakness_that_is_none_here_says_so(ruled, outcomes, behavior) -> None:
    baseline = with_reason(record([behavior()], [[outcomes(behavior(), 200, 20)]]), "b", REASON)
    got = ruled(outcomes(behavior(), 200, 20), Rules(baseline))
    assert got.ruling is Ruling.PASS
    assert "not over its budget here" in got.reason


def test_what_recording_marks_as_known_is_known_on_the_very_same_outcomes(outcomes, behavior) -> None:
    """Also where the level of a large family would find the groups too few to tell."""
    behaviors = [behavior(f"b{i}") for i in range(40)]
    for failed in range(30, 80):
        weak = outcomes(behaviors[0], 200, failed, size=8)
        if over_budget(behaviors[0].promise, weak):
            break
    found = [weak, *(outcomes(each, 160, 0) for each in behaviors[1:])]
    baseline = record(behaviors, [found])
    assert [name for name, each in baseline.behaviors.items() if each.over_budget] == ["b0"]
    rules = Rules(with_reason(baseline, "b0", REASON))
    of_all = {each.name: outcome for each, outcome in zip(behaviors, found, strict=True)}
    assert together(behaviors, of_all, rules)["b0"].ruling is Ruling.KNOWN


def test_other_cases_than_those_of_the_baseline_are_inconclusive_unless_over_budget(ruled, outcomes, behavior) -> None:
    rules = Rules(record([behavior()], [[outcomes(behavior(), 200, 0)]]))
    stale = ruled(outcomes(behavior(), 200, 0, start=1), rules)
    assert stale.ruling is Ruling.INCONCLUSIVE
    assert "--behavior-update-baseline" in stale.reason
    assert ruled(outcomes(behavior(), 200, 100, start=1), rules).ruling is Ruling.FAIL


def test_holm_counts_the_whole_family_of_the_baseline_however_few_are_selected(outcomes, behavior) -> None:
    behaviors = [behavior(f"b{i}") for i in range(30)]
    before = {each.name: outcomes(each, 200, 10) for each in behaviors}
    rules = Rules(record(behaviors, [list(before.values())]))
    now = before | {"b0": outcomes(behaviors[0], 200, 20)}
    alone = together(behaviors[:1], now, rules)["b0"]
    among_all = together(behaviors, now, rules)["b0"]
    # ten new failures are p = 1/1024 alone, and one of sixty tests
    assert alone.change.p_worse == among_all.change.p_worse == pytest.approx(60 / 1024)
    assert alone.ruling is among_all.ruling is Ruling.PASS
    small = Rules(record(behaviors[:1], [[before["b0"]]]))
    assert together(behaviors[:1], {"b0": now["b0"]}, small)["b0"].ruling is Ruling.FAIL


def test_skipped_cases_take_no_part_in_the_comparison(outcomes, behavior) -> None:
    now = outcomes(behavior(), 10, 5)
    now[0] = replace(now[0], verdict=Verdict(Status.SKIPPED, "why"))
    then = {each.case.id: 0 for each in now[:9]}
    change = worsening(then, 1, now, ALPHA)
    assert change.new_failures == tuple(each.case.id for each in now[1:5])
    assert worsening({}, 1, now, ALPHA) is None


def test_a_case_that_failed_in_some_trainings_is_neither_new_nor_fixed(outcomes, behavior) -> None:
    now = outcomes(behavior(), 3, [0, 1])
    ids = [each.case.id for each in now]
    change = worsening(dict(zip(ids, (2, 0, 3), strict=True)), 3, now, ALPHA)
    assert (change.new_failures, change.fixed) == ((ids[1],), (ids[2],))
    assert change.rate == pytest.approx(5 / 9)


@pytest.mark.parametrize("churn", [0.0, 0.1, 1.5])
@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("recorded_failures", [0, 30])
def test_the_rise_that_is_said_to_show_is_where_the_ruling_turns(
    ruled, outcomes, behavior, churn: float, size: int, recorded_failures: int
) -> None:
    plain, n = behavior(budget=None), 160
    before = outcomes(plain, n, recorded_failures, size=size)
    baseline = record([plain], [[before]] * 3)
    wandering = {"b": baseline.behaviors["b"].model_copy(update={"churn": churn})}
    rules = Rules(baseline.model_copy(update={"behaviors": wandering, "over_dispersion": 4.0}))
    calm = ruled(before, rules, of=plain)
    least = round(n * calm.change.visible)
    assert calm.reason.endswith(f"a rise of {100 * least / n:.3g} points would show")
    # a case of every group, then a second of every group, and so on
    free = sorted(range(recorded_failures, n), key=lambda place: place % size)
    for more, ruling in ((least - 1, Ruling.PASS), (least, Ruling.FAIL)):
        now = outcomes(plain, n, [*range(recorded_failures), *free[:more]], size=size)
        assert ruled(now, rules, of=plain).ruling is ruling


def test_where_even_a_collapse_would_not_show_nothing_is_called_kept(ruled, outcomes, behavior) -> None:
    plain = behavior(budget=None)
    before = outcomes(plain, 160, 158)
    rules = Rules(record([plain], [[before]] * 3))
    for failed in (158, 160):
        result = ruled(outcomes(plain, 160, failed), rules, of=plain)
        assert result.ruling is Ruling.INCONCLUSIVE
        assert "no rise would show" in result.reason


def test_a_baseline_knows_cases_by_the_part_of_their_id_that_is_a_hash(outcomes, behavior) -> None:
    before = outcomes(behavior(), 200, [7])
    assert list(record([behavior()], [[before]]).behaviors["b"].failed) == [short_id(before[7].case.id)]


def test_a_clean_run_at_its_budgets_is_red_at_most_one_time_in_twenty(outcomes, behavior) -> None:
    """Thirty behaviors whose true rates are their budgets: some with one case per group, some in frames that fail
    together (beta-binomial), some in both small and large budgets."""
    random = np.random.default_rng(2026)
    worlds, alarms = 60, 0
    shapes = [(budget, size) for budget in (0.05, 0.15, 0.4) for size in (1, 1, 4, 4, 7)] * 2
    behaviors = [behavior(f"b{i}", budget) for i, (budget, _) in enumerate(shapes)]
    right = [
        outcomes(each, 40 * size if size > 1 else 160, 0, size=size)
        for each, (_, size) in zip(behaviors, shapes, strict=True)
    ]
    wrong = [
        outcomes(each, len(made), len(made), size=size)
        for each, made, (_, size) in zip(behaviors, right, shapes, strict=True)
    ]
    for _ in range(worlds):
        found = {}
        for each, (budget, size), good, bad in zip(behaviors, shapes, right, wrong, strict=True):
            chances = random.beta(2 * budget, 2 * (1 - budget), len(good) // size) if size > 1 else budget
            fails = random.random(len(good)) < np.repeat(chances, size if size > 1 else len(good))
            found[each.name] = [b if failed else g for g, b, failed in zip(good, bad, fails, strict=True)]
        alarms += any(result.ruling is Ruling.FAIL for result in together(behaviors, found).values())
    assert alarms <= binom.ppf(0.99, worlds, ALPHA)


def five_trainings(
    random, shapes: list[tuple[int, int]], capabilities: int, wander: float, uneven: float = 0.0
) -> list[list[np.ndarray]]:
    """Which cases failed, by training and behavior; the fifth training is worse than the others by two logits.

    A behavior, in frames of as many cases as `shapes` says, shifts with the training by `wander` logits (standard
    deviation), the behaviors of a capability partly together; frames and cases differ in how hard they are. With
    `uneven` behaviors differ in how far they shift, by a log-normal factor.
    """
    together = random.normal(0, 0.6, (5, capabilities))
    trainings: list[list[np.ndarray]] = [[] for _ in range(5)]
    for place, (frames, size) in enumerate(shapes):
        own = wander * (np.exp(random.normal(-(uneven**2) / 2, uneven)) if uneven else 1.0)
        hardness = random.normal(-2) + np.repeat(random.normal(0, 1, frames), size)
        hardness = hardness + random.normal(0, 1.5, frames * size)
        for training, shift, worse in zip(trainings, together[:, place % capabilities], (0, 0, 0, 0, 2), strict=True):
            logits = hardness + own * (shift + random.normal(0, 0.8)) + worse
            training.append(random.random(frames * size) < 1 / (1 + np.exp(-logits)))
    return trainings


@pytest.mark.parametrize(("wander", "seen", "pairs"), [(0.0, 0.9, 6), (0.3, 0.5, 6), (0.6, 0.0, 16)])
def test_one_more_training_is_red_at_most_one_time_in_twenty_and_a_collapse_is_seen(
    outcomes, behavior, wander: float, seen: float, pairs: int
) -> None:
    """`seen` is the least share of behaviors in which the worse training must show; trainings that wander by 0.6
    logits hide two logits more often than not, and need more than a dozen behaviors to tell what is usual."""
    random = np.random.default_rng(2027)
    worlds, capabilities, shapes = 20, 4 if pairs == 6 else 8, [(40, 4), (160, 1)] * pairs
    behaviors = [behavior(f"b{i}", None, capability=f"c{i % capabilities}") for i in range(len(shapes))]
    right = [outcomes(each, 160, 0, size=size) for each, (_, size) in zip(behaviors, shapes, strict=True)]
    wrong = [outcomes(each, 160, 160, size=size) for each, (_, size) in zip(behaviors, shapes, strict=True)]
    alarms = worse = collapsed = 0
    for _ in range(worlds):
        *before, fourth, fifth = as_outcomes(right, wrong, five_trainings(random, shapes, capabilities, wander))
        rules = Rules(record(behaviors, before))

        def red(found, rules=rules) -> list[bool]:
            of_each = {each.name: outcome for each, outcome in zip(behaviors, found, strict=False)}
            return [each.ruling is Ruling.FAIL for each in together(behaviors, of_each, rules).values()]

        alarms += any(red(fourth))
        worse += sum(red(fifth[:2]))
        collapsed += sum(red(wrong[:2]))
    assert alarms <= binom.ppf(0.99, worlds, ALPHA)
    assert worse >= seen * 2 * worlds
    assert collapsed >= 0.9 * 2 * worlds


def as_outcomes(right, wrong, trainings) -> list[list[list[Outcome]]]:
    """Per training and behavior, the wrong outcome of each case that failed and the right one of each other."""
    return [
        [
            [bad if is_bad else good for good, bad, is_bad in zip(*each, strict=True)]
            for each in zip(right, wrong, training, strict=True)
        ]
        for training in trainings
    ]


def test_where_some_behaviors_wander_much_further_than_others_another_training_is_still_no_regression(
    outcomes, behavior
) -> None:
    random = np.random.default_rng(2028)
    worlds, capabilities, shapes = 30, 8, [(40, 4), (160, 1)] * 16
    behaviors = [behavior(f"b{i}", None, capability=f"c{i % capabilities}") for i in range(len(shapes))]
    right = [outcomes(each, 160, 0, size=size) for each, (_, size) in zip(behaviors, shapes, strict=True)]
    wrong = [outcomes(each, 160, 160, size=size) for each, (_, size) in zip(behaviors, shapes, strict=True)]
    alarms = 0
    for _ in range(worlds):
        *before, fourth, _ = as_outcomes(right, wrong, five_trainings(random, shapes, capabilities, 0.4, uneven=1.0))
        found = {each.name: outcome for each, outcome in zip(behaviors, fourth, strict=True)}
        rules = Rules(record(behaviors, before))
        alarms += any(each.ruling is Ruling.FAIL for each in together(behaviors, found, rules).values())
    assert alarms <= binom.ppf(0.99, worlds, ALPHA)
