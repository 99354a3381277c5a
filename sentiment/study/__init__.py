"""The assignment's experiments and their write-up; `run.py` knows their order."""
