"""A model folder with a profile's architecture and random weights: what a model costs, where its weights cannot be had.

    python -m benchmarks.random_model --profile qwen3 --output random-qwen3
    sentiment train --approach sft --profile docs/examples/qwen3-random.toml

Text is cut into tokens as by the embedded model, whose tokenizer goes along with a chat template that ends in the
empty think block. Its answers mean nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase

from sentiment.errors import ModelError, SentimentError
from sentiment.models.base import architecture, base_model
from sentiment.models.folders import load_tokenizer
from sentiment.models.tiny import CHAT_TEMPLATE
from sentiment.profiles import ModelSettings, load_profile


def write_random_model(settings: ModelSettings, tokenizer: PreTrainedTokenizerBase, folder: Path) -> int:
    """Write the folder; returns the model's number of parameters.

    Raises `ModelError` for a tokenizer with more tokens than the architecture has.
    """
    config = architecture(settings)
    if len(tokenizer) > config.vocab_size:
        raise ModelError(
            f"the tokenizer has {len(tokenizer)} tokens, the architecture {config.vocab_size}; name a profile with a "
            "larger vocab_size"
        )
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return sum(parameter.numel() for parameter in model.parameters())


def main() -> None:
    """Write one folder and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="qwen3", help="whose architecture (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path("random-qwen3"), help="folder (default: %(default)s)")
    asked = parser.parse_args()
    tokenizer = load_tokenizer(base_model(load_profile("smollm2").model))
    tokenizer.chat_template = CHAT_TEMPLATE.replace("<|turn|>", "<|im_start|>").replace("<|end|>", "<|im_end|>")
    try:
        count = write_random_model(load_profile(asked.profile).model, tokenizer, asked.output)
    except SentimentError as error:
        raise SystemExit(f"error: {error}") from None
    print(f"{asked.output}: {count:,} random parameters")


if __name__ == "__main__":
    main()
