"""Prompts to token ids. One renderer serves training and scoring, so the two cannot drift apart.

A training row is `prompt ids + answer ids + end-of-turn id`; a scoring row is exactly its prompt ids.
Where a row would be too long the review is cut at its end; the question and the answer never are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from sentiment.errors import ModelError, PromptError, SentimentError, reason_of
from sentiment.models.limit import time_limit
from sentiment.types import Label, Prompt, Query, Review

IGNORED = -100
"""Label of a token that is not supervised, as `torch.nn.functional.cross_entropy` has it."""
EMPTY_THINK_BLOCK = "<think>\n\n</think>\n\n"
TEMPLATE_SECONDS = 10
"""Time that a chat template may take."""
MOST_RENDERED = 1_000_000
"""Characters that a chat template may make of a prompt without its review."""
_SLOT = "\ue000"  # private use: no template and no wording holds it


@dataclass(frozen=True)
class Frame:
    """A prompt in a model's own format: everything about it but the review."""

    head: str
    tail: str
    answers: tuple[tuple[int, ...], tuple[int, ...]]
    """Token ids of each label's answer, indexed by `Label`, as they follow the rendered prompt."""
    end: int
    """Id of the token that ends the assistant's turn."""
    adds_special_tokens: bool
    """Plain prompts take the tokenizer's own beginning-of-text token; templates write theirs."""
    room: int
    """Most token ids of a rendered prompt, so that the longest answer and the end still fit."""


@dataclass(frozen=True)
class Row:
    """A rendered prompt."""

    ids: list[int]
    cut: bool
    """Whether the review was cut."""


