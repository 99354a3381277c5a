from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentiment.behavior.pairs import Pair, read_pairs
from sentiment.errors import BehaviorError
from sentiment.types import Label

GOOD = {"original": "A fine film.", "revised": "A feeble film.", "label": "positive"}


def jsonl(folder: Path, *rows: object) -> Path:
    path = folder / "pairs.jsonl"
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def csv(folder: Path, text: str) -> Path:
    path = folder / "pairs.csv"
    path.write_text(text, "utf-8")
    return path


def test_both_formats_and_both_namings_give_the_same_pairs(tmp_path: Path) -> None:
    expected = [
        Pair("a", "A fine, warm film.", "A cold film.", Label.POSITIVE),
        Pair("7", "Dull \u201cart\u201d.", "Vivid\nart.", Label.NEGATIVE),
    ]
    rows = [
        {"id": "a", "original": expected[0].original, "revised": expected[0].revised, "label": "Positive"},
        {"id": 7, "original": expected[1].original, "revised": expected[1].revised, "label": 0, "note": "passed over"},
    ]
    names = {"id": "pair_id", "original": "original_text", "revised": "revised_text", "label": "original_label"}
    renamed = [{names.get(key, key): value for key, value in row.items()} for row in rows]
    assert read_pairs(jsonl(tmp_path, *rows)) == expected
    assert read_pairs(jsonl(tmp_path, *renamed)) == expected
    table = '\ufeffid,original,revised,label\na,"A fine, warm film.",A cold film.,pos\n7,Dull “art”.,"Vivid\nart.",0\n'
    assert read_pairs(csv(tmp_path, table)) == expected


def test_an_id_follows_from_both_texts(tmp_path: Path) -> None:
    other = {**GOOD, "revised": "A poor film."}
    first, second = read_pairs(jsonl(tmp_path, GOOD, {**other, "id": None}))
    assert first.id != second.id
    assert [pair.id for pair in read_pairs(jsonl(tmp_path, other, GOOD))] == [second.id, first.id]
    (same,) = read_pairs(csv(tmp_path, "original,revised,label,id\nA fine film.,A feeble film.,1,\n"))
    assert same == first


@pytest.mark.parametrize("revised_label", ["negative", 0, "", None])
def test_a_revised_label_may_be_left_out_or_be_the_other_one(tmp_path: Path, revised_label: object) -> None:
    assert len(read_pairs(jsonl(tmp_path, {**GOOD, "revised_label": revised_label}))) == 1


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"original": "x", "label": 1}, "revised: text is missing"),
        ({"revised": "x", "label": 1}, "original: text is missing"),
        ({"original": "x", "revised": "y"}, "label is missing; write positive or negative"),
        ({**GOOD, "revised": 3}, "revised: text is not a string but int"),
        ({**GOOD, "original": " "}, "original: text is empty"),
        ({**GOOD, "label": "great"}, "label 'great' is neither negative (0, neg) nor positive (1, pos)"),
        ({**GOOD, "label": 2}, "label 2 is neither"),
        ({**GOOD, "revised_label": "pos"}, "original and revised are both labelled positive; they must be opposites"),
        ({**GOOD, "revised_label": "so-so"}, "revised: label 'so-so' is neither"),
        ({**GOOD, "revised": "A fine  film. "}, "original and revised are the same text"),
        ({**GOOD, "id": "\ud800"}, "id: text is not valid UTF-8"),
        ("{", "line is not valid JSON"),
        ("[1]", "line is not a JSON object but list"),
    ],
)
def test_a_bad_row_is_named_with_its_file_and_line(tmp_path: Path, bad: object, message: str) -> None:
    path = jsonl(tmp_path, {**GOOD, "original": "Another.", "id": "first"}, "", bad)
    with pytest.raises(BehaviorError) as error:
        read_pairs(path)
    assert str(error.value).startswith(f"{path}, row 2 (line 3): {message}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("again", "message"),
    [
        ({**GOOD, "revised": "Poor.", "id": "a"}, "id 'a' stands in row 1 (line 1) already"),
        ({**GOOD, "id": "b"}, "this pair of texts stands in row 1 (line 1) already"),
    ],
)
def test_nothing_stands_there_twice(tmp_path: Path, again: object, message: str) -> None:
    path = jsonl(tmp_path, {**GOOD, "id": "a"}, again)
    with pytest.raises(BehaviorError) as error:
        read_pairs(path)
    assert str(error.value) == f"{path}, row 2 (line 2): {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("original,revised,label\n", "no pairs; it has a header but no row"),
        ("original,label\nx,1\n", "no column 'revised'; columns found: 'original', 'label'"),
        ("revised,label\nx,1\n", "no text column 'original'; columns found: 'revised', 'label'"),
        ("original,revised,label\nA fine, warm film.,Poor.,1\n", "row 1 (line 2): expected 3 fields, found 4"),
        ("original,revised,label\nFine.,Poor.\n", "row 1 (line 2): expected 3 fields, found 2"),
        ('original,revised,label\nFine.,"Poor.,1\n', "row 1 (line 2): a quote that is opened here is never closed"),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = csv(tmp_path, text)
    with pytest.raises(BehaviorError) as error:
        read_pairs(path)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("p.csv", b"original,revised,label\nFine.,caf\xe9,1\n", "row 1 (line 2): revised: text is not valid UTF-8"),
        (
            "p.jsonl",
            b'{"original": "a", "revised": "b", "label": 1}\n{"original": "\xff"}\n',
            "row 2 (line 2): line is",
        ),
    ],
)
def test_bytes_that_are_not_utf_8_are_named(tmp_path: Path, name: str, content: bytes, place: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BehaviorError) as error:
        read_pairs(path)
    assert place in str(error.value)


