from __future__ import annotations

import pytest

from sentiment.safety import csv_recovered, csv_safe, one_line, visible

FORMULAS = ["=1+1", "+1", "-2h", "@cmd", "\tx", "\rx", "\nx", "\0=1", "＝1", "'=1", "''=1", "'-", "="]
HARMLESS = ["", "fine", "'twas", "''", "5-4", " =1"]


@pytest.mark.parametrize("cell", FORMULAS + HARMLESS)
def test_a_disarmed_cell_is_no_formula_and_can_be_recovered(cell: str) -> None:
    assert not csv_safe(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝"))
    assert csv_recovered(csv_safe(cell)) == cell


@pytest.mark.parametrize("cell", HARMLESS)
def test_a_harmless_cell_is_left_alone(cell: str) -> None:
    assert csv_safe(cell) == cell


def test_what_drives_a_terminal_or_reorders_text_is_written_out() -> None:
    assert visible("a\x1b[31m\x07\x9b\x7f") == r"a\x1b[31m\x07\x9b\x7f"
    assert visible("\u202eevil\u2066\u200f") == r"\u202eevil\u2066\u200f"
    assert visible("\ud83d\x00") == r"\ud83d\x00"
    assert visible("a\r\nb\tc é 😀 العربية") == "a\\x0d\nb\tc é 😀 العربية"


def test_everything_visible_is_utf_8() -> None:
    everything = "".join(map(chr, range(0x11000)))
    visible(everything).encode("utf-8")


def test_one_line_is_one_line_of_at_most_the_width() -> None:
    assert one_line("a\nb\tc", 20) == r"a\nb\tc"
    assert one_line("x" * 30, 10) == "x" * 9 + "…"
