"""Where reviews come from, and which pool each belongs to."""
