from __future__ import annotations

import csv
import gc
import json
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.errors import DataError
from sentiment.tables.bulk import predict_table
from sentiment.tables.labels import labelled_reviews
from sentiment.tables.rows import Row
from sentiment.tables.table import open_table
from sentiment.types import Label, Prediction, Prompt, Query, shares_of

PROMPT = Prompt("plain", "{review}\nSentiment:")


@dataclass
class WordCounter:
    """Says positive for `good`, negative for `bad`, else nothing; remembers what it answered, as a store does."""

    name: str = "words"
    fingerprint: str = "words-1"
    stored: dict[Query, Prediction] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    before: Callable[[int], None] = lambda call: None

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        self.before(len(self.asked))
        fresh = [query for query in queries if query not in self.stored]
        self.asked.append(len(fresh))
        self.stored.update((query, self.answer(query.text)) for query in fresh)
        return [self.stored[query] for query in queries]

    @staticmethod
    def answer(text: str) -> Prediction:
        if "good" in text or "bad" in text:
            label = Label.POSITIVE if "good" in text else Label.NEGATIVE
            return Prediction(label, shares_of(float(label)), 0.9, label.word)
        return Prediction(None, None, None, "I cannot\nsay, sorry")


def table(path: Path, count: int, bad: Sequence[int] = ()) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        for number in range(1, count + 1):
            writer.writerow([number, "" if number in bad else f"a {'good' if number % 2 else 'bad'} film {number}"])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_gets_its_own_answer_whatever_the_window(tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", 25, bad=[3, 20])
    outputs = []
    for window in (1, 7, 25, 2048):
        summary = predict_table(WordCounter(), PROMPT, source, tmp_path / f"{window}.csv", window=window)
        assert (summary.rows, summary.bad_count, summary.complete) == (25, 2, True)
        outputs.append(read(tmp_path / f"{window}.csv"))
    assert all(output == outputs[0] for output in outputs)
    for row in outputs[0]:
        number = int(row["id"])
        expected = "" if number in (3, 20) else ("positive" if number % 2 else "negative")
        assert row["label"] == expected


def test_bad_rows_are_named_and_unanswered_ones_counted(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("text,label\ngood,mïne\n,x\nno idea,\n".encode() + b"caf\xe9,y\nshort\n")
    heard: list[str] = []
    summary = predict_table(WordCounter(), PROMPT, source, tmp_path / "out.csv", note=heard.append)
    assert [number for number, _ in summary.bad] == [2, 4, 5]
    assert summary.bad[2][1] == "expected 2 fields, found 1, line 6"
    assert summary.unanswered == 1
    assert heard[-1].endswith("5 rows in " + str(tmp_path / "out.csv") + ", 3 bad, 1 unanswered")
    assert "text is empty (1 row)" in heard[-2]
    assert "expected 2 fields, found 1 (1 row)" in heard[-2]
    with (tmp_path / "out.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["label_given"] for row in written] == ["mïne", "x", "", "y", ""]
    assert (written[2]["label"], written[2]["answer"]) == ("", "I cannot\nsay, sorry")


def test_only_the_first_bad_rows_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", 50, bad=range(1, 51))
    words = WordCounter()
    summary = predict_table(words, PROMPT, source, tmp_path / "out.csv")
    assert (len(summary.bad), summary.bad_count, words.asked) == (20, 50, [])
    assert "... and 30 more bad rows" in summary.lines()


def test_a_text_that_stands_there_twice_is_asked_once(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "good"}\n' * 9 + '{"text": "Good"}\n')
    words = WordCounter()
    predict_table(words, PROMPT, source, tmp_path / "out.jsonl")
    assert words.asked == [2]
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 10


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_an_interrupted_run_keeps_what_is_written_and_a_rerun_asks_only_the_rest(suffix: str, tmp_path: Path) -> None:
    def stop_at_the_third(call: int) -> None:
        if call == 2:
            raise KeyboardInterrupt

    source, target = table(tmp_path / "in.csv", 50), tmp_path / f"out.{suffix}"
    words = WordCounter(before=stop_at_the_third)
    summary = predict_table(words, PROMPT, source, target, window=10)
    assert (summary.rows, summary.complete, target.exists()) == (20, False, False)
    assert summary.lines()[-1].startswith("run the same command again")
    partial = tmp_path / f"out.{suffix}.partial"
    assert summary.target == partial
    readable = partial.rename(tmp_path / f"look.{suffix}")
    assert open_table(readable).count() == 20

    words.before = lambda call: None
    words.asked.clear()
    summary = predict_table(words, PROMPT, source, target, window=10)
    assert (summary.rows, summary.complete) == (50, True)
    assert words.asked == [0, 0, 10, 10, 10]
    assert [int(str(row.cells[0])) for row in open_table(target).rows()] == list(range(1, 51))
    assert not partial.exists()


def test_a_failing_predictor_keeps_the_partial_file_and_the_old_target(tmp_path: Path) -> None:
    def fail_at_the_second(call: int) -> None:
        if call == 1:
            raise RuntimeError("out of memory")

    source, target = table(tmp_path / "in.csv", 30), tmp_path / "out.csv"
    target.write_text("yesterday's answers")
    with pytest.raises(RuntimeError, match="out of memory"):
        predict_table(WordCounter(before=fail_at_the_second), PROMPT, source, target, window=10)
    assert target.read_text() == "yesterday's answers"
    assert len(read(tmp_path / "out.csv.partial")) == 10


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """Stood in for by the largest file size that the system grants the process."""
    resource = pytest.importorskip("resource")
    source = table(tmp_path / "in.csv", 3000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(DataError, match="cannot be written: File too large; free some space"):
            predict_table(WordCounter(), PROMPT, source, tmp_path / "out.csv", window=100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_windows_are_let_go_once_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 40 windows no more than two are in memory at any time."""
    alive: weakref.WeakSet[Row] = weakref.WeakSet()
    most = 0
    born = Row.__init__

    def counted(self: Row, *args: object, **more: object) -> None:
        nonlocal most
        born(self, *args, **more)  # type: ignore[arg-type]
        alive.add(self)
        most = max(most, len(alive))

    monkeypatch.setattr(Row, "__init__", counted)
    monkeypatch.setattr(Row, "__hash__", object.__hash__)
    source = table(tmp_path / "in.csv", 4000)
    gc.collect()
    predict_table(WordCounter(), PROMPT, source, tmp_path / "out.csv", window=100)
    assert 100 <= most <= 200


def test_everything_is_checked_before_anything_is_predicted(tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", 3)
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(source)
    before = source.read_bytes()
    wrong = [
        (source, source, "text", "is the input file"),
        (source, tmp_path / "link.csv", "text", "is the input file"),
        (source, tmp_path / "out.xlsx", "text", "suffix '.xlsx' cannot be written; use one of .csv, .tsv, .jsonl"),
        (source, tmp_path / "out.json", "text", "suffix '.json' cannot be written"),
        (source, tmp_path / "out.csv.gz", "text", "suffix '.gz' cannot be written"),
        (source, tmp_path / "folder.csv", "text", "is a folder"),
        (source, tmp_path / "none" / "out.csv", "text", "does not exist"),
        (source, tmp_path / "out.csv", "body", "no text column 'body'; columns found: 'id', 'text'"),
        (tmp_path / "absent.csv", tmp_path / "out.csv", "text", "no such file"),
    ]
    words = WordCounter()
    for start, end, column, message in wrong:
        with pytest.raises(DataError) as caught:
            predict_table(words, PROMPT, start, end, text_column=column)
        assert message in str(caught.value)
    assert words.asked == []
    assert source.read_bytes() == before
    assert not list(tmp_path.glob("*.partial"))


def test_an_empty_parquet_file_gives_an_empty_one(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "in.parquet")
    summary = predict_table(WordCounter(), PROMPT, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert (summary.rows, summary.complete) == (0, True)
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0


def test_labelled_reviews_can_be_read_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    rows = [{"body": "good", "stars": "pos"}, {"body": "", "stars": "pos"}, {"body": "bad", "stars": 0}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    reviews = labelled_reviews(path, "body", "stars")
    assert [(r.id, r.text, r.label) for r in reviews] == [
        ("mine.jsonl-1", "good", Label.POSITIVE),
        ("mine.jsonl-3", "bad", Label.NEGATIVE),
    ]
    assert list(reviews) == list(reviews)
    assert len(reviews) == 2
    assert [(row.number, row.problem) for row in reviews.bad] == [(2, "text is empty")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\ngood,1\nbad,neutral\n", r"not understood: 'neutral' \(1 row\) \(understood: '1' \(1 row\)\)"),
        ("text,label\ngood,1\nfine,1\n", "all 2 usable rows are positive; rows of both classes are needed"),
        ("text,label\n,1\n", r"none of its rows can be used \(left out: text is empty \(1 row\)\)"),
    ],
)
def test_labels_that_cannot_be_evaluated_stop_with_the_reason(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        labelled_reviews(path)
