"""Batches by cost, and shared beginnings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sentiment.models.batches import cheapest_batches, common_prefix, worth_sharing

LENGTHS = st.lists(st.integers(1, 60), max_size=40)


@given(lengths=LENGTHS, budget=st.integers(1, 300), overhead=st.integers(0, 200))
def test_every_row_is_in_one_batch_and_no_batch_is_over_budget(lengths: list[int], budget: int, overhead: int) -> None:
    batches = cheapest_batches(lengths, budget, overhead)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= budget


def test_costly_passes_keep_rows_together_and_cheap_ones_part_them() -> None:
    lengths = [50] * 4 + [10] * 12
    assert len(cheapest_batches(lengths, 10_000, overhead=10_000)) == 1
    assert [len(batch) for batch in cheapest_batches(lengths, 10_000, overhead=50)] == [4, 12]


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=8), min_size=2, max_size=6))
def test_the_common_prefix_is_shared_by_all_and_leaves_every_row_a_token(rows: list[list[int]]) -> None:
    shared = common_prefix(rows)
    assert all(row[:shared] == rows[0][:shared] for row in rows)
    assert all(len(row) > shared for row in rows)
    longer = {tuple(row[: shared + 1]) for row in rows}
    assert len(longer) > 1 or any(len(row) == shared + 1 for row in rows)


def test_a_single_row_shares_nothing() -> None:
    assert common_prefix([[1, 2, 3]]) == 0


def test_a_beginning_is_shared_where_that_saves_more_than_a_pass_costs() -> None:
    assert worth_sharing(30, rows=16, overhead=64)
    assert not worth_sharing(30, rows=16, overhead=4096)
    assert not worth_sharing(30, rows=1, overhead=0)
    assert not worth_sharing(0, rows=16, overhead=0)
