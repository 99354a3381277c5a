"""The `sentiment` command: each step of a run, by hand."""

from __future__ import annotations

import json
import os
import sys
from enum import Enum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment import cache
from sentiment.bulk import checked_table, predict_table
from sentiment.data.labels import labelled_reviews
from sentiment.data.layout import Layout
from sentiment.data.rows import text_problem
from sentiment.errors import CacheError, DataError, ModelError, SentimentError, fault_of
from sentiment.paths import at_home
from sentiment.pipeline import Workbench, chosen_profile, go_offline_if_asked
from sentiment.profiles import Profile, load_profile
from sentiment.prompts import load_prompt
from sentiment.report.safety import whole_line
from sentiment.robust import Strategy
from sentiment.spellings import Spellings, comma_separated, shown
from sentiment.types import Approach, Prompt, Query

if TYPE_CHECKING:
    from sentiment.metrics import Metrics

app = typer.Typer(
    help="Train sentiment classifiers from small language models, and ask them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cache_app = typer.Typer(help="Look into the cache folder, or make room in it.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")
reports_app = typer.Typer(help="List the runs, or make room among them.", no_args_is_help=True)
app.add_typer(reports_app, name="reports")

ProfileOption = Annotated[
    str | None, typer.Option("--profile", metavar="NAME-or-FILE", help="qwen3, smollm2, tiny or a TOML file.")
]
ApproachOption = Annotated[Approach, typer.Option("--approach", help="base, sft or lora.")]
WeightsOption = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        parser=at_home,
        metavar="PATH",
        help="A model or PEFT adapter folder, instead of the profile's own weights.",
    ),
]
OnBaseOption = Annotated[
    str | None,
    typer.Option(
        "--on-base",
        metavar="FOLDER-or-ID",
        help="Judge the adapter given with --weights on this base, where it names another one or one that is not here.",
    ),
]
ReportsOption = Annotated[
    Path, typer.Option("--reports", parser=at_home, metavar="PATH", help="The folder of the runs.")
]
PromptOption = Annotated[
    str, typer.Option("--prompt", metavar="NAME-or-FILE", help="A named wording, or a file with one {review}.")
]

StrategyOption = Annotated[
    Strategy,
    typer.Option(
        "--strategy",
        help="How to depend less on the wording: the training prompt instead (canonical), the likelier label word "
        "(forced), the prompt's label prior taken out besides (calibrated), known prompts averaged with it (ensemble).",
    ),
]

TextColumnOption = Annotated[str, typer.Option("--text-column", help="The column of the reviews.")]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", help="Of a file that is not UTF-8, such as cp1252.", show_default=False)
]
DelimiterOption = Annotated[
    str | None,
    typer.Option("--delimiter", help="Between the cells: one character, or tab. Else found out.", show_default=False),
]
ColumnsOption = Annotated[
    str, typer.Option("--columns", metavar="NAMES", help="All columns of a CSV without a header, such as text,label.")
]


class What(str, Enum):
    """Parts of the cache."""

    ASSETS = "assets"
    MODELS = "models"
    WEIGHTS = "weights"
    PREDICTIONS = "predictions"
    ALL = "all"


def _say(line: str) -> None:
    """What happens, on stderr."""
    typer.echo(whole_line(line), err=True)


