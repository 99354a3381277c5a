"""Contracts of the harness itself: what has to hold before any number means something."""

from __future__ import annotations

from sentiment.assessment import noise_floor
from sentiment.models.predictions import StoredPredictor
from sentiment.pipeline import Workbench
from sentiment.types import Approach, Predictor, Query

ROWS = 16


def test_labels_do_not_depend_on_the_batch(predictor: StoredPredictor, workbench: Workbench) -> None:
    """The same review gets the same label alone, in a batch, in reverse order and padded to a long one."""
    noise = noise_floor(workbench, predictor)
    assert noise.flips == 0, f"{noise.flips} of {noise.queries} reviews changed their label with the batch"


def test_labels_equal_generate(predictor: Predictor, approach: Approach, workbench: Workbench) -> None:
    """The fast predictor gives the very labels that generating answers one by one gives."""
    from sentiment.models.generate import predict_sentiment

    model = predictor.model  # type: ignore[attr-defined]
    prompt = workbench.profile.house_prompt
    texts = [review.text for review in workbench.material.suite[:ROWS]]
    fast = [prediction.label for prediction in predictor.predict([Query(prompt, text) for text in texts])]
    slow = [
        predict_sentiment(model.model, model.renderer, prompt, text, workbench.profile.scoring.max_new_tokens)
        for text in texts
    ]
    assert fast == slow
