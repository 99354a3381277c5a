"""What hypothesis draws from; the parts themselves are the package's."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from sentiment.types import Prompt
from sentiment.wordings import OPTIONS, Parts


def wordings() -> st.SearchStrategy[Parts]:
    """Any composition of parts; shrinks towards the house's options."""
    return st.builds(Parts, **{part: st.sampled_from(list(options)) for part, options in OPTIONS.items()})


def wordings_of(prompts: Sequence[Prompt]) -> st.SearchStrategy[Parts]:
    """The parts of these composed prompts; shrinks towards those with the fewest changes."""
    return st.sampled_from(sorted((Parts(**prompt.parts) for prompt in prompts), key=lambda parts: len(parts.changed)))
