"""The write-up: what the steps found, as Markdown, HTML, PDF, tables and figures. Pure until `write_study`."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from sentiment.judging.metrics import Metrics
from sentiment.report.figures import confusion_png
from sentiment.report.frames import to_csv
from sentiment.report.templates import p_is, p_value, percent
from sentiment.runs.run_folder import to_json, write_atomically, writing
from sentiment.safety import visible
from sentiment.study.comparison import ApproachQuality, ComparisonFindings
from sentiment.study.figures import draw_figures
from sentiment.study.record import Ends, Study, as_json
from sentiment.types import Interval

TEMPLATES = Path(__file__).parent / "templates"
QUESTIONS = {"q1": "raw_text", "q6": "derivation", "q7": "cost", "q8": "formats", "q9": "strategies", "q10": "failures"}
"""Question with a written answer -> the step that it rests on."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PRINTING = 120
"""Seconds that a browser may take to print."""


def write_study(study: Study, folder: Path, answers: Path | None = None, note: Callable[[str], None] = print) -> Path:
    """Write `study.md`, `study.html`, `results.json`, `tables/`, `figures/`, the written answers at `answers` (in the
    folder unless told otherwise), and `study.pdf` where a Chromium is installed; returns the path of the Markdown.

    Raises `ReportError` when the folder cannot be written.
    """
    with writing(folder, "name another folder with --output"):
        for part in ("figures", "tables"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "results.json", to_json(asdict(study)))
    figures = draw_figures(study, folder / "figures")
    confusion = _draw_confusion(study, folder / "figures")
    for name, frame in tables(study).items():
        write_atomically(folder / "tables" / f"{name}.csv", to_csv(_writable(frame)))
    text = study_markdown(study, figures, confusion)
    write_atomically(folder / "study.md", text)
    answers = answers or folder / "answers.md"
    write_atomically(answers, answers_markdown(study, os.path.relpath(folder, answers.parent)))
    write_atomically(folder / "study.html", study_html(text, folder))
    _print_to_pdf(folder / "study.html", folder / "study.pdf", note)
    return folder / "study.md"


def study_markdown(study: Study, figures: Mapping[str, str], confusion: Mapping[str, str]) -> str:
    """The whole document. `figures` and `confusion`: paths from its folder, by name."""
    return _rendered("study.md.j2", study, figures=figures, confusion=confusion)


def answers_markdown(study: Study, run_folder: str) -> str:
    """The written answers alone; `run_folder` is where they say that the study is."""
    return _rendered("answers.md.j2", study, run_folder=run_folder, questions=QUESTIONS)


