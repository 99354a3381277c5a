"""Behaviors of your own: every YAML and CSV file beside this module, and those of `--behavior-files`.

`docs/behaviors.md` shows how to write one.
"""

from sentiment.plugin import own_behaviors


def behaviors(config):
    """Those of the files."""
    return own_behaviors(config, beside=__file__)


def test_behavior(judged_behavior) -> None:
    """Each behavior keeps its promise."""
    judged_behavior.keeps_its_promise()
