"""Processes that begin with the model half loaded: importing it takes longer than most of what they are for."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.process import BaseProcess

LOADED = multiprocessing.get_context("forkserver")
"""Each process is forked from one that has imported these modules, and done nothing with them."""
LOADED.set_forkserver_preload(["sentiment.models.store", "sentiment.models.cost", "sentiment.cli"])


def started(target: Callable[..., object], *arguments: object, **variables: str) -> BaseProcess:
    """A process that calls the function with these variables in its environment."""
    process = LOADED.Process(target=_call, args=(target, arguments, variables), daemon=True)
    process.start()
    return process


def _call(target: Callable[..., object], arguments: tuple[object, ...], variables: dict[str, str]) -> None:
    os.environ.update(variables)
    target(*arguments)
