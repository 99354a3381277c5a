"""One table says how rulings are shown."""

from __future__ import annotations

from sentiment.report.signs import SEVERITY, SIGNS
from sentiment.types import Ruling


def test_every_ruling_has_signs_of_its_own_and_a_word_that_fits_its_column() -> None:
    assert set(SIGNS) == set(Ruling)
    for what in ("sign", "picture", "word"):
        assert len({getattr(each, what) for each in SIGNS.values()}) == len(Ruling), what
    assert all(each.word.isascii() and len(each.word) <= 5 for each in SIGNS.values())
    assert all(each.meaning or each.word.lower() == ruling.value for ruling, each in SIGNS.items())


def test_what_is_broken_comes_first_and_what_was_not_judged_last() -> None:
    assert min(Ruling, key=SEVERITY.__getitem__) is Ruling.FAIL
    assert max(Ruling, key=SEVERITY.__getitem__) is Ruling.REPORTED