def _print(text: str) -> None:
    """Figures for standard output, at once; a full disk behind it is one line."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or what is held back fails again at the end
        raise SentimentError(f"standard output cannot be written: {error.strerror}; free some space") from None


def _answer(line: str) -> None:
    """What was asked for, on stdout; JSON needs no such care."""
    typer.echo(whole_line(line))


def _workbench(profile: str | None, weights: Path | None = None, on_base: str | None = None) -> Workbench:
    chosen, why = chosen_profile(profile)
    bench = Workbench(chosen, weights, on_base, note=_say)
    _say(f"profile {chosen.name} ({why}) on {bench.device}")
    if bench.given is not None:
        _say(f"weights {bench.given.says}")
    return bench


def _prompt(name: str, profile: Profile) -> Prompt:
    return load_prompt(str(at_home(name)) if name.startswith("~") else name, profile.house_prompt)


@app.command(epilog="Example: sentiment train --approach lora --profile tiny")
def train(approach: ApproachOption, profile: ProfileOption = None) -> None:
    """Train sft or lora, unless the very same training is stored already; an interrupted one goes on.

    Several GPUs: accelerate launch --num_processes 2 -m sentiment train --approach lora
    Several CPU processes: torchrun --nproc_per_node 2 -m sentiment train --approach lora
    """
    if approach is Approach.BASE:
        raise SentimentError("--approach base is the model as published: nothing to train; use sft or lora")
    bench = _workbench(profile)
    weights = bench.weights(approach)
    record = bench.record(approach)
    from accelerate import PartialState

    if PartialState(cpu=bench.device.type == "cpu").is_main_process:
        typer.echo(json.dumps({"folder": str(weights.path), **record}, indent=1))


@app.command(epilog='Example: sentiment predict --approach lora --text "A film without a dull minute."')
def predict(
    approach: ApproachOption,
    source: Annotated[
        Path | None,
        typer.Argument(parser=at_home, metavar="FILE", help="CSV, TSV, JSON or parquet with a text column."),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            parser=at_home,
            metavar="FILE",
            help="Where the answers go: .csv, .tsv, .jsonl or .parquet.",
        ),
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="One review, instead of a file.")] = None,
    text_column: TextColumnOption = "text",
    encoding: EncodingOption = None,
    delimiter: DelimiterOption = None,
    columns: ColumnsOption = "",
    prompt: PromptOption = "house",
    strategy: StrategyOption = Strategy.AS_ASKED,
    weights: WeightsOption = None,
    on_base: OnBaseOption = None,
    profile: ProfileOption = None,
) -> None:
    """Label one review, or every row of a file: the same rows with label, p_positive, label_mass, answer.

    Example: sentiment predict --approach lora reviews.csv -o answers.csv
    """
    if (text is None) == (source is None):
        raise DataError("give either a file or --text, one of the two")
    if text is not None and (problem := text_problem(text)):
        raise DataError(f"--text {shown(text)}: {problem}")
    layout = Layout(encoding, delimiter, tuple(comma_separated(columns)))
    if source is not None:
        if target is None:
            raise DataError(f"where should the answers to {source} go? give -o answers.csv (or .tsv, .jsonl, .parquet)")
        for line in checked_table(source, target, text_column, layout).notes:
            _say(line)
    bench = _workbench(profile, weights, on_base)
    asked = _prompt(prompt, bench.profile)
    predictor = bench.asking(bench.predictor(approach), strategy)
    if source is None or target is None:
        answer = predictor.predict([Query(asked, text or "")])[0]
        label = None if answer.label is None else answer.label.word
        _print(json.dumps({"label": label, "p_positive": answer.p_positive, "label_mass": answer.label_mass,
                           "answer": answer.text}))  # fmt: skip
        return
    summary = predict_table(predictor, asked, source, target, text_column=text_column, layout=layout, note=_say)
    if not summary.complete:
        raise typer.Exit(130)


@app.command(
    epilog="Example: sentiment evaluate --approach lora --data reviews.csv --label positive=4,5 --label negative=1,2"
)
def evaluate(
    approach: ApproachOption,
    data: Annotated[
        Path,
        typer.Option(
            "--data", parser=at_home, metavar="FILE", help="CSV, TSV, JSON or parquet with text and label columns."
        ),
    ],
    text_column: TextColumnOption = "text",
    label_column: Annotated[str, typer.Option("--label-column", help="The column of the labels.")] = "label",
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="SIDE=SPELLINGS", help="positive=4,5 or negative=1,2; may be repeated."),
    ] = None,
    ignore_label: Annotated[
        list[str] | None,
        typer.Option("--ignore-label", metavar="SPELLINGS", help="Pass over rows with these labels; may be repeated."),
    ] = None,
    encoding: EncodingOption = None,
    delimiter: DelimiterOption = None,
    columns: ColumnsOption = "",
    allow_dropped: Annotated[
        bool, typer.Option("--allow-dropped", help="Exit status 0 also where rows could not be used.")
    ] = False,
    confusion: Annotated[
        Path, typer.Option("--confusion", parser=at_home, metavar="FILE", help="The confusion matrix as PNG.")
    ] = Path("confusion.png"),
    prompt: PromptOption = "house",
    strategy: StrategyOption = Strategy.AS_ASKED,
    weights: WeightsOption = None,
    on_base: OnBaseOption = None,
    profile: ProfileOption = None,
) -> None:
    """Accuracy, macro F1, precision and recall on labelled reviews, as JSON; confusion matrix as PNG.

    The JSON says how many rows were read, and what became of those that do not count: dropped (damaged, without a
    text, with a label that is not understood), without a label, to be ignored, or trained on by the judged model.

    Exit status 0: all is well; 2: nothing was evaluated, or the picture cannot be written; 3: rows were dropped.
    """
    if not confusion.parent.is_dir():
        raise DataError(f"--confusion {confusion}: its folder does not exist; create it first")
    layout = Layout(encoding, delimiter, tuple(comma_separated(columns)))
    spellings = _spellings(label or [], ignore_label or [], profile)
    reviews = labelled_reviews(data, text_column, label_column, layout, spellings)
    for line in reviews.notes:
        _say(line)
    for row in reviews.bad:
        _say(f"{data} {row.place}: {row.said}; left out")
    bench = _workbench(profile, weights, on_base)
    asked = _prompt(prompt, bench.profile)
    reviews = reviews.without(bench.learnt_from(approach))
    from sentiment.metrics import evaluate_model

    metrics = evaluate_model(bench.asking(bench.predictor(approach), strategy), reviews, asked)
    _print(json.dumps({**metrics.as_dict(), **reviews.account.as_dict(), "notes": list(reviews.notes)}, indent=1))
    for line in reviews.account.lines():
        _say(line)
    _draw(metrics, f"{approach} on {data.name}", confusion)
    if reviews.account.lost and not allow_dropped:
        _say("so these figures are not over the whole file: exit status 3; --allow-dropped accepts that")
        raise typer.Exit(3)


def _spellings(labels: list[str], ignored: list[str], profile: str | None) -> Spellings:
    """What the options say of labels; where they say nothing, what the named profile says."""
    if not labels and not ignored:
        return load_profile(profile).data.labels.spellings if profile is not None else Spellings()
    try:
        return Spellings.parsed(labels, ignored)
    except ValueError as error:
        raise DataError(f"--label, --ignore-label: {error}") from None


def _draw(metrics: Metrics, title: str, path: Path) -> None:
    from sentiment.report.figures import confusion_image
    from sentiment.report.run_folder import write_atomically

    write_atomically(path, confusion_image(metrics, title), remedy="name another file with --confusion")
    _say(f"confusion matrix: {path}")


@app.command(epilog="Example: sentiment params --profile qwen3")
def params(profile: ProfileOption = None) -> None:
    """Parameters of the profile's model: total, trainable and percent for base, sft and lora. No download."""
    chosen, _ = chosen_profile(profile)
    from sentiment.arithmetic import Derivation
    from sentiment.models.base import architecture
    from sentiment.models.parameters import counted

    _answer(chosen.model.id)
    typer.echo(f"{'approach':10}{'total':>16}{'trainable':>16}{'percent':>10}")
    for approach, count in counted(chosen).items():
        typer.echo(f"{approach:10}{count.total:>16,}{count.trainable:>16,}{count.percent:>10.4f}")
    typer.echo("")
    try:
        derived = Derivation.of(architecture(chosen.model).to_dict(), chosen.adapter)
    except ModelError as error:
        _answer(str(error))
        return
    for line in derived.lines():
        _answer(line)


