"""Says which Python is needed before pip compares a hundred pins; the package itself is described in pyproject.toml."""

import sys

from setuptools import setup

if sys.version_info < (3, 11):  # noqa: UP036  (older ones run this file, and only this one)
    sys.exit(f"sentiment-behavior needs Python 3.11 or newer, this is {sys.version_info[0]}.{sys.version_info[1]}")

setup()
