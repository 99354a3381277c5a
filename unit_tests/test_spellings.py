"""One table of label spellings: what is known, what the user says, and what is not guessed at."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.spellings import Spellings, class_name, comma_separated, is_missing, known, shown, spelling
from sentiment.types import Label

NEG, POS = Label.NEGATIVE, Label.POSITIVE


@pytest.mark.parametrize(
    "same",
    [
        [1, 1.0, "1", "1.0", " 1 ", "01", "+1", "1e0", Decimal("1.00")],
        [4, 4.0, "4", "4.", "4.00"],
        [-1, -1.0, "-1"],
        [0, 0.0, -0.0, "0", "0.0", "-0"],
        [0.5, "0.5", "0.50"],
        [True, "True", "TRUE", "true "],
        ["LABEL_1", "label_1"],
        [None, float("nan"), "", "  "],
    ],
)
def test_what_is_the_same_in_every_format_is_one_spelling(same: list[object]) -> None:
    assert len({spelling(value) for value in same}) == 1


NUMBERS = st.integers() | st.floats() | st.decimals(allow_nan=False) | st.booleans()


@given(NUMBERS | NUMBERS.map(str) | st.text() | st.none() | st.lists(st.none()))
def test_every_cell_has_a_spelling_that_is_its_own_normal_form(value: object) -> None:
    spelled = spelling(value)
    assert spelling(spelled) == spelled
    assert "\n" not in shown(value)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0, NEG),
        (1.0, POS),
        ("0.0", NEG),
        (True, POS),
        ("FALSE", NEG),
        ("Pos", POS),
        ("negative", NEG),
        ("LABEL_1", POS),
    ],
)
def test_known_spellings(value: object, label: Label) -> None:
    assert known(spelling(value)) is label


@pytest.mark.parametrize("value", [2, -1, 0.5, "mixed", "", "LABEL_2", "positif", "yes", [1], {"a": 1}, 10**400])
def test_nothing_else_is_known(value: object) -> None:
    assert known(spelling(value)) is None


@pytest.mark.parametrize("cell", ["", "nan", "NaN", "None", "null", "NA", "n/a", "<NA>"])
def test_ways_to_write_that_there_is_no_label(cell: str) -> None:
    assert is_missing(spelling(cell))


def meanings(counts: dict[object, int], **own: list) -> dict[str, Label]:
    return Spellings.of(**own).meanings({spelling(value): rows for value, rows in counts.items()})


@pytest.mark.parametrize(
    "counts",
    [
        {1: 50, 2: 50},
        {-1: 50, 1: 50},
        {0: 50, 4: 50},
        {0: 50, 1: 50, 2: 50},
        {0: 500, 1: 40, 2: 10},
        {0: 4, 1: 9, 2: 1},
        {1: 10, 2: 10, 3: 10, 4: 10, 5: 10},
        {0: 50, 1: 50, 0.5: 50},
        {"LABEL_0": 50, "LABEL_1": 50, "LABEL_2": 50},
    ],
)
def test_beside_other_numbers_0_and_1_are_not_guessed_at(counts: dict[object, int]) -> None:
    assert meanings(counts) == {}


@pytest.mark.parametrize("counts", [{0: 5000, 1: 5000, 7: 200}, {0: 100, 1: 40, 2: 2}, {0: 5, 1: 9, 2: 1}])
def test_a_stray_number_leaves_0_and_1_what_they_are(counts: dict[object, int]) -> None:
    assert meanings(counts) == {"0": NEG, "1": POS}


def test_words_mean_what_they_mean_beside_any_other_word() -> None:
    assert meanings({"pos": 5, "neg": 5, "neutral": 90}) == {"pos": POS, "neg": NEG}


def test_own_spellings_are_the_same_as_text_and_as_number() -> None:
    found = meanings({"5": 3, 4.0: 3, 1: 3, "2.0": 3, "3": 3}, positive=[4, "5"], negative=["1", 2.0], ignore=[3])
    assert found == {"5": POS, "4": POS, "1": NEG, "2": NEG}


def test_whoever_says_what_one_number_means_says_it_for_all() -> None:
    """Otherwise a forgotten 1 of five stars would be positive."""
    assert meanings({1: 9, 2: 9, 4: 9, 5: 9}, positive=[4, 5], negative=[2]) == {"2": NEG, "4": POS, "5": POS}
    assert meanings({"false": 5, "true": 5}, negative=[True]) == {"true": NEG}


def test_ignoring_the_other_numbers_leaves_0_and_1_what_they_are() -> None:
    assert meanings({0: 9, 1: 9, -1: 9}, ignore=[-1]) == {"0": NEG, "1": POS}


def test_own_words_stand_beside_the_known_ones_and_before_them() -> None:
    assert meanings({"good": 1, "bad": 1, "pos": 1, "neg": 1}, positive=["Good"], negative=["pos", "BAD"]) == {
        "good": POS,
        "bad": NEG,
        "pos": NEG,
        "neg": NEG,
    }


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ({"positive": ["4"], "negative": [4.0]}, "label 4.0 is both positive and negative"),
        ({"positive": ["Good"], "ignore": ["good"]}, "label 'good' is both positive and ignored"),
        ({"negative": [" "]}, "an empty label cannot be negative"),
    ],
)
def test_a_spelling_on_two_sides_is_named(own: dict[str, list], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Spellings.of(**own)


def test_the_words_of_a_command_line() -> None:
    parsed = Spellings.parsed(["positive=4, 5", "NEGATIVE=1", "negative=2"], ["3,neutral", '"so, so"'])
    assert parsed == Spellings.of(["4", "5"], ["1", "2"], ["3", "neutral", "so, so"])
    for wrong in ("4", "good=4", "=4"):
        with pytest.raises(ValueError, match="says no side; write positive=... or negative=..."):
            Spellings.parsed([wrong], [])
    assert comma_separated("") == []


def test_a_number_with_a_class_name_is_that_name() -> None:
    names = ("pos", "neg")
    values = [0, 1, 1.0, -1, None, "pos", 2, 0.5]
    assert [class_name(v, names) for v in values] == ["pos", "neg", "neg", None, None, "pos", "class 2", "class 0.5"]
    assert class_name(1, ()) == 1
