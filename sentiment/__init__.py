"""Behavioral tests for sentiment classifiers made from small language models."""

__version__ = "0.1.0"