HALVES = "Sentiment,Text,batch_id\n"


def test_two_rows_a_pair_as_in_the_counterfactually_augmented_reviews(tmp_path: Path) -> None:
    rows = "Negative,Long and boring.,4\nPositive,Long and fascinating.,4\n,,\nPositive,A gem.,5\nNegative,A dud.,5\n"
    assert read_pairs(csv(tmp_path, HALVES + rows)) == [
        Pair("4", "Long and boring.", "Long and fascinating.", Label.NEGATIVE),
        Pair("5", "A gem.", "A dud.", Label.POSITIVE),
    ]
    table = tmp_path / "dev_paired.tsv"
    table.write_text((HALVES + rows).replace(",", "\t"))
    assert read_pairs(table) == read_pairs(tmp_path / "pairs.csv")
    said: list[str] = []
    read_pairs(csv(tmp_path, (HALVES + rows).replace(",", ";")), said.append)
    assert said == ["pairs.csv: read with semicolons between the cells"]
    again = [{"text": text, "label": label, "pair_id": 7} for text, label in (("A gem.", 1), ("A dud.", 0))]
    assert read_pairs(jsonl(tmp_path, *again)) == [Pair("7", "A gem.", "A dud.", Label.POSITIVE)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HALVES, "no pairs; it has a header but no row"),
        (HALVES + "Negative,A dud.,4\n", "row 1 (line 2): batch_id '4' has one row; a pair has two"),
        (HALVES + "Negative,A dud.,4\nNegative,A bore.,4\n", "row 2 (line 3): labelled negative as is row 1 (line 2)"),
        (HALVES + "Negative,A dud.,4\nPositive,A  dud. ,4\n", "row 2 (line 3): the same text as in row 1 (line 2)"),
        (HALVES + "Negative,A dud.,4\nso-so,A gem.,4\n", "row 2 (line 3): label 'so-so' is neither"),
        (HALVES + "Negative,,4\n", "row 1 (line 2): text is empty"),
        (HALVES + "Negative,A.,\nPositive,B.,\n", "row 1 (line 2): batch_id is empty"),
        (HALVES + "Negative,A.,4\nPositive,B.,4\nPositive,C.,4\n", "row 3 (line 4): batch_id '4' has more than two"),
        ("Text,batch_id\nA.,4\n", "no column 'Sentiment'; columns found: 'Text', 'batch_id'"),
        ("Text,Sentiment\nA.,1\n", "no text column 'original'; columns found: 'Text', 'Sentiment'"),
    ],
)
def test_rows_that_make_no_pair_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BehaviorError) as error:
        read_pairs(csv(tmp_path, text))
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


def test_a_missing_file_and_a_foreign_suffix_are_named(tmp_path: Path) -> None:
    with pytest.raises(BehaviorError, match="no such file"):
        read_pairs(tmp_path / "none.tsc")
    (tmp_path / "pairs.txt").touch()
    with pytest.raises(BehaviorError, match=r"suffix '.txt' is not a known table format"):
        read_pairs(tmp_path / "pairs.txt")
