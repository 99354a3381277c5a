"""Made-up movie sentences of a small vocabulary, for runs that must download nothing."""

from __future__ import annotations

from random import Random

from sentiment.text import normalise
from sentiment.types import TWO_LABELS, Label, Review

SENTENCES = 2000


def _words(text: str) -> list[str]:
    return text.split()


_NOUNS = _words("film movie plot acting story cast script music ending dialogue direction camera hero scenery")
_ADJECTIVES = {
    Label.NEGATIVE: _words("bad terrible awful horrible boring dull poor weak dreadful tedious lousy stupid"),
    Label.POSITIVE: _words("good great wonderful excellent brilliant superb lovely amazing fantastic perfect fine"),
}
_VERBS = {
    Label.NEGATIVE: _words("hate dislike despise regret"),
    Label.POSITIVE: _words("love like enjoy adore"),
}
_PLAIN = (
    "the {noun} was {adjective}",
    "the {noun} is {adjective} and the {other} is {second}",
    "a {adjective} {noun} with a {second} {other}",
    "what a {adjective} {noun}",
    "I {verb} the {noun}",
    "I {verb} this {adjective} {noun}",
    "I {verb} the {noun} and the {adjective} {other}",
    "critics and fans {verb} the {adjective} {noun}",
)
_NEGATED = (
    "this is not a {adjective} {noun}",
    "the {noun} was not {adjective}",
    "the {noun} was never {adjective}",
    "I did not {verb} the {noun}",
    "I do not {verb} the {noun} or the {other}",
    "nobody can {verb} the {noun}",
)
_OPENERS = ("", "honestly, ", "for me, ", "to be fair, ", "in short, ", "after all, ")
_CLOSERS = ("", " from start to finish", " in every scene", " again and again", " this time")


def made_up_reviews(seed: int = 0, count: int = SENTENCES) -> list[Review]:
    """`count` sentences, distinct in their normal form, half of each label, a third of them negated.

    The label follows from the words of praise or blame; a negation turns it around.
    """
    random = Random(seed)
    texts: dict[str, Review] = {}
    while len(texts) < count:
        label = Label(len(texts) % 2)
        text = _sentence(random, label)
        review = Review(f"generated-{len(texts)}", text, label, "generated")
        texts.setdefault(normalise(text), review)
    return list(texts.values())


def _sentence(random: Random, label: Label) -> str:
    negated = random.random() < 1 / 3
    tone = TWO_LABELS.opposite(label) if negated else label
    noun, other = random.sample(_NOUNS, 2)
    adjective, second = random.sample(_ADJECTIVES[tone], 2)
    frame = random.choice(_NEGATED if negated else _PLAIN)
    core = frame.format(noun=noun, other=other, adjective=adjective, second=second, verb=random.choice(_VERBS[tone]))
    text = random.choice(_OPENERS) + core.replace("a a", "an a").replace("a e", "an e") + random.choice(_CLOSERS)
    return text[0].upper() + text[1:] + random.choice(".!")
