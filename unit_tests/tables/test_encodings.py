"""What a file's bytes are: read, or refused with what they look like and the remedy; the whole file decides."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from sentiment.errors import DataError
from sentiment.tables.layout import UNTOLD, Layout
from sentiment.tables.table import open_table

ROWS = [("Très drôle – it’s a “treat”", "1"), ("Plain and dull", "0"), ("Une déception, même à moitié prix", "0")]
TABLE = "text\tlabel\r\n" + "".join(f"{text}\t{label}\r\n" for text, label in ROWS)


def texts(path: Path, layout: Layout = UNTOLD) -> list[str | None]:
    return [row.text for row in open_table(path, layout=layout).rows()]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-32"),
        gzip.compress(TABLE.encode("utf-16")),
    ],
    ids=["UTF-8", "with a mark", "UTF-16 LE", "UTF-16 BE", "UTF-32", "UTF-16, packed"],
)
def test_marked_files_are_read_whatever_is_between_the_cells(content: bytes, tmp_path: Path) -> None:
    for name in ("in.tsv", "in.csv"):
        (tmp_path / name).write_bytes(content)
        assert texts(tmp_path / name) == [text for text, _ in ROWS]


def test_json_lines_in_utf_16_are_read(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes('{"text": "Très bien"}\r\n{"text": "ça va"}\r\n'.encode("utf-16"))
    assert texts(tmp_path / "in.jsonl") == ["Très bien", "ça va"]


SAID = {
    "cp1252": "Très drôle – it’s a “treat”, 5 €",
    "mac_roman": "Très drôle – it’s a “treat”",
    "cp850": "Très drôle, même à moitié prix",
    "cp1250": "Świetny film, wspaniała obsada, choć końcówka za długa",
    "cp1251": "Отличный фильм, очень понравился",
    "koi8_r": "отличный фильм, очень понравился",
    "shift_jis": "この映画はとても良かった",
    "gb18030": "这部电影很好看，演员也不错",
    "euc_kr": "이 영화는 정말 재미있다",
}


@pytest.mark.parametrize("encoding", SAID)
def test_another_encoding_is_refused_with_its_name_and_the_remedy(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "in.tsv"
    path.write_bytes(f"text\tlabel\nplain\t0\n{SAID[encoding]}\t1\n".encode(encoding))
    with pytest.raises(DataError) as caught:
        open_table(path, layout=UNTOLD)
    message = str(caught.value)
    assert "is not UTF-8: 1 of 2 rows hold other bytes, the first in row 2 (line 3)" in message
    assert f"it looks like {encoding}; give --encoding {encoding}" in message
    assert texts(path, Layout(encoding=encoding)) == ["plain", SAID[encoding]]


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.json"])
def test_one_odd_byte_at_the_end_of_a_long_file_is_found(name: str, tmp_path: Path) -> None:
    rows = ['{"text": "fine"}'] * 300_000 if name != "in.csv" else ["text", *["a fine film"] * 300_000]
    path = tmp_path / name
    last = '{"text": "it’s"}' if name != "in.csv" else "it’s"
    path.write_bytes("\n".join([*rows, last, ""]).encode("cp1252"))
    with pytest.raises(DataError, match="1 of 300001 rows hold other bytes, the first in row 300001 .*cp1252"):
        open_table(path, layout=UNTOLD)


def test_a_utf_8_file_with_some_damage_is_read_and_its_rows_are_bad(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes("text\nTrès bien\nça va\n".encode() + b"caf\xe9\n")
    assert [row.problem is None for row in open_table(path, layout=UNTOLD).rows()] == [True, True, False]


def test_who_names_utf_8_has_the_odd_rows_marked(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"text\nfine\ncaf\xe9\n")
    assert [row.problem is None for row in open_table(path, layout=Layout(encoding="utf8")).rows()] == [True, False]


def test_bytes_that_a_named_encoding_lacks_make_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"text\nit\x92s\nodd \x81\n")
    assert [row.problem is None for row in open_table(path, layout=Layout(encoding="cp1252")).rows()] == [True, False]


@pytest.mark.parametrize(
    ("content", "layout", "message"),
    [
        (TABLE.encode("utf-16-le"), UNTOLD, "looks like UTF-16 without a byte order mark; give --encoding utf-16-le"),
        (TABLE.encode("utf-16-be"), UNTOLD, "give --encoding utf-16-be"),
        (TABLE.encode("utf-16")[:-1], UNTOLD, "is not utf-16 to its end"),
        (TABLE.encode("utf-16"), Layout(encoding="cp1252"), "begins with the byte order mark of utf-16"),
        (bytes(range(256)) * 40, UNTOLD, "is not UTF-8"),
        (b"PK\x03\x04 and more", UNTOLD, "is a ZIP archive or a spreadsheet"),
        (b"PAR1 and more", UNTOLD, "is a parquet file; name it .parquet"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", UNTOLD, "run git lfs pull"),
        (gzip.compress(TABLE.encode() * 50)[:-20], UNTOLD, "cannot be unpacked to its end"),
        (b"\x1f\x8b and no more", UNTOLD, "cannot be unpacked to its end"),
    ],
)
def test_what_cannot_be_read_is_one_line(content: bytes, layout: Layout, message: str, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_table(path, layout=layout)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_packed_files_are_known_by_their_bytes_and_not_by_their_names(tmp_path: Path) -> None:
    for name, content in (("a.tsv.gz", gzip.compress(TABLE.encode())), ("b.tsv.gz", TABLE.encode())):
        (tmp_path / name).write_bytes(content)
        assert texts(tmp_path / name) == [text for text, _ in ROWS]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"encoding": "cp125"}, "encoding 'cp125' is unknown; give one that Python knows, such as cp1252"),
        ({"encoding": "rot13"}, "encoding 'rot13' is unknown"),
        ({"encoding": ""}, "encoding '' is unknown"),
        ({"delimiter": "||"}, "delimiter '||' must be one character"),
        ({"delimiter": '"'}, "must be one character"),
        ({"columns": ("text", "text")}, "must be different names"),
        ({"columns": ("text", "")}, "must be different names, none of them empty"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(told: dict, message: str) -> None:
    with pytest.raises(DataError) as caught:
        Layout(**told)
    assert message in str(caught.value)
