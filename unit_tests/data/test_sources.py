from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.data import hygiene
from sentiment.data.generated import made_up_reviews
from sentiment.data.hygiene import clean
from sentiment.data.sentences import UNCLEAR_REASON, clear_ids, disputed_sentences, opinionated_sentences
from sentiment.data.sources import load_source
from sentiment.errors import DataError
from sentiment.profiles import DataSettings
from sentiment.tables.labels import parse_label
from sentiment.text import normalise, text_digest
from sentiment.types import Label, Review

NEG, POS = Label.NEGATIVE, Label.POSITIVE


def settings(source: str, path: Path | str = "", **more: Any) -> DataSettings:
    return DataSettings(source=source, path=str(path), train=4, validation=2, test=2, suite=2, **more)


def review(text: str, label: Label, name: str = "") -> Review:
    return Review(name or text, text, label)


def hub_folder(
    tmp_path: Path, splits: dict[str, dict[str, list]], names: list[str] | None = None, inner: str = "plain_text"
) -> Path:
    """A folder in the hub's layout, as `datasets` itself writes it when `names` make a ClassLabel."""
    import datasets

    folder = tmp_path / "films"
    (folder / inner).mkdir(parents=True)
    for split, columns in splits.items():
        path = folder / inner / f"{split}-00000-of-00001.parquet"
        if names is None:
            pq.write_table(pa.table(columns), path)
        else:
            features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=names)})
            datasets.Dataset.from_dict(columns, features=features).to_parquet(path)
    return folder


TRAIN = {"text": ["good one", "bad one", "good two", "shared text", "good ONE!", "  "], "label": [1, 0, 1, 0, 1, 0]}
TEST = {"text": ["Shared <br /> text", "fine test"], "label": [0, 1]}


def test_a_local_folder_in_the_hub_layout_is_read_offline_and_leaves_no_trace(tmp_path: Path) -> None:
    """In a fresh process, with the hub forbidden: nothing appears in its cache folders or in the folder itself."""
    folder = hub_folder(tmp_path, {"train": TRAIN, "test": TEST})
    before = sorted(folder.rglob("*"))
    code = (
        "from sentiment.data.sources import load_source\n"
        "from sentiment.profiles import DataSettings\n"
        f"s = load_source(DataSettings(source='hub', path={str(folder)!r}, train=1, validation=1, test=1, suite=1))\n"
        "print([r.id for r in s.train], [r.source for r in s.test], s.dropped)"
    )
    env = os.environ | {"HF_HOME": str(tmp_path / "hf"), "SENTIMENT_OFFLINE": "1"}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "['films/train-0', 'films/train-1', 'films/train-2'] ['films/test', 'films/test']" in run.stdout
    assert sorted(folder.rglob("*")) == before
    assert not [path for path in (tmp_path / "hf").rglob("*") if path.is_file()]


def test_duplicates_empty_texts_and_train_rows_of_the_test_split_are_dropped_and_counted(tmp_path: Path) -> None:
    source = load_source(settings("hub", hub_folder(tmp_path, {"train": TRAIN, "test": TEST})))
    assert [r.text for r in source.train] == ["good one", "bad one", "good two"]
    assert source.test is not None
    assert [r.text for r in source.test] == TEST["text"]
    assert source.dropped == {hygiene.DUPLICATE: 1, hygiene.EMPTY: 1, hygiene.CROSSING: 1}


def test_an_unlabelled_split_is_passed_over(tmp_path: Path) -> None:
    hidden = {"text": ["who knows", "who cares"], "label": [-1, -1]}
    heard: list[str] = []
    folder = hub_folder(tmp_path, {"train": TRAIN, "test": hidden, "unsupervised": hidden}, inner="data")
    source = load_source(settings("hub", folder), heard.append)
    assert source.test is None
    assert not any("who" in r.text for r in source.train)
    assert len(heard) == 2


