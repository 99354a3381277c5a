"""Users' own tables, read row by row in constant memory: CSV and TSV, JSON by line or as a list, parquet.

Reading never changes a cell and never drops a row: a row that cannot be used keeps its cells and says
what is wrong with it. CSV has a header, unless its columns are named; blank lines are no rows; undecodable bytes
become lone surrogates, which the CSV writer turns back into the same bytes. Cells that look like spreadsheet
formulas are the user's own and stay as they are. Text may be packed with gzip.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sentiment.errors import DataError
from sentiment.tables.csv_table import CsvTable, open_csv
from sentiment.tables.encodings import not_utf8, open_text
from sentiment.tables.json_table import JsonTable, open_json
from sentiment.tables.layout import Layout
from sentiment.tables.rows import SURROGATE, Table

DELIMITED = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
"""Suffix -> what usually stands between the cells."""
JSON = (".jsonl", ".ndjson", ".json")
PARQUET = ".parquet"


def open_table(path: Path, text_column: str = "text", layout: Layout | None = None) -> Table:
    """The table in a file; `layout` is what its user says of it.

    Without a layout a file that is not UTF-8 is opened all the same, for readers that stop at the first bad row.
    Raises `DataError` when it cannot be read, is in another encoding, or has no such text column.
    """
    suffix = _suffix(path)
    if not path.is_file():
        raise DataError(f"{path}: {'is a folder, not a file' if path.is_dir() else 'no such file'}")
    try:
        table = _opened(path, suffix, text_column, layout)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    refuse_missing(table, text_column, "text", layout)
    return table


def refuse_missing(table: Table, column: str, what: str, layout: Layout | None) -> None:
    """Raise `DataError` unless the table has exactly one column of that name; `what` it is to hold."""
    times = table.columns.count(column)
    if times == 1:
        return
    problem = f"no {what} column" if times == 0 else f"{times} columns are named"
    remedy = ""
    if times == 0 and layout is not None:
        remedy = f"; name it with --{what}-column (in a profile, {what}_column of [data])"
        if isinstance(table, CsvTable) and not layout.columns:
            remedy += ", or all columns with --columns where the first line is no header"
    raise DataError(f"{table.path}: {problem} {column!r}; columns found: {_listed(table.columns)}{remedy}")


def _suffix(path: Path) -> str:
    """The suffix that says the format. Raises `DataError` where it says none."""
    found = path.suffix.lower()
    unpacked = Path(path.stem).suffix.lower() if found == ".gz" else found
    if unpacked in (*DELIMITED, *JSON) or found == PARQUET:
        return unpacked
    allowed = ", ".join([*DELIMITED, *JSON, PARQUET])
    raise DataError(
        f"{path}: suffix {path.suffix!r} is not a known table format; use one of {allowed}, or .gz after a text format"
    )


def _opened(path: Path, suffix: str, text_column: str, layout: Layout | None) -> Table:
    told = layout or Layout()
    if suffix not in DELIMITED and (told.delimiter or told.columns):
        raise DataError(f"{path}: a delimiter and names of columns are for CSV and TSV files; leave them out")
    if suffix == PARQUET:
        if told.encoding:
            raise DataError(f"{path}: a parquet file has no encoding to name; leave it out")
        from sentiment.tables.parquet import open_parquet  # here: pyarrow takes longer to load than all else together

        return open_parquet(path, text_column)
    file = open_text(path, layout)
    table: CsvTable | JsonTable
    if suffix in DELIMITED:
        table = open_csv(file, text_column, told, DELIMITED[suffix])
    else:
        table = open_json(file, text_column)
    if file.looks_like is not None and layout is not None:
        raise not_utf8(file, _odd_rows(table))
    return table


def _odd_rows(table: CsvTable | JsonTable) -> str:
    """How many rows hold undecodable bytes, in words."""
    rows = odd = 0
    first = ""
    for row in replace(table, text_column=table.columns[0]).rows():  # whichever there is
        rows += 1
        if any(isinstance(cell, str) and SURROGATE.search(cell) for cell in row.cells):
            odd += 1
            first = first or row.place
    return f"{odd} of {rows} rows hold other bytes, the first in {first}" if odd else "its header holds other bytes"


def _listed(columns: tuple[str, ...], most: int = 20) -> str:
    shown = [repr(column) if len(column) < 60 else f"{column[:60]!r}..." for column in columns[:most]]
    more = [f"and {len(columns) - most} more"] if len(columns) > most else []
    return ", ".join(shown + more) or "none"
