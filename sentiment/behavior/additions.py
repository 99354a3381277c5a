"""Edits that add to a review what says nothing about the film: addresses, markup, pictures, circumstances."""

from __future__ import annotations

import re
from random import Random

from sentiment.behavior.edits import text_edit

ADDRESSES = (
    "https://www.example.com/films/{number}",
    "http://example.org/r/{number}",
    "https://example.net/watch?v={number}",
    "www.example.com/reviews/{number}",
    "https://forum.example.org/t/{number}",
)
"""Under names that are reserved for documentation, so they lead nowhere."""

HANDLES = ("@screening_notes", "@reel_log", "@seat_f12", "@row_seven", "@film_diary_{number}", "@projector_room")
"""Names of accounts that hold no opinion."""

EMOJI = ("🎬", "🎥", "📽️", "🎞️", "🎟️", "🍿", "📺", "💺", "🗓️", "🕗")
"""Pictures of going to the cinema; none is a verdict."""

CIRCUMSTANCES = (
    "We saw it on a Tuesday.",
    "I watched it at home on my laptop.",
    "It was the evening screening at our local cinema.",
    "There were four of us that night.",
    "My sister bought the tickets online.",
    "We sat in the seventh row.",
    "I saw it with the original sound and subtitles.",
    "The screening started at a quarter past eight.",
    "I rented it from the library.",
    "We took the subway to the cinema.",
    "My brother was sitting next to me.",
    "The bus stops right outside the theater.",
    "I watched it on the evening of my day off.",
    "We went there straight from work.",
    "I saw it at the cinema next to the library.",
    "I saw it on a flight to Denver.",
    "The theater is on the corner of our street.",
    "Two of my colleagues came along.",
    "I watched it on a Sunday afternoon in March.",
    "We had dinner before the show.",
    "The film was shown in the larger of the two halls.",
    "My neighbor lent me the disc.",
    "I saw the version that came out in the spring.",
    "We parked behind the building.",
    "It was shown as part of a double bill.",
    "I wrote these lines the next morning.",
    "The credits list three camera operators.",
    "I am forty-two years old and live near Boston.",
    "We watched it in the living room after supper.",
    "My roommate had the aisle seat.",
    "It was on television last Thursday.",
    "I saw it in the week of its release.",
    "There was a short intermission after the first hour.",
    "We picked the earlier of the two showings.",
    "The tickets were twelve dollars each.",
    "I was visiting my parents that weekend.",
    "My cousin works in the same building as the cinema.",
    "I watched it with headphones on.",
    "We met in front of the box office at seven.",
    "The hall has about two hundred seats.",
    "I saw it in the first week of November.",
    "It was the second film of my film class this term.",
    "The trailers before it ran for ten minutes.",
    "We walked home along the river afterwards.",
)
"""Facts about seeing a film that speak neither for nor against it."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\S)")
_CLOSED = re.compile(r"""[.!?…]["'”’)\]]*\s*\Z""")
_OUTSIDE_TAGS = r"(?![^<>]*>)"
_BARE_AMPERSAND = re.compile(r"&(?!#?\w+;)")
_BARE_QUOTE = re.compile(rf'"{_OUTSIDE_TAGS}')


@text_edit
def urls_and_handles(text: str, random: Random) -> str:
    """An address, a handle or both, before or after the review."""
    address, handle = (
        random.choice(names).format(number=random.randint(1000, 99999)) for names in (ADDRESSES, HANDLES)
    )
    forms = ("{address} {text}", "{text} {address}", "{handle} {text}", "{text} {handle}", "{handle} {text} {address}")
    # the text goes in last, as an argument: its own braces are no slots
    return random.choice(forms).format(text=text, address=address, handle=handle)


@text_edit
def html(text: str, random: Random) -> str:
    """Marked up as a web page would: a double break, the whole review in italics, `&` and `"` as entities.

    Italics on a single word would stress it, and a stress can change what a sentence says.
    """
    text = _BARE_QUOTE.sub("&quot;", _BARE_AMPERSAND.sub("&amp;", text))
    return _at_a_seam(f"<i>{text}</i>", "<br /><br />", "<br /><br />", random)


@text_edit
def neutral_emoji(text: str, random: Random) -> str:
    """One or two emoji that are no verdict, before, after or between sentences."""
    emoji = "".join(random.sample(EMOJI, random.randint(1, 2)))
    return _at_a_seam(text, f" {emoji} ", emoji, random)


@text_edit
def irrelevant_sentences(text: str, random: Random) -> str:
    """A sentence about the circumstances of the viewing, before or after the review."""
    sentence = random.choice(CIRCUMSTANCES)
    if random.random() < 0.5:
        return f"{sentence} {text}"
    return f"{text}{'' if _CLOSED.search(text) else '.'} {sentence}"


def _at_a_seam(text: str, between: str, outside: str, random: Random) -> str:
    """The text with something between two of its sentences, before it or after it."""
    seam = random.choice([None, *_SENTENCE_END.finditer(text)])
    if seam is not None:
        return f"{text[: seam.start()]}{between}{text[seam.end() :]}"
    return f"{outside} {text}" if random.random() < 0.5 else f"{text} {outside}"
