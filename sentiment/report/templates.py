"""The template engine of every page: all strings are escaped, and nothing hidden in them stays hidden."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sentiment.judging.judge import excused_flips
from sentiment.report.signs import SIGNS
from sentiment.safety import visible

FOLDER = Path(__file__).parent


def render(template: str, **values: Any) -> str:
    """A page from its template. `style` and `script`, with the hashes that its policy admits, are at hand."""
    return _engine().get_template(template).render(values)


def percent(share: float | None, digits: int = 1) -> str:
    """E.g. `5.0 %`, with a space that does not break."""
    return "–" if share is None or share != share else f"{100 * share:.{digits}f}\u00a0%"


def p_value(value: float) -> str:
    """Two digits are all that a p-value is worth."""
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def p_is(value: float) -> str:
    """The same within a sentence: `p = 0.02`, `p < 0.0001`."""
    return f"p {p_value(value)}" if value < 0.0001 else f"p = {p_value(value)}"


def embedded_json(value: Any) -> Markup:
    """JSON that may stand in a script element of another type: it can end neither the element nor a line."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


@cache
def _engine() -> Environment:
    engine = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    engine.filters |= {"percent": percent, "p_value": p_value, "p_is": p_is}
    engine.globals |= {"signs": SIGNS, "excused_flips": excused_flips}
    for name, file in (("style", "style.css.j2"), ("script", "report.js.j2")):
        text = (FOLDER / file).read_text(encoding="utf-8")
        engine.globals |= {name: Markup(text), f"{name}_hash": _hash(text)}
    return engine


def _hash(text: str) -> str:
    """The source expression of a content security policy that admits this very text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
