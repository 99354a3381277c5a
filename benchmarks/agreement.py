"""Do the fast predictor's labels equal those of `generate`, asked one by one?

    python -m benchmarks.agreement --approach lora --rows 1000 --output docs/agreement-lora.json

Real prompts: reviews of the test pool in the house prompt. Every disagreement is listed with its text and answer.
Zero in 1,000 bounds the true rate at 0.3 % (95 %, rule of three). Exits 1 on any disagreement.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sentiment.models.generate import predict_sentiment
from sentiment.models.score import NEAR_TIE
from sentiment.pipeline import Workbench, chosen_profile, run_facts
from sentiment.types import Approach, Label, Prediction, Query


def compare(bench: Workbench, approach: Approach, rows: int) -> dict[str, Any]:
    """Labels of both ways on `rows` test reviews, and how long each took (seconds)."""
    prompt = bench.profile.house_prompt
    scorer = bench.scorer(approach.value, bench.weights(approach))
    texts = [review.text for review in bench.pools.test[:rows]]
    begin = time.perf_counter()
    fast = scorer.predict([Query(prompt, text) for text in texts])
    fast_seconds = time.perf_counter() - begin
    facts = run_facts(bench).as_json()
    longest = bench.profile.scoring.max_new_tokens
    reference: Any = copy.deepcopy(scorer.model)
    reference.set_attn_implementation("sdpa")  # nothing of ours
    begin = time.perf_counter()
    slow = [
        predict_sentiment(reference, scorer.renderer, prompt, text, longest)
        for text in tqdm(texts, desc="generate, one by one")
    ]
    slow_seconds = time.perf_counter() - begin
    return {
        "approach": approach.value,
        "prompts": len(texts),
        "disagreements": disagreements(texts, fast, slow),
        "unanswered": sum(label is None for label in slow),
        "settled_by_the_first_token": len(texts) - scorer.generated,
        "near_tie_margin": NEAR_TIE[scorer.precision],
        "fast_seconds": round(fast_seconds, 1),
        "generate_seconds": round(slow_seconds, 1),
        **{key: facts[key] for key in ("profile", "model", "weights", "device", "dtype", "data", "seed", "versions")},
    }


def disagreements(
    texts: Sequence[str], fast: Sequence[Prediction], slow: Sequence[Label | None]
) -> list[dict[str, str | None]]:
    """Texts whose labels differ."""
    return [
        {"text": text, "fast": _word(one.label), "generate": _word(other), "answer": one.text}
        for text, one, other in zip(texts, fast, slow, strict=True)
        if one.label is not other
    ]


def _word(label: Label | None) -> str | None:
    return None if label is None else label.word


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", help="qwen3, smollm2, tiny or a TOML file")
    parser.add_argument("--approach", type=Approach, default=Approach.LORA, choices=list(Approach))
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--precision", choices=["auto", "fp32", "bf16", "fp16"], help="of the first look")
    parser.add_argument("--output", type=Path, help="where the JSON goes; else to the terminal")
    options = parser.parse_args()
    profile, _ = chosen_profile(options.profile)
    if options.precision:
        scoring = profile.scoring.model_copy(update={"precision": options.precision})
        profile = profile.model_copy(update={"scoring": scoring})
    found = json.dumps(compare(Workbench(profile), options.approach, options.rows), indent=1)
    if options.output:
        options.output.write_text(found + "\n", encoding="utf-8")
    print(found)
    return 1 if json.loads(found)["disagreements"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
