from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.data.joined import with_joined
from sentiment.data.pools import POOLS, Pools, make_pools, position
from sentiment.data.sources import Source
from sentiment.errors import DataError, LeakError
from sentiment.profiles import DataSettings
from sentiment.text import text_digest
from sentiment.types import Label, Review


def body(count: int, name: str = "r", positive_every: int = 2) -> tuple[Review, ...]:
    return tuple(Review(f"{name}-{i}", f"{name} film {i}", Label(i % positive_every == 1)) for i in range(count))


def sizes(train: int = 40, validation: int = 10, test: int = 20, suite: int = 20) -> DataSettings:
    return DataSettings(source="generated", train=train, validation=validation, test=test, suite=suite)


def pools(source: Source | None = None, seed: int = 0, **asked: int) -> Pools:
    return make_pools(source or Source("films", body(400), None, {}), sizes(**asked), seed)


def test_no_text_stands_in_two_pools() -> None:
    made = pools()
    digests = [text_digest(r.text) for name in POOLS for r in made.pool(name)]
    assert len(digests) == len(set(digests)) == 90
    assert all(made.members[text_digest(r.text)] == name for name in POOLS for r in made.pool(name))


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 3))
def test_a_smaller_size_is_a_prefix_of_a_larger_one(small: int, more: int, seed: int) -> None:
    first, second = pools(train=small, seed=seed), pools(train=small + more, seed=seed)
    assert second.train[:small] == first.train
    assert (first.suite, first.members) == (second.suite, second.members)


@given(st.integers(1, 90))
def test_every_prefix_is_balanced(length: int) -> None:
    counts = Counter(r.label for r in pools(train=90).train[:length])
    assert counts[Label.NEGATIVE] - counts[Label.POSITIVE] in (0, 1)


def test_more_rows_in_the_source_move_no_text_to_another_pool() -> None:
    small, large = pools(), pools(Source("films", body(800), None, {}))
    assert small.members.items() <= large.members.items()


def test_the_shares_of_an_undivided_source() -> None:
    members = Counter(pools(Source("films", body(4000), None, {})).members.values())
    shares = {name: count / 4000 for name, count in members.items()}
    assert shares == pytest.approx({"train": 0.5, "validation": 0.1, "test": 0.2, "suite": 0.2}, abs=0.03)


def test_rows_of_a_published_test_split_are_never_trained_on() -> None:
    made = pools(Source("films", body(400), body(200, "t"), {}))
    assert {r.id[0] for r in (*made.train, *made.validation)} == {"r"}
    assert {r.id[0] for r in (*made.test, *made.suite)} == {"t"}
    assert made.available["train"].keys() == set(Label)
    assert sum(made.available["train"].values()) == pytest.approx(340, abs=25)


def test_another_seed_draws_other_pools() -> None:
    assert pools(seed=0).members != pools(seed=1).members
    assert position(text_digest("a"), 0) != position(text_digest("a"), 1)


def test_the_pools_of_a_text_are_the_same_for_ever() -> None:
    """A changed hash would retrain every model and change every suite: it must be a decision."""
    assert position(text_digest("A good film."), 0) == pytest.approx(0.5853114014983944)


def test_a_planted_leak_is_refused_with_count_id_and_remedy() -> None:
    made = pools()
    edited = Review("edited", made.suite[0].text.upper() + "!!", Label.POSITIVE)
    with pytest.raises(LeakError, match=r"^1 text\(s\).*first 'edited' \(suite pool\); remove them"):
        made.refuse_foreign([*made.train, edited], "train")


def test_rows_that_were_not_sampled_are_guarded_as_well() -> None:
    made = pools(suite=2)
    left_out = [r for r in body(400) if made.members[text_digest(r.text)] == "suite" and r not in made.suite]
    with pytest.raises(LeakError, match=rf"^{len(left_out)} text"):
        made.refuse_foreign(left_out, "train")


def test_the_own_pool_and_texts_of_no_pool_are_welcome() -> None:
    made = pools()
    made.refuse_foreign([*made.train, Review("mine", "a text of my own")], "train")


def test_a_pool_that_runs_short_is_smaller_and_says_so() -> None:
    made = pools(Source("films", body(400, positive_every=8), None, {"exact duplicate": 3}), train=200)
    counts = Counter(r.label for r in made.train)
    assert counts[Label.POSITIVE] == made.available["train"][Label.POSITIVE] > 0
    assert counts[Label.NEGATIVE] - counts[Label.POSITIVE] in (0, 1)
    summary = "\n".join(made.summary())
    assert f"{200 - len(made.train)} fewer than the 200 asked for" in summary
    assert "dropped 3: exact duplicate" in summary


def test_a_pool_without_a_class_is_an_error() -> None:
    with pytest.raises(DataError, match="has no positive review"):
        pools(Source("films", (*body(200, positive_every=1000)[2:], Review("p", "fine", Label.POSITIVE)), None, {}))


def test_the_fingerprint_follows_texts_labels_and_order() -> None:
    made = pools()
    assert made.fingerprint("train") == pools().fingerprint("train")
    assert len({made.fingerprint(name) for name in POOLS} | {pools(train=42).fingerprint("train")}) == 5


def test_lone_surrogates_have_a_pool_and_a_fingerprint() -> None:
    odd = tuple(Review(f"s{i}", f"odd \udcff film {i} \ud800", Label(i % 2)) for i in range(200))
    assert pools(Source("odd", odd, None, {})).fingerprint("suite")


def test_joined_reviews_use_every_sentence_once_and_stay_balanced() -> None:
    sentences = [Review(str(i), f"sentence {i}.", Label(i % 2)) for i in range(400)]
    rows = with_joined(sentences, 0.5, seed=0)
    assert rows[:200] == tuple(sentences[:200])
    used = [part for row in rows for part in row.id.split("+")]
    assert sorted(used, key=int) == [str(i) for i in range(400)]
    long = [row for row in rows if "+" in row.id]
    assert len(long) > 20
    assert abs(sum(1 if row.label is Label.POSITIVE else -1 for row in long)) <= 1
    for row in long:
        labels = [Label(int(part) % 2) for part in row.id.split("+")]
        assert labels.count(row.label) > len(labels) / 2
    assert with_joined(sentences, 0.5, seed=0) == rows
    assert with_joined(sentences, 0.0, seed=0) == tuple(sentences)
