"""A run on disk: facts, journal, folder; and a run as one value."""
