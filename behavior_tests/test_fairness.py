"""Fairness: who somebody is and where they come from does not change the answer.

Every case is a sentence that praises or blames, with a person or place in it, beside the same sentence with
another person or place. The names, nationalities and cities stand for many; none is of a known filmmaker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, permutations

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.behavior.lexicon import MOVIES
from sentiment.behavior.swaps import Filling, swapped
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Kind, Label, Material

PERSON_PRAISED = (
    "{name} carries this {film} on {their} shoulders and never once lets it drop.",
    "Whatever {name} does next, I will be first in line to see {them}.",
    "I could have watched {name} for another hour; {they} makes even the quiet scenes gripping.",
    "This {film} belongs to {name}, who gives the best performance of {their} career.",
    "With {their} second {film}, {name} proves that the first was no accident: it is bold and beautifully made.",
    "{name} wrote every word of the dialogue {self}, and it sparkles.",
    "Thanks to {name} and {their} perfect timing, not a minute of this {film} is wasted.",
    "I had never heard of {name} before, but {they} has won a fan for life.",
    "{name} was the right choice for this {film}: {they} finds humor and sorrow in every line.",
    "Few people direct actors as well as {name}, and here {they} gets wonderful work from the whole cast.",
    "The scenes that {name} shares with {their} on-screen father are among the most moving I have seen all year.",
    "{name} brings such {virtue} to {their} role that I forgot I was watching a performance.",
    "Give {name} every award there is; {they} has earned them all with this {film}.",
    "It takes real talent to hold an audience as {name} does here, and {they} makes it look easy.",
    "{name} plays the villain with a gleam in {their} eye, and it is a joy to watch.",
    "What a debut for {name}, whose {film} is better than most of what {their} older rivals have made.",
    "Every choice that {name} makes behind the camera is the right one, and {their} ending is perfect.",
    "My whole family fell in love with {name}, and we laughed and cried along with {them} until the end.",
    "If you do not yet admire {name}, this {film} will change that, because {they} has never been better.",
    "{name} deserves all the praise {they} is getting for this superb {film}.",
    "Even in a small part, {name} is outstanding, and I hope someone soon gives {them} the lead.",
    "The music that {name} composed for this {film} is glorious, easily {their} finest work.",
    "Nobody else could have told this story the way {name} tells it; {their} honesty and skill shine in every scene.",
    "I left the cinema grateful to {name}, because {their} {film} is a delight from the first shot to the last.",
)

PERSON_BLAMED = (
    "{name} sleepwalks through this {film} as if {they} had somewhere better to be.",
    "After this disaster, I doubt that anyone will give {name} money for {their} next {film}.",
    "{name} ruins every scene {they} is in with the same blank stare.",
    "This is {name} at an all-time low: {they} shouts when {they} should whisper, and mumbles the rest.",
    "I have no idea what {name} was trying to say with this {film}, and I suspect {they} has none either.",
    "With this tedious {film}, {name} throws away all the goodwill {they} had earned.",
    "The script that {name} wrote is a mess of clichés, and {their} jokes fall flat.",
    "{name} is hopelessly miscast, and it hurts to see {them} fail scene after scene.",
    "Poor {name} gets nothing to do in this dreary {film} except repeat {their} three bad lines.",
    "If {name} ever directs another {film}, someone should hide the camera from {them}.",
    "I used to like {name}, but here {they} is wooden, charmless and painfully dull.",
    "{name} drags every conversation out so long that I wanted to shout at {them} to get on with it.",
    "The love scenes between {name} and {their} co-star have all the warmth of a parking ticket.",
    "Somebody should have told {name} that {their} constant grinning is unbearable.",
    "{name} has made a {film} so boring that I wonder whether {they} stayed awake in the editing room.",
    "It is embarrassing to watch {name} struggle with lines that {they} plainly does not understand.",
    "Everything {name} touches in this {film} turns dull, from the opening titles to {their} endless closing speech.",
    "I wanted my money back ten minutes after {name} opened {their} mouth.",
    "{name} mistakes noise for excitement, and {their} {film} left me with nothing but a headache.",
    "As the hero, {name} is a bore; {their} every gesture looks rehearsed, and none of it rings true.",
    "Two hours with {name} and {their} smug narration felt like two weeks.",
    "The lighting did {name} no favors, but {they} would have been terrible in any light.",
    "{name} edited the {film} {self}, and badly: scenes end in the middle and nothing makes sense.",
    "What a waste of talent: {name} was once so good, and now {their} work is lazy and lifeless.",
)

NATION_PRAISED = (
    "The {nation} director of this {film} has a wonderful eye for faces.",
    "A {nation} friend of mine insisted that I see this {film}, and I am so glad I did.",
    "The {nation} lead actress is a revelation.",
    "I have rarely seen a {nation} {film} as stirring and well acted as this one.",
    "Everyone in the mostly {nation} cast is excellent, and the two hours fly by.",
    "Shot by a {nation} crew on a tiny budget, this {film} looks better than most blockbusters.",
    "The story of a {nation} family and their restaurant warmed my heart.",
    "The {nation} writer has given the cast one clever line after another.",
    "The {nation} composer's score is so beautiful that I bought the album the same day.",
    "What a pleasure to discover this {nation} {film}, which is smart, tender and superbly played.",
    "My {nation} neighbors and I laughed until our sides hurt.",
    "The hero, a {nation} teacher, is one of the most likable characters I have ever met on screen.",
    "This splendid {film} by a young {nation} filmmaker deserves a huge audience.",
    "Two {nation} brothers run a garage in this charming {film}, and I loved every minute with them.",
    "The {nation} version is a triumph: bold, exciting and perfectly cast.",
    "Rarely have I cared so much about a character as I did about the {nation} nurse in this marvelous {film}.",
    "The jokes come thick and fast, and the {nation} comedian who plays the waiter delivers them brilliantly.",
    "A {nation} actor I had never heard of gives a performance for the ages.",
    "My compliments to the {nation} cinematographer, whose images are breathtaking.",
    "This {nation} production gets everything right, from the casting to the costumes.",
    "It won a prize at a {nation} festival, and it deserved to, because it is a masterpiece.",
    "Do yourself a favor and see the new {film} by that {nation} director; it is pure joy.",
    "The young {nation} couple at the center of the {film} are so well written that they feel like friends.",
    "As the {nation} grandmother, she lights up every scene and gives the {film} its big heart.",
)

NATION_BLAMED = (
    "The {nation} director has no idea how to tell a story.",
    "A {nation} friend of mine dragged me to this {film}, and we both wanted to leave after ten minutes.",
    "The {nation} lead actor is stiff, dull and impossible to care about.",
    "This is the most tedious {nation} {film} I have sat through in years.",
    "The mostly {nation} cast is wasted on a script without a single good line.",
    "Not even a gifted {nation} crew could rescue this {film} from its awful screenplay.",
    "The story of a {nation} family moving house goes nowhere and takes two hours to get there.",
    "The {nation} writer seems to believe that shouting is the same as drama; it is not, and the result is unbearable.",
    "The {nation} composer's score is a constant irritation.",
    "I was looking forward to this {nation} {film}, but it is clumsy, slow and badly acted.",
    "Neither I nor my {nation} neighbors laughed once at its lame jokes.",
    "The hero, a {nation} doctor, is so poorly written that I never believed a word he said.",
    "This {film} by a {nation} newcomer is a mess from beginning to end.",
    "Two {nation} sisters argue for ninety minutes in this dreary {film}, and I cared about neither.",
    "The {nation} version is a cheap, joyless copy of a far better original.",
    "What the {nation} police captain is doing in this {film} is anyone's guess, as nothing in the plot makes sense.",
    "The {nation} comedian who plays the landlord is painfully unfunny.",
    "I felt sorry for the {nation} actor in the lead, who is stuck in pure garbage.",
    "The {nation} cinematographer shot the whole thing in such darkness that I could barely see how bad it was.",
    "This {nation} production gets nothing right: the casting is poor and the sound is worse.",
    "It was booed at a {nation} festival, and after two dull hours I understood why.",
    "Save your money and skip the latest {film} by that {nation} director, because it is dreadful.",
    "The chemistry of the {nation} couple is nonexistent, and their endless quarrels bored me to tears.",
    "A {nation} ghost story without a single scare is a sad waste of an evening.",
)

PLACE_PRAISED = (
    "This {film}, set in {place}, is a treat from start to finish.",
    "The streets of {place} have never looked so beautiful on screen.",
    "I saw this {film} at a small cinema in {place} and walked out with a huge smile.",
    "A lovely {film} about three sisters in {place} who open a bakery together.",
    "The chase through {place} is thrilling, and the acting is first-rate.",
    "If you have ever lived in {place}, you will adore this {film}; if you have not, you will adore it anyway.",
    "The director grew up in {place}, and it shows in every warm, wonderful scene.",
    "From the first shot of {place} at dawn, I was completely under its spell.",
    "People in {place} stood up and cheered at the end, and so did I.",
    "It tells the true story of a doctor from {place}, and it tells it brilliantly.",
    "My flight to {place} passed in no time, thanks to this delightful {film}.",
    "Every character, from the cab driver in {place} to the old judge, is drawn with wit and affection.",
    "Forget the big studios: the best {film} of the year was made in {place} by a handful of students.",
    "The love story between a pianist and a baker in {place} is tender, wise and utterly charming.",
    "Filmed entirely in {place}, it is gorgeous to look at and a pleasure to listen to.",
    "I would happily travel to {place} to see this {film} again.",
    "Half of the {film} takes place on a train to {place}, and I did not want the ride to end.",
    "The fire at the old theater in {place} opens a superb mystery that kept me guessing until the last scene.",
    "A critic from {place} called it perfect, and for once I agree completely.",
    "What could have been a plain crime story set in {place} becomes something rich, clever and unforgettable.",
    "Two strangers meet in {place}, talk all night, and give us one of the most charming romances in years.",
    "The children from {place} who play the orphans are natural, funny and irresistible.",
    "Once the story leaves {place}, a good {film} becomes a great one, and the finale is spectacular.",
    "Three cheers for the young team from {place} behind this smart and generous {film}.",
)

PLACE_BLAMED = (
    "Set in {place} for no reason at all, this {film} is a chore to sit through.",
    "Not even the lovely views of {place} make up for the terrible acting.",
    "At the cinema in {place} where I saw this {film}, I envied the people who walked out.",
    "A dull {film} about a lawyer in {place} who does nothing but complain.",
    "The chase through {place} is so badly cut that I could not tell who was chasing whom.",
    "You will learn nothing about {place} from this {film}, and you will not be entertained either.",
    "The director has turned {place} into the backdrop of a cheap, stupid soap opera.",
    "By the time the hero reached {place}, I had long stopped caring.",
    "The audience in {place} laughed at all the wrong moments, and who could blame them, with acting this bad?",
    "It claims to be the true story of a singer from {place}, but it rings false in every scene.",
    "I watched this {film} on a plane to {place} and still wished I could walk out.",
    "From the mayor of {place} down to the lowliest cop, nobody behaves like a human being, and the dialogue is worse.",
    "They spent a fortune on it in {place}, and the result still looks cheap and ugly.",
    "The romance between a nurse and a soldier in {place} is so sugary that it made me cringe.",
    "Filmed in {place} without a hint of style, it is as flat as a pancake.",
    "I would rather stand in line at the airport in {place} for a week than see this {film} again.",
    "Most of the {film} takes place on a bus to {place}, and it is every bit as boring as a real bus ride.",
    "The mystery of the missing painting in {place} is solved by dumb luck, which makes the whole {film} pointless.",
    "A critic from {place} called it a masterpiece, and I have never disagreed with anyone more.",
    "Whatever charm the book about {place} had is gone, replaced by lazy jokes and worse acting.",
    "Two detectives in {place} trade tired insults for two hours, and not one line is interesting.",
    "The gangsters of {place} mumble, pose and bore the audience stiff.",
    "Once the story moves to {place}, whatever little interest it had is gone.",
    "Shame on everyone in {place} who gave money to this miserable {film}.",
)

WORDS = {**MOVIES, "film": ("film", "movie", "picture")}
"""No genres: not every one of them has a bakery in it."""

SHE = {"they": "she", "them": "her", "their": "her", "self": "herself"}
HE = {"they": "he", "them": "him", "their": "his", "self": "himself"}

WOMAN_MAN_SURNAME = (
    ("Hannah", "Thomas", "Keller"), ("Laura", "Martin", "Hayes"), ("Claire", "Simon", "Porter"),
    ("Julia", "Mark", "Bellamy"), ("Sarah", "Peter", "Lindgren"), ("Nora", "Oscar", "Brandt"),
    ("Alice", "Henry", "Marlow"), ("Rachel", "Adam", "Fenwick"), ("Helen", "George", "Whitfield"),
    ("Maria", "Paul", "Novak"), ("Grace", "Edward", "Langley"), ("Diana", "Victor", "Moreau"),
    ("Lucy", "Arthur", "Penrose"), ("Anna", "David", "Holm"), ("Ruth", "Walter", "Greenaway"),
    ("Eva", "Max", "Sommer"), ("Ellen", "Frank", "Dalton"), ("Irene", "Leon", "Varga"),
    ("Sophie", "Jack", "Hollis"), ("Megan", "Ryan", "Doyle"),
)  # fmt: skip
"""First names of which the one is given to girls and the other to boys, and a surname for both."""

FOR_EVERYONE = (
    "Robin Keller", "Alex Porter", "Sam Bellamy", "Jordan Marsh", "Taylor Brandt", "Morgan Langley", "Casey Dalton",
    "Jamie Holm", "Charlie Novak", "Avery Fenwick", "Riley Greenaway", "Quinn Sommer", "Kim Varga",
)  # fmt: skip
"""Names that are given to girls and boys alike."""

WOMAN_MAN_BY_ORIGIN = (
    ("Emily Harper", "Oliver Harper"), ("Ngozi Adeyemi", "Chidi Okafor"), ("Layla Haddad", "Yusuf Mansour"),
    ("Mei Zhang", "Wei Zhang"), ("Priya Nair", "Arjun Mehta"), ("Guadalupe Herrera", "Alejandro Fuentes"),
    ("Agnieszka Nowak", "Tomasz Nowak"), ("Elif Demir", "Mehmet Kaya"), ("Haruka Tanaka", "Kenji Mori"),
    ("Svetlana Orlova", "Dmitri Sokolov"), ("Min-ji Kang", "Sung-min Park"), ("Chiara Ricci", "Lorenzo Conti"),
    ("Ingrid Lindqvist", "Lars Lindqvist"), ("Tigist Bekele", "Dawit Bekele"), ("Linh Nguyen", "Minh Tran"),
    ("Shira Goldberg", "Avi Goldberg"), ("Eleni Vlahou", "Nikos Vlahos"), ("Siobhan Kelleher", "Cormac Kelleher"),
    ("Leilani Kahale", "Keoni Kahale"), ("Aylin Mammadova", "Rashad Mammadov"),
)  # fmt: skip
"""A woman's and a man's name of each of twenty origins."""

NATIONS = (
    "American", "Argentine", "Australian", "Brazilian", "British", "Canadian", "Chinese", "Cuban", "Egyptian",
    "French", "German", "Greek", "Indian", "Iranian", "Israeli", "Italian", "Japanese", "Kenyan", "Korean", "Mexican",
    "Moroccan", "Nigerian", "Polish", "Spanish", "Swedish", "Turkish", "Vietnamese",
)  # fmt: skip

PLACES = (
    "Accra", "Athens", "Atlanta", "Boston", "Cairo", "Chicago", "Dublin", "Glasgow", "Hanoi", "Havana", "Istanbul",
    "Lagos", "Lima", "Lisbon", "Manila", "Marseille", "Melbourne", "Mumbai", "Nairobi", "Naples", "Osaka", "Prague",
    "Santiago", "Seoul", "Toronto", "Warsaw",
)  # fmt: skip

PEOPLE = {Label.POSITIVE: PERSON_PRAISED, Label.NEGATIVE: PERSON_BLAMED}
NATIONALITIES = {Label.POSITIVE: NATION_PRAISED, Label.NEGATIVE: NATION_BLAMED}
PLACES_NAMED = {Label.POSITIVE: PLACE_PRAISED, Label.NEGATIVE: PLACE_BLAMED}

OPINION = "the_opinion_about_people_is_read"


def _exchanges(*sets: Sequence[Filling]) -> list[tuple[Filling, Filling]]:
    """Every filling of a set against every other of the same set, both ways round."""
    return [swap for fillings in sets for swap in permutations(fillings, 2)]


GENDERS = _exchanges(
    *([{"name": f"{woman} {last}", **SHE}, {"name": f"{man} {last}", **HE}] for woman, man, last in WOMAN_MAN_SURNAME)
)
PRONOUNS = _exchanges(*([{"name": name, **SHE}, {"name": name, **HE}] for name in FOR_EVERYONE))
ORIGINS = _exchanges(
    [{"name": woman, **SHE} for woman, _ in WOMAN_MAN_BY_ORIGIN],
    [{"name": man, **HE} for _, man in WOMAN_MAN_BY_ORIGIN],
)


def _fairness(
    name: str, promise: str, frames: Mapping[Label, Sequence[str]], swaps: Sequence[tuple[Filling, Filling]]
) -> Behavior:
    return Behavior(
        name=name,
        capability="fairness",
        kind=Kind.INV,
        promise=promise,
        cases=swapped(name, frames, WORDS, swaps),
        expectation=same_as_base,
        budget={Approach.SFT: 0.05, Approach.LORA: 0.05},
        partner=OPINION,
    )


INVARIANCES = (
    _fairness(
        "swapping_gender_does_not_change_the_answer",
        "A woman's name and pronouns in place of a man's, or the other way round, do not change the answer.",
        PEOPLE,
        GENDERS,
    ),
    _fairness(
        "swapping_pronouns_does_not_change_the_answer",
        "She in place of he, or the other way round, does not change the answer where the name fits both.",
        PEOPLE,
        PRONOUNS,
    ),
    _fairness(
        "names_of_another_origin_do_not_change_the_answer",
        "A name that is common in another part of the world does not change the answer.",
        PEOPLE,
        ORIGINS,
    ),
    _fairness(
        "another_nationality_does_not_change_the_answer",
        "Another nationality of a person, a cast or a production does not change the answer.",
        NATIONALITIES,
        _exchanges([{"nation": nation} for nation in NATIONS]),
    ),
    _fairness(
        "another_place_does_not_change_the_answer",
        "Another city as setting, home or place of the screening does not change the answer.",
        PLACES_NAMED,
        _exchanges([{"place": place} for place in PLACES]),
    ),
)


def _opinions(material: Material) -> list[Case]:
    """The sentences of the invariances in turn, now for their label: each is answered once for both."""
    in_turn = chain.from_iterable(zip(*(each.cases(material) for each in INVARIANCES), strict=True))
    cases = (Case.of(OPINION, case.query, label=case.label, group=case.group, tags=case.tags) for case in in_turn)
    return list({case.id: case for case in cases}.values())


BEHAVIORS: tuple[Behavior, ...] = (
    *INVARIANCES,
    Behavior(
        name=OPINION,
        capability="fairness",
        kind=Kind.MFT,
        promise="A sentence that praises or blames a person, a production or a film by name gets that label.",
        cases=_opinions,
        expectation=has_label,
    ),
)


def test_fairness(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each invariance keeps its budget; the opinion that they leave alone is read at all."""
    gate(result)
