from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentiment.errors import DataError
from sentiment.tables.layout import UNTOLD, Layout
from sentiment.tables.rows import Row, Table
from sentiment.tables.table import open_table
from sentiment.tables.writers import ANSWERS, open_writer, output_columns
from sentiment.types import Label, Prediction, shares_of

HOSTILE = [
    'quotes "inside" and, commas',
    "line\nbreak\r\nand CR \r alone",
    "nul \x00 byte",
    "=HYPERLINK(1)",
    "@SUM(A1)",
    "  blanks kept  ",
    "\ufeffbom inside",
    "<script>alert(1)</script>",
    "émoji 🎬 \u2028 separator",
    "x" * 200_000,
]
YES = Prediction(Label.POSITIVE, shares_of(0.75), 0.5, "positive")


def write(table: Table, target: Path, predictions: Sequence[Prediction | None] | None = None) -> Path:
    rows = list(table.rows())
    writer = open_writer(target, target.suffix[1:], table)
    writer.write(rows, predictions or [YES if row.problem is None else None for row in rows])
    writer.close()
    return target


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))


def csv_file(path: Path, rows: Sequence[Sequence[str]], ending: str = "\r\n") -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8", "surrogateescape"))
    return path


def problems(table: Table) -> list[tuple[int, str | None]]:
    return [(row.number, row.problem) for row in table.rows()]


def test_hostile_cells_survive_a_csv_round_trip(tmp_path: Path) -> None:
    source = csv_file(tmp_path / "in.csv", [["id", "text"], *([str(i), cell] for i, cell in enumerate(HOSTILE))])
    written = read_csv(write(open_table(source), tmp_path / "out.csv"))
    assert written[0] == ["id", "text", *ANSWERS]
    assert [row[1] for row in written[1:]] == HOSTILE
    assert written[1][2:] == ["positive", "0.75", "0.5", "positive"]


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_csv_cells_survive(rows: list[tuple[str, str]], ending: str, tmp_path: Path) -> None:
    source = csv_file(tmp_path / "in.csv", [["text", "note"], *rows], ending)
    written = read_csv(write(open_table(source), tmp_path / "out.csv"))
    assert [tuple(row[:2]) for row in written[1:]] == rows
    assert [row.text for row in open_table(source).rows()] == [text for text, _ in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=80))
def test_any_bytes_below_a_csv_header_give_rows_and_never_a_crash(content: bytes, tmp_path: Path) -> None:
    """What went in undecodable comes out undecodable: the bytes of every cell survive."""
    source = tmp_path / "in.csv"
    source.write_bytes(b"text,b\n" + content)
    table = open_table(source)
    rows = list(table.rows())
    assert table.count() == len(rows)
    written = read_csv(write(table, tmp_path / "out.csv"))
    assert [row[:2] for row in written[1:]] == [list(row.cells) for row in rows]


def test_undecodable_bytes_make_a_bad_row_and_survive_unaltered(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"text,note\ncaf\xe9 film,a\ngood,caf\xe9\n")
    out = write(open_table(source), tmp_path / "out.csv")
    assert out.read_bytes().splitlines()[1:] == [b"caf\xe9 film,a,,,,", b"good,caf\xe9,positive,0.75,0.5,positive"]
    (_, problem), (_, fine) = problems(open_table(source))
    assert fine is None
    assert "not valid UTF-8" in str(problem)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    for name, content in (("a.csv", "text\r\ngood\r\n"), ("a.jsonl", '{"text": "good"}\r\n')):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + content.encode())
        table = open_table(tmp_path / name)
        assert (table.columns, [row.text for row in table.rows()]) == (("text",), ["good"])


def test_rows_with_a_wrong_field_count_are_bad_and_keep_their_cells(tmp_path: Path) -> None:
    """Short rows are filled with empty cells; an unquoted comma in the last column is put back."""
    source = tmp_path / "in.csv"
    source.write_text("id,stars,text\n1,5,good\n2,4\n3,2,dull, slow, long\n\n4,1,bad\n")
    table = open_table(source)
    assert problems(table) == [
        (1, None),
        (2, "expected 3 fields, found 2"),
        (3, "expected 3 fields, found 5"),
        (4, None),
    ]
    assert [row.line for row in table.rows()] == [2, 3, 4, 6]
    written = read_csv(write(table, tmp_path / "out.csv"))
    assert [row[:4] for row in written[2:4]] == [["2", "4", "", ""], ["3", "2", "dull, slow, long", ""]]
    assert {len(row) for row in written} == {7}


