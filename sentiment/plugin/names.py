"""What the plugin's parts know each other by; nothing is imported here, so that it can sleep."""

SUBJECT, BEHAVIOR = "behavior_subject", "judged_behavior"
"""The fixtures that make an item one of ours; the second depends on the first."""
FOLDER = "behavior_folder"
"""Attribute of reports on tests of ours: the run folder; empty while there is none."""
