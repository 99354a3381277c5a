from __future__ import annotations

import pytest

from sentiment.errors import reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Error(s) in loading state_dict:\n\tsize mismatch for lm_head"),
         "Error(s) in loading state_dict: size mismatch for lm_head"),
        (ImportError("\nUsing `bitsandbytes` requires\n\n  accelerate\n"), "Using `bitsandbytes` requires accelerate"),
        (KeyError("vocab_size"), "KeyError: 'vocab_size'"),
        (AssertionError(), "AssertionError"),
    ],
)  # fmt: skip
def test_a_reason_is_all_lines_on_one(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_of_a_long_message_both_ends_are_kept() -> None:
    reason = reason_of(OSError("cannot load it\n" + "a line of no use\n" * 99 + "No module named 'kernels'"))
    assert reason.startswith("cannot load it")
    assert reason.endswith("No module named 'kernels'")
    assert len(reason) <= 400
