"""Classifiers that read no meaning: what a language model must beat to have learned anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentiment.cache import digest_of
from sentiment.errors import DataError
from sentiment.types import Label, Prediction, Query, Review, shares_of

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_RECIPE = 1
"""Raised by hand when the word counter is built differently."""


@dataclass(frozen=True)
class ConstantPredictor:
    """Answers the same label to everything."""

    label: Label

    @property
    def name(self) -> str:
        """`constant`."""
        return "constant"

    @property
    def fingerprint(self) -> str:
        """The label it answers."""
        return f"constant-{self.label.word}"

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """The label, with certainty, once per query."""
        certainty = shares_of(float(self.label))
        return [Prediction(self.label, certainty, text=query.prompt.words[self.label]) for query in queries]


@dataclass(frozen=True)
class WordCountPredictor:
    """Logistic regression on TF-IDF weights of words and word pairs; sees the review, not the prompt."""

    model: Pipeline
    fingerprint: str
    """Of the rows it was fitted on, the recipe, and the library's version."""

    @property
    def name(self) -> str:
        """`tf-idf`."""
        return "tf-idf"

    @staticmethod
    def fit(reviews: Sequence[Review]) -> WordCountPredictor:
        """Fitted on labelled reviews: the very rows that the models are trained on.

        Raises `DataError` when a label is missing, a class is missing, or no text holds a word.
        """
        import sklearn  # here: it takes longer to load than most commands take
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        labels = [None if review.label is None else int(review.label) for review in reviews]
        if set(labels) != {0, 1}:
            raise DataError(f"the word-count floor needs labelled reviews of both classes, got {len(reviews)} reviews")
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
        )
        try:
            model.fit([review.text for review in reviews], labels)
        except ValueError as error:
            raise DataError(f"the word-count floor cannot be fitted on {len(reviews)} reviews: {error}") from None
        facts = [
            _RECIPE,
            sklearn.__version__,
            [[review.text, label] for review, label in zip(reviews, labels, strict=True)],
        ]
        return WordCountPredictor(model, f"tf-idf-{digest_of(facts)}")

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One answer per query: the more probable class."""
        if not queries:
            return []
        shares = self.model.predict_proba([query.text for query in queries])[:, 1]
        return [_answer(query, float(share)) for query, share in zip(queries, shares, strict=True)]


def _answer(query: Query, p_positive: float) -> Prediction:
    label = Label.POSITIVE if p_positive > 0.5 else Label.NEGATIVE
    return Prediction(label, shares_of(p_positive), text=query.prompt.words[label])
