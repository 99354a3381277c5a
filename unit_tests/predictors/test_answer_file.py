"""What is stored is what was answered, or it is asked again: no damage of the file is ever an answer."""

from __future__ import annotations

import os
import random
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment.errors import CacheError
from sentiment.predictors import answer_file
from sentiment.predictors.answer_file import AnswerFile
from sentiment.predictors.stored import StoredPredictor
from sentiment.types import Label, Prediction, Prompt, Query, shares_of
from unit_tests.test_files import room_for

PROMPT = Prompt("p", "{review}")
OLD = (
    "create table answers (query text primary key, label integer, p_positive real, label_mass real, text text,"
    " cut integer) without rowid"
)


def answer_to(query: Query) -> Prediction:
    share = random.Random(query.text).random()
    label = None if share < 0.05 else Label(share > 0.5)
    return Prediction(
        label, shares_of(None if share > 0.95 else share), share / 2, f"positive {query.text}", share > 0.9
    )


QUERIES = [Query(PROMPT, f"text {i}") for i in range(600)]
ANSWERS = {query.digest: answer_to(query) for query in QUERIES}


class Answering:
    """A model, and how much it was asked."""

    name = "answering"
    fingerprint = "f"

    def __init__(self) -> None:
        self.asked = 0

    def predict(self, queries):
        self.asked += len(queries)
        return [answer_to(query) for query in queries]


@pytest.fixture(name="said")
def _said() -> list[str]:
    return []


@pytest.fixture(name="stored")
def _stored(tmp_path: Path, said: list[str]) -> AnswerFile:
    """A file that holds all the answers."""
    file = AnswerFile(tmp_path / "predictions" / "answers.sqlite", said.append)
    file.add(ANSWERS)
    return file


def asked_again(path: Path, said: list[str]) -> int:
    """How many answers a predictor asks for with this file, once they were all right."""
    model = Answering()
    predictor = StoredPredictor("x", "unused", lambda: model, said.append)
    predictor.path = path
    predictor._answers = AnswerFile(path, said.append)
    assert dict(zip(ANSWERS, predictor.predict(QUERIES), strict=True)) == ANSWERS
    return model.asked


def test_answers_come_back_as_they_were(stored: AnswerFile, said: list[str]) -> None:
    assert stored.read(ANSWERS) == ANSWERS
    assert stored.read(["unknown"]) == {}
    assert said == []


def test_reading_creates_nothing(tmp_path: Path, said: list[str]) -> None:
    assert AnswerFile(tmp_path / "predictions" / "none.sqlite", said.append).read(ANSWERS) == {}
    assert list(tmp_path.iterdir()) == []


def test_one_flipped_bit_anywhere_is_never_an_answer(stored: AnswerFile, said: list[str]) -> None:
    stored.path.unlink()
    few = dict(list(ANSWERS.items())[:100])
    stored.add(few)
    whole, rng = stored.path.read_bytes(), random.Random(0)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        stored.path.write_bytes(damaged)
        assert stored.read(few).items() <= few.items()


def test_a_damaged_row_alone_is_asked_again_and_said_so(stored: AnswerFile, said: list[str]) -> None:
    data = bytearray(stored.path.read_bytes())
    share = next(each.p_positive for each in ANSWERS.values() if each.p_positive)
    data[bytes(data).index(struct.pack(">d", share)) + 1] ^= 0x10
    stored.path.write_bytes(data)
    assert asked_again(stored.path, said) == 1
    assert said == [f"damaged among the stored answers {stored.path}, and asked again: 1 of 600"]
    said.clear()
    assert asked_again(stored.path, said) == 0
    assert said == []