class Renderer:
    """Turns queries into token ids for one tokenizer.

    `max_length` counts prompt and answer together. With `needs_think_block`, or where the chat
    template knows `enable_thinking`, thinking is switched off and the rendered prompt must end with
    the empty think block; `ModelError` if it does not, since the model would then think aloud.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, max_length: int, *, needs_think_block: bool = False) -> None:
        if not tokenizer.is_fast:
            raise ModelError(f"{type(tokenizer).__name__} is a slow tokenizer; only fast ones give character offsets")
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.needs_think_block = needs_think_block or "enable_thinking" in str(tokenizer.chat_template)
        self.frame = lru_cache(maxsize=None)(self._frame)

    def encode(self, queries: Sequence[Query]) -> list[Row]:
        """The rendered prompt of each query, at most `frame(prompt).room` ids long."""
        frames = [self.frame(query.prompt) for query in queries]
        texts = [self._harmless(query.text) for query in queries]
        rows: list[tuple[int, Row]] = []
        for plain in (False, True):  # the flag is per call of the tokenizer
            chosen = [i for i, frame in enumerate(frames) if frame.adds_special_tokens is plain]
            rendered = [frames[i].head + texts[i] + frames[i].tail for i in chosen]
            ids = self.tokenizer(rendered, add_special_tokens=plain).input_ids if chosen else []
            for i, row in zip(chosen, ids, strict=True):
                fits = len(row) <= frames[i].room
                rows.append((i, Row(row, False) if fits else self._cut(frames[i], texts[i])))
        return [row for _, row in sorted(rows, key=lambda pair: pair[0])]

    def supervise(self, query: Query, label: Label) -> dict[str, list[int]]:
        """A training row: `input_ids`, and `labels` that are -100 at every prompt token (Q2.1 to Q2.3)."""
        frame = self.frame(query.prompt)
        prompt = self.encode([query])[0].ids
        response = [*frame.answers[label], frame.end]
        return {"input_ids": prompt + response, "labels": [IGNORED] * len(prompt) + response}

    def first_ids(self, prompt: Prompt, label: Label) -> frozenset[int]:
        """First token ids of the label word's spellings: lower, title and upper case, with and without a space."""
        return frozenset(form[0] for form in self.forms(prompt, label))

    def forms(self, prompt: Prompt, label: Label) -> list[tuple[int, ...]]:
        """Token ids of every spelling of the label word."""
        word = prompt.words[label].strip()
        spellings = {space + w for space in ("", " ") for w in (word, word.lower(), word.capitalize(), word.upper())}
        return sorted({tuple(self._plain_ids(spelling)) for spelling in spellings})

    def stops(self, prompt: Prompt) -> list[int]:
        """Ids that end an answer; padding too, which chat models also write as the end of all text."""
        return sorted({self.frame(prompt).end, self.tokenizer.eos_token_id, self.pad_id})

    @property
    def pad_id(self) -> int:
        """Id that fills up a batch."""
        pad = self.tokenizer.pad_token_id
        return self.tokenizer.eos_token_id if pad is None else pad

    def _frame(self, prompt: Prompt) -> Frame:
        chat = prompt.chat and self.tokenizer.chat_template is not None
        end = self.tokenizer.eos_token_id
        if chat:
            rendered, end = self._through_template(prompt)
        else:
            rendered = prompt.template.replace("{review}", _SLOT)
        head, tail = rendered.split(_SLOT)
        space = "" if (tail or head)[-1:].isspace() else " "
        negative, positive = (tuple(self._plain_ids(space + word.strip())) for word in prompt.words)
        room = self.max_length - max(len(negative), len(positive)) - 1
        bare = len(self.tokenizer(head + tail, add_special_tokens=not chat).input_ids)
        if bare >= room:
            raise PromptError(
                f"prompt {prompt.name!r} takes {bare} tokens without a review, but only {room} of "
                f"max_seq_length {self.max_length} are left beside the answer; shorten it or raise max_seq_length"
            )
        return Frame(head, tail, (negative, positive), end, not chat, room)

    def _through_template(self, prompt: Prompt) -> tuple[str, int]:
        """The rendered prompt with a mark in the review's place, and the id that ends the answer's turn."""
        messages = [{"role": "user", "content": prompt.template.replace("{review}", _SLOT)}]
        if prompt.system is not None:
            messages.insert(0, {"role": "system", "content": prompt.system})
        answered = [*messages, {"role": "assistant", "content": _SLOT + "answer"}]
        try:
            rendered = self._template(messages, add_generation_prompt=True)
            after = self._template(answered, add_generation_prompt=False).rpartition(_SLOT + "answer")[2]
        except SentimentError:
            raise
        except Exception as error:  # a template is foreign code in a sandbox: it can divide by zero
            raise PromptError(
                f"prompt {prompt.name!r}: the model's chat template refuses it: {reason_of(error)}"
            ) from None
        if len(rendered) > MOST_RENDERED:
            raise ModelError(f"prompt {prompt.name!r}: the chat template makes {len(rendered):,} characters of it")
        if rendered.count(_SLOT) != 1:
            raise ModelError(f"prompt {prompt.name!r}: the chat template shows the user's message not exactly once")
        if self.needs_think_block and not rendered.endswith(EMPTY_THINK_BLOCK):
            raise ModelError(
                f"with thinking off, the rendered prompt must end with {EMPTY_THINK_BLOCK!r}, but it ends with "
                f"{rendered[-40:]!r}; use a chat template that honors enable_thinking=False"
            )
        ends = self._plain_ids(after)[:1]
        is_special = bool(ends) and ends[0] in self.tokenizer.all_special_ids
        return rendered, ends[0] if is_special else self.tokenizer.eos_token_id

    def _template(self, messages: list[dict[str, str]], *, add_generation_prompt: bool) -> str:
        with time_limit(TEMPLATE_SECONDS, "the model's chat template"):
            return str(
                self.tokenizer.apply_chat_template(
                    messages, tokenize=False, add_generation_prompt=add_generation_prompt, enable_thinking=False
                )
            )

    def _cut(self, frame: Frame, text: str) -> Row:
        """The longest beginning of the review with which the row fits its room."""
        encoded = self.tokenizer(
            frame.head + text + frame.tail,
            add_special_tokens=frame.adds_special_tokens,
            return_offsets_mapping=True,
        )
        surplus = len(encoded.input_ids) - frame.room
        stop = len(frame.head) + len(text)
        ends = [end for begin, end in encoded.offset_mapping if len(frame.head) < end <= stop and begin < end]
        while True:
            ends = ends[:-surplus] if surplus < len(ends) else []
            kept = text[: ends[-1] - len(frame.head)] if ends else ""
            ids = self.tokenizer(frame.head + kept + frame.tail, add_special_tokens=frame.adds_special_tokens).input_ids
            if len(ids) <= frame.room:
                return Row(ids, True)
            surplus = len(ids) - frame.room  # the cut itself may split a token in two

    @cached_property
    def _control(self) -> re.Pattern[str]:
        tokens = {str(token) for token in self.tokenizer.added_tokens_decoder.values()}
        tokens |= set(self.tokenizer.all_special_tokens)
        worded = sorted((t for t in tokens if len(t) > 1 and not t.isspace()), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, worded)) or r"(?!)")

    def _harmless(self, text: str) -> str:
        """The review with control tokens broken up, so that it cannot end its own turn or open another.

        Lone surrogates become the replacement character: no tokenizer can encode them.
        """
        text = text.encode("utf-8", "replace").decode() if not text.isprintable() and _has_surrogate(text) else text
        return self._control.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text).replace(_SLOT, " ")

    def _plain_ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False).input_ids)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


class InstructionDataset(Dataset):
    """Labelled reviews as supervised rows (Q2): prompt and answer joined, only the answer supervised.

    Item: `{"input_ids": list[int], "labels": list[int]}` of equal length <= the renderer's `max_length`.
    """

    def __init__(self, reviews: Sequence[Review], renderer: Renderer, prompt: Prompt) -> None:
        self.rows = [
            renderer.supervise(Query(prompt, review.text), review.label)
            for review in reviews
            if review.label is not None
        ]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self.rows[index]


def collate(rows: Sequence[dict[str, Any]], pad_id: int) -> dict[str, Tensor]:
    """Rows padded on the right to the longest of the batch (Q2.4): `input_ids`, `labels`, both (B, T).

    Items that hold two renderings of a review give two rows that stand beside each other, and `answers`,
    (2B, 2): the first tokens of the negative and the positive answer. There is no attention mask: padding
    stands behind the answer, where causal attention from a supervised position cannot see it, and PyTorch's
    kernel is faster without one.
    """
    rows = [each for row in rows for each in row.get("renderings", [row])]
    batch = {
        "input_ids": pad_right([row["input_ids"] for row in rows], pad_id),
        "labels": pad_right([row["labels"] for row in rows], IGNORED),
    }
    if "answers" in rows[0]:
        batch["answers"] = torch.tensor([row["answers"] for row in rows])
    return batch


def pad_right(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    """(B, T) int64, T the longest row."""
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[value] * (width - len(row))] for row in rows], dtype=torch.long)
