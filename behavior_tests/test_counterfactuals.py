"""Pairs of your own, given with `--behavior-pairs FILE`: both the original and the revised review get their label.

The public counterfactual sets fit: columns `original`, `revised` and `label`, or two rows a pair with one `batch_id`,
in CSV, TSV or JSONL. Mind that all originals of the counterfactually augmented IMDB reviews are IMDB training rows.
"""

from sentiment.plugin import pair_behaviors


def behaviors(config):
    """One per file."""
    return pair_behaviors(config)


def test_behavior(judged_behavior) -> None:
    """Each file's pairs keep their budget."""
    judged_behavior.keeps_its_promise()
