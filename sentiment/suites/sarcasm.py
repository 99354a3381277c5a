"""Sarcasm: words of praise that mean blame, told apart from the same words meant as they stand."""

from sentiment.suites.reading import behaviors_of

BEHAVIORS = behaviors_of("sarcasm")
