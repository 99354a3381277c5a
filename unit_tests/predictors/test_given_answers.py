"""Answers from elsewhere: what a file may hold, what is counted, and how little memory that takes."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from sys import getsizeof
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.errors import DataError, SubjectError
from sentiment.predictors.given_answers import GivenAnswers
from sentiment.types import Label, Prompt, Query

PROMPT = Prompt("house", "{review}?")
QUERIES = [Query(PROMPT, f"text {i}") for i in range(6)]
P, N = Label.POSITIVE, Label.NEGATIVE


def lines(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path, asked: list[Query] = QUERIES) -> tuple[dict[str, Any], list[str]]:
    said: list[str] = []
    found = dict(GivenAnswers("mine", path, said.append).stream(asked))
    return {query.text: answer for query, answer in found.items()}, said


def test_an_answer_is_a_text_a_label_or_shares(tmp_path: Path) -> None:
    given = [{"text": "It is positive."}, {"label": "NEG"}, {"shares": {"positive": 0.8, "negative": 0.2}},
             {"label": 1}, {"text": ""}, {"label": "neutral"}]  # fmt: skip
    path = lines(tmp_path / "a.jsonl", [{"id": q.digest, **each} for q, each in zip(QUERIES, given, strict=True)])
    found, said = read(path)
    assert [found[query.text].label for query in QUERIES] == [P, N, P, P, None, None]
    assert found["text 2"].shares == {N: 0.2, P: 0.8}
    assert found["text 0"].text == "It is positive."
    assert said == []


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    shares = [json.dumps({"positive": i / 10, "negative": 1 - i / 10}) for i in range(6)]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [["id", "label", "shares"], *([q.digest, "", s] for q, s in zip(QUERIES, shares, strict=True))]
        )
    struct = [{"positive": i / 10, "negative": 1 - i / 10, "neutral": None} for i in range(6)]
    ids = [query.digest for query in QUERIES]
    pq.write_table(pa.table({"id": ids, "shares": struct}), tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        found, _ = read(tmp_path / name)
        assert [found[query.text].p_positive for query in QUERIES] == pytest.approx([i / 10 for i in range(6)])
    pq.write_table(pa.table({"id": ids, "label": ["pos", "neg"] * 3}), tmp_path / "b.parquet")
    assert [answer.label for answer in read(tmp_path / "b.parquet")[0].values()] == [P, N] * 3


def test_missing_double_and_foreign_ones_are_counted_and_named(tmp_path: Path) -> None:
    first = QUERIES[0].digest
    rows = [
        {"id": first, "label": "positive"},
        {"id": first, "label": "negative"},
        {"id": "of another export", "label": 1},
        {"id": QUERIES[1].digest, "label": None},
    ]
    found, said = read(lines(tmp_path / "a.jsonl", rows))
    assert {text: answer.label for text, answer in found.items()} == {"text 0": P}
    assert [line.partition(".jsonl: ")[2] for line in said] == [
        "5 of 6 queries have no answer: "
        + ", ".join(f"{query.digest[:16]} {query.text!r}" for query in QUERIES[1:4])
        + " ...",
        f"1 answers are to a query that has one already; the first one counts: {first[:16]}",
        "1 answers are to queries that are not asked here: of another expor",
    ]
    with pytest.raises(SubjectError, match=f"holds no answer to query {QUERIES[1].digest}"):
        GivenAnswers("mine", tmp_path / "a.jsonl", lambda line: None).predict(QUERIES)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"label": "maybe"}, "row 1 .line 1.: an answer is positive or negative"),
        ({"label": "LABEL_1"}, "LABEL_1 does not say which sentiment it is"),
        ({"label": 0.7}, "a probability goes into shares"),
        ({"text": 3}, "text is what a model wrote, got 3"),
        ({"shares": [0.2, 0.8]}, "shares are label -> share"),
        ({"shares": {"positive": 0.5}}, "add up to 1"),
        ({"text": "positive", "label": "positive"}, "text and label hold an answer; one of them must"),
        ({"answer": "positive"}, "none of the columns that hold answers: text, label, shares"),
    ],
)
def test_what_is_no_answer_is_named_with_its_place(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    path = lines(tmp_path / "a.jsonl", [{"id": QUERIES[0].digest, **row}])
    with pytest.raises(SubjectError, match=said) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_file_of_answers_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "nothing.jsonl")
    with pytest.raises(DataError, match="'id'"):
        read(lines(tmp_path / "a.jsonl", [{"query": "x", "label": 1}]))
    with pytest.raises(SubjectError, match="row 1 .line 1.: id is not a string but int"):
        read(lines(tmp_path / "b.jsonl", [{"id": 3, "label": 1}]))


def test_memory_grows_with_the_queries_alone(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    foreign = 40_000
    with path.open("w") as file:
        for i in range(foreign):
            file.write(f'{{"id": "{i:064d}", "label": "positive"}}\n')
        for query in QUERIES:
            file.write(json.dumps({"id": query.digest, "label": "negative"}) + "\n")
    read(path)  # whatever is loaded once
    tracemalloc.start()
    found, said = read(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [answer.label for answer in found.values()] == [N] * len(QUERIES)
    assert "40,000 answers are to queries that are not asked here" in said[0]
    assert most < foreign * getsizeof(QUERIES[0].digest)  # bytes: less than the ids alone
