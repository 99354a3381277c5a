"""How far does the first look's margin lie from the exact one, and could it ever pick another answer?

    python -m benchmarks.near_ties --approach lora --formats 25 --reviews 60

Reviews of the suite pool in composed prompt formats, each looked at in the reduced number format and in fp32.
A flip is a row whose best token leads elsewhere; its margin in the first look says how high the bound must be
(`sentiment.models.score.NEAR_TIE`). Exits 1 where a flip's margin reaches the bound.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from sentiment.models.meaning import Look, Meaning
from sentiment.models.score import NEAR_TIE, ModelPredictor
from sentiment.pipeline import Workbench, chosen_profile, run_facts
from sentiment.prompting.wordings import sample_prompts
from sentiment.types import Approach, Prompt, Query

SHARES = (0.5, 0.99, 0.999, 1.0)
MARGINS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5)


def looked_at(scorer: ModelPredictor, prompt: Prompt, texts: list[str]) -> Iterator[tuple[Look, Look, bool]]:
    """The first look, the exact one, and whether both lead to the same answer or the first is not trusted; per text."""
    rows = scorer.renderer.encode([Query(prompt, text) for text in texts])
    meaning = Meaning(scorer.renderer, prompt)
    with torch.inference_mode():
        first, exact = (dict(scorer._looks(m, rows, meaning)) for m in (scorer._fast_model, scorer.model))
    for i in range(len(rows)):
        one, other = first[i][0], exact[i][0]
        trusted = meaning.settles(one.token)  # else fp32 answers whatever the margin
        yield one, other, not trusted or meaning.outcome(one.token) == meaning.outcome(other.token)


def compare(bench: Workbench, approach: Approach, formats: int, reviews: int) -> dict[str, Any]:
    """Errors of the margin, margins of the flips, and how many rows lie below some margins."""
    scorer = bench.scorer(approach.value, bench.weights(approach))
    material = bench.material
    texts = [review.text for review in material.suite[:reviews]]
    prompts = sample_prompts(formats, material.seed, material.prompt)
    looks = [look for prompt in tqdm(prompts, desc="formats") for look in looked_at(scorer, prompt, texts)]
    facts = run_facts(bench).as_json()
    bound = NEAR_TIE[scorer.precision]
    same = sorted(abs(first.margin - exact.margin) for first, exact, agree in looks if agree)
    flips = sorted(round(first.margin, 3) for first, _, agree in looks if not agree)
    return {
        "approach": approach.value,
        "rows": len(looks),
        "bound": bound,
        "margin_error": {share: round(same[int(share * (len(same) - 1))], 3) for share in SHARES if same},
        "flips": len(flips),
        "largest_margins_of_flips": flips[-5:],
        "share_below": {m: round(sum(first.margin < m for first, _, _ in looks) / len(looks), 3) for m in MARGINS},
        **{key: facts[key] for key in ("model", "device", "dtype", "versions")},
    }


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", help="qwen3, smollm2, tiny or a TOML file")
    parser.add_argument("--approach", type=Approach, default=Approach.LORA, choices=list(Approach))
    parser.add_argument("--formats", type=int, default=25)
    parser.add_argument("--reviews", type=int, default=60)
    parser.add_argument("--output", type=Path, help="where the JSON goes; else to the terminal")
    options = parser.parse_args()
    bench = Workbench(chosen_profile(options.profile)[0])
    if bench.scoring_precision == "fp32":
        parser.error("this profile looks at everything in fp32 on this device; there is no first look to compare")
    found = compare(bench, options.approach, options.formats, options.reviews)
    text = json.dumps(found, indent=1)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 1 if any(margin >= found["bound"] for margin in found["largest_margins_of_flips"]) else 0


if __name__ == "__main__":
    raise SystemExit(main())
