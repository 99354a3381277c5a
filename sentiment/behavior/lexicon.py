"""Words for sentences about films.

Every word of a list fits every frame that names the list: praise is graded so that its negation is
blame ("not good"; "not superb" would be no blame), and blame so that its negation is praise.
"""

from __future__ import annotations

FILMS = ("film", "movie", "picture", "drama", "comedy", "thriller", "sequel", "remake")
"""The work as a whole, countable."""

ASPECTS = ("acting", "plot", "script", "dialogue", "pacing", "editing", "directing", "camera work", "story", "score")
"""What a film is made of, singular, after "the"."""

PEOPLE = ("director", "lead actor", "lead actress", "writer", "young star", "supporting cast")
"""Who made it, singular, after "the"."""

PRAISE = ("good", "interesting", "enjoyable", "engaging", "entertaining", "likable", "worthwhile")
"""Of a film; denying it blames."""

QUALITIES = ("good", "convincing", "engaging", "impressive", "effective", "interesting")
"""Praise of an aspect; denying it blames."""

VIRTUES = ("charm", "wit", "heart", "imagination", "originality", "energy", "intelligence", "warmth")
"""What a film may have, uncountable."""

BLAME = ("boring", "dull", "tedious", "tiresome", "predictable", "lifeless", "annoying")
"""Of a film; denying it praises."""

FLAWS = ("clumsy", "lazy", "sloppy", "dull", "weak", "tiresome")
"""Blame of an aspect; denying it praises."""

VICES = ("flaws", "dull moments", "weak links", "clichés", "false notes", "wasted scenes")
"""What a film may have, plural."""

FAILINGS = ("drags", "disappoints", "bores", "runs out of ideas", "loses its way", "lets you down")
"""What a film may do to its audience, third person."""

UNITS = ("minute", "scene", "line", "shot", "word", "second")
"""Parts of a film, countable."""

MOVIES = {
    "film": FILMS,
    "aspect": ASPECTS,
    "person": PEOPLE,
    "praise": PRAISE,
    "quality": QUALITIES,
    "virtue": VIRTUES,
    "blame": BLAME,
    "flaw": FLAWS,
    "vices": VICES,
    "fails": FAILINGS,
    "unit": UNITS,
}
"""The lexicon by slot name."""
