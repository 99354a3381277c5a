"""The order of things: settings -> reviews -> subjects -> session -> run folder. Nothing else knows it."""

from sentiment.pipeline.chosen import chosen_profile, go_offline_if_asked
from sentiment.pipeline.facts import run_facts
from sentiment.pipeline.workbench import Workbench

__all__ = ["Workbench", "chosen_profile", "go_offline_if_asked", "run_facts"]
