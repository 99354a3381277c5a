"""Users' labelled tables: every row is read, or counted with the reason why it is not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.errors import DataError
from sentiment.spellings import Spellings
from sentiment.tables.labels import LabelledReviews, labelled_reviews
from sentiment.tables.layout import Layout
from sentiment.text import text_digest
from sentiment.types import Label

NEG, POS = Label.NEGATIVE, Label.POSITIVE


def csv_of(path: Path, labels: list[object], text: str = "film") -> Path:
    path.write_text("text,label\n" + "".join(f"{text} {i},{label}\n" for i, label in enumerate(labels)))
    return path


def adds_up(reviews: LabelledReviews) -> bool:
    rows = reviews.account.as_dict()["rows"]
    parts = ("used", "dropped", "missing_label", "ignored_label")
    return rows["read"] == sum(rows[part] for part in parts) + (rows["trained_on"] or 0) and (
        rows["used"] == len(reviews) == len(list(reviews))
    )


SPELLED: dict[str, list[Any]] = {
    "numbers": [0, 1],
    "floats": [0.0, 1.0],
    "truth values": [False, True],
    "words": ["neg", "pos"],
    "numbered": ["LABEL_0", "LABEL_1"],
}


@pytest.mark.parametrize("pair", SPELLED.values(), ids=SPELLED.keys())
def test_a_label_means_the_same_in_every_format(pair: list[Any], tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["dull", "fine", "poor", "good"], "label": pair * 2})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_json(tmp_path / "a.json", orient="records")
    frame.to_parquet(tmp_path / "a.parquet")
    frame.assign(label=frame["label"].astype("category")).to_parquet(tmp_path / "category.parquet")
    frame.assign(label=frame["label"].astype(str)).to_parquet(tmp_path / "text.parquet")
    for path in tmp_path.iterdir():
        assert [review.label for review in labelled_reviews(path)] == [NEG, POS, NEG, POS], path.name


def test_a_column_with_a_gap_keeps_its_labels_and_the_gap_is_counted(tmp_path: Path) -> None:
    """pandas makes floats of such a column."""
    frame = pd.DataFrame({"text": ["dull", "fine", "poor", "good"], "label": [0, 1, None, 1]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.json").write_text(json.dumps(frame.to_dict("records")))  # NaN, as Python writes it
    for path in tmp_path.iterdir():
        reviews = labelled_reviews(path)
        assert ([review.label for review in reviews], reviews.account.missing) == ([NEG, POS, POS], 1)
        assert reviews.account.lost == 0
        assert adds_up(reviews)


def class_label_file(path: Path, names: list[str] | None, labels: list[int | None]) -> Path:
    table = pa.table({"text": [f"film {i}" for i in range(len(labels))], "label": pa.array(labels, pa.int64())})
    feature = {"names": names, "_type": "ClassLabel"}
    note = {"info": {"features": {"text": {"dtype": "string", "_type": "Value"}, "label": feature}}}
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(note)}), path)
    return path


def test_the_class_names_in_a_parquet_file_go_before_its_numbers(tmp_path: Path) -> None:
    path = class_label_file(tmp_path / "a.parquet", ["positive", "negative"], [0, 1, -1, None, 0])
    reviews = labelled_reviews(path)
    assert [review.label for review in reviews] == [POS, NEG, POS]
    assert reviews.account.missing == 2
    assert reviews.account.labels == {"negative": NEG, "positive": POS}


def test_class_names_as_datasets_writes_them(tmp_path: Path) -> None:
    import datasets

    label = datasets.ClassLabel(names=["5 stars", "1 star", "unsure"])
    features = datasets.Features({"text": datasets.Value("string"), "label": label})
    columns = {"text": ["fine", "dull", "hm"], "label": [0, 1, 2]}
    datasets.Dataset.from_dict(columns, features=features).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="not understood: '1 star' .*'5 stars' .*'unsure'|'5 stars' .*'1 star'"):
        labelled_reviews(tmp_path / "a.parquet")
    own = Spellings.of(["5 stars"], ["1 star"], ["unsure"])
    reviews = labelled_reviews(tmp_path / "a.parquet", spellings=own)
    assert [review.label for review in reviews] == [POS, NEG]
    assert reviews.account.ignored == 1


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"info": null}', b'{"info": {"features": {"label": 5}}}'])
def test_a_note_that_names_no_classes_changes_nothing(note: bytes, tmp_path: Path) -> None:
    table = pa.table({"text": ["dull", "fine"], "label": [0, 1]})
    pq.write_table(table.replace_schema_metadata({"huggingface": note}), tmp_path / "a.parquet")
    assert [review.label for review in labelled_reviews(tmp_path / "a.parquet")] == [NEG, POS]


def test_numbered_labels_are_taken_by_number_and_that_is_said(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "a.csv", ["LABEL_0", "LABEL_1"] * 3)
    reviews = labelled_reviews(path)
    assert "LABEL_0 as negative and LABEL_1 as positive, by the number alone" in reviews.notes[0]
    assert reviews.account.as_dict()["labels"] == {"LABEL_0": "negative", "LABEL_1": "positive"}
    told = labelled_reviews(path, spellings=Spellings.of(["LABEL_0"], ["LABEL_1"]))
    assert told.notes == ()
    assert [review.label for review in told][:2] == [POS, NEG]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 2] * 30, "not understood: '1' (30 rows), '2' (30 rows); beside other numbers, what 0 and 1 mean"),
        ([-1, 1] * 30, "not understood: '-1' (30 rows), '1' (30 rows); beside other numbers"),
        ([0, 4] * 30, "not understood: '0' (30 rows), '4' (30 rows); beside other numbers"),
        ([0, 1, 2] * 20, "not understood: '0' (20 rows), '1' (20 rows), '2' (20 rows); beside other numbers"),
        (["positif", "negatif"] * 30, "not understood: 'positif' (30 rows), 'negatif' (30 rows); say what they mean"),
        (["positive", "negativ"] * 30, "not understood: 'negativ' (30 rows) (understood: 'positive' (30 rows)); say"),
        (["pos", "neg", *["unsure"] * 3] * 9, "not understood: 'unsure' (27 rows) (understood:"),
        (list(range(2000)), "over 1000 different values, such as '1000', so these are no labels"),
    ],
)
def test_labels_that_are_mostly_not_understood_stop_with_what_was_found(
    labels: list[object], message: str, tmp_path: Path
) -> None:
    path = csv_of(tmp_path / "a.csv", labels)
    with pytest.raises(DataError) as caught:
        labelled_reviews(path)
    assert str(caught.value).startswith(f"{path}, column 'label': ")
    assert message in str(caught.value)
    assert "over 1000" in message or "--label positive=..." in str(caught.value)


@pytest.mark.parametrize("odd", ["mixed", "7", "0.5"])
def test_one_odd_label_among_many_is_counted_and_named(odd: str, tmp_path: Path) -> None:
    reviews = labelled_reviews(csv_of(tmp_path / "a.csv", [*[0, 1] * 50, odd]))
    assert len(reviews) == 100
    assert reviews.account.dropped == {"label is not understood": 1}
    assert reviews.account.not_understood == {odd: 1}
    assert [(row.number, row.said) for row in reviews.bad] == [(101, f"label is not understood ({odd!r})")]
    assert any("not understood" in line and odd in line for line in reviews.account.lines())
    assert adds_up(reviews)


def test_own_spellings_map_stars(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "a.csv", [1, 2, 3, 4, 5, "neutral"] * 2)
    reviews = labelled_reviews(path, spellings=Spellings.parsed(["positive=4,5", "negative=1,2"], ["3,neutral"]))
    assert Counter(review.label for review in reviews) == {NEG: 4, POS: 4}
    assert (reviews.account.ignored, reviews.account.lost) == (4, 0)
    assert adds_up(reviews)


def test_every_row_is_in_one_count(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        "text,label\nfïne,1\ndüll,0\n,1\nno label,\n,\nhm,neutral\nodd,wrong\nshort\n".encode() + b"caf\xe9,0\n"
    )
    reviews = labelled_reviews(path, spellings=Spellings.of(ignore=["neutral"]))
    assert reviews.account.as_dict() == {
        "rows": {
            "read": 9,
            "used": 2,
            "dropped": 4,
            "dropped_because": {
                "text is empty": 1,
                "expected 2 fields, found 1": 1,
                "text is not valid UTF-8 (undecodable bytes, or half a surrogate pair)": 1,
                "label is not understood": 1,
            },
            "labels_not_understood": {"wrong": 1},
            "missing_label": 2,
            "ignored_label": 1,
            "trained_on": None,
        },
        "labels": {"0": "negative", "1": "positive"},
    }
    assert adds_up(reviews)
    assert reviews.account.lines()[1:] == [
        "passed over 3 of 9 rows: label is missing (2 rows), label is to be ignored (1 row)",
        "dropped 4 of 9 rows: text is empty (1 row), expected 2 fields, found 1 (1 row), "
        "text is not valid UTF-8 (undecodable bytes, or half a surrogate pair) (1 row), "
        "label is not understood (1 row)",
    ]


def test_bad_lines_of_json_have_one_reason_however_many_there_are(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = '{"text": "fine", "label": 1}\n{"text": "dull", "label": 0}\n'
    path.write_text(good + "".join('{"text": ' + "x" * i + "\n" for i in range(1, 40)))
    reviews = labelled_reviews(path)
    assert reviews.account.dropped == {"line is not valid JSON": 39}
    assert len(reviews.bad) == 20
    assert "Expecting value" in reviews.bad[0].said
    assert len(reviews.account.lines()) == 1


def test_rows_that_a_model_was_trained_on_are_left_out_and_counted(tmp_path: Path) -> None:
    reviews = labelled_reviews(csv_of(tmp_path / "a.csv", [0, 1] * 10))
    assert reviews.without(None).account.trained_on is None
    assert reviews.without(frozenset()).account.trained_on == 0
    learnt = {text_digest(f"FILM, {i}!") for i in range(6)} | {text_digest("another")}
    rest = reviews.without(learnt)
    assert [review.id for review in rest] == [f"a.csv-{i}" for i in range(7, 21)]
    assert (rest.account.trained_on, rest.account.used, rest.account.lost) == (6, 14, 0)
    assert adds_up(rest)
    assert rest.account.lines() == ["passed over 6 of 20 rows: the model was trained on the text (6 rows)"]


def test_a_table_of_training_rows_alone_is_refused(tmp_path: Path) -> None:
    reviews = labelled_reviews(csv_of(tmp_path / "a.csv", [0, 1] * 10))
    learnt = {text_digest(review.text) for review in reviews}
    with pytest.raises(DataError, match=r"none of its rows can be used \(left out: the model was trained on the text"):
        reviews.without(learnt)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("text,stars", "no label column 'label'; columns found: 'text', 'stars'; name it with --label-column"),
        ("text,label,label", "2 columns are named 'label'"),
    ],
)
def test_a_label_column_that_is_missing_or_not_one_is_named(header: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\ngood,1,0\n")
    with pytest.raises(DataError) as caught:
        labelled_reviews(tmp_path / "a.csv")
    assert message in str(caught.value)


def test_a_labelled_table_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1;Fine, really\n0;Dull, and long\n")
    reviews = labelled_reviews(tmp_path / "a.csv", layout=Layout(columns=("label", "text")))
    assert [(review.text, review.label) for review in reviews] == [("Fine, really", POS), ("Dull, and long", NEG)]
    assert reviews.notes == ("a.csv: read with semicolons between the cells",)
