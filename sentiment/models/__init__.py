"""Tokens, training, scoring and stored weights: the only code that imports torch."""
