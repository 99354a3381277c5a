"""The `sentiment` command: each step of a run, by hand."""

from __future__ import annotations

import json
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from sentiment import cache
from sentiment.bulk import checked_table, labelled_reviews, predict_table
from sentiment.errors import CacheError, DataError, ModelError, SentimentError
from sentiment.pipeline import Workbench, chosen_profile, go_offline_if_asked
from sentiment.profiles import Profile
from sentiment.prompts import load_prompt
from sentiment.robust import Strategy
from sentiment.types import Approach, Prompt, Query

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
    Path | None, typer.Option("--weights", help="A model or PEFT adapter folder, instead of the profile's own weights.")
]
ReportsOption = Annotated[Path, typer.Option("--reports", help="The folder of the runs.")]
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


class What(str, Enum):
    """Parts of the cache."""

    ASSETS = "assets"
    MODELS = "models"
    WEIGHTS = "weights"
    PREDICTIONS = "predictions"
    ALL = "all"


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _workbench(profile: str | None, weights: Path | None = None) -> Workbench:
    chosen, why = chosen_profile(profile)
    bench = Workbench(chosen, weights, note=_say)
    _say(f"profile {chosen.name} ({why}) on {bench.device}")
    if weights is not None and not weights.is_dir():
        raise ModelError(f"weights {weights}: no such folder; give a model folder or a PEFT adapter folder")
    return bench


def _prompt(name: str, profile: Profile) -> Prompt:
    return load_prompt(name, profile.house_prompt)


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
        typer.echo(json.dumps({"folder": str(weights.adapter or weights.base.path), **record}, indent=1))


