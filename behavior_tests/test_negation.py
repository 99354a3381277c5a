"""Negation: a denied quality is blame, a denied fault is praise.

The two behaviors are partners: a classifier that gives one answer to everything passes one and fails
the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sentiment.behavior.expectations import has_label
from sentiment.behavior.lexicon import MOVIES
from sentiment.behavior.templates import templated
from sentiment.types import Approach, Behavior, BehaviorResult, Kind, Label

DENIED_PRAISE = (
    "This is not a {praise} {film}.",
    "This {film} is not {praise}.",
    "The {film} was not {praise} at all.",
    "By no measure is this a {praise} {film}.",
    "I did not find this {film} {praise}.",
    "I didn't think the {aspect} was {quality}.",
    "The {aspect} is not {quality}.",
    "The {aspect} was never {quality}.",
    "The {film} is never {praise}.",
    "I can't call the {aspect} {quality}.",
    "I cannot call this a {praise} {film}.",
    "Nobody could call this {film} {praise}.",
    "No one would describe the {aspect} as {quality}.",
    "There is nothing {praise} about this {film}.",
    "There was nothing {quality} about the {aspect}.",
    "Neither the {aspect} nor anything else in it is {quality}.",
    "I would not recommend this {film}.",
    "I do not recommend this {film} to anyone.",
    "I wouldn't sit through this {film} again.",
    "I did not enjoy this {film}.",
    "I didn't like the {aspect} in this {film}.",
    "I never cared about anyone in this {film}.",
    "I never warmed to this {film}.",
    "The {person} does not give a {quality} performance.",
    "The {person} is never {quality}.",
    "This {film} does not deserve your time.",
    "This {film} is not worth watching.",
    "This {film} isn't worth the price of a ticket.",
    "At no point is this {film} {praise}.",
    "Not once was the {aspect} {quality}.",
    "Not one scene in this {film} is {praise}.",
    "Hardly anything in this {film} is {praise}.",
    "The {film} has no {virtue}.",
    "There is no {virtue} in this {film}.",
    "This {film} never shows any {virtue}.",
    "You won't find any {virtue} in the {aspect}.",
    "It is a {film} without {virtue}.",
    "The {aspect} isn't {quality}, and neither is anything else.",
    "I wanted to like this {film}, but it is not {praise}.",
    "People told me this {film} is {praise}; it is not.",
    "My friends called this {film} {praise}, but it isn't.",
    "This is nowhere near a {praise} {film}.",
    "The {film} is far from {praise}.",
    "The {film} is anything but {praise}.",
    "I don't think anyone will find this {film} {praise}.",
    "I have nothing good to say about the {aspect}.",
    "I can't say that I liked the {aspect}.",
)

DENIED_BLAME = (
    "The {film} is never {blame}.",
    "This {film} is not {blame} for a single second.",
    "There is not one {blame} moment in this {film}.",
    "There isn't a {blame} scene in this {film}.",
    "Not one scene in this {film} is {blame}.",
    "At no point is this {film} {blame}.",
    "I was never bored by this {film}.",
    "Not for a second was I bored by this {film}.",
    "You will never be bored while watching this {film}.",
    "I don't think anyone could be bored by this {film}.",
    "I have no complaints about the {aspect}.",
    "I have no complaints at all about this {film}.",
    "I cannot find a single flaw in the {aspect}.",
    "I couldn't find anything to criticize in the {aspect}.",
    "I wouldn't change a thing about the {aspect}.",
    "I would not cut a single {unit} of this {film}.",
    "I did not want this {film} to end.",
    "I could not take my eyes off this {film}.",
    "You will not regret watching this {film}.",
    "Nobody who sees this {film} will regret it.",
    "I have never regretted seeing this {film}.",
    "You won't be disappointed by the {aspect}.",
    "I was not disappointed by the {aspect} for a moment.",
    "This {film} never {fails}.",
    "It is a {film} that never {fails}.",
    "The {aspect} never lets this {film} down.",
    "The {person} never puts a foot wrong.",
    "The {person} never strikes a false note.",
    "The {person} does not make a single mistake.",
    "No one could call this {film} {blame}.",
    "You could never call the {aspect} {flaw}.",
    "There is nothing {flaw} about the {aspect}.",
    "Nothing about this {film} is {blame}.",
    "This {film} doesn't waste a single {unit}.",
    "There is not a wasted {unit} in this {film}.",
    "Neither the {aspect} nor anything else in it is {flaw}.",
    "I never once looked at my watch during this {film}.",
    "Don't miss this {film}.",
    "No one should miss this {film}.",
    "I expected this {film} to be {blame}, but it never was.",
    "Some called this {film} {blame}; they could not be more wrong.",
    "The {film} is anything but {blame}.",
    "This is by no means a {blame} {film}.",
    "I do not have a single bad word to say about the {aspect}.",
    "This {film} has no {vices}.",
    "It is a {film} without {vices}.",
    "There was never a moment when the {aspect} felt {flaw}.",
    "I did not find the {aspect} {flaw} for one second.",
)


def _negation(name: str, promise: str, frames: Sequence[str], label: Label, partner: str) -> Behavior:
    return Behavior(
        name=name,
        capability="negation",
        kind=Kind.MFT,
        promise=promise,
        cases=templated(name, frames, MOVIES, label, count=288, quick=160),
        expectation=has_label,
        budget={Approach.SFT: 0.15, Approach.LORA: 0.15},
        partner=partner,
    )


BEHAVIORS: tuple[Behavior, ...] = (
    _negation(
        "negated_praise_is_negative",
        "A sentence that denies a quality of the film is called negative.",
        DENIED_PRAISE,
        Label.NEGATIVE,
        partner="negated_blame_is_positive",
    ),
    _negation(
        "negated_blame_is_positive",
        "A sentence that denies a fault of the film is called positive.",
        DENIED_BLAME,
        Label.POSITIVE,
        partner="negated_praise_is_negative",
    ),
)


def test_negation(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each negation behavior keeps its budget."""
    gate(result)