def test_a_quote_that_is_never_closed_makes_one_bad_row(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('id,text\n1,good\n2,"bad\n3,fine\n')
    found = list(open_table(source).rows())
    assert [(row.number, row.line, row.problem) for row in found] == [
        (1, 2, None),
        (2, 3, "a quote that is opened here is never closed"),
    ]
    assert found[1].cells[1] == "bad\n3,fine\n"


def test_bad_json_lines_are_kept_raw_and_named(tmp_path: Path) -> None:
    lines = [
        '{"text": "good", "deep": {"a": [1, null]}, "n": 12345678901234567890}',
        '{"text": 5}',
        '{"id": 7}',
        '{"text": null}',
        "[1, 2]",
        '{"text": "cut',
        "[" * 100_000,
        '{"text": "half \\ud800 pair", "other": "\\udcff"}',
    ]
    source = tmp_path / "in.jsonl"
    source.write_bytes("\n\n".join(lines).encode() + b'\n{"text": "caf\xe9"}\n')
    table = open_table(source)
    said = [str(problem) for _, problem in problems(table)]
    expected = ["None", "but int", "missing", "missing", "but list", "not valid JSON", "not valid JSON"]
    expected += ["half a surrogate pair", "line is not valid UTF-8"]
    assert all(part in whole for part, whole in zip(expected, said, strict=True))
    written = [json.loads(line) for line in write(table, tmp_path / "out.jsonl").read_text().splitlines()]
    assert written[0] == json.loads(lines[0]) | dict(zip(ANSWERS, ["positive", 0.75, 0.5, "positive"], strict=True))
    assert written[2] == {"id": 7} | dict.fromkeys(ANSWERS)
    assert [row.get("_raw") for row in written[4:7]] == lines[4:7]
    assert written[7]["text"] == "half \ud800 pair"
    assert table.count() == len(written) == 9


PARQUET = pa.table(
    {
        "text": pa.array(["good", None, "", "fine film"], pa.large_string()),
        "label": pa.array([1, 0, None, 1], pa.int8()),
        "when": pa.array([datetime.datetime(2020, 1, 1)] * 4, pa.timestamp("ns", "UTC")),
        "vector": pa.array([[1.5], [], None, [float("nan")]], pa.list_(pa.float32())),
        "kind": pa.array(["a", "b", "a", "a"]).dictionary_encode(),
        "raw": pa.array([b"\xff", b"", None, b"x"], pa.binary()),
    }
)


def test_parquet_values_and_types_are_kept_exactly(tmp_path: Path) -> None:
    pq.write_table(PARQUET, tmp_path / "in.parquet", row_group_size=3)
    table = open_table(tmp_path / "in.parquet")
    assert [bool(problem) for _, problem in problems(table)] == [False, True, True, False]
    out = pq.read_table(write(table, tmp_path / "out.parquet"))
    names = ["text", "label_given", "when", "vector", "kind", "raw"]
    assert out.schema.names == [*names, *ANSWERS]
    for old, new in zip(PARQUET.schema.names, names, strict=True):
        assert out.schema.field(new).type == PARQUET.schema.field(old).type
        assert str(out.column(new).to_pylist()) == str(PARQUET.column(old).to_pylist())
    assert out.column("label").to_pylist() == ["positive", None, None, "positive"]


def test_bytes_in_a_parquet_string_that_are_not_utf8_make_a_bad_row(tmp_path: Path) -> None:
    offsets, data = pa.py_buffer(b"\0\0\0\0\4\0\0\0\x09\0\0\0"), pa.py_buffer(b"goodcaf\xe9!")
    texts = pa.StringArray.from_buffers(2, offsets, data)
    pq.write_table(pa.table({"text": texts}), tmp_path / "in.parquet")
    table = open_table(tmp_path / "in.parquet")
    assert [bool(problem) for _, problem in problems(table)] == [False, True]
    out = pq.read_table(write(table, tmp_path / "out.parquet"))
    assert out.column("text").cast(pa.binary()).to_pylist() == [b"good", b"caf\xe9!"]
    assert read_csv(write(table, tmp_path / "out.csv"))[2][0] == "caf\\udce9!"


@pytest.mark.parametrize("source", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("target", ["csv", "jsonl", "parquet"])
def test_every_format_can_be_written_from_every_other(source: str, target: str, tmp_path: Path) -> None:
    """Texts, odd ones too, arrive; bad rows have empty answers; no row is lost."""
    texts = ["good, \x00 \n film", "=1+1", "", "naïve 🎬"]
    path = tmp_path / f"in.{source}"
    if source == "csv":
        csv_file(path, [["text", "n"], *([text, "1"] for text in texts)])
    elif source == "jsonl":
        path.write_text("".join(json.dumps({"text": text, "n": 1}) + "\n" for text in texts))
    else:
        pq.write_table(pa.table({"text": texts, "n": [1] * 4}), path)
    out = write(open_table(path), tmp_path / f"out.{target}")
    again = open_table(out)
    cells = [dict(zip(again.columns, row.cells, strict=True)) for row in again.rows()]
    assert [row["text"] for row in cells] == texts
    assert [row["label"] or None for row in cells] == ["positive", "positive", None, "positive"]
    assert {str(row["n"]) for row in cells} == {"1"}


def test_json_columns_get_the_parquet_type_that_holds_them(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "a", "i": 1, "f": 1, "b": True, "mixed": 1, "huge": 2**64, "nested": {"x": "é"}, "bad": "\ud800"},
        {"text": "b", "f": 0.5, "b": None, "mixed": "one", "huge": 0.5, "nested": [], "bad": "fine"},
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = pq.read_table(write(open_table(source), tmp_path / "out.parquet"))
    assert out.select(["i", "f", "b", "mixed", "huge", "nested", "bad"]).to_pylist() == [
        {"i": 1, "f": 1.0, "b": True, "mixed": "1", "huge": str(2**64), "nested": '{"x": "é"}', "bad": "\\ud800"},
        {"i": None, "f": 0.5, "b": None, "mixed": "one", "huge": "0.5", "nested": "[]", "bad": "fine"},
    ]


@pytest.mark.parametrize(
    ("columns", "renamed"),
    [
        (["text", "label"], ["text", "label_given"]),
        (["label", "label_given", "text"], ["label_given_2", "label_given", "text"]),
        (["label", "label_given", "label_given_2"], ["label_given_3", "label_given", "label_given_2"]),
        (["answer", "p_positive", "Label"], ["answer_given", "p_positive_given", "Label"]),
    ],
)
def test_a_column_named_like_an_answer_gives_way(columns: list[str], renamed: list[str]) -> None:
    assert output_columns(columns) == renamed


def test_columns_of_one_name_stay_in_csv_and_are_refused_elsewhere(tmp_path: Path) -> None:
    source = csv_file(tmp_path / "in.csv", [["text", "a", "a"], ["good", "1", "2"]])
    assert read_csv(write(open_table(source), tmp_path / "out.csv"))[1][:3] == ["good", "1", "2"]
    with pytest.raises(DataError, match="column 'a' stands there twice"):
        open_writer(tmp_path / "out.jsonl", "jsonl", open_table(source))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"review,n\n", "no text column 'text'; columns found: 'review', 'n'"),
        ("a.csv", b"text,text\n", "2 columns are named 'text'"),
        ("a.csv", b"\xff\xfet\0e\0", "columns found: 'te'"),
        ("a.csv", b"\xe9t\xe9", "columns found: '\\udce9t"),
        ("a.jsonl", b"\n\n", "a.jsonl is empty"),
        ("a.jsonl", b'{"review": 1}\n', "columns found: 'review'"),
        ("a.parquet", b"PAR1 not really", "not a readable parquet file"),
        ("a.xlsx", b"", "suffix '.xlsx' is not a known table format; use one of .csv"),
    ],
)
def test_an_unreadable_table_says_why(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        open_table(tmp_path / name)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_missing_file_a_folder_and_a_column_of_numbers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "n.parquet")
    for name, message in (("no.csv", "no such file"), ("folder.csv", "is a folder"), ("n.parquet", "holds int64")):
        with pytest.raises(DataError, match=message):
            open_table(tmp_path / name)


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    """The rest of the file may still be written when the first row is out."""
    source = tmp_path / "in.csv"
    source.write_text("text\n" + "good film\n" * 200_000)
    rows = open_table(source).rows()
    first = next(rows)
    with source.open("a") as file:
        file.write("the last\n")
    assert isinstance(first, Row)
    *_, last = rows
    assert (last.number, last.text) == (200_001, "the last")


