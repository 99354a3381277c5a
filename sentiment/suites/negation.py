"""Negation: a denied quality is blame, a denied fault is praise, and two denials are none."""

from sentiment.suites.reading import behaviors_of

BEHAVIORS = behaviors_of("negation")
