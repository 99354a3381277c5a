from __future__ import annotations

from pathlib import Path

import pytest

from sentiment.errors import DataError
from sentiment.paths import at_home


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert at_home("~/reviews.csv") == at_home(Path("~/reviews.csv")) == tmp_path / "reviews.csv"
    assert at_home("a/~b.csv") == Path("a/~b.csv")


def test_a_file_of_just_that_name_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~reviews.csv").touch()
    assert at_home("~reviews.csv") == Path("~reviews.csv")


def test_a_home_that_is_not_there_is_one_line() -> None:
    with pytest.raises(DataError, match="no such home folder"):
        at_home("~nobody_of_that_name/reviews.csv")
