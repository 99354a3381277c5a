"""Speed of scoring and of training, beside what a user would run instead, in one run on the same prompts.

    python -m benchmarks.speed --output docs/speed.json
    python -m benchmarks.speed --only training --precision bf16

On the CPU, in one precision on both sides; timings are medians of interleaved repeats, model loading excluded.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.matmul import peak
from benchmarks.scoring import measure_scoring
from benchmarks.training import measure_training
from sentiment.models.device import DTYPES
from sentiment.models.given import Weights
from sentiment.models.tokens import InstructionDataset
from sentiment.pipeline import Workbench, chosen_profile, run_facts
from sentiment.profiles import Profile
from sentiment.types import Approach, Review


def joined(reviews: tuple[Review, ...], sentences: int) -> list[Review]:
    """Long reviews: neighbors of one label, joined."""
    by_label = [[r for r in reviews if r.label is label] for label in {r.label for r in reviews}]
    return [
        Review(rows[i].id, " ".join(r.text for r in rows[i : i + sentences]), rows[i].label)
        for rows in by_label
        for i in range(0, len(rows) - sentences + 1, sentences)
    ]


def measure(bench: Workbench, only: str | None, prompts: int, rows: int, repeats: int) -> dict[str, Any]:
    """All tables, or `only` those of scoring or training, with what they were measured on."""
    figures = bench.profile.model.architecture
    precision = bench.profile.lora.precision
    best = peak(DTYPES[precision], figures["hidden_size"], figures["intermediate_size"])
    tables: dict[str, Any] = {}
    if only != "training":
        scorer = bench.scorer("lora", bench.weights(Approach.LORA))
        texts = [review.text for review in bench.pools.test[:prompts]]
        tables[f"scoring, {prompts} short prompts"] = measure_scoring(
            scorer, bench.profile.house_prompt, texts, repeats, best
        )
    if only != "scoring":
        tables |= _training_tables(bench, rows, repeats, best)
    facts = {key: run_facts(bench).as_json()[key] for key in ("profile", "model", "device", "versions")}
    sizes = {"prompts": prompts, "rows": rows, "repeats": repeats}
    return {**facts, **sizes, "precision": precision, "matmul peak GFLOP/s": round(best / 1e9), "tables": tables}


def _training_tables(bench: Workbench, rows: int, repeats: int, best: float) -> dict[str, Any]:
    profile, base = bench.profile, bench.base
    renderer = bench.renderer(Weights(base, None, base.fingerprint))
    kinds = {"short": list(bench.pools.train[:rows]), "long": joined(bench.pools.train, 10)[: max(8, rows // 4)]}
    return {
        f"training {approach}, {name} reviews": measure_training(
            profile,
            approach,
            base,
            renderer,
            InstructionDataset(reviews, renderer, profile.house_prompt),
            repeats,
            best,
        )
        for name, reviews in kinds.items()
        for approach in (Approach.LORA, Approach.SFT)
    }


def _on_cpu(name: str | None, precision: str) -> Profile:
    profile, _ = chosen_profile(name or "smollm2")
    exact = {"precision": precision}
    return profile.model_copy(
        update={
            "model": profile.model.model_copy(update={"device": "cpu"}),
            "sft": profile.sft.model_copy(update=exact),
            "lora": profile.lora.model_copy(update=exact),
            "scoring": profile.scoring.model_copy(update=exact),
        }
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", help="qwen3, smollm2, tiny or a TOML file")
    parser.add_argument("--only", choices=["scoring", "training"])
    parser.add_argument("--prompts", type=int, default=256, help="to score")
    parser.add_argument("--rows", type=int, default=64, help="to train on")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--output", type=Path, help="where the JSON goes")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32", help="bf16 for training only")
    options = parser.parse_args()
    if options.precision != "fp32" and options.only != "training":
        parser.error("--precision bf16 goes with --only training: the loop of generate answers in fp32")
    bench = Workbench(_on_cpu(options.profile, options.precision), progress=False)
    found = measure(bench, options.only, options.prompts, options.rows, options.repeats)
    for name, table in found["tables"].items():
        print(f"\n{name}\n{pd.DataFrame(table).to_string(index=False)}")
    if options.output:
        options.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