@app.command(epilog="Example: sentiment study --profile smollm2 --output reports/study")
def study(
    profile: ProfileOption = None,
    step: Annotated[
        list[str] | None, typer.Option("--step", metavar="NAME", help="Do this step alone; may be repeated.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do the steps again, also where they are stored.")] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", parser=at_home, metavar="PATH", help="Where the document goes.")
    ] = Path("reports/study"),
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            parser=at_home,
            metavar="FILE",
            help="Where the written answers go; without it, beside the document.",
        ),
    ] = None,
) -> None:
    """Train or load all approaches, run every experiment, and write one document (Markdown, HTML, PDF).

    Steps that are done are stored, so an interrupted study goes on where it stopped.
    """
    from sentiment.study.document import write_study
    from sentiment.study.run import STEPS, run_study

    known = [each.name for each in STEPS]
    for name in step or []:
        if name not in known:
            raise SentimentError(f"--step {name}: no such step; there are {', '.join(known)}")
    bench = _workbench(profile)
    _answer(str(write_study(run_study(bench, step or (), fresh, profile), output, answers, _say)))


@app.command(epilog="Example: sentiment report reports/latest")
def report(run: Annotated[Path, typer.Argument(parser=at_home, metavar="RUN", help="A run folder.")]) -> None:
    """Write a run's report again from its journal, also of a run that was stopped; say what it showed."""
    from sentiment.report.run_folder import original
    from sentiment.report.runs import read_run
    from sentiment.report.write import write_files

    folder = original(run)
    found = read_run(folder)
    _answer(str(write_files(folder, found)))
    _say(found.closing_sentence)