def study_html(text: str, folder: Path) -> str:
    """The Markdown as one page, with the pictures that it names in `folder` inside."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    body = re.sub(r'src="(figures/[\w-]+\.png)"', lambda match: f'src="{_embedded(folder / match[1])}"', body)
    title = text.partition("\n")[0].removeprefix("# ")
    page = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return page.get_template("page.html.j2").render(title=title, body=Markup(body))


def tables(study: Study) -> dict[str, pd.DataFrame]:
    """Every table of the study, by the name of its file."""
    steps = {name: step.found for name, step in study.steps.items()}
    found = {}
    if "comparison" in steps:
        found["comparison"] = _table(steps["comparison"].rows)
        found["comparison-pairs"] = _table(steps["comparison"].pairs)
    if "raw_text" in steps:
        found["raw-text"] = _table(steps["raw_text"].rows)
    if "cost" in steps:
        found["step-cost"] = pd.json_normalize([as_json(each) for each in steps["cost"].approaches.values()])
    if "formats" in steps:
        for name, each in steps["formats"].approaches.items():
            found[f"formats-{name}"] = _table([*each.rows, *each.handwritten])
    if "strategies" in steps:
        found["strategies"] = _table(steps["strategies"].rows)
    if "failures" in steps:
        found["failures"] = _table(steps["failures"].examples)
    if "derivation" in steps:
        models = steps["derivation"].models
        rows = [{"model": model.model, **as_json(each)} for model in models for each in model.projections]
        found["adapter"] = pd.DataFrame(rows)
    return found


def _table(rows: Iterable[Any]) -> pd.DataFrame:
    return pd.DataFrame([as_json(row) for row in rows])


def _writable(frame: pd.DataFrame) -> pd.DataFrame:
    """Text as objects, and lists and records as JSON."""
    flat = frame.map(lambda cell: json.dumps(cell, ensure_ascii=False) if isinstance(cell, list | dict) else cell)
    texts = flat.select_dtypes(exclude=["number", "bool"]).columns
    return flat.astype(dict.fromkeys(texts, object)).fillna(dict.fromkeys(texts, ""))


def _rendered(template: str, study: Study, **values: Any) -> str:
    text = _engine().get_template(template).render(run=study.run, steps=study.steps, **values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
def _engine() -> Environment:
    engine = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=False, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    engine.filters |= {
        "accuracy": lambda row: f"{percent(row.accuracy)} [{_interval(row.accuracy_interval)}]",
        "code": code,
        "count": lambda number: f"{round(number):,}",
        "duration": _duration,
        "interval": lambda ends: f"[{_interval(ends)}]",
        "md": md,
        "p_floor": lambda p, draws: f"p ≤ {p_value(1 / draws)}" if p * draws < 1.5 else p_is(p),
        "p_is": p_is,
        "p_value": p_value,
        "pairs": lambda facts: ", ".join(f"{key} {value}" for key, value in facts.items()),
        "percent": percent,
        "size": _size,
    }
    return engine


def md(text: str) -> str:
    """A text of others as plain Markdown: one line, none of its signs a mark."""
    line = " ".join(visible(text).split())
    escaped = re.sub(r"([\\`*_\[\]|~$])", r"\\\1", line)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """What may stand between backticks in a table: one line, line breaks shown, no backtick and no upright bar."""
    return visible(text).replace("\n", "⏎").replace("`", "ˋ").replace("|", "¦").strip() or "(nothing)"


def _interval(ends: Ends) -> str:
    return f"{100 * ends[0]:.1f}, {100 * ends[1]:.1f}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _size(count: float) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


def _draw_confusion(study: Study, folder: Path) -> dict[str, str]:
    """Every approach's confusion matrix (Q3.4); path from the document by approach."""
    drawn: dict[str, str] = {}
    done = study.steps.get("comparison")
    if done is None:
        return drawn
    found: ComparisonFindings = done.found
    for row in found.rows:
        if not isinstance(row, ApproachQuality):
            continue
        metrics = Metrics(
            n=row.n,
            accuracy=row.accuracy,
            interval=Interval(*row.accuracy_interval),
            macro_f1=row.macro_f1,
            macro_precision=row.macro_precision,
            macro_recall=row.macro_recall,
            confusion=row.confusion,
        )
        path = folder / f"confusion-{row.name}.png"
        confusion_png(metrics, f"{row.name}: {row.n:,} test reviews", path, f"{done.command} · {done.date}")
        drawn[row.name] = f"{folder.name}/{path.name}"
    return drawn


def _embedded(picture: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


def _print_to_pdf(page: Path, target: Path, note: Callable[[str], None]) -> None:
    """Print the page with the first browser that is installed; without one, or where it fails, say so."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        note(f"no PDF: none of {', '.join(BROWSERS)} is installed; {page} prints from any browser")
        return
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--disable-gpu", f"--user-data-dir={profile}", "--no-pdf-header-footer",
                   f"--print-to-pdf={target.resolve()}", page.resolve().as_uri()]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium has no sandbox for root
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=PRINTING)
        except (subprocess.SubprocessError, OSError) as error:
            note(f"no PDF: {Path(browser).name} did not print {page.name} ({type(error).__name__})")
