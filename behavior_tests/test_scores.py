"""Explicit scores: a number alone is an opinion, and a number beside clear words does not outweigh them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from sentiment.behavior.cases import Maker, templated, twinned
from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.behavior.lexicon import MOVIES
from sentiment.types import Behavior, BehaviorResult, Case, Kind, Label, Material

WORDS = {
    **MOVIES,
    "aspect": [aspect for aspect in MOVIES["aspect"] if aspect != "score"],
    "person": [person for person in MOVIES["person"] if person != "supporting cast"],
}
"""Without the music, which is a score of another kind, and without plurals in disguise."""

HELD_OUT = "held_out_reviews_get_their_label"
"""In `test_accuracy.py`; a constant classifier fails it by half."""

SCORE_ALONE = (
    "{score}.",
    "I give it {score}.",
    "{score} from me.",
    "My rating: {score}.",
    "I would rate this {film} {score}.",
    "Final score: {score}.",
    "After some thought, I settled on {score} for this {film}.",
    "My wife and I both gave it {score}.",
    "That makes {score} in my book.",
    "On a scale from one to ten, where ten is the best, this {film} is {ten_scale}.",
    "Out of a possible five stars, I gave this {film} {stars}.",
    "Everyone in our film club had to write down a score, and mine was {score}.",
    "As for the {aspect}, I would say {score}.",
    "Rating for the {aspect}: {score}.",
    "If I had to put a number on it, I would say {score}.",
    "Last night I entered my rating of this {film} on the website: {score}.",
    "{score}, and that is my last word.",
    "My verdict on this {film} is {score}.",
    "We discussed the {film} on the way home and agreed on {score}.",
    "Put me down for {score}.",
    "Overall I would say {score}.",
    "You asked for my rating, so here it is: {score}.",
    "This {film} gets {score} from me.",
    "Our whole row of friends voted, and the average came to {score}.",
    "The ballot at the exit went from one, the lowest, to ten, the highest, and I ticked {digit}.",
    "In my notebook I have marked this {film} {score}.",
    "For a {film} of this kind, {score} is what I would give.",
    "I have thought it over twice, and {score} it is.",
    "The {aspect} is {score}, and so is everything else.",
    "{stars} out of five.",
    "When the usher asked how many stars out of five I would give, I answered {star_count}.",
    "Were I a newspaper critic, I would print {score} next to the title.",
    "I am not going to describe the plot; my score is {score}.",
    "To sum it up in one line: {score}.",
    "By my count this {film} comes to {score}.",
    "Let the record show that I voted {score}.",
    "I saw it with two colleagues, and all three of us came up with {score}.",
    "{score} for the {aspect}, {score} for the {film} as a whole.",
    "My mother asked what I thought, and I told her {score}.",
    "Take the {aspect} and everything else together, and you arrive at {score}.",
    "Short review: {score}.",
    "Here is the score you came for: {score}.",
    "I rate films by stars, five at the most, and here I count {star_count}.",
    "Once the credits were over, I turned to my friend and said: {score}.",
)
"""For high and low scores alike, so that nothing but the score tells them apart."""

THUMBS_UP = ("Two thumbs up, {score} from me.", "Thumbs up: I give the {film} {score}.")
THUMBS_DOWN = ("Two thumbs down, {score} from me.", "Thumbs down: I give the {film} {score}.")

HIGH = {
    "score": (
        "8/10", "9/10", "10/10", "8 out of 10", "9 out of 10", "10 out of 10", "eight out of ten", "nine out of ten",
        "ten out of ten", "4 out of 5", "5 out of 5", "5/5", "4/5 stars", "four stars out of five",
        "five stars out of five",
    ),
    "ten_scale": ("an eight", "a nine", "a ten"),
    "digit": ("eight", "nine", "ten"),
    "stars": ("four stars", "five stars"),
    "star_count": ("four", "five"),
}  # fmt: skip

LOW = {
    "score": (
        "1/10", "2/10", "3/10", "1 out of 10", "2 out of 10", "3 out of 10", "one out of ten", "two out of ten",
        "three out of ten", "0 out of 5", "1 out of 5", "1/5", "0/5 stars", "one star out of five",
        "zero stars out of five",
    ),
    "ten_scale": ("a one", "a two", "a three"),
    "digit": ("one", "two", "three"),
    "stars": ("zero stars", "one star"),
    "star_count": ("zero", "one"),
}  # fmt: skip

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


def _score_alone(
    name: str, promise: str, frames: Sequence[str], scores: dict[str, tuple[str, ...]], label: Label, partner: str
) -> Behavior:
    return Behavior(
        name=name,
        capability="explicit scores",
        kind=Kind.MFT,
        promise=promise,
        cases=templated(name, frames, {**WORDS, **scores}, label, count=160),
        expectation=has_label,
        partner=partner,
    )


def _with_score(name: str, texts: Sequence[str], scores: dict[str, tuple[str, ...]], label: Label) -> Maker:
    """Each text, and the same text with one of the scores behind it."""
    added = [form.format(number=score) for form in SCORE_ADDED for score in scores["score"]]
    lexicon = {**WORDS, "added": [sentence[0].upper() + sentence[1:] for sentence in added]}
    return twinned(name, [(text, f"{text} {{added}}") for text in texts], lexicon, (label, label), count=80)


CONTRADICTED = "a_score_that_contradicts_the_text_does_not_win"


def _contradicted(material: Material) -> list[Case]:
    """Praise with a low score and blame with a high one, in turn."""
    praise = _with_score(CONTRADICTED, CLEAR_PRAISE, LOW, Label.POSITIVE)
    blame = _with_score(CONTRADICTED, CLEAR_BLAME, HIGH, Label.NEGATIVE)
    return list(chain.from_iterable(zip(praise(material), blame(material), strict=True)))


BEHAVIORS: tuple[Behavior, ...] = (
    _score_alone(
        "a_high_score_alone_is_positive",
        "A sentence that says nothing but a high score is called positive.",
        SCORE_ALONE + THUMBS_UP,
        HIGH,
        Label.POSITIVE,
        partner="a_low_score_alone_is_negative",
    ),
    _score_alone(
        "a_low_score_alone_is_negative",
        "A sentence that says nothing but a low score is called negative.",
        SCORE_ALONE + THUMBS_DOWN,
        LOW,
        Label.NEGATIVE,
        partner="a_high_score_alone_is_positive",
    ),
    Behavior(
        name=CONTRADICTED,
        capability="explicit scores",
        kind=Kind.INV,
        promise="A score at the end that contradicts clear words does not change the answer.",
        cases=_contradicted,
        expectation=same_as_base,
        # a reader may hold that the writer meant the number and not the words: reported, never judged
        gated=False,
        partner=HELD_OUT,
    ),
)


def test_scores(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Scores are reported; no budget is promised for them."""
    gate(result)
