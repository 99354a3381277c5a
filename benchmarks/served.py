"""Does a served model answer what our own scorer answers, and how fast is each?

    python -m vllm.entrypoints.openai.api_server --model BASE --served-model-name base \
        --enable-lora --lora-modules lora=ADAPTER --max-model-len 512 --dtype float32 --enforce-eager --host 127.0.0.1
    python -m benchmarks.served --url http://127.0.0.1:8000/v1 --approach lora --rows 1000 --output docs/served.json

The server stands in an environment of its own, on the same machine, and serves the very folders that the profile's
approaches lie in (`--folders` prints them). Real prompts: reviews of the test pool in the house prompt. Both are asked
the same ones, ours first, none of them from a store. A label that differs is listed with what both said. Answers per
second are of one pass each on a machine that does nothing else; model loading is not counted.
"""

from __future__ import annotations

import argparse
import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from sentiment.pipeline import Workbench, chosen_profile, run_facts
from sentiment.predictors.endpoint import EndpointPredictor
from sentiment.predictors.endpoint_facts import Endpoint
from sentiment.types import Approach, Prediction, Query

T = TypeVar("T")


def compare(bench: Workbench, approach: Approach, endpoint: Endpoint, rows: int) -> dict[str, Any]:
    """Labels and speed of both on `rows` test reviews."""
    prompt = bench.profile.house_prompt
    queries = [Query(prompt, review.text) for review in bench.pools.test[:rows]]
    scorer, served = bench.scorer(approach.value, bench.weights(approach)), EndpointPredictor("served", endpoint)
    for each in (scorer, served):
        each.predict(queries[:8])  # what is done once, at first use
    ours, our_seconds = _timed(lambda: scorer.predict(queries))
    theirs, their_seconds = _timed(lambda: served.predict(queries))
    facts = run_facts(bench).as_json()
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "approach": approach.value,
        "prompts": len(queries),
        "labels_that_differ": [
            {"text": query.text, "ours": _said(mine), "served": _said(other)}
            for query, mine, other in zip(queries, ours, theirs, strict=True)
            if mine.label is not other.label
        ],
        "largest_difference_of_p_positive": _largest(ours, theirs),
        "answers_per_second": {
            "ours": round(len(queries) / our_seconds, 2),
            "served": round(len(queries) / their_seconds, 2),
        },
        "served": {
            "url": endpoint.url, "model": endpoint.model, "workers": endpoint.workers, "version": _server(endpoint.url),
            "client": version("openai"),
        },
        **{key: facts[key] for key in ("profile", "model", "device", "dtype", "data", "seed", "versions")},
    }  # fmt: skip


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    done = work()
    return done, time.perf_counter() - begin


def _said(prediction: Prediction) -> dict[str, Any]:
    label = None if prediction.label is None else prediction.label.word
    return {"label": label, "p_positive": prediction.p_positive, "text": prediction.text}


def _largest(ours: list[Prediction], theirs: list[Prediction]) -> float | None:
    pairs = [(a.p_positive, b.p_positive) for a, b in zip(ours, theirs, strict=True)]
    moved = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    return max(moved, default=None)


def _server(url: str) -> str | None:
    """What the server says that it is, as vLLM does beside its `/v1`."""
    with suppress(OSError, ValueError, KeyError), urllib.request.urlopen(url.removesuffix("/v1") + "/version") as told:
        return str(json.loads(told.read())["version"])
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1")
    parser.add_argument("--model", help="as the server calls it (default: the approach)")
    parser.add_argument("--approach", type=Approach, choices=list(Approach), default=Approach.LORA)
    parser.add_argument("--profile")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--output", type=Path, default=Path("served.json"))
    parser.add_argument("--folders", action="store_true", help="print what is to be served, and end")
    asked = parser.parse_args()
    bench = Workbench(chosen_profile(asked.profile)[0])
    if asked.folders:
        print(f"base: {bench.base.path}\n{asked.approach}: {bench.weights(asked.approach).path}")
        return
    endpoint = Endpoint(asked.url, asked.model or asked.approach.value, workers=asked.workers)
    found = compare(bench, asked.approach, endpoint, asked.rows)
    asked.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    speeds = found["answers_per_second"]
    print(f"{len(found['labels_that_differ'])} of {found['prompts']} labels differ; answers per second: {speeds}")


if __name__ == "__main__":
    main()
