from __future__ import annotations

import errno

import pytest

from sentiment.errors import ReportError, fault_of, reason_of, shown


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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ReportError("reports/x cannot be read"), "reports/x cannot be read"),
        (OSError(errno.ENOSPC, "No space left on device", "/cache/x"), "/cache/x: No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x"), None),
        (ValueError("x"), None),
    ],
)
def test_what_the_user_or_the_machine_caused_is_told_from_a_mistake_of_ours(error: Exception, said: str | None) -> None:
    assert fault_of(error) == said


def test_a_value_is_shown_as_far_as_it_goes() -> None:
    assert shown("a\n\x1b") == r"'a\n\x1b'"
    assert len(shown("x" * 9999)) == 100
    assert shown(10**5000) == "a figure of type int that is too long to show"