def other_columns(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("drop table answers")
        database.execute("create table answers (query text primary key, label integer)")


def garbage_within(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for page in (3, 5):
        data[page * 4096 : (page + 1) * 4096] = random.Random(0).randbytes(4096)
    path.write_bytes(data)


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "within").mkdir(parents=True)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut to its first page": lambda path: path.write_bytes(path.read_bytes()[:4096]),
    "cut to half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "cut within a page": lambda path: path.write_bytes(path.read_bytes()[:-1000]),
    "no database": lambda path: path.write_text("not a database, but long enough to be looked at " * 99),
    "garbage within": garbage_within,
    "other columns": other_columns,
    "a folder": a_folder,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_starts_anew_once(stored: AnswerFile, said: list[str], damage) -> None:
    damage(stored.path)
    assert asked_again(stored.path, said) > 0
    assert len(said) <= 1
    assert all("start anew" in line for line in said)
    said.clear()
    assert asked_again(stored.path, said) == 0
    assert said == []


def test_a_journal_of_the_file_before_does_not_spoil_the_new_one(stored: AnswerFile, said: list[str]) -> None:
    journal = stored.path.with_name(stored.path.name + "-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + os.urandom(4096))
    stored.path.write_bytes(b"no database " * 1000)
    assert asked_again(stored.path, said) == len(ANSWERS)
    assert asked_again(stored.path, said) == 0
    assert not journal.exists()


@pytest.fixture(name="old")
def _old(tmp_path: Path, said: list[str]) -> AnswerFile:
    """A file from before there were checksums; one label in it is none."""
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(OLD)
        rows = [answer_file._row(digest, answer)[:-1] for digest, answer in ANSWERS.items()]
        database.executemany("insert into answers values (?, ?, ?, ?, ?, ?)", rows)
        database.execute("update answers set label = 7 where query = ?", [QUERIES[0].digest])
    database.close()
    return AnswerFile(path, said.append)


def test_answers_from_before_there_were_checksums_are_kept_and_get_theirs(old: AnswerFile, said: list[str]) -> None:
    assert old.read(ANSWERS) == {digest: answer for digest, answer in ANSWERS.items() if digest != QUERIES[0].digest}
    with sqlite3.connect(old.path) as database:
        database.execute("update answers set p_positive = 0.123 where query = ?", [QUERIES[1].digest])
    database.close()
    assert asked_again(old.path, said) == 2
    assert asked_again(old.path, said) == 0


def test_old_answers_that_can_only_be_read_serve_as_they_are(old: AnswerFile, monkeypatch) -> None:
    opened = answer_file.connected

    def read_only(path: Path, mode: str) -> sqlite3.Connection:
        return opened(path, "ro")

    monkeypatch.setattr(answer_file, "connected", read_only)
    before = old.path.read_bytes()
    assert len(old.read(ANSWERS)) == len(ANSWERS) - 1
    assert old.path.read_bytes() == before


def test_where_nothing_can_be_stored_the_answers_are_given_and_it_is_said_once(
    tmp_path: Path, said: list[str], monkeypatch
) -> None:
    (tmp_path / "file").write_text("")
    assert asked_again(tmp_path / "file" / "x.sqlite", said) == len(ANSWERS)
    (line,) = said
    assert "SENTIMENT_CACHE" in line
    assert line.endswith("the next run has to ask again")


def test_a_full_disk_costs_no_answer_and_is_told_once(stored: AnswerFile, said: list[str], monkeypatch) -> None:
    monkeypatch.setattr("sentiment.predictors.stored.CHUNK", 50)
    stored.path.unlink()
    with room_for(20_000):
        assert asked_again(stored.path, said) == len(ANSWERS)
    (line,) = said
    assert "cannot be stored" in line
    assert "make room there, or set SENTIMENT_CACHE" in line
    said.clear()
    assert 0 < asked_again(stored.path, said) < len(ANSWERS)
    assert said == []


def test_a_file_in_the_hands_of_another_program_is_left_alone(stored: AnswerFile, said: list[str], monkeypatch) -> None:
    opened = answer_file.connected

    def impatient(path: Path, mode: str) -> sqlite3.Connection:
        database = opened(path, mode)
        database.execute("pragma busy_timeout = 1")
        return database

    monkeypatch.setattr(answer_file, "connected", impatient)
    other = sqlite3.connect(stored.path, isolation_level=None)
    other.execute("begin exclusive")
    assert stored.read(ANSWERS, mend=True) == {}
    assert "locked" in said[0]
    with pytest.raises(CacheError, match="locked"):
        stored.add(ANSWERS)
    other.close()
    assert stored.read(ANSWERS) == ANSWERS


def test_processes_that_find_an_old_file_at_once_both_read_it(old: AnswerFile, monkeypatch) -> None:
    """The second looks at the columns before the first has changed them."""
    columns, seen = answer_file._columns, []

    def late(database: sqlite3.Connection) -> list[str]:
        found = columns(database)
        if not seen:
            seen.append(found)
            AnswerFile(old.path, pytest.fail).read(ANSWERS)
        return found

    monkeypatch.setattr(answer_file, "_columns", late)
    assert len(old.read(ANSWERS)) == len(ANSWERS) - 1
