"""Commands that train a model, ask it, and count its parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment.cli.app import app
from sentiment.cli.asked import asked_of
from sentiment.cli.options import (
    ApproachOption,
    AskedApproachOption,
    AskedSubjectOption,
    ColumnsOption,
    DelimiterOption,
    EncodingOption,
    OnBaseOption,
    ProfileOption,
    PromptOption,
    StrategyOption,
    TextColumnOption,
    WeightsOption,
)
from sentiment.cli.saying import answer, print_figures, prompt_of, say, workbench
from sentiment.errors import DataError, ModelError, SentimentError
from sentiment.paths import at_home
from sentiment.pipeline import chosen_profile
from sentiment.profiles import load_profile
from sentiment.prompting.ways import Strategy
from sentiment.spellings import Spellings, comma_separated, shown
from sentiment.tables.bulk import checked_table, predict_table
from sentiment.tables.labels import labelled_reviews
from sentiment.tables.layout import Layout
from sentiment.tables.rows import text_problem
from sentiment.types import Approach, Query

if TYPE_CHECKING:
    from sentiment.judging.metrics import Metrics


@app.command(epilog="Example: sentiment train --approach lora --profile tiny")
def train(approach: ApproachOption, profile: ProfileOption = None) -> None:
    """Train sft or lora, unless the very same training is stored already; an interrupted one goes on.

    Several GPUs: accelerate launch --num_processes 2 -m sentiment train --approach lora
    Several CPU processes: torchrun --nproc_per_node 2 -m sentiment train --approach lora
    """
    if approach is Approach.BASE:
        raise SentimentError("--approach base is the model as published: nothing to train; use sft or lora")
    bench = workbench(profile)
    weights = bench.weights(approach)
    record = bench.record(approach)
    from accelerate import PartialState

    if PartialState(cpu=bench.device.type == "cpu").is_main_process:
        typer.echo(json.dumps({"folder": str(weights.path), **record}, indent=1))


@app.command(epilog='Example: sentiment predict --approach lora --text "A film without a dull minute."')
def predict(
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
    approach: AskedApproachOption = None,
    subject: AskedSubjectOption = None,
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
            say(line)
    with asked_of(approach, subject, weights=weights, on_base=on_base, profile=profile, strategy=strategy) as asked:
        house = prompt_of(prompt, asked.bench.profile)
        if source is None or target is None:
            found = asked.predictor.predict([Query(house, text or "")])[0]
            label = None if found.label is None else found.label.word
            print_figures(json.dumps({"label": label, "p_positive": found.p_positive, "label_mass": found.label_mass,
                               "answer": found.text}))  # fmt: skip
            return
        summary = predict_table(
            asked.predictor, house, source, target, text_column=text_column, layout=layout, note=say
        )
        if not summary.complete:  # here, so that what was answered is kept
            raise typer.Exit(130)


@app.command(
    epilog="Example: sentiment evaluate --approach lora --data reviews.csv --label positive=4,5 --label negative=1,2"
)
def evaluate(
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
    approach: AskedApproachOption = None,
    subject: AskedSubjectOption = None,
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
        say(line)
    for row in reviews.bad:
        say(f"{data} {row.place}: {row.said}; left out")
    with asked_of(approach, subject, weights=weights, on_base=on_base, profile=profile, strategy=strategy) as asked:
        house = prompt_of(prompt, asked.bench.profile)
        reviews = reviews.without(asked.learnt)
        from sentiment.judging.metrics import evaluate_model

        metrics = evaluate_model(asked.predictor, reviews, house)
    print_figures(
        json.dumps({**metrics.as_dict(), **reviews.account.as_dict(), "notes": list(reviews.notes)}, indent=1)
    )
    for line in reviews.account.lines():
        say(line)
    _draw(metrics, f"{asked.name} on {data.name}", confusion)
    if reviews.account.lost and not allow_dropped:
        say("so these figures are not over the whole file: exit status 3; --allow-dropped accepts that")
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
    from sentiment.runs.run_folder import write_atomically

    write_atomically(path, confusion_image(metrics, title), remedy="name another file with --confusion")
    say(f"confusion matrix: {path}")


@app.command(epilog="Example: sentiment params --profile qwen3")
def params(profile: ProfileOption = None) -> None:
    """Parameters of the profile's model: total, trainable and percent for base, sft and lora. No download."""
    chosen, _ = chosen_profile(profile)
    from sentiment.models.arithmetic import Derivation
    from sentiment.models.base import architecture
    from sentiment.models.parameters import counted

    answer(chosen.model.id)
    typer.echo(f"{'approach':10}{'total':>16}{'trainable':>16}{'percent':>10}")
    for approach, count in counted(chosen).items():
        typer.echo(f"{approach:10}{count.total:>16,}{count.trainable:>16,}{count.percent:>10.4f}")
    typer.echo("")
    try:
        derived = Derivation.of(architecture(chosen.model).to_dict(), chosen.adapter)
    except ModelError as error:
        answer(str(error))
        return
    for line in derived.lines():
        answer(line)
