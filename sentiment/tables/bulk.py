"""Whole tables through a predictor, in constant memory and without losing what is already answered.

Rows are predicted in windows and written as they come, to `<target>.partial`, which gets its name when
it is complete. A rerun starts the file anew; nothing is asked of the model twice as long as the predictor
stores its predictions, so there is no state to resume from.
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from sentiment.errors import DataError
from sentiment.tables.account import in_words
from sentiment.tables.layout import UNTOLD, Layout
from sentiment.tables.rows import Row, Table
from sentiment.tables.table import open_table
from sentiment.tables.writers import open_writer, output_format
from sentiment.types import Prediction, Predictor, Prompt, Query

WINDOW = 2048
MOST_BAD = 20
"""Bad rows that are named one by one; the others are only counted."""

Note = Callable[[str], None]


@dataclass
class BulkSummary:
    """What became of a table; grows while the table is written."""

    target: Path
    """Where the rows are: the file asked for, or the partial one when the run was interrupted."""
    rows: int = 0
    """Rows written."""
    bad: list[tuple[int, str]] = field(default_factory=list)
    """Number and problem of the first bad rows, whose answers are empty."""
    problems: Counter[str] = field(default_factory=Counter)
    """Problem -> bad rows, all of them."""
    unanswered: int = 0
    """Rows whose answer held neither label."""
    cut: int = 0
    """Rows whose text was cut to fit the model."""
    complete: bool = False
    """False after an interruption."""

    @property
    def bad_count(self) -> int:
        """Rows that could not be used."""
        return self.problems.total()

    def count(self, rows: Sequence[Row], predictions: Sequence[Prediction | None]) -> None:
        """Add a window that has been written."""
        self.rows += len(rows)
        for row, prediction in zip(rows, predictions, strict=True):
            if prediction is not None:
                self.unanswered += prediction.label is None
                self.cut += prediction.cut
                continue
            self.problems[str(row.problem)] += 1
            if len(self.bad) < MOST_BAD:
                self.bad.append((row.number, f"{row.said}, line {row.line}" if row.line else row.said))

    def lines(self) -> list[str]:
        """What to tell the user."""
        said = [f"row {number}: {problem}; no answer" for number, problem in self.bad]
        if self.bad_count > len(self.bad):
            said.append(f"... and {self.bad_count - len(self.bad)} more bad rows")
        if self.problems:
            said.append(f"bad rows: {in_words(self.problems, quoted=False)}")
        state = "" if self.complete else "interrupted: "
        said.append(f"{state}{self.rows} rows in {self.target}, {self.bad_count} bad, {self.unanswered} unanswered")
        if not self.complete:
            said.append("run the same command again: rows answered already are not computed again")
        return said


def checked_table(source: Path, target: Path, text_column: str = "text", layout: Layout = UNTOLD) -> Table:
    """The source as a table, once everything about both files that can be checked beforehand is in order.

    Raises `DataError`: unknown formats, no such file or column, a target that is the source, a folder
    that is missing or not writable.
    """
    output_format(target)
    table = open_table(source, text_column, layout)
    folder = target.parent
    if target.is_dir():
        raise DataError(f"output {target} is a folder; name a file")
    if target.exists() and target.samefile(source):
        raise DataError(f"output {target} is the input file; choose another name")
    if not folder.is_dir():
        raise DataError(f"output folder {folder} does not exist; create it first")
    if not os.access(folder, os.W_OK):
        raise DataError(f"output folder {folder} is not writable; choose another")
    return table


def predict_table(
    predictor: Predictor,
    prompt: Prompt,
    source: Path,
    target: Path,
    *,
    text_column: str = "text",
    layout: Layout = UNTOLD,
    window: int = WINDOW,
    progress: bool = True,
    note: Note | None = None,
) -> BulkSummary:
    """Answer every row of `source`, and write the table with its answers to `target`.

    One output row per input row; bad rows keep empty answers. On Ctrl-C what is written so far stays in
    `<target>.partial`, and the summary says that it is not complete. `note` hears the summary's lines.
    Raises `DataError` as `checked_table` does, before anything is predicted.
    """
    table = checked_table(source, target, text_column, layout)
    partial = target.with_name(target.name + ".partial")
    summary = BulkSummary(partial)
    try:
        with (
            closing(open_writer(partial, output_format(target), table)) as writer,
            tqdm(total=table.count(), unit="row", disable=None if progress else True) as bar,
        ):
            for rows in windows(table.rows(), window):
                predictions = _answers(predictor, prompt, rows)
                writer.write(rows, predictions)
                summary.count(rows, predictions)
                bar.update(len(rows))
        partial.replace(target)
        summary.target, summary.complete = target, True
    except KeyboardInterrupt:
        pass  # told in the summary: the user asked for the end, and the partial file is closed by now
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise DataError(f"{partial} cannot be written: {error.strerror}; free some space and run again") from error
    if note is not None:
        for line in summary.lines():
            note(line)
    return summary


def _answers(predictor: Predictor, prompt: Prompt, rows: Sequence[Row]) -> list[Prediction | None]:
    """One prediction per row, None for bad rows; a text that stands there twice is asked once."""
    texts = [row.text if row.problem is None else None for row in rows]
    queries = {text: Query(prompt, text) for text in texts if text is not None}
    found = dict(zip(queries, predictor.predict(list(queries.values())), strict=True)) if queries else {}
    return [None if text is None else found[text] for text in texts]


def windows(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """The rows in lists of `size`, the last one shorter."""
    while window := list(islice(rows, size)):
        yield window
