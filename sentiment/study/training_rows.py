"""Training rows, shown on the profile's own reviews: their parts, their lengths, a batch of them (Q2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentiment.models.tokens import IGNORED, InstructionDataset, Renderer, collate
from sentiment.types import Label, Prompt, Query, Review


@dataclass(frozen=True)
class TrainingRow:
    """A training row, taken apart where its supervised tokens begin (Q2.1, Q2.2)."""

    label: str
    prompt: str
    response: str
    prompt_tokens: int
    response_ids: tuple[int, ...]
    labels: tuple[int, ...]
    """Of the response."""


@dataclass(frozen=True)
class RowLengths:
    """How long the training rows are, in tokens, and how many reviews were cut to fit (Q2.3)."""

    count: int
    shortest: int
    median: int
    longest: int
    most: int
    """Tokens that a row may have."""
    cut: int
    supervised: Mapping[int, int]
    """Supervised tokens -> rows that have so many."""


@dataclass(frozen=True)
class LongReview:
    """A review that fits no row, in tokens, and the end of the row that it becomes."""

    whole: int
    row: int
    end: str


@dataclass(frozen=True)
class PaddedBatch:
    """Rows padded to one length (Q2.4)."""

    lengths: tuple[int, ...]
    shape: tuple[int, ...]
    padding: int
    """Positions."""
    padding_supervised: int


def taken_apart(renderer: Renderer, review: Review, row: dict[str, list[int]]) -> TrainingRow:
    """The row that the review became."""
    assert review.label is not None  # a training row has one
    begin = row["labels"].count(IGNORED)
    return TrainingRow(
        label=review.label.word,
        prompt=_decoded(renderer, row["input_ids"][:begin]),
        response=_decoded(renderer, row["input_ids"][begin:]),
        prompt_tokens=begin,
        response_ids=tuple(row["input_ids"][begin:]),
        labels=tuple(row["labels"][begin:]),
    )


def row_lengths(
    renderer: Renderer, house: Prompt, reviews: Sequence[Review], dataset: InstructionDataset
) -> RowLengths:
    """Of the rows that the reviews became."""
    lengths = sorted(len(row["input_ids"]) for row in dataset.rows)
    encoded = renderer.encode([Query(house, review.text) for review in reviews])
    return RowLengths(
        count=len(lengths),
        shortest=lengths[0],
        median=lengths[len(lengths) // 2],
        longest=lengths[-1],
        most=renderer.max_length,
        cut=sum(row.cut for row in encoded),
        supervised=dict(Counter(sum(label != IGNORED for label in row["labels"]) for row in dataset.rows)),
    )


def long_review(renderer: Renderer, house: Prompt, review: Review) -> LongReview:
    """The review, repeated until it has twice the tokens that a row may have."""
    tokens = len(renderer.tokenizer(review.text).input_ids)
    text = " ".join([review.text] * (2 * renderer.max_length // tokens + 1))
    row = renderer.supervise(Query(house, text), Label.POSITIVE)
    end = [token for token, label in zip(row["input_ids"], row["labels"], strict=True) if label != IGNORED]
    return LongReview(
        whole=len(renderer.tokenizer(text).input_ids), row=len(row["input_ids"]), end=_decoded(renderer, end)
    )


def padded_batch(renderer: Renderer, rows: Sequence[dict[str, list[int]]]) -> PaddedBatch:
    """The rows as one batch."""
    batch = collate(rows, renderer.pad_id)
    lengths = [len(row["input_ids"]) for row in rows]
    padding = [labels[length:] for labels, length in zip(batch["labels"].tolist(), lengths, strict=True)]
    return PaddedBatch(
        lengths=tuple(lengths),
        shape=tuple(batch["input_ids"].shape),
        padding=sum(map(len, padding)),
        padding_supervised=sum(label != IGNORED for row in padding for label in row),
    )


def _decoded(renderer: Renderer, ids: Sequence[int]) -> str:
    return str(renderer.tokenizer.decode(list(ids)))