@pytest.mark.parametrize(("names", "label_of_good"), [(["neg", "pos"], 1), (["pos", "neg"], 0)])
def test_the_names_of_a_class_label_decide_and_not_its_numbers(
    names: list[str], label_of_good: int, tmp_path: Path
) -> None:
    columns = {"text": ["good", "bad"], "label": [label_of_good, 1 - label_of_good]}
    source = load_source(settings("hub", hub_folder(tmp_path, {"train": columns}, names)))
    assert {r.text: r.label for r in source.train} == {"good": POS, "bad": NEG}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"text": ["a", "b"], "label": [0, 2]},
            "labels that are not understood: '0' (1 row), '2' (1 row); beside other numbers",
        ),
        (
            {"text": ["a", "b"], "label": [0, -1]},
            "labels that are not understood: '0' (1 row), '-1' (1 row); beside other numbers",
        ),
        ({"text": ["a", "b"], "stars": [0, 1]}, "no column 'label'; columns found: 'text', 'stars'"),
        ({"review": ["a", "b"], "label": [0, 1]}, "no column 'text'; columns found: 'review', 'label'"),
        ({"text": ["a", "b"], "label": [1, 1]}, "no usable negative review"),
        ({"text": [1, 2], "label": [0, 1]}, "must hold strings, found 1"),
    ],
)
def test_unusable_hub_columns_are_named(columns: dict[str, list], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_source(settings("hub", hub_folder(tmp_path, {"train": columns})))
    assert message in str(caught.value)


def test_an_unreachable_hub_is_one_line_with_the_ways_out(tmp_path: Path) -> None:
    code = (
        "from sentiment.data.sources import load_source\n"
        "from sentiment.profiles import DataSettings\n"
        "load_source(DataSettings(source='hub', path='nobody/nothing', train=1, validation=1, test=1, suite=1))\n"
    )
    env = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("sentiment.errors.DataError: dataset 'nobody/nothing' cannot be loaded")
    assert all(way in last for way in ("HF_HOME", "extends", "--profile smollm2"))


def test_a_missing_folder_is_not_taken_for_a_hub_id(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither a folder nor a hub id"):
        load_source(settings("hub", tmp_path / "nowhere"))


def aclimdb(tmp_path: Path) -> Path:
    texts = {
        "train": {"pos": ["good film", "shared"], "neg": ["bad film"]},
        "test": {"pos": ["shared"], "neg": ["meh"]},
    }
    for split, classes in texts.items():
        for name, bodies in classes.items():
            (tmp_path / split / name).mkdir(parents=True)
            for number, body in enumerate(bodies):
                (tmp_path / split / name / f"{number}_7.txt").write_text(body, encoding="utf-8")
    return tmp_path


def test_the_unpacked_stanford_archive_is_read_with_its_labels(tmp_path: Path) -> None:
    source = load_source(settings("aclimdb", aclimdb(tmp_path)))
    assert [(r.id, r.label) for r in source.train] == [("aclimdb/train/neg/0_7", NEG), ("aclimdb/train/pos/0_7", POS)]
    assert source.dropped == {hygiene.CROSSING: 1}


def test_another_folder_than_the_stanford_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="must be the unpacked aclImdb folder"):
        load_source(settings("aclimdb", tmp_path))


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_file_of_any_format_gives_the_same_reviews(suffix: str, tmp_path: Path) -> None:
    rows = [{"text": "good, really", "label": "POS"}, {"text": "bad\nfilm", "label": "negative"}]
    path = tmp_path / f"mine.{suffix}"
    if suffix == "csv":
        path.write_text('text,label\n"good, really",POS\n"bad\nfilm",negative\n')
    elif suffix == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    source = load_source(settings("file", path))
    assert [(r.id, r.text, r.label) for r in source.train] == [
        (f"mine.{suffix}-1", "good, really", POS),
        (f"mine.{suffix}-2", "bad\nfilm", NEG),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("text,label\n", "none of its rows can be used"),
        ("text,label\ngood,1\nbad,5\n", "not understood: '1' (1 row), '5' (1 row); beside other numbers"),
        ("text,label\ngood,1\nbad,\n", "all 1 usable rows are positive (left out: label is missing (1 row))"),
        ("text,label\ngood,1\nfine,1\n", "all 2 usable rows are positive"),
        ("text,stars\ngood,1\n", "no label column 'label'; columns found: 'text', 'stars'"),
        ("review,label\ngood,1\n", "no text column 'text'; columns found: 'review', 'label'"),
    ],
)
def test_an_unusable_file_says_why(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        load_source(settings("file", path))
    assert message in str(caught.value)


def test_bad_rows_of_a_file_are_dropped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes("text,label\ngoöd,1\n,1\nbäd,0\n".encode() + b"\xff\xfe,0\nshort\n")
    source = load_source(settings("file", path))
    assert [r.text for r in source.train] == ["goöd", "bäd"]
    assert sum(source.dropped.values()) == 3
    assert source.dropped["expected 2 fields, found 1"] == 1


FIVE_STARS = {"positive": [4, "5"], "negative": [1, 2.0], "ignore": [3]}


def test_a_file_is_read_as_its_profile_says(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes("5;it’s good\n1;it’s bad\n4;fine\n3;hm\n2;poor\n;who knows\n".encode("cp1252"))
    told = {"encoding": "cp1252", "delimiter": ";", "columns": ["label", "text"], "labels": FIVE_STARS}
    source = load_source(settings("file", path, **told))
    assert [(r.text, r.label) for r in source.train] == [
        ("it’s good", POS),
        ("it’s bad", NEG),
        ("fine", POS),
        ("poor", NEG),
    ]
    assert source.dropped == {"label is missing": 1, "label is to be ignored": 1}


def test_what_was_found_out_about_a_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text;label\ngood;LABEL_1\nbad;LABEL_0\nodd;mixed\n")
    heard: list[str] = []
    load_source(settings("file", path), heard.append)
    for part in ("semicolons between the cells", "by the number alone", "'mixed' (1 row)"):
        assert any(part in line for line in heard)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes("text,label\nit’s good,1\nbad,0\n".encode("cp1252"))
    with pytest.raises(
        DataError, match=r"looks like cp1252; give --encoding cp1252 \(in a profile, encoding of \[data\]"
    ):
        load_source(settings("file", path))


@pytest.mark.parametrize("names", [["positive", "negative"], ["negative", "positive"]])
def test_a_file_and_a_folder_of_the_same_class_labels_are_read_the_same(names: list[str], tmp_path: Path) -> None:
    folder = hub_folder(tmp_path, {"train": {"text": ["fine", "dull"], "label": [0, 1]}}, names)
    (file,) = folder.rglob("*.parquet")
    labels = [
        [review.label for review in load_source(settings(*each)).train] for each in (("hub", folder), ("file", file))
    ]
    assert labels[0] == labels[1] == [Label[name.upper()] for name in names]


def test_a_folder_knows_own_spellings_and_counts_rows_without_a_label(tmp_path: Path) -> None:
    columns = {"text": ["a", "b", "c", "d", "e"], "label": ["5", "1.0", "3", None, "odd"]}
    heard: list[str] = []
    source = load_source(settings("hub", hub_folder(tmp_path, {"train": columns}), labels=FIVE_STARS), heard.append)
    assert [(r.id, r.label) for r in source.train] == [("films/train-0", POS), ("films/train-1", NEG)]
    assert source.dropped == {"label is missing": 1, "label is to be ignored": 1, "label is not understood": 1}
    assert "'odd' (1 row)" in heard[0]


@pytest.mark.parametrize("value", [0, False, 0.0, "0", "0.0", "false", "neg", " Negative ", "NEG"])
def test_ways_to_write_negative(value: object) -> None:
    assert parse_label(value, "here") is NEG
    if isinstance(value, int | float):
        assert parse_label(type(value)(1), "here") is POS


@pytest.mark.parametrize("value", [-1, 2, 0.5, float("nan"), None, "", "mixed", "=1+1", "\udcff", [1]])
def test_any_other_label_is_foreign(value: object) -> None:
    with pytest.raises(DataError, match=r"row 7: label .* is neither negative"):
        parse_label(value, "row 7")


def test_sentences_without_a_clear_opinion_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "truth.txt"
    rows = ["1\t2.26\tIt's ''Conan''\x0bagain.", "2\t-0.5\tDull.", "3\t0.49\tHm.", "4\t-0.0\tWell."]
    path.write_bytes("\r\n".join(rows).encode())
    reviews, dropped = opinionated_sentences(path)
    assert reviews == [
        Review("sentence-1", "It's ''Conan''\x0bagain.", POS, "sentences"),
        Review("sentence-2", "Dull.", NEG, "sentences"),
    ]
    assert dropped == {UNCLEAR_REASON: 2}


def test_a_sentence_line_of_another_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "truth.txt"
    path.write_text("1\t2.0\tFine.\n2\tvery\tFine.\n")
    with pytest.raises(DataError, match="line 2: expected id, valence and text"):
        opinionated_sentences(path)


def test_generated_sentences_are_distinct_balanced_simple_and_repeatable() -> None:
    reviews = made_up_reviews()
    normal = [normalise(r.text) for r in reviews]
    negated = Counter(
        r.label for r, n in zip(reviews, normal, strict=True) if {"not", "never", "nobody"} & set(n.split())
    )
    assert len(set(normal)) == len(reviews) >= 1200
    assert Counter(r.label for r in reviews) == {NEG: len(reviews) / 2, POS: len(reviews) / 2}
    assert len({word for text in normal for word in text.split()}) < 250
    assert min(negated.values()) > len(reviews) / 10
    assert made_up_reviews() == reviews
    assert made_up_reviews(seed=1) != reviews


def test_every_generated_label_follows_from_its_words() -> None:
    """A reader who knows the words of praise and blame, and turns them at a negation, is always right."""
    praise = {"good", "great", "wonderful", "excellent", "brilliant", "superb", "lovely", "amazing", "fantastic"}
    praise |= {"perfect", "fine", "love", "like", "enjoy", "adore"}
    for r in made_up_reviews():
        words = set(normalise(r.text).split())
        positive = bool(words & praise) != bool(words & {"not", "never", "nobody"})
        assert positive == (r.label is POS), r.text


LABELS = st.sampled_from(list(Label))
BODIES = st.lists(st.tuples(st.sampled_from(["a", "A!", "b", "c<br>", "c", "", "?"]), LABELS), max_size=12)


@given(BODIES, BODIES | st.none())
def test_a_clean_body_holds_every_text_once_and_every_row_is_accounted_for(
    train: list[tuple[str, Label]], test: list[tuple[str, Label]] | None
) -> None:
    rows = [review(text, label) for text, label in train]
    others = None if test is None else [review(text, label) for text, label in test]
    kept, kept_test, dropped = clean(rows, others)
    digests = [text_digest(r.text) for r in (*kept, *(kept_test or ()))]
    assert len(set(digests)) == len(digests)
    assert all(normalise(r.text) for r in kept)
    assert len(digests) + dropped.total() == len(rows) + len(others or ())
    assert (kept_test is None) == (test is None)


def test_a_text_with_both_labels_is_dropped_on_both_sides() -> None:
    kept, kept_test, dropped = clean(
        [review("Odd film", POS), review("fine", POS)], [review("odd FILM.", NEG), review("poor", NEG)]
    )
    assert [r.text for r in (*kept, *(kept_test or ()))] == ["fine", "poor"]
    assert dropped == {hygiene.CONTRADICTION: 2}


def test_a_text_without_letters_is_not_a_duplicate_of_every_other_such_text() -> None:
    _, _, dropped = clean([review("素晴らしい", POS), review("!!!", NEG), review("", NEG)], None)
    assert dropped == {hygiene.WORDLESS: 2, hygiene.EMPTY: 1}


def test_sentences_that_divide_their_raters_and_those_that_do_not(tmp_path: Path) -> None:
    truth, ratings = tmp_path / "truth.txt", tmp_path / "ratings.txt"
    rows = {
        "1": (0.1, [2, 2, -2, -2, 0, 0, 0, 1], "Half and half."),
        "2": (0.0, [0] * 8, "Nobody cares."),
        "3": (2.5, [3, 2, 3, 2, 3, 2, 3, 2], "Plainly good."),
        "4": (-1.6, [-4, -4, -4, -4, 2, 2, -1, 0], "Bad to most, but not to all."),
        "5": (0.2, [3, 3, 3, -3, -3, 0, 0, 0], "Three to two."),
        "6": (-0.3, [-1, -1, -1, -1, -1, 1, 0, 0], "One in eight is not a quarter."),
    }
    truth.write_text("".join(f"{key}\t{mean}\t{text}\n" for key, (mean, _, text) in rows.items()))
    ratings.write_text("".join(f"{key}\t{mean}\t1.0\t{given}\n" for key, (mean, given, _) in rows.items()))
    assert [review.id for review in disputed_sentences(truth, ratings)] == ["sentence-1", "sentence-5"]
    assert all(review.label is None for review in disputed_sentences(truth, ratings))
    assert clear_ids(truth, ratings) == {"sentence-3"}