def test_csv_lines_end_in_a_newline_only(tmp_path: Path) -> None:
    source = csv_file(tmp_path / "in.csv", [["text"], ["good"], ["one\r\ntwo"]])
    out = write(open_table(source), tmp_path / "out.csv").read_bytes()
    assert out.count(b"\r") == out.count(b"one\r\ntwo") == 1


def test_notes_in_a_parquet_file_are_kept_unless_they_would_deny_the_new_columns(tmp_path: Path) -> None:
    """`datasets` refuses a file whose columns are not those of its own note."""
    notes = {"huggingface": '{"info": {"features": {"text": {"dtype": "string", "_type": "Value"}}}}', "mine": "kept"}
    pq.write_table(pa.table({"text": ["good"]}).replace_schema_metadata(notes), tmp_path / "in.parquet")
    out = pq.read_schema(write(open_table(tmp_path / "in.parquet"), tmp_path / "out.parquet"))
    assert out.metadata == {b"mine": b"kept"}


def texts(path: Path, layout: Layout = UNTOLD) -> list[str | None]:
    return [row.text for row in open_table(path, layout=layout).rows()]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "tab"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_the_cells_is_found_by_the_header_and_said(
    suffix: str, delimiter: str, tmp_path: Path
) -> None:
    """However often the others stand in the texts."""
    path = tmp_path / f"in.{suffix}"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(
            [["id", "text", "label"], *([i, f"a, b; c | d, {i}; fine", 1] for i in range(5))]
        )
    table = open_table(path, layout=UNTOLD)
    assert table.columns == ("id", "text", "label")
    assert [row.text for row in table.rows()] == [f"a, b; c | d, {i}; fine" for i in range(5)]
    assert bool(table.notes) == (delimiter != {"csv": ","}.get(suffix, "\t"))
    assert texts(path, Layout(delimiter=delimiter)) == [row.text for row in table.rows()]


