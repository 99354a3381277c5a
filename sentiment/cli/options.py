"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentiment.paths import at_home
from sentiment.prompting.ways import Strategy
from sentiment.types import Approach

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

SubjectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--subject",
        metavar="NAME[=KIND:TARGET]",
        help="A classifier of your own: by its name in pyproject.toml, or mine=python:module:function, "
        "mine=model:FOLDER, mine=classifier:FOLDER, mine=endpoint:URL#MODEL, mine=answers:FILE.",
    ),
]
AskedApproachOption = Annotated[Approach | None, typer.Option("--approach", help="base, sft or lora.")]
AskedSubjectOption = Annotated[
    str | None,
    typer.Option(
        "--subject",
        metavar="NAME[=KIND:TARGET]",
        help="A classifier of your own: by its name in pyproject.toml, or as in sentiment judge.",
    ),
]
SuiteOption = Annotated[
    list[str] | None,
    typer.Option("--suite", metavar="NAME", help="This suite alone; may be repeated."),
]
FilesOption = Annotated[
    list[Path] | None,
    typer.Option("--files", parser=at_home, metavar="FILE", help="Behaviors of your own (YAML or CSV)."),
]
PairsOption = Annotated[
    list[Path] | None,
    typer.Option("--pairs", parser=at_home, metavar="FILE", help="Pairs of an original and a flipped review."),
]
QuickOption = Annotated[bool, typer.Option("--quick", help="Fewer cases and little training: a first look.")]

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
