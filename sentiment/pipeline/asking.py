"""The profile's ways of asking a predictor, which depend less on the wording."""

from __future__ import annotations

from sentiment.errors import DataError
from sentiment.pipeline.corpus import Corpus
from sentiment.prompting.ways import Calibrated, Canonical, Ensemble, Forced, Strategy
from sentiment.prompting.wordings import training_prompts
from sentiment.types import Predictor


def asked_by(strategy: Strategy, predictor: Predictor, corpus: Corpus) -> Predictor:
    """The predictor, asked that way; sizes as in the profile's `study`. Raises `DataError` where texts are lacking."""
    profile = corpus.profile
    house, sizes = profile.house_prompt, profile.study
    if strategy is Strategy.CANONICAL:
        return Canonical(predictor, house)
    if strategy is Strategy.FORCED:
        return Forced(predictor)
    if strategy is Strategy.CALIBRATED:  # texts that no training saw: it is surer of those that it did
        texts = tuple(review.text for review in corpus.pools.validation[: sizes.unlabelled])
        if not texts:
            raise DataError(f"strategy {strategy.value} needs texts of a validation pool; {profile.name!r} has none")
        return Calibrated(predictor, texts)
    if strategy is Strategy.ENSEMBLE:
        return Ensemble(predictor, training_prompts(sizes.ensemble, profile.data.seed, house))
    return predictor