def test_the_columns_found_are_those_of_the_likeliest_delimiter(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id;review;stars\n1;good;5\n")
    with pytest.raises(DataError, match="columns found: 'id', 'review', 'stars'; name it with --text-column"):
        open_table(tmp_path / "in.csv", layout=UNTOLD)


def test_a_first_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("sep=;\r\ntext;label\r\nfine, really;1\r\n")
    table = open_table(tmp_path / "in.csv")
    assert [(row.number, row.line, row.text) for row in table.rows()] == [(1, 3, "fine, really")]
    assert (table.columns, table.count()) == (("text", "label"), 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_without_a_header_is_read_by_the_names_given(delimiter: str, tmp_path: Path) -> None:
    rows = [[f"{i}, and; so on", "1"] for i in range(5)]
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    table = open_table(tmp_path / "in.csv", layout=Layout(columns=("text", "label")))
    assert [list(row.cells) for row in table.rows()] == rows
    assert [row.number for row in table.rows()] == [1, 2, 3, 4, 5]
    assert table.count() == 5


def test_names_for_a_file_with_a_header_and_a_header_that_is_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,label\ngood,1\n")
    with pytest.raises(DataError, match="its first line is the header already; leave out --columns"):
        open_table(tmp_path / "in.csv", layout=Layout(columns=("text", "label")))
    (tmp_path / "in.csv").write_text("good,1\nbad,0\n")
    with pytest.raises(DataError, match="all columns with --columns where the first line is no header"):
        open_table(tmp_path / "in.csv", layout=UNTOLD)


def test_quotes_in_a_table_that_was_written_without_quoting_join_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.tsv"
    path.write_text('text\tlabel\n"Great\t1\nbad\t0\nHe said "no" again\t1\nfine\t1\n')
    table = open_table(path)
    assert [row.text for row in table.rows()] == ['"Great', "bad", 'He said "no" again', "fine"]
    assert table.notes == ("in.tsv: quotes are taken as plain characters; read as quotes they would join lines",)
    path.write_text('text\tlabel\n"Great, ""really""\nand long"\t1\nbad\t0\n')
    assert texts(path) == ['Great, "really"\nand long', "bad"]


def test_rows_that_a_stray_quote_joins_are_one_bad_row(tmp_path: Path) -> None:
    """Not one row with a long text and the label of the last of them."""
    path = tmp_path / "in.csv"
    path.write_text('text,label\n"Great film,1\nbad,0\nHe said "no" again,1\n"two\nlines",0\n"a ""quoted"" word",1\n')
    found = [(row.line, row.problem is None) for row in open_table(path).rows()]
    assert found == [(2, False), (5, True), (7, True)]
    assert "may be several rows" in str(next(iter(open_table(path).rows())).problem)


ROWS = [
    {"text": "good, [really]", "n": 1},
    {"text": 'a "quoted" \\ word', "n": None},
    {"text": "é\u2028 🎬", "m": [{}]},
]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", ["in.json", "in.jsonl", "in.json.gz"])
def test_a_json_list_gives_the_rows_that_its_lines_would(indent: int | None, name: str, tmp_path: Path) -> None:
    listed, lines = tmp_path / name, tmp_path / "lines.json"
    text = json.dumps(ROWS, indent=indent, ensure_ascii=False).encode()
    listed.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    lines.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    one, other = open_table(listed), open_table(lines)
    assert one.columns == other.columns == ("text", "n", "m")
    assert [(row.number, row.cells) for row in one.rows()] == [(row.number, row.cells) for row in other.rows()]
    assert one.count() == other.count() == 3


def test_a_long_json_list_is_read_a_piece_at_a_time(tmp_path: Path) -> None:
    """Elements longer than a piece among them."""
    long = "x" * 3_000_000
    rows = [{"text": f"{i} {long if i == 700 else 'film ' * 200}"} for i in range(1500)]
    (tmp_path / "in.json").write_text(json.dumps(rows))
    assert texts(tmp_path / "in.json") == [row["text"] for row in rows]


def test_elements_that_are_no_objects_are_bad_rows(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('[{"text": "good"}, 12, "x", [1], null, {"text": ""}]')
    assert [row.problem for row in open_table(tmp_path / "in.json").rows()] == [
        None,
        *(f"element is not a JSON object but {kind}" for kind in ("int", "str", "list", "NoneType")),
        "text is empty",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "[]", "a.json is empty"),
        ("a.json", '[{"text": "good"}, {"text": "ba', "no whole JSON list: after 1 elements, Unterminated string"),
        ("a.json", '[{"text": "good"} {"text": "bad"}]', "after 1 elements, ] is missing"),
        ("a.json", '[{"text": "good"}]]', "after 1 elements, something follows its end"),
        ("a.json", '[{"text": "good"},]', "after 1 elements, Expecting value"),
        ("a.json", '[{"text": ' + "[" * 200_000, "no whole JSON list"),
        ("a.json", '{"text": {"0": "good"}, "label": {"0": 1}}', "one object of whole columns or lists"),
        ("a.json", '{"data": [{"text": "good"}]}', "one object of whole columns or lists"),
        ("a.json", '{\n "text": "good"\n}', "none of its 3 lines is a JSON object"),
        ("a.json", "[1, 2]", "none of its 1 lines is a JSON object (line is not a JSON object but list)"),
    ],
)
def test_json_that_is_no_table_says_why(name: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError) as caught:
        open_table(tmp_path / name)
    assert message in str(caught.value)


def test_a_layout_that_the_format_has_no_use_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "good"}\n')
    pq.write_table(pa.table({"text": ["good"]}), tmp_path / "a.parquet")
    for name, layout in (
        ("a.jsonl", Layout(delimiter=";")),
        ("a.jsonl", Layout(columns=("text",))),
        ("a.parquet", Layout(delimiter=";")),
        ("a.parquet", Layout(encoding="cp1252")),
    ):
        with pytest.raises(DataError, match=r"leave (it|them) out"):
            open_table(tmp_path / name, layout=layout)


def test_what_a_named_encoding_held_is_written_as_utf_8(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("text;note\nit’s fine;5 €\n".encode("cp1252") + b"odd \x81;x\n")
    table = open_table(source, layout=Layout(encoding="cp1252"))
    for target in ("out.csv", "out.tsv", "out.jsonl"):
        assert "it’s fine" in write(table, tmp_path / target).read_text(encoding="utf-8")
    assert read_csv(tmp_path / "out.csv")[2][:2] == ["odd \\udc81", "x"]
    assert texts(tmp_path / "out.tsv")[0] == "it’s fine"


def test_damage_in_the_middle_of_a_parquet_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": [f"film {i} " * 20 for i in range(20_000)]}), path, compression="gzip")
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 3)
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not a readable parquet file") as caught:
        list(open_table(path).rows())
    assert "\n" not in str(caught.value)
