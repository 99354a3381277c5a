"""A query as a chat model is asked it, by whoever asks."""

from __future__ import annotations

from sentiment.types import Query


def messages_of(query: Query) -> list[dict[str, str]]:
    """The system message, where there is one, and the user's: the prompt with the review in its place.

    A prompt that is meant as plain text is the user's too; what UTF-8 cannot hold is a question mark.
    """
    before, after = query.prompt.halves
    text = (before + query.text + after).encode("utf-8", "replace").decode()
    messages = [{"role": "user", "content": text}]
    system = query.prompt.system
    return messages if system is None else [{"role": "system", "content": system}, *messages]