@app.command(
    epilog="Example: sentiment compare reports/20260101T120000Z-smollm2-lora reports/latest --output diff.html"
)
def compare(
    before: Annotated[
        Path, typer.Argument(parser=at_home, metavar="RUN", help="The run folder to hold against.", show_default=False)
    ],
    after: Annotated[
        Path, typer.Argument(parser=at_home, metavar="RUN", help="The run folder to judge.", show_default=False)
    ],
    predictors: Annotated[
        list[str] | None,
        typer.Option("--predictors", metavar="BEFORE:AFTER", help="Compare these, e.g. lora:sft; may be repeated."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=at_home, metavar="PATH", help="Also write a page with the sentences."),
    ] = None,
) -> None:
    """What the second run fixes and breaks, on the cases that both judged.

    Exit status 0: no gated behavior is significantly worse; 1: one is; 2: the runs cannot be compared.
    """
    from sentiment.report.run_folder import write_atomically
    from sentiment.report.two_runs import compare_runs
    from sentiment.report.two_runs_page import comparison_html, comparison_lines

    found = compare_runs(before, after, predictors or [])
    for line in comparison_lines(found):
        _answer(line)
    if output is not None:
        write_atomically(output, comparison_html(found), remedy="name another file with --output")
        _answer(f"page: {output}")
    if found.worse:
        raise typer.Exit(1)


@reports_app.command("list", epilog="Example: sentiment reports list")
def list_runs(reports: ReportsOption = Path("reports")) -> None:
    """The runs, newest first."""
    from sentiment.report.index import rows_of

    for row in rows_of(reports):
        _answer(f"{row.folder}  {row.state}")
        if row.found:
            _answer(f"  {row.found}")


@reports_app.command("prune", epilog="Example: sentiment reports prune --keep 20")
def prune_runs(
    keep: Annotated[int, typer.Option("--keep", help="How many of the newest runs stay.", show_default=False)],
    reports: ReportsOption = Path("reports"),
) -> None:
    """Delete all but the newest runs. latest stays, and so does every folder that is not a run."""
    from sentiment.report.index import write_index
    from sentiment.report.run_folder import prune

    gone = prune(reports, keep)
    for run in gone:
        _answer(f"deleted: {run}")
    if gone:
        write_index(reports)
    typer.echo(f"{len(gone)} deleted")


@cache_app.command("list", epilog="Example: sentiment cache list")
def list_() -> None:
    """What the cache holds, and how large it is."""
    root = cache.cache_root()
    for part in list(What)[:-1]:
        for path in sorted((root / part.value).glob("*")):
            if path.suffix != ".lock":
                _answer(f"{_size(path) / 2**20:>10,.1f} MiB  {part.value}/{path.name}")
    _answer(f"{_size(root) / 2**20:>10,.1f} MiB  {root}")


@cache_app.command(epilog="Example: sentiment cache prune predictions")
def prune(what: Annotated[What, typer.Argument(help="assets, models, weights, predictions or all.")]) -> None:
    """Delete a part of the cache; it is fetched, trained or asked again when it is needed.

    Exit status 2 when something of it cannot be deleted.
    """
    refused = False
    for part in list(What)[:-1] if what is What.ALL else [what]:
        try:
            typer.echo(f"{cache.prune(part.value) / 2**20:,.1f} MiB freed: {part.value}")
        except CacheError as error:
            refused = True
            _say(f"error: {error}")
    if refused:
        raise typer.Exit(2)


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def main() -> None:
    """Run the command; what a user can cause is one line and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console of any encoding shows any path
    go_offline_if_asked()
    try:
        app()
    except SystemExit as ended:
        if isinstance(getattr(ended.__context__, "__cause__", None), KeyboardInterrupt):  # typer's way of taking Ctrl-C
            _say("interrupted; what is stored stays, and the same command goes on from there")
        raise
    except Exception as error:
        said = fault_of(error)
        if said is None:
            raise
        _say(f"error: {said}")
        sys.exit(2)
