"""A beginning that rows share may be split off anywhere: the logits stay the same."""

from __future__ import annotations

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentiment.models.batches import common_prefix
from sentiment.models.prefix import fork, prefix_cache, suffix_logits
from sentiment.models.tokens import pad_right

TOKENS = st.integers(3, 600)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shared=st.lists(TOKENS, min_size=1, max_size=20),
    rests=st.lists(st.lists(TOKENS, min_size=1, max_size=15), min_size=2, max_size=6),
    data=st.data(),
)
def test_any_split_padding_and_company_give_the_logits_of_the_row_alone(model, shared, rests, data) -> None:
    rows = [shared + rest for rest in rests]
    split = data.draw(st.integers(1, max(1, common_prefix(rows))), label="split")
    with torch.inference_mode():
        alone = torch.stack([model(input_ids=torch.tensor([row])).logits[0, -1] for row in rows])
        cache = prefix_cache(model, torch.tensor(rows[0][:split]))
        parts = [row[split:] for row in rows]
        last = torch.tensor([[len(part) - 1] for part in parts])
        for _ in range(2):  # a forked cache serves many batches
            together = suffix_logits(model, pad_right(parts, 0), fork(cache), last)[:, 0]
            torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)
        whole = torch.tensor([[len(row) - 1] for row in rows])
        unsplit = suffix_logits(model, pad_right(rows, 0), None, whole)[:, 0]
        torch.testing.assert_close(unsplit, alone, atol=1e-4, rtol=1e-4)
