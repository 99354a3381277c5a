"""Explicit scores: a number alone is an opinion, and a number beside clear words does not outweigh them.

The last behavior adds a low score to clear praise and a high one to clear blame, in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from sentiment.behavior.cases import twinned
from sentiment.behavior.expectations import same_as_base
from sentiment.behavior.lexicon import MOVIES
from sentiment.behavior.written import ACCURACY
from sentiment.suites.reading import behaviors_of
from sentiment.types import Behavior, Draft, Kind, Label, Maker, Material, Promise

WORDS = {
    **MOVIES,
    "aspect": [aspect for aspect in MOVIES["aspect"] if aspect != "score"],
    "person": [person for person in MOVIES["person"] if person != "supporting cast"],
}
"""Without the music, which is a score of another kind, and without plurals in disguise."""

HIGH = (
    "8/10", "9/10", "10/10", "8 out of 10", "9 out of 10", "10 out of 10", "eight out of ten", "nine out of ten",
    "ten out of ten", "4 out of 5", "5 out of 5", "5/5", "4/5 stars", "four stars out of five",
    "five stars out of five",
)  # fmt: skip
LOW = (
    "1/10", "2/10", "3/10", "1 out of 10", "2 out of 10", "3 out of 10", "one out of ten", "two out of ten",
    "three out of ten", "0 out of 5", "1 out of 5", "1/5", "0/5 stars", "one star out of five",
    "zero stars out of five",
)  # fmt: skip
"""The scores that are asked about alone in `scores.yaml`."""

CLEAR_PRAISE = (
    "I loved every {unit} of this {film}.",
    "What a wonderful {film}! The {aspect} is superb, and the ending made me cry with joy.",
    "The {aspect} is excellent, the cast is a delight, and I was smiling all the way home.",
    "This is the best {film} I have seen in ten years.",
    "I laughed, I cried, and I have already bought tickets to see it again.",
    "A masterpiece. Nothing about this {film} could be improved.",
    "The {person} is magnificent, and the {aspect} is flawless.",
    "Go and see this {film} as soon as you can; you will thank me.",
    "My children were enchanted, my parents were moved, and I enjoyed it more than any of them.",
    "Brilliantly written and beautifully acted, this {film} won me over completely.",
    "I have recommended this {film} to everyone I know, and every one of them adored it.",
    "The {person} has never been better, and neither has anyone else on the screen.",
    "It is rare that a {film} gets everything right, but this one does.",
    "The two hours flew by, and when the lights came on, the whole audience applauded.",
    "I went in tired and came out happy; that is how good this {film} is.",
    "Tender, surprising and full of {virtue}, it is a joy from beginning to end.",
    "The {aspect} alone is worth the ticket, and everything else is just as impressive.",
    "I cannot praise this {film} enough; it has become my new favorite.",
    "Hats off to the {person} for such a dazzling, generous piece of work.",
    "This {film} is a triumph, and I will treasure it for years.",
)

CLEAR_BLAME = (
    "Every {unit} of this {film} was torture.",
    "Awful. The {aspect} is a disaster, and the ending is an insult to anyone who stayed awake.",
    "The {aspect} is dreadful, the leads look bored, and I was glad when it was over.",
    "They should stop the projector and apologize, because this must be the worst {film} ever released.",
    "I yawned, I checked my phone, and halfway through I simply left.",
    "Garbage. There is nothing in this {film} worth a second of your life.",
    "Anyone off the street could have done a better job than the {person} did here.",
    "Stay away from this {film}; it will only make you miserable.",
    "The kids complained, my parents fell asleep, and I envied them.",
    "Badly written and clumsily acted, this {film} annoyed me within five minutes.",
    "Everyone I warned about this {film} went anyway, and all of them regretted it.",
    "The {person} should be ashamed, and so should whoever paid for this.",
    "It takes some doing to get everything wrong, but this {film} manages it.",
    "It felt ten hours long, and by the end half of the seats were empty.",
    "By the halfway point I was counting the exit signs; that is how dull this {film} is.",
    "Ugly, stupid and without any {virtue}, it is a waste of everybody's time.",
    "The casting is lousy, and the {aspect} ruins whatever is left.",
    "I want those two hours back, and my money too.",
    "Shame on the {person} for such a lazy, cynical piece of work.",
    "This {film} is a failure on every level, and I will be happy to forget it.",
)

SCORE_ADDED = ("{number}.", "I give it {number}.", "My rating: {number}.", "{number} from me.", "Score: {number}.")


def contradicted(material: Material) -> list[Draft]:
    """Praise with a low score and blame with a high one, in turn."""
    praise = _with_score(CLEAR_PRAISE, LOW, Label.POSITIVE)
    blame = _with_score(CLEAR_BLAME, HIGH, Label.NEGATIVE)
    return list(chain.from_iterable(zip(praise(material), blame(material), strict=True)))


def _with_score(texts: Sequence[str], scores: Sequence[str], label: Label) -> Maker:
    """Each text, and the same text with one of the scores behind it."""
    added = [form.format(number=score) for form in SCORE_ADDED for score in scores]
    lexicon = {**WORDS, "added": [sentence[0].upper() + sentence[1:] for sentence in added]}
    return twinned([(text, f"{text} {{added}}") for text in texts], lexicon, (label, label), count=80)


BEHAVIORS = (
    *behaviors_of("scores"),
    Behavior(
        Promise(
            "a_score_that_contradicts_the_text_does_not_win",
            "explicit scores",
            Kind.INV,
            "A score at the end that contradicts clear words does not change the answer.",
            partner=ACCURACY,
            # a reader may hold that the writer meant the number and not the words: reported, never judged
            gated=False,
        ),
        contradicted,
        same_as_base,
    ),
)
