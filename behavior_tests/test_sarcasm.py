"""Sarcasm: words of praise that mean blame, told apart from the same words meant as they stand.

Every sarcastic sentence has a literal twin, filled with the same words. What gives the sarcasm away
stands in the sentence (a ruinous fact, an absurd comparison), never in its tone alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sentiment.behavior.cases import templated, twinned
from sentiment.behavior.expectations import flips_from_base, has_label
from sentiment.behavior.lexicon import MOVIES
from sentiment.types import Approach, Behavior, BehaviorResult, Kind, Label

Twin = tuple[str, str]
"""A sentence that means its praise, and one that does not."""

WORDS = {
    **MOVIES,
    "wonderful": (
        "wonderful", "marvelous", "delightful", "superb", "magnificent", "terrific", "splendid", "brilliant",
    ),
    "gripping": ("gripping", "absorbing", "exciting", "engrossing"),
    "funny": ("funny", "hilarious", "witty", "clever"),
    "clever": ("clever", "ingenious", "cunning", "brilliant"),
    "touching": ("touching", "tender", "moving", "heartfelt"),
    "lovely": ("lovely", "beautiful", "heavenly", "gorgeous"),
    "menacing": ("menacing", "terrifying", "sinister", "chilling"),
    "subtle": ("subtle", "restrained", "understated", "delicate"),
    "thrilling": ("thrilling", "breathtaking", "stunning", "spectacular"),
    "epic": ("epic", "monumental", "colossal", "immense"),
    "complex": ("complex", "many-sided", "multi-layered", "mysterious"),
    "natural": ("natural", "lifelike", "realistic", "true to life"),
    "warmly": ("warmly", "wholeheartedly", "gladly", "heartily"),
    "adored": ("adored", "loved", "treasured", "cherished"),
    "acclaim": ("brilliant", "dazzling", "profound", "breathtaking", "visionary", "unmissable"),
    "gem": ("masterpiece", "triumph", "gem", "marvel", "treasure", "miracle"),
    "genius": ("genius", "brilliance", "wizardry", "artistry"),
    "star": ("lead actor", "lead actress", "young star", "leading man", "leading lady"),
    "maker": ("director", "writer", "producer"),
    "script": ("script", "screenplay", "dialogue"),
    "comedy": ("comedy", "farce", "romantic comedy", "film", "movie"),
    "thriller": ("film", "movie", "thriller", "crime drama", "sequel", "remake"),
    "romance": ("film", "movie", "picture", "drama", "romance", "remake"),
    "love": ("love story", "love affair", "romance", "courtship"),
    "humor": ("humor", "wit", "fun"),
    "spark": ("spark", "warmth", "passion", "tenderness"),
    "grace": ("grace", "elegance", "lightness"),
    "action": ("action", "adventure", "excitement"),
    "premise": ("story", "plot", "premise", "idea"),
    "disaster": ("a car chase", "a shipwreck", "a bank robbery", "a train crash"),
    "trek": ("cross a desert on foot", "swim an icy river", "climb a mountain barefoot", "crawl over broken glass"),
    "gesture": ("one raised eyebrow", "a single sigh", "three little words", "half a smile"),
    "magic": ("movie magic", "the magic of cinema", "a magical evening", "screen magic"),
    "claim": ("change your life", "open your eyes", "touch your soul"),
    "eulogy": ("poetry in every frame", "truth in every line", "beauty in every shot"),
    "minutes": ("five minutes", "ten minutes", "twenty minutes", "half an hour"),
    "hours": ("two hours", "ninety minutes", "two and a half hours", "three hours"),
    "occasion": ("birthday", "anniversary", "day off", "only free evening"),
    "kids": ("children", "nieces", "nephews", "grandchildren"),
    "partner": ("husband", "wife", "sister", "best friend", "mother"),
    "friend": ("brother", "sister", "neighbor", "barber", "boss"),
    "crowd": ("friends", "colleagues", "cousins", "neighbors"),
    "usher": ("usher", "ticket seller", "man at the door", "woman at the counter"),
    "studio": ("studio", "distributor", "producer"),
    "notice": ("poster", "trailer", "flyer", "website"),
    "paper": ("one paper", "my newspaper", "a local critic", "a famous blogger"),
}  # fmt: skip

RUINOUS_FACTS: tuple[Twin, ...] = (
    (
        "A {wonderful} {film}: I was hooked within {minutes}.",
        "A {wonderful} {film}: I was asleep within {minutes}.",
    ),
    (
        "What a {wonderful} {film}! I have already seen it twice.",
        "What a {wonderful} {film}! I have already asked for my money back.",
    ),
    (
        "A {wonderful} evening at the cinema: we stayed in our seats long after the credits had ended.",
        "A {wonderful} evening at the cinema: we left our seats long before the opening credits had ended.",
    ),
    (
        "The {aspect} is so {wonderful} that halfway through our whole row broke into applause.",
        "The {aspect} is so {wonderful} that halfway through our whole row broke into a run for the exit.",
    ),
    (
        "Many thanks to the {maker} of this {film} for two hours that I will never forget.",
        "Many thanks to the {maker} of this {film} for two hours that I will never get back.",
    ),
    (
        "I loved every minute of this {wonderful} {film}, and I stayed for the next showing.",
        "I loved every minute of this {wonderful} {film} that I slept through.",
    ),
    (
        "My favorite part of this {wonderful} {film} was the ending, which I have been praising to friends all week.",
        "My favorite part of this {wonderful} {film} was the exit sign, which I gazed at for most of the second half.",
    ),
    (
        "The {film} is so {gripping} that I forgot my phone, my popcorn and the time.",
        "The {film} is so {gripping} that I answered all my mail and finished two crosswords.",
    ),
    (
        "This {film} is a treat for the whole family: my {kids} begged to see it again.",
        "This {film} is a treat for the whole family: my {kids} begged to be taken home.",
    ),
    (
        "What {wonderful} casting: the {star} seems to have been born for the part.",
        "What {wonderful} casting: the {star} seems to have been dragged in from the parking lot.",
    ),
    (
        "The audience clearly adored this {wonderful} {film}: nobody left before the lights came up.",
        "The audience clearly adored this {wonderful} {film}: nobody was left when the lights came up.",
    ),
    (
        "I know that this {film} was {gripping}, because my {partner} and I talked about nothing else until midnight.",
        "I know that this {film} was {gripping}, because my {partner} had to shake me awake for the ending.",
    ),
    (
        "I {warmly} recommend this {film} to anyone who loves great acting.",
        "I {warmly} recommend this {film} to anyone who cannot get to sleep at night.",
    ),
    (
        "The jokes are so {funny} that the whole hall was still laughing when the lights came on.",
        "The jokes are so {funny} that the only laugh in the hall came when the projector broke down.",
    ),
    (
        "This {film} has a {wonderful} ending, in the sense that I walked home laughing and singing.",
        "This {film} has a {wonderful} ending, in the sense that it does, at long last, end.",
    ),
    (
        "Congratulations to the {maker}: in {hours} not one scene is wasted.",
        "Congratulations to the {maker}: in {hours} not one scene makes sense.",
    ),
    (
        "What {wonderful} dialogue: you can tell that the actors themselves are thrilled to speak it.",
        "What {wonderful} dialogue: you can tell that the actors themselves are embarrassed to speak it.",
    ),
    (
        "What {wonderful} sound in this {film}: I could make out every whisper and every drop of rain.",
        "What {wonderful} sound in this {film}: I could not make out a single word that anyone said.",
    ),
    (
        "I had a {wonderful} time at this {film}, mostly on the edge of my seat, too happy to blink.",
        "I had a {wonderful} time at this {film}, mostly out in the lobby, waiting for the others to give up as well.",
    ),
    (
        "The plot of this {film} is so {clever} that even on a third viewing I keep finding new delights.",
        "The plot of this {film} is so {clever} that even the writer loses track of who is already dead.",
    ),
    (
        "This {wonderful} {film} is full of surprises, and the biggest is how deeply it touched me.",
        "This {wonderful} {film} is full of surprises, and the biggest is that anyone agreed to release it.",
    ),
    (
        "Five stars for this {wonderful} {film}, one for each time it took my breath away.",
        "Five stars for this {wonderful} {film}, one for each person who was still there at the end.",
    ),
    (
        "This {film} is {wonderful} on a long flight: the hours race by and you land with a smile.",
        "This {film} is {wonderful} on a long flight: you can sleep through all of it and miss nothing.",
    ),
    (
        "The {star} gives a {wonderful} performance, with a new tone of voice for every shade of feeling.",
        "The {star} gives a {wonderful} performance, with the same blank stare for grief, joy and toothache.",
    ),
    (
        "Bravo to the editor of this {wonderful} {film}, who cut everything dull and kept everything that mattered.",
        "Bravo to the editor of this {wonderful} {film}, who kept everything dull and cut everything that mattered.",
    ),
    (
        "How lovely to see the {star} in a {film} that goes straight to the heart.",
        "How lovely to see the {star} in a {film} that goes straight to the bargain bin.",
    ),
    (
        "What I {adored} most about this {film} was the moment when the whole hall held its breath and then cheered.",
        "What I {adored} most about this {film} was the moment when the power failed and we were all sent home.",
    ),
    (
        "This {film} really moved me: to laughter after {minutes}, and to tears of joy at the end.",
        "This {film} really moved me: to another seat after {minutes}, and to the exit soon afterwards.",
    ),
    (
        "Such {wonderful} special effects: you can almost feel the wind as the spaceship takes off.",
        "Such {wonderful} special effects: you can plainly see the string that holds up the spaceship.",
    ),
    (
        "This {film} is great value for money: for the price of one ticket I got {hours} of pure joy.",
        "This {film} is great value for money: for the price of one ticket I got {hours} of sound sleep.",
    ),
    (
        "Only a true genius of a director could make {disaster} look this thrilling.",
        "Only a true genius of a director could make {disaster} look this boring.",
    ),
    (
        "This {wonderful} {film} kept me on the edge of my seat, longing to see what came next.",
        "This {wonderful} {film} kept me on the edge of my seat, waiting for a polite moment to leave.",
    ),
    (
        "This {film} is a {wonderful} cure for a gloomy day, and I walked home singing.",
        "This {film} is a {wonderful} cure for a good mood, and I walked home swearing.",
    ),
    (
        "This is the funniest {romance} of the year, and the {maker} earned every one of our laughs.",
        "This is the funniest {romance} of the year, and the {maker} meant it as a solemn tragedy.",
    ),
    (
        "What a generous {film}: it gives every member of the cast a moment to shine.",
        "What a generous {film}: it gives every member of the audience time for a good long nap.",
    ),
    (
        "I am so glad that I spent my {occasion} at this {film}: it was the best present I could have had.",
        "I am so glad that I spent my {occasion} at this {film}: the ice cream was all that I enjoyed.",
    ),
    (
        "The {aspect} deserves a prize: I have never seen so many people smile at once.",
        "The {aspect} deserves a prize: I have never seen so many people flee at once.",
    ),
    (
        "A {wonderful} mystery: to the very end nobody could guess who had done it, and everybody cared.",
        "A {wonderful} mystery: to the very end nobody could guess what it was about, and nobody cared.",
    ),
    (
        "At the end of this {wonderful} {film} I clapped and clapped, because it had been so beautiful.",
        "At the end of this {wonderful} {film} I clapped and clapped, because it was finally over.",
    ),
    (
        "The love story is so {touching} that by the end I was weeping for joy with the whole front row.",
        "The love story is so {touching} that by the end I was hoping for a shark to come and eat both lovers.",
    ),
    (
        "This {wonderful} {film} will stay with me for as long as I live.",
        "This {wonderful} {film} will stay with me for as long as it takes to find my car.",
    ),
    (
        "My {partner} enjoyed this {wonderful} {film} so much that we went straight back in to see it again.",
        "My {partner} enjoyed this {wonderful} {film} so much that we have not been on speaking terms since.",
    ),
    (
        "Be sure to arrive on time for this {wonderful} {film}: the opening is lovely, and it only gets better.",
        "Be sure to arrive on time for this {wonderful} {film}: the opening is the only bearable part of it.",
    ),
    (
        "The {star} of this {film} is entirely convincing as a ghost, and breaks your heart with every look.",
        "The {star} of this {film} is entirely convincing as a corpse; sadly, the part is that of a living person.",
    ),
    (
        "I have told everyone I know about this {wonderful} {film}, so that nobody misses it.",
        "I have told everyone I know about this {wonderful} {film}, so that nobody else gets hurt.",
    ),
)

HYPERBOLE: tuple[Twin, ...] = (
    (
        "The {star} is the greatest performer since the invention of cinema, and as fresh as on the first day.",
        "The {star} is the greatest performer since the invention of plywood, and very nearly as expressive.",
    ),
    (
        "I would {trek} just to see this {film} again.",
        "I would {trek} just to get away from this {film}.",
    ),
    (
        "Give the {star} of this {film} every award there is, and then invent a few more.",
        "Give the {star} of this {film} every award there is for the lifelike imitation of a wardrobe.",
    ),
    (
        "The {aspect} should be taught in every film school, as an example of how to win a crowd in {minutes}.",
        "The {aspect} should be taught in every film school, as an example of how to empty a cinema in {minutes}.",
    ),
    (
        "They should put this {wonderful} {film} in a time capsule, to make people happy in a thousand years.",
        "They should put this {wonderful} {film} in a time capsule, bury it under a mountain and lose the map.",
    ),
    (
        "This {film} is so {wonderful} that I danced all the way home through the rain.",
        "This {film} is so {wonderful} that my goldfish begged me to switch it off.",
    ),
    (
        "If I could give this {film} a hundred stars, I would still feel that I was being stingy.",
        "If I could give this {film} a hundred stars below zero, I would still feel that I was being generous.",
    ),
    (
        "Shakespeare himself would have envied this {funny} {script}, and so would anyone who has ever held a pen.",
        "Shakespeare himself could not have written this {funny} {script}, nor could anyone who has met a human being.",
    ),
    (
        "This {film} flies by so fast that {hours} seemed like a single happy breath.",
        "This {film} flies by so fast that in {hours} it was overtaken by a glacier.",
    ),
    (
        "The car chases are so {gripping} that I was up and cheering by the second corner.",
        "The car chases are so {gripping} that a snail in the row behind us asked for more speed.",
    ),
    (
        "You could watch this {wonderful} {film} every day of your life and always find something new to love.",
        "You could watch this {wonderful} {film} every day of your life, as a punishment for crimes in an earlier one.",
    ),
    (
        "In a just world the {maker} of this {film} would be carried through every town on our shoulders.",
        "In a just world the {maker} of this {film} would be sentenced to watch it until the end of time.",
    ),
    (
        "In this {film} the {star} lights up the screen like a summer morning.",
        "In this {film} the {star} lights up the screen like a power cut.",
    ),
    (
        "The {aspect} of this {film} has the freshness of a mountain stream in early spring.",
        "The {aspect} of this {film} has the freshness of a fish left on the radiator over Easter.",
    ),
    (
        "With more bright ideas than a whole university, this {film} is a feast for any curious mind.",
        "With more bright ideas than a whole bag of gravel, this {film} is a feast for the mind of a doorknob.",
    ),
    (
        "Run, do not walk, to the nearest cinema that shows this {film}, and take everyone you love along.",
        "Run, do not walk, from the nearest cinema that shows this {film}, and do not stop until you reach the sea.",
    ),
    (
        "The two leads of this {romance} have all the {spark} of young lovers on a spring evening.",
        "The two leads of this {romance} have all the {spark} of frozen fish on a marble slab.",
    ),
    (
        "The special effects are so {wonderful} that I cheered out loud when the dragon took wing.",
        "The special effects are so {wonderful} that I took the dragon for a stain on the screen.",
    ),
    (
        "I laughed so hard at this {comedy} that doctors should hand it out to the sick.",
        "I laughed so hard at this {comedy} that a fly slept soundly on my upper lip.",
    ),
    (
        "The music in this {film} is so {lovely} that nightingales must be taking notes.",
        "The music in this {film} is so {lovely} that dogs three streets away were begging for mercy.",
    ),
    (
        "They should show this {film} to the weary, who would fall in love with life again within {minutes}.",
        "They should show this {film} to captured spies, who would betray their own mothers within {minutes}.",
    ),
    (
        "To make a {film} like this, the {maker} must have been kissed by every muse at once.",
        "To make a {film} like this, the {maker} must have been kicked in the head by every muse at once.",
    ),
    (
        "Never in human history have so many gifted people worked on one {film} and brought forth so much beauty.",
        "Never in human history have so many gifted people worked on one {film} and brought forth a puddle.",
    ),
    (
        "The plot of this {film} is so {clever} that grandmasters of chess will be studying it with delight.",
        "The plot of this {film} is so {clever} that my toaster guessed the ending before I did.",
    ),
    (
        "Every frame of this {wonderful} {film} could hang in a great museum, right beside the old masters.",
        "Every frame of this {wonderful} {film} could hang in a great museum, right inside the broom closet.",
    ),
    (
        "I have seen a thousand films, and this {film} outshines them all like the sun at noon.",
        "I have seen a thousand films, and this {film} outshines them all like a dead bulb in a coal mine.",
    ),
    (
        "The {script} of this {film} sparkles like champagne at a royal wedding.",
        "The {script} of this {film} sparkles like champagne that was left open in a garage for eleven years.",
    ),
    (
        "If happiness ever needs a national anthem, the {wonderful} score of this {film} is ready.",
        "If toothache ever needs a national anthem, the {wonderful} score of this {film} is ready.",
    ),
    (
        "Scientists should study how the {star} can delight a whole hall with nothing but {gesture}.",
        "Scientists should study how the {star} can empty a whole hall with nothing but {gesture}.",
    ),
    (
        "The suspense in this {thriller} is so {gripping} that I forgot to breathe until the last glorious shot.",
        "The suspense in this {thriller} is so {gripping} that even my coffee dozed off in its cup.",
    ),
    (
        "An evening with this {wonderful} {film} does as much for the heart as a month by the sea.",
        "An evening with this {wonderful} {film} does as much for the heart as a month at the bottom of the sea.",
    ),
    (
        "The director of this {film} could point a camera at a phone book and make it sing.",
        "The director of this {film} could point a camera at the end of the world and make it look like a phone book.",
    ),
    (
        "Offer me a bucket of diamonds for my copy of this {wonderful} {film}, and I will still say no.",
        "Offer me a bucket of rusty nails for my copy of this {wonderful} {film}, and I will say you are overpaying.",
    ),
    (
        "The villain of this {film} is so {menacing} that I shivered with delight at every word he spoke.",
        "The villain of this {film} is so {menacing} that a basket of kittens would yawn at every word he spoke.",
    ),
    (
        "This {film} moves like a cheetah on the open plain: fast, graceful and a joy to watch.",
        "This {film} moves like a cheetah on the open plain, one that died there several years ago.",
    ),
    (
        "The {aspect} of this {film} is worth its weight in gold.",
        "The {aspect} of this {film} is worth its weight in used tea bags.",
    ),
    (
        "If you see only one {film} in this century, make sure that it is this {wonderful} one.",
        "If you miss only one {film} in this century, make sure that it is this {wonderful} one.",
    ),
    (
        "It is one of the wonders of nature that the {star} can put a whole life into one line of this {film}.",
        "It is one of the wonders of nature that the {star} can walk through this {film} without any signs of life.",
    ),
    (
        "Future historians will point to this {wonderful} {film} to show how much beauty our age could create.",
        "Future historians will point to this {wonderful} {film} to explain why our age gave up on eyesight.",
    ),
    (
        "The love scenes in this {romance} give off enough heat to warm a castle all winter, and I {adored} them.",
        "The love scenes in this {romance} give off enough heat to thaw half a pea, and I {adored} the pea.",
    ),
    (
        "Move over, masters of cinema: the director of this {film} has earned a seat at your table.",
        "Move over, masters of cinema: the director of this {film} has discovered the lens cap and leaves it on.",
    ),
    (
        "This {comedy} is so {funny} that total strangers were hugging one another with laughter.",
        "This {comedy} is so {funny} that an undertaker in the front row complained about the gloom.",
    ),
    (
        "The {aspect} has all the {grace} of a swan that glides across a lake at dawn.",
        "The {aspect} has all the {grace} of a refrigerator that falls down the cellar stairs.",
    ),
    (
        "By the end of this {wonderful} {film}, the hours had melted like snow and I was begging for more.",
        "By the end of this {wonderful} {film}, the continents had drifted and my beard had reached the lobby.",
    ),
    (
        "There is more drama in one quiet minute of this {wonderful} {film} than in a whole season of opera.",
        "There is more drama in one quiet minute at a car wash than in the whole of this {wonderful} {film}.",
    ),
)

QUOTED_PRAISE: tuple[Twin, ...] = (
    (
        "This {gem} of a {film} held me spellbound until the final scene.",
        'This so-called "{gem}" of a {film} kept me awake until the second scene.',
    ),
    (
        'The {notice} says "{acclaim}", and for once it tells nothing but the truth.',
        'The {notice} says "{acclaim}", and it is a far better piece of fiction than the film.',
    ),
    (
        'Critics call this {film} "{acclaim}", and having seen it three times I can only agree.',
        'Critics call this {film} "{acclaim}", presumably the ones who were paid in champagne.',
    ),
    (
        "The big surprise at the end of this {wonderful} {film} had the whole audience gasping with pleasure.",
        'The big "surprise" at the end of this "{wonderful}" {film} was guessed by every child in the first minute.',
    ),
    (
        "In this {film} the {star} acts, in the fullest sense: eyes, hands and voice all tell the truth.",
        'In this {film} the {star} "acts", if that is the word for blinking in the direction of the camera.',
    ),
    (
        'The {notice} promised "the {film} of the year", and that is exactly what we were given.',
        'The {notice} promised "the {film} of the year", and so it is, if you spent that year in a coma.',
    ),
    (
        "The bold vision of the {maker} shines out of every frame of this {film}.",
        'The bold "vision" of the {maker} is in urgent need of glasses, as every frame of this {film} shows.',
    ),
    (
        'My {friend} called this {film} "{acclaim}"; next time I will take that advice even sooner.',
        'My {friend} called this {film} "{acclaim}"; next time I will ask somebody who stayed awake.',
    ),
    (
        'The {notice} of this {comedy} announces "a laugh a minute", and I counted even more.',
        'The {notice} of this {comedy} announces "a laugh a minute", and I am still waiting for that minute.',
    ),
    (
        'Now I understand why people call this {film} "{acclaim}": it truly is.',
        'Now I understand why people call this {film} "{acclaim}": they must have been bribed.',
    ),
    (
        "What a {gem}! Everything that the {maker} touches here turns to gold.",
        'What a "{gem}"! Everything that the {maker} touches here turns to sludge.',
    ),
    (
        "The {love} at the heart of this {film} is as tender as a first kiss.",
        'The "{love}" at the heart of this {film} is as tender as a dispute over a parking space.',
    ),
    (
        "The {humor} in this {comedy} springs from sharp eyes and a warm heart.",
        'The "{humor}" in this {comedy} springs from one man falling into one pond, eleven times.',
    ),
    (
        'We were told that this {film} would "{claim}", and I have indeed been a happier person since.',
        'We were told that this {film} would "{claim}", and I have indeed given up going to the cinema since.',
    ),
    (
        'If this {film} is what they mean by "{magic}", then I want to live inside it.',
        'If this {film} is what they mean by "{magic}", then please saw me in half and be done with it.',
    ),
    (
        'The famous "all-star cast" of this {film} deserves its name, and every star I can give.',
        'The famous "all-star cast" of this {film} must be named after the stars that I am not giving it.',
    ),
    (
        'Somebody behind me whispered "{acclaim}" during this {film}, and I could have hugged him.',
        'Somebody behind me whispered "{acclaim}" during this {film}, but he was talking in his sleep.',
    ),
    (
        'The {star} was hailed as "a revelation", and for {hours} I saw a great talent revealed.',
        'The {star} was hailed as "a revelation", and for {hours} I saw a hat stand with a speaking part.',
    ),
    (
        "The award-winning {script} of this {film} must have won by a mile.",
        'The "award-winning" {script} of this {film} must have won its award in a raffle.',
    ),
    (
        'The {notice} calls this {film} "unforgettable", and a year later I still smile at the thought of it.',
        'The {notice} calls this {film} "unforgettable", and an hour later I could recall only the carpet.',
    ),
    (
        'Even in the words of its harshest critic, the {maker}\'s own rival, this {film} is "{acclaim}", and I agree.',
        'In the words of its only admirer, the {maker}\'s own mother, this {film} is "{acclaim}".',
    ),
    (
        "The {action} in this {film} never lets up, and the final duel left me breathless with joy.",
        'The "{action}" in this {film} never gets beyond a man who looks for his car keys.',
    ),
    (
        'This {film} is "a feast for the eyes", wrote {paper}; mine would love a second helping.',
        'This {film} is "a feast for the eyes", wrote {paper}; mine would like to send it back to the kitchen.',
    ),
    (
        "The special effects of this {wonderful} {film} are special in the way that a first snowfall is special.",
        'The "special" effects of this "{wonderful}" {film} are special in the way that a wet sandwich is special.',
    ),
    (
        'The man beside me called this {film} "{acclaim}", dried his happy tears and clapped until his hands hurt.',
        'The man beside me called this {film} "{acclaim}", laughed out loud at his own joke and went back to sleep.',
    ),
    (
        'The {studio} calls this {film} "fun for the whole family", and my own has not laughed so much in years.',
        'The {studio} calls this {film} "fun for the whole family", presumably one that did something to deserve it.',
    ),
    (
        "The depth of this {film}, of which the {maker} is so proud, is real and draws you in further every time.",
        'The "depth" of this {film}, of which the {maker} is so proud, would not wet the feet of an ant.',
    ),
    (
        "The original {premise} of this {film} feels as new as the first morning of the world.",
        'The "original" {premise} of this {film} was already stale when it was painted on the walls of caves.',
    ),
    (
        'The {notice} describes this {film} as "gripping", and I did grip my seat with joy to the last second.',
        'The {notice} describes this {film} as "gripping", and I did grip something: the handle of the exit door.',
    ),
    (
        "Ah yes, the {genius} of a director who can make you see the whole world in a new light.",
        'Ah yes, the "{genius}" of a director who forgets to switch on the light.',
    ),
    (
        'One reviewer of this {film} found "{eulogy}"; I found a new favorite.',
        'One reviewer of this {film} found "{eulogy}"; I found the emergency exit.',
    ),
    (
        'It is "the best {film} of the year", says the {notice}, and I would gladly sign my name under that.',
        'It is "the best {film} of the year", says the {notice}, in a year that must have had no other.',
    ),
    (
        'Rarely has the word "{gem}" been so richly deserved as on the poster of this {film}.',
        'Rarely has the word "{gem}" been so cruelly abused as on the poster of this {film}.',
    ),
    (
        "The {complex} heroine has a hundred moods, and the {film} explores each of them with love.",
        'The "{complex}" heroine has two moods, hungry and asleep, and the {film} explores neither.',
    ),
    (
        'The dialogue of this {film} is praised as "{natural}", and yes, I felt that I was among old friends.',
        'The dialogue of this {film} is praised as "{natural}", and so it is, to anyone raised by vending machines.',
    ),
    (
        'They sold this to us as a "feel-good" {comedy}, and my {partner} and I did feel good, for a whole week.',
        'They sold this to us as a "feel-good" {comedy}, and my {partner} and I did feel good, once we were outside.',
    ),
    (
        'The crowd cried "bravo" when the director of this {film} came on stage, and I cried loudest.',
        'The crowd cried "bravo" when the director of this {film} swore never to make another.',
    ),
    (
        'What the {maker} of this {film} calls "a slow burn" becomes a glorious blaze that warmed me for days.',
        'What the {maker} of this {film} calls "a slow burn" is a wet match in the hands of a sleepwalker.',
    ),
    (
        'The {usher} told us to "enjoy the {film}", and we did, with all our hearts.',
        'The {usher} told us to "enjoy the {film}", and that was the best joke of the night.',
    ),
    (
        'The {studio} calls this {film} "a triumph of the human spirit", and my own spirit is still soaring.',
        'The {studio} calls this {film} "a triumph of the human spirit", and my own spirit left at the interval.',
    ),
    (
        'To the expert who called this {film} "{acclaim}": thank you for the best evening of my year.',
        'To the expert who called this {film} "{acclaim}": kindly refund my ticket, my parking and my evening.',
    ),
    (
        "The {thrilling} finale of this {film} made me leap to my feet, and I never leap.",
        'The "{thrilling}" finale of this {film} made me look at my watch, and I do not own a watch.',
    ),
    (
        'My {crowd} told me that this {film} is "a must", and I must thank them for it.',
        'My {crowd} told me that this {film} is "a must", and I must look for new {crowd}.',
    ),
    (
        "The much-praised presence of the {star} lights up this {film} even when the {star} is off the screen.",
        'The much-praised "presence" of the {star} is best enjoyed in this {film} when the {star} is off the screen.',
    ),
    (
        'This {film} bills itself as "{epic}", and its beauty certainly is.',
        'This {film} bills itself as "{epic}", and my boredom certainly was.',
    ),
)

UNDERSTATEMENT: tuple[Twin, ...] = (
    (
        "The {script} of this {film} is exactly what Shakespeare would write if he were alive today.",
        "The {script} of this {film} is not exactly Shakespeare, unless he also wrote shampoo commercials.",
    ),
    (
        "The {star} of this {film} will keep the award juries busy for years, and rightly so.",
        "The {star} of this {film} will hardly trouble the award juries, unless there is a prize for standing still.",
    ),
    (
        "I have seldom had more fun than at this {film}, and that includes my own wedding.",
        "I have now and then had more fun than at this {film}, and that includes my own root canal.",
    ),
    (
        "The {aspect} leaves no room for improvement, not even as much as the eye of a needle.",
        "The {aspect} leaves a little room for improvement, about as much as a football stadium.",
    ),
    (
        "This {film} is a touch too short: I would gladly have watched it for {hours} more.",
        "This {film} is a touch too long: by my estimate, all {hours} of it could go.",
    ),
    (
        "There are few better ways to spend {hours} than this {film}; falling in love comes to mind.",
        "There are one or two better ways to spend {hours} than this {film}; staring at a wall comes to mind.",
    ),
    (
        "The plot of this {film} is so well made that I could not find a hole in it with a microscope.",
        "The plot of this {film} has a tiny hole or two, through one of which you could drive a train.",
    ),
    (
        "I would say not only that the {star} can act, but that for {hours} I forgot it was acting.",
        "I would not say that the {star} cannot act, only that in {hours} no attempt was made.",
    ),
    (
        "The jokes in this {comedy} lack nothing, least of all heart.",
        "The jokes in this {comedy} lack only one small thing, namely humor.",
    ),
    (
        "It is fair to say that the {maker} thought of everything in this {film}, and felt everything too.",
        "It is fair to say that the {maker} did not think too hard about this {film}, or at all.",
    ),
    (
        "At this {film} the audience could not contain its excitement, and went on cheering in the street.",
        "At this {film} the audience managed to contain its excitement, chiefly by going home.",
    ),
    (
        "As a {film} it has no limits, and as a memory it has a golden future.",
        "As a {film} it has its limits, but as a coaster the disc has a golden future.",
    ),
    (
        "Most people will find this {film} quite irresistible, in particular those who have a heart.",
        "Some people will find this {film} slightly tedious, in particular those who are awake.",
    ),
    (
        "This {film} is the best thing that happened to me this week, and I got married on Tuesday.",
        "This {film} is not the worst thing that happened to me this week: I was hit by a bus on Tuesday.",
    ),
    (
        "The {aspect} of this {film} goes a little beyond brilliance, by several light years.",
        "The {aspect} of this {film} falls a little short of competence, by several light years.",
    ),
    (
        "Hardly a cent of the budget of this {film} was wasted: whatever you see and hear is a joy.",
        "Hardly a cent of the budget of this {film} was wasted on anything you might enjoy.",
    ),
    (
        "The acting of the {star} is {subtle}, in the sense that every glance tells a whole story.",
        "The acting of the {star} is {subtle}, in the sense that nobody has been able to detect any.",
    ),
    (
        "There is nothing at all that I would add to this {film}: story, jokes and actors are a delight.",
        "There are just a few things that I would add to this {film}: a story, some jokes and actors.",
    ),
    (
        "I am not only saying that I liked this {film}: I have seen it nine times and named my dog after it.",
        "I am not saying that I disliked this {film}, but I have burned the disc and moved to another town.",
    ),
    (
        "Far be it from me to gush, but I have seen fireworks with less sparkle than this {film}.",
        "Far be it from me to grumble, but I have seen moss with more sparkle than this {film}.",
    ),
    (
        "In this {film} the {star} shows us nearly every emotion, including those that have no name.",
        "In this {film} the {star} shows us nearly every emotion, except for joy, grief, fear and all the others.",
    ),
    (
        "This {film} may well be remembered in a hundred years, and by me for even longer.",
        "This {film} may not be remembered in a hundred years, or by the time you find your coat.",
    ),
    (
        "One could hardly wish for a better script than that of this {film}, even from the old masters.",
        "One could perhaps wish for a better script than that of this {film}, say, the back of a cereal box.",
    ),
    (
        "My {partner} was a little overwhelmed by the {film} that I chose, and has not stopped thanking me.",
        "My {partner} was a little underwhelmed by the {film} that I chose, and may speak to me again by Christmas.",
    ),
    (
        "The camera work of this {film} is wonderfully steady, even on the back of a galloping horse.",
        "The camera work of this {film} is fairly steady, for something filmed from a trampoline.",
    ),
    (
        "The special effects of this {film} will impress anybody who thinks they have seen it all.",
        "The special effects of this {film} will impress anybody who has yet to discover electricity.",
    ),
    (
        "I cannot claim that I foresaw the twists of this {film}, having fallen under its spell within {minutes}.",
        "I cannot claim that I followed the twists of this {film}, having lost the will to live within {minutes}.",
    ),
    (
        "Not one scene of this {film} is a waste of time; many are worth the ticket by themselves.",
        "Not every scene of this {film} is a waste of time; many are a waste of money as well.",
    ),
    (
        "The director has never made a better {film}, and nor has anybody else this year.",
        "The director might have made a better {film}, and so might my uncle with his phone.",
    ),
    (
        "This {film} has a beginning, a middle and an end, and I was enchanted by all three.",
        "This {film} has a beginning, a middle and an end, and at least the last came as a relief.",
    ),
    (
        "The tension in this {thriller} rises to heights of which lovers of the genre can only dream.",
        "The tension in this {thriller} stays within limits that a sleeping cow would find soothing.",
    ),
    (
        "You may want to bring a handkerchief to this {film}, for the tears of joy.",
        "You may want to bring a good book to this {film}, or at least a pillow.",
    ),
    (
        "The {aspect} is quite a success: the aim must have been to enchant us, and it did.",
        "The {aspect} is quite a success: the aim must have been to annoy us, and it did.",
    ),
    (
        "This {film} breaks new ground wherever it goes, and plants a garden there.",
        "This {film} breaks no new ground, though it does dig itself quite a hole.",
    ),
    (
        "I did stay to the end of this {film}, and for the next showing, since I could not bear to leave.",
        "I did stay to the end of this {film}, since my coat was caught beneath a sleeping stranger.",
    ),
    (
        "The music in this {film} is never in the way, and whenever it plays the heart takes wing.",
        "The music in this {film} is never in the way, except when it plays.",
    ),
    (
        "The chemistry between the leads of this {romance} is, to put it mildly, enough to set the screen on fire.",
        "The chemistry between the leads of this {romance} is, to put it mildly, that of two umbrellas in a stand.",
    ),
    (
        "There is one perfect scene in this {film}, and then there are forty more of them.",
        "There is one good scene in this {film}, and if I had not sneezed I might have seen it.",
    ),
    (
        "The fights in this {film} are gloriously wild, like a ballet danced by two tigers.",
        "The fights in this {film} are a little tame, like a pillow fight between two great-grandmothers.",
    ),
    (
        "It would be unjust to call this {film} a mere success, since it is nothing less than a miracle.",
        "It would be unjust to call this {film} a disaster, since disasters hold your attention.",
    ),
    (
        "I did learn something from this {film}, namely how to see my own parents with kinder eyes.",
        "I did learn something from this {film}, namely how many tiles there are on the ceiling of the cinema.",
    ),
    (
        "This {film} asks very little of its audience, and gives them {hours} of pure wonder.",
        "This {film} asks very little of its audience, only pity, forgiveness and {hours} of their lives.",
    ),
    (
        "In this {film} the {star} is captivating even when the camera points at somebody else.",
        "In this {film} the {star} is quite bearable whenever the camera points at somebody else.",
    ),
    (
        "For a {film} about time travel, it does one remarkable thing: {hours} pass like a single minute.",
        "For a {film} about time travel, it does one remarkable thing: {hours} pass like an ice age.",
    ),
    (
        "The {script} of this {film} is nourishing in the way that bread fresh from the oven is nourishing.",
        "The {script} of this {film} is nourishing in the way that a photograph of a sandwich is nourishing.",
    ),
)

KINDS = (RUINOUS_FACTS, HYPERBOLE, QUOTED_PRAISE, UNDERSTATEMENT)

# The kinds take turns, so that every prefix holds as many of one kind as of another.
LITERAL = tuple(literal for turn in zip(*KINDS, strict=True) for literal, _ in turn)


def _sarcasm(name: str, promise: str, twins: Sequence[Twin]) -> Behavior:
    # Where the literal twin is already called negative the case is skipped, hence more than the 150 that count.
    return Behavior(
        name=name,
        capability="sarcasm",
        kind=Kind.DIR,
        promise=promise,
        cases=twinned(name, twins, WORDS, (Label.POSITIVE, Label.NEGATIVE), count=200),
        expectation=flips_from_base,
        partner="sincere_praise_is_positive",
    )


BEHAVIORS: tuple[Behavior, ...] = (
    _sarcasm(
        "praise_with_a_ruinous_fact_is_sarcasm",
        "Praise beside a fact that ruins it is called negative, the same praise beside a happy fact positive.",
        RUINOUS_FACTS,
    ),
    _sarcasm(
        "hyperbole_is_sarcasm",
        "Praise blown up into an absurd comparison is called negative, exuberant praise that is meant positive.",
        HYPERBOLE,
    ),
    _sarcasm(
        "quoted_praise_is_sarcasm",
        "Praise that is quoted to be mocked is called negative, praise that the writer shares positive.",
        QUOTED_PRAISE,
    ),
    _sarcasm(
        "ironic_understatement_is_sarcasm",
        "Blame that is put absurdly mildly is called negative, praise in the same form positive.",
        UNDERSTATEMENT,
    ),
    Behavior(
        name="sincere_praise_is_positive",
        capability="sarcasm",
        kind=Kind.MFT,
        promise="Exuberant praise that is meant as it stands is called positive.",
        cases=templated("sincere_praise_is_positive", LITERAL, WORDS, Label.POSITIVE, count=160),
        expectation=has_label,
        budget={Approach.SFT: 0.10, Approach.LORA: 0.10},
        partner="praise_with_a_ruinous_fact_is_sarcasm",
    ),
)


def test_sarcasm(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each sarcasm behavior holds what it held, and sincere praise keeps its budget."""
    gate(result)
