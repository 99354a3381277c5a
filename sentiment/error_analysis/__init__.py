"""Why a classifier fails: searches for the smallest cause."""
