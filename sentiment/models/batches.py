"""Which rows share a forward pass, and how long a beginning they share."""

from __future__ import annotations

from collections.abc import Sequence

PASS_OVERHEAD = {"cpu": 64, "cuda": 4096}
"""What one more pass costs beside its tokens, in tokens: little on a CPU, while a GPU waits for its
kernels to be launched."""


def cheapest_batches(lengths: Sequence[int], budget: int, overhead: int) -> list[list[int]]:
    """Row numbers in batches of similar length, at the least cost in tokens.

    A batch costs its padded size plus `overhead`: the work of one more forward pass, in tokens. Its
    padded size stays within `budget`, except for a row that is longer by itself. Longest first, so that
    a size that does not fit in memory shows at once. Dynamic programming over the sorted lengths:
    O(rows x rows per batch).
    """
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    cost = [0.0] * (len(order) + 1)  # of the rows from here on
    stop = [0] * (len(order) + 1)
    for begin in range(len(order) - 1, -1, -1):
        longest = lengths[order[begin]]
        most = max(1, budget // max(1, longest))
        ends = range(begin + 1, min(begin + most, len(order)) + 1)
        stop[begin] = min(ends, key=lambda end: (end - begin) * longest + cost[end])
        cost[begin] = (stop[begin] - begin) * longest + overhead + cost[stop[begin]]
    batches, begin = [], 0
    while begin < len(order):
        batches.append(order[begin : stop[begin]])
        begin = stop[begin]
    return batches


def worth_sharing(shared: int, rows: int, overhead: int) -> bool:
    """Whether computing a beginning of `shared` tokens once for all rows saves more than its own pass costs.

    `overhead`: of one more pass, in tokens.
    """
    return shared * (rows - 1) > overhead


def common_prefix(rows: Sequence[list[int]]) -> int:
    """Tokens at the start that all rows share, leaving each row at least one of its own.

    Taken on token ids, never on text: a tokenizer may merge across the place where texts part.
    """
    if len(rows) < 2:
        return 0
    first, last = min(rows), max(rows)  # in lexical order these two differ earliest
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return min(shared, min(len(row) for row in rows) - 1)
