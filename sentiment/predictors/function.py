"""Any Python function from texts to sentiments as a predictor."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any, cast

from sentiment.errors import SubjectError, reason_of, shown
from sentiment.spellings import is_neither, is_numbered, known, spelling
from sentiment.types import Label, Prediction, Query, shares_of

Function = Callable[[list[str]], Sequence[Any]]
"""Texts in; for each a label (as in users' tables: positive, 1, True ...), P(positive), a mapping of shares, or None
for no answer."""
ENOUGH = 1e-3
"""How far shares may be from adding up to 1: they are rounded where they come from."""


@dataclass(frozen=True)
class FunctionPredictor:
    """Asks the function about texts; it sees no prompt."""

    name: str
    function: Function

    @property
    def fingerprint(self) -> str:
        """Nothing that is written in a function says what it will answer."""
        return ""

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order.

        Raises `SubjectError`, with the text, where the function raises, gives another number of answers, or gives
        what is no answer.
        """
        texts = list(dict.fromkeys(query.text for query in queries))
        try:
            given = self.function(list(texts))
        except (Exception, SystemExit) as error:  # a script that ends itself must not end a judgement
            what = f"{type(error).__name__}: {reason_of(error)}"
            raise SubjectError(f"{self.name}: the function raised {what} on {_first(texts)}") from error
        answers = _listed(given)
        if answers is None:
            shape = f" of shape {given.shape}" if hasattr(given, "shape") else ""
            raise SubjectError(
                f"{self.name}: a list of answers is wanted, got a {type(given).__name__}{shape} for {_first(texts)}"
            )
        if len(answers) != len(texts):
            raise SubjectError(
                f"{self.name}: {len(texts)} texts got {len(answers)} answers; the texts are {_first(texts)}"
            )
        found = {text: self._prediction(text, answer) for text, answer in zip(texts, answers, strict=True)}
        return [found[query.text] for query in queries]

    def _prediction(self, text: str, answer: Any) -> Prediction:
        try:
            return prediction_of(answer)
        except ValueError as error:
            raise SubjectError(f"{self.name}: {error}; the text was {shown(text)}") from None


def prediction_of(answer: Any) -> Prediction:
    """What one answer of a function says. Raises `ValueError` for what is none."""
    answer = answer.item() if hasattr(answer, "item") and getattr(answer, "ndim", 0) == 0 else answer
    if answer is None:
        return Prediction(None)
    if isinstance(answer, Mapping):
        return _of_shares(answer)
    if isinstance(answer, Real) and not isinstance(answer, Integral):
        p_positive = float(answer)
        if not 0 <= p_positive <= 1:
            raise ValueError(f"P(positive) lies between 0 and 1, got {shown(answer)}")
        return Prediction(Label(p_positive > 0.5), shares_of(p_positive))
    label = _label(answer)
    if label is None and not _is_neither(answer):
        raise ValueError(
            f"an answer is positive or negative, P(positive), or shares such as {{'positive': 0.8, 'negative': 0.2}}, "
            f"got {shown(answer)}"
        )
    return Prediction(label, text=str(answer))


def imported(target: str, folder: Path) -> Function:
    """The function that `module:name` stands for; modules are looked for in the folder too.

    Raises `SubjectError` when there is no such module or name, or it cannot be called.
    """
    module, colon, name = target.partition(":")
    if not colon or not module or not name:
        raise SubjectError(f"{target!r} names no function: write module:name, such as my_package.model:classify")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # whatever the module does when it is imported
        raise SubjectError(f"{target} cannot be imported: {type(error).__name__}: {reason_of(error)}") from error
    if not callable(found):
        raise SubjectError(f"{target} is a {type(found).__name__}, not a function of a list of texts")
    return cast(Function, found)


def _of_shares(answer: Mapping[Any, Any]) -> Prediction:
    shares: dict[Label | None, float] = {}
    for name, share in answer.items():
        label = _label(name)
        if (label is None and not _is_neither(name)) or label in shares:
            raise ValueError(f"shares have the keys positive and negative, perhaps neutral, got {shown(answer)}")
        if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= float(share) <= 1:
            raise ValueError(f"a share lies between 0 and 1, got {shown(answer)}")
        shares[label] = float(share)
    if not shares.keys() >= set(Label) or abs(sum(shares.values()) - 1) > ENOUGH:
        raise ValueError(f"shares of positive and negative, perhaps neutral, add up to 1, got {shown(answer)}")
    best = max((label for label in (*Label, None) if label in shares), key=shares.__getitem__)  # a tie is not positive
    mass = sum(shares[label] for label in Label)
    split = {label: shares[label] / mass for label in Label} if mass else None
    return Prediction(best, split, min(mass, 1.0)) if None in shares else Prediction(best, split)


def _label(answer: Any) -> Label | None:
    """The label that is written there. Raises `ValueError` for one that is only numbered."""
    if not isinstance(answer, str | int):
        return None
    spelled = spelling(answer)
    if is_numbered(spelled):  # models are trained either way round
        raise ValueError(f"{answer} does not say which sentiment it is: answer positive or negative")
    return known(spelled)


def _is_neither(answer: Any) -> bool:
    return isinstance(answer, str) and is_neither(spelling(answer))


def _listed(given: Any) -> list[Any] | None:
    """The answers one by one: of a sequence, or of an array or series of one dimension; None for all else."""
    is_sequence = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    if is_sequence or (hasattr(given, "tolist") and getattr(given, "ndim", None) == 1):
        return list(given)
    return None


def _first(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
    return f"{shown(texts[0])}{more}"