@app.command(epilog='Example: sentiment predict --approach lora --text "A film without a dull minute."')
def predict(
    approach: ApproachOption,
    source: Annotated[Path | None, typer.Argument(help="CSV, JSONL or parquet with a text column.")] = None,
    target: Annotated[Path | None, typer.Option("-o", "--output", help="Where the answers go, by its suffix.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="One review, instead of a file.")] = None,
    text_column: Annotated[str, typer.Option("--text-column")] = "text",
    prompt: PromptOption = "house",
    strategy: StrategyOption = Strategy.AS_ASKED,
    weights: WeightsOption = None,
    profile: ProfileOption = None,
) -> None:
    """Label one review, or every row of a file: the same rows with label, p_positive, label_mass, answer.

    Example: sentiment predict --approach lora reviews.csv -o answers.csv
    """
    if (text is None) == (source is None):
        raise DataError("give either a file or --text, one of the two")
    if source is not None:
        if target is None:
            raise DataError(f"where should the answers to {source} go? give -o answers.csv (or .jsonl, .parquet)")
        checked_table(source, target, text_column)
    bench = _workbench(profile, weights)
    asked = _prompt(prompt, bench.profile)
    predictor = bench.asking(bench.predictor(approach), strategy)
    if source is None or target is None:
        answer = predictor.predict([Query(asked, text or "")])[0]
        label = None if answer.label is None else answer.label.word
        typer.echo(json.dumps({"label": label, "p_positive": answer.p_positive, "label_mass": answer.label_mass,
                               "answer": answer.text}))  # fmt: skip
        return
    summary = predict_table(predictor, asked, source, target, text_column=text_column, note=_say)
    if not summary.complete:
        raise typer.Exit(130)


@app.command(epilog="Example: sentiment evaluate --approach lora --data reviews.csv --confusion confusion.png")
def evaluate(
    approach: ApproachOption,
    data: Annotated[Path, typer.Option("--data", help="CSV, JSONL or parquet with text and label columns.")],
    text_column: Annotated[str, typer.Option("--text-column")] = "text",
    label_column: Annotated[str, typer.Option("--label-column")] = "label",
    confusion: Annotated[Path, typer.Option("--confusion", help="The confusion matrix as PNG.")] = Path(
        "confusion.png"
    ),
    prompt: PromptOption = "house",
    strategy: StrategyOption = Strategy.AS_ASKED,
    weights: WeightsOption = None,
    profile: ProfileOption = None,
) -> None:
    """Accuracy, macro F1, precision and recall on labelled reviews, as JSON; confusion matrix as PNG."""
    if not confusion.parent.is_dir():
        raise DataError(f"--confusion {confusion}: its folder does not exist; create it first")
    reviews = labelled_reviews(data, text_column, label_column)
    for row in reviews.bad:
        _say(f"{data} {row.place}: {row.problem}; left out")
    bench = _workbench(profile, weights)
    asked = _prompt(prompt, bench.profile)
    from sentiment.metrics import evaluate_model
    from sentiment.report.figures import confusion_png

    metrics = evaluate_model(bench.asking(bench.predictor(approach), strategy), reviews, asked)
    confusion_png(metrics, f"{approach} on {data.name}", confusion)
    typer.echo(json.dumps(metrics.as_dict(), indent=1))
    _say(f"confusion matrix: {confusion}")


@app.command(epilog="Example: sentiment params --profile qwen3")
def params(profile: ProfileOption = None) -> None:
    """Parameters of the profile's model: total, trainable and percent for base, sft and lora. No download."""
    chosen, _ = chosen_profile(profile)
    from sentiment.arithmetic import Derivation
    from sentiment.models.parameters import counted

    typer.echo(f"{chosen.model.id}\n{'approach':10}{'total':>16}{'trainable':>16}{'percent':>10}")
    for approach, count in counted(chosen).items():
        typer.echo(f"{approach:10}{count.total:>16,}{count.trainable:>16,}{count.percent:>10.4f}")
    typer.echo("")
    for line in Derivation.of(chosen.model.architecture, chosen.adapter).lines():
        typer.echo(line)


@app.command(epilog="Example: sentiment study --profile smollm2 --output reports/study")
def study(
    profile: ProfileOption = None,
    step: Annotated[
        list[str] | None, typer.Option("--step", metavar="NAME", help="Do this step alone; may be repeated.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do the steps again, also where they are stored.")] = False,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the document goes.")] = Path("reports/study"),
    answers: Annotated[
        Path | None, typer.Option("--answers", help="Where the written answers go; without it, beside the document.")
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
    typer.echo(str(write_study(run_study(bench, step or (), fresh, profile), output, answers, _say)))


@app.command(epilog="Example: sentiment report reports/latest")
def report(run: Annotated[Path, typer.Argument(help="A run folder.")]) -> None:
    """Write a run's report again from its journal, also of a run that was stopped; say what it showed."""
    from sentiment.report.run_folder import original
    from sentiment.report.runs import read_run
    from sentiment.report.safety import visible
    from sentiment.report.write import write_files

    folder = original(run)
    found = read_run(folder)
    typer.echo(str(write_files(folder, found)))
    _say(visible(found.closing_sentence))


@app.command(
    epilog="Example: sentiment compare reports/20260101T120000Z-smollm2-lora reports/latest --output diff.html"
)
def compare(
    before: Annotated[Path, typer.Argument(help="The run folder to hold against.", show_default=False)],
    after: Annotated[Path, typer.Argument(help="The run folder to judge.", show_default=False)],
    predictors: Annotated[
        list[str] | None,
        typer.Option("--predictors", metavar="BEFORE:AFTER", help="Compare these, e.g. lora:sft; may be repeated."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write a page with the sentences.")] = None,
) -> None:
    """What the second run fixes and breaks, on the cases that both judged.

    Exit status 0: no gated behavior is significantly worse; 1: one is; 2: the runs cannot be compared.
    """
    from sentiment.report.run_folder import write_atomically
    from sentiment.report.two_runs import compare_runs
    from sentiment.report.two_runs_page import comparison_html, comparison_lines

    found = compare_runs(before, after, predictors or [])
    for line in comparison_lines(found):
        typer.echo(line)
    if output is not None:
        write_atomically(output, comparison_html(found), remedy="name another file with --output")
        typer.echo(f"page: {output}")
    if found.worse:
        raise typer.Exit(1)


@reports_app.command("list", epilog="Example: sentiment reports list")
def list_runs(reports: ReportsOption = Path("reports")) -> None:
    """The runs, newest first."""
    from sentiment.report.index import rows_of
    from sentiment.report.safety import visible

    for row in rows_of(reports):
        typer.echo(visible(f"{row.folder}  {row.state}"))
        if row.found:
            typer.echo(visible(f"  {row.found}"))


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
        typer.echo(f"deleted: {run}")
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
                typer.echo(f"{_size(path) / 2**20:>10,.1f} MiB  {part.value}/{path.name}")
    typer.echo(f"{_size(root) / 2**20:>10,.1f} MiB  {root}")


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
    go_offline_if_asked()
    try:
        app()
    except SentimentError as error:
        _say(f"error: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        _say("interrupted; what is stored stays, and the same command goes on from there")
        sys.exit(130)
