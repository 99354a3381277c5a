"""The reference: greedy generation, of which only the new tokens are decoded."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import GenerationConfig, PreTrainedModel

from sentiment.models.tokens import Renderer
from sentiment.prompting.answers import parse_answer
from sentiment.types import Label, Prompt, Query


def generate_answers(
    model: PreTrainedModel, rows: Sequence[list[int]], stops: Sequence[int], pad_id: int, max_new_tokens: int
) -> list[list[int]]:
    """New token ids of each row, without what follows the first stop. Rows are padded on the left."""
    width = max(len(row) for row in rows)
    ids = torch.tensor([[pad_id] * (width - len(row)) + row for row in rows], device=model.device)
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=model.device)
    config = GenerationConfig(
        max_new_tokens=max_new_tokens, do_sample=False, eos_token_id=list(stops), pad_token_id=pad_id
    )
    with torch.inference_mode():
        output = model.generate(input_ids=ids, attention_mask=mask, generation_config=config)  # type: ignore[operator]
    return [_until_stop(row, stops) for row in output[:, width:].tolist()]


def _until_stop(ids: list[int], stops: Sequence[int]) -> list[int]:
    end = next((i for i, token in enumerate(ids) if token in stops), len(ids))
    return ids[:end]


def predict_sentiment(
    model: PreTrainedModel, renderer: Renderer, prompt: Prompt, text: str, max_new_tokens: int = 8
) -> Label | None:
    """The label of one review, the plain way (Q3.1, Q3.2): generate, decode only what was generated, extract.

    None when the answer holds neither label or both. `score.ModelPredictor` gives the same labels faster.
    """
    row = renderer.encode([Query(prompt, text)])[0].ids
    tokenizer = renderer.tokenizer
    answer = generate_answers(model, [row], renderer.stops(prompt), renderer.pad_id, max_new_tokens)[0]
    return parse_answer(str(tokenizer.decode(answer, skip_special_tokens=True)), prompt.words)
