"""Label flips: a few words are changed, and a review says the opposite."""

from sentiment.suites.reading import behaviors_of

BEHAVIORS = behaviors_of("label_flips")
