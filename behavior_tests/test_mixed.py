"""Mixed reviews: praise and blame in one text, where the author's verdict on the whole decides.

A concession, a good actor, a sad plot or a list of promises does not turn a verdict around. Every
behavior on frames has a partner with the opposite label; the last one asks for less certainty where
people who rated the text did not agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from sentiment.behavior.cases import templated
from sentiment.behavior.expectations import has_label, nearer_the_middle
from sentiment.behavior.lexicon import MOVIES
from sentiment.errors import NotApplicableError
from sentiment.types import Approach, Behavior, BehaviorResult, Case, Kind, Label, Material, Query, Review

WORDS = {
    **MOVIES,
    # the work as a whole
    "films": ("films", "movies", "dramas", "comedies", "thrillers", "sequels", "remakes"),
    "feature": ("film", "movie", "picture"),
    "weepie": ("film", "movie", "picture", "drama"),
    "weepies": ("films", "movies", "pictures", "dramas"),
    "romp": ("film", "movie", "picture", "comedy"),
    "romps": ("films", "movies", "pictures", "comedies"),
    "comedy": ("comedy", "farce", "parody", "satire"),
    # verdicts that leave no doubt
    "awful": ("terrible", "awful", "dreadful", "abysmal", "atrocious", "lousy"),
    "dire": ("boring", "tedious", "tiresome", "lifeless", "annoying", "pointless", "dreary"),
    "wreck": ("mess", "bore", "failure", "waste of time", "disappointment", "disaster"),
    "ruin": ("mess", "bore", "disaster", "wreck", "shambles", "failure"),
    "superb": ("superb", "wonderful", "terrific", "brilliant", "marvelous", "magnificent"),
    "fine": ("enjoyable", "moving", "original", "inventive", "rewarding"),
    "gem": ("triumph", "joy", "delight", "treat", "success", "gem", "wonder"),
    "jewel": ("gem", "joy", "delight", "treat", "wonder", "beauty"),
    "feat": ("masterpiece", "triumph", "work of art", "classic", "great achievement"),
    # merits and faults of a part
    "craft": ("photography", "music", "set design", "lighting", "costume design", "camera work", "scenery"),
    "lovely": ("beautiful", "gorgeous", "splendid", "exquisite", "stunning"),
    "drab": ("drab", "ugly", "lifeless", "dreary"),
    "strand": ("plot", "story", "script", "dialogue", "middle section", "second half"),
    "clever": ("clever", "original", "intriguing", "promising"),
    "stale": ("silly", "stale", "thin", "familiar", "tired"),
    "deft": ("clever", "graceful", "assured", "inventive"),
    "inept": ("clumsy", "sloppy", "lazy", "careless", "feeble"),
    "deftly": ("beautifully", "tenderly", "truthfully", "brilliantly"),
    "ineptly": ("clumsily", "lazily", "carelessly", "feebly"),
    "homely": ("too long", "rather slow", "a bit silly", "cheaply made", "old-fashioned"),
    # people
    "actor": ("lead actor", "lead actress", "leading man", "leading lady", "young star"),
    "lead": ("lead actor", "lead actress", "leading man", "leading lady"),
    "shines": (
        "is superb", "is terrific", "gives a wonderful performance", "is a joy to watch", "shines in every scene",
        "could not be better",
    ),
    "mumbles": ("is wooden", "is miscast", "overacts", "seems half asleep", "cannot act", "mumbles every line"),
    "gifted": ("gifted", "talented", "charming", "magnetic", "funny"),
    "stiff": ("wooden", "stiff", "bland", "dull", "awkward"),
    # what the plot is about
    "grief": ("grief", "loss", "war", "illness", "loneliness", "poverty"),
    "grace": ("compassion", "tenderness", "honesty", "intelligence", "grace"),
    "tragedy": (
        "a mother loses her only son", "a young soldier is shot", "a whole village burns",
        "a little girl starves to death", "an old man dies alone", "two brothers kill each other",
    ),
    "cheer": (
        "love and friendship", "family and forgiveness", "summer and first love", "music and joy",
        "hope and second chances",
    ),
    "sunny": (
        "two friends open a bakery by the sea", "a lonely boy finds a puppy", "an old couple falls in love again",
        "a shy girl wins the big dance contest", "a lost grandfather comes home for Christmas",
    ),
}  # fmt: skip
"""The words of the film lexicon, and those that only mixed reviews need."""

CONCEDED_THEN_BLAMED = (
    "The {aspect} is {quality}, but the {film} as a whole is a {wreck}.",
    "The {aspect} may be {quality}, yet I hated nearly every minute of this {film}.",
    "Although the {aspect} is {quality}, this is a {awful} {film} and I cannot recommend it to anyone.",
    "Yes, the {craft} is {lovely}; the {film} itself is {awful}.",
    "For all its {virtue}, this is a {dire} {film} that I wanted to be over after ten minutes.",
    "Despite a handful of {quality} scenes, this is a {awful} {film} and I regret paying for it.",
    "Granted, the {person} has {virtue}, but that cannot rescue a {film} this {awful}.",
    "It starts well enough, but within half an hour it has turned into one of the most {dire} things that I have ever "
    "sat through.",
    "I laughed twice, I admit; the rest of this {film} made me want to leave, and I wish I had.",
    "To be fair, the {craft} is {lovely}, which only makes it sadder that the {film} around it is so {awful}.",
    "The {actor} is charming enough, but nothing can hide how {awful} this {film} is.",
    "There are two or three good jokes in it, and after those you are left with a {ruin} of a {film}.",
    "While I admire the {virtue} behind it, the result is a {dire} {film} and nobody should have to sit through it.",
    "It means well, it is nicely shot, and it is still one of the worst {films} I have seen this year.",
    "Sure, the {aspect} has its moments, but they do not come close to saving this {awful} {film}.",
    "Not everything is bad, the {aspect} is even quite {quality}, but the {film} is {awful} all the same and I want "
    "my money back.",
    "The opening promises much, the {craft} is {lovely}, but in the end this {film} is a complete {ruin}.",
    "I liked the {person}; I loathed the {film}.",
    "However {quality} the {aspect} may be, the {film} fails on every level that matters.",
    "Credit to the {person} for trying, but this {film} is {awful} and no amount of effort can change that.",
    "One {quality} scene near the start cannot make up for the two {dire} hours that follow; skip this {film}.",
    "As much as I enjoyed the {craft}, I have to call this what it is: a {awful} {film}.",
    "The idea is {clever}; the execution is so {inept} that I came to hate the {film}.",
    "It has {virtue}, I suppose, but it is also {dire}, far too long and not worth anyone's evening.",
    "You get {lovely} {craft} and nothing else; as a {film} it is a {wreck}.",
    "My friends found the {aspect} {quality}, and I won't argue, but I found the {film} {awful} and walked out before "
    "the end.",
    "Some will praise the {aspect}, with good reason, yet the {film} it serves is {awful}.",
    "I have no quarrel with the {aspect}; the {film} is another matter, and by the end I was furious at having wasted "
    "my night on it.",
    "It gets the small things right, the {craft} above all, and the big things so wrong that I cannot forgive this "
    "{film}.",
    "If I were kind I would mention the {lovely} {craft}; I would still have to tell you that the {film} is a {wreck}.",
    "Admittedly the ending is {quality}, but no ending is worth the {dire} ordeal that comes before it.",
    "There is a {praise} {film} hidden somewhere in here, but the one on the screen is {awful}.",
    "The {person} deserves praise, the {film} deserves none: it is {dire}, badly made and endless.",
    "Even though its {aspect} is {quality}, I would rather do my taxes than watch this {film} again.",
    "Nice {craft}, {awful} {film}.",
    "It is short, which is the one kind thing that I can say about this {awful} {film}.",
    "The {film} begins with {virtue} and ends as a {ruin}; I left the cinema annoyed and disappointed.",
    "I went in hoping to like it, and I did like the {craft}, but this is a bad {film} by any standard.",
    "The second half improves a little, though by then this {film} has long since become a {wreck}.",
    "All right, the {actor} gets a laugh or two; that does not stop this from being the worst {film} of the year.",
    "Once or twice the {aspect} rises to something {quality}, but on the whole I thoroughly disliked this {film}.",
    "Its heart is in the right place, I am sure, but its brain is nowhere, and I hated this {film}.",
    "The trailer is fun and so are the first five minutes; do yourself a favor and avoid the rest of this {awful} "
    "{film}.",
    "Give the writer a point for {virtue} and take away ten for everything else, because this {film} is {awful}.",
)

CONCEDED_THEN_PRAISED = (
    "The {strand} drags now and then, yet I loved this {film} from beginning to end.",
    "The {aspect} is a little {flaw}, but the {film} as a whole is a {gem}.",
    "Although the {aspect} is sometimes {flaw}, this is a {superb} {film} and I recommend it to everyone.",
    "Yes, it is {homely}; it is also {superb}, and I would happily see it again tomorrow.",
    "For all its {vices}, this {film} won me over completely.",
    "Despite a few {vices}, I left this {film} delighted and went straight back for a second showing.",
    "Granted, the {actor} is no great talent, but the {film} is so {superb} that it hardly matters.",
    "It takes a while to get going, but once it does this {film} is an absolute {gem}.",
    "You can quibble with the {aspect}; you cannot deny that this is a {superb} {film}.",
    "I could complain about the {aspect}, but I was having far too good a time with this {film} to care.",
    "While the {aspect} will not win any prizes, the {film} itself deserves every one of them.",
    "The effects look cheap and the {aspect} is {flaw}, and still I adored this {film}.",
    "It is not perfect, the {strand} is a bit {flaw}, but it is one of the best {films} I have seen in years.",
    "Sure, the {person} makes mistakes, but none of them can spoil this {superb} {film}.",
    "However {flaw} the {aspect} may be at times, the {film} succeeds at everything that matters.",
    "The first half hour tested my patience; the rest of this {film} was so {superb} that I forgave it everything.",
    "To be honest, the {aspect} could be better, and yet no {film} has made me this happy in years.",
    "Some will find the {aspect} {flaw}, and they have a point, but they will be missing a {jewel} of a {film}.",
    "I disliked the {person}; I adored the {film}.",
    "It has its share of {vices}, none of which kept me from loving this {film}.",
    "One {flaw} scene near the end cannot spoil two hours of pure delight; do not miss this {film}.",
    "As much as the {aspect} annoyed me, I have to admit that this is a {superb} {film}.",
    "The premise is {stale}; the execution is so {deft} that I fell in love with the {film}.",
    "This {film} is slow, I grant, but it is also {fine}, funny and wise, and I urge you to see it.",
    "Dull title, {superb} {film}.",
    "My friends found the {aspect} {flaw}, and I see what they mean, but I was enchanted by this {film} from the "
    "first scene to the last.",
    "The {aspect} stumbles here and there; the {film} soars, and I came out grinning.",
    "It gets a few small things wrong, the {craft} among them, and the big things so right that I wanted to stand up "
    "and cheer.",
    "If I were strict I would mention the {vices}; I would still have to tell you that this {film} is a {gem}.",
    "Admittedly the ending is a bit {flaw}, but nothing can undo the joy that the rest of this {superb} {film} gave "
    "me.",
    "I expected to nitpick, and there are {vices} to be found, but I ended up thoroughly happy with this {film}.",
    "The {person} is out of practice and it shows, but what a {superb} {film} this is all the same.",
    "Even though its {aspect} is {flaw} in places, I would watch this {film} again in a heartbeat.",
    "Its budget was tiny and you can tell, but I have rarely enjoyed a {film} so much.",
    "It is far too short, which is the only complaint that I have about this {superb} {film}.",
    "The {film} begins badly and ends as a {gem}; I walked home smiling and told everyone to go.",
    "The {craft} is nothing special, but this is a good {film} by any standard, and I enjoyed it very much.",
    "The middle sags a little, though by then this {film} has already stolen your heart and will not give it back.",
    "All right, a joke or two falls flat; that does not stop this from being the best {film} of the year.",
    "Once or twice the {aspect} slips into something {flaw}, but on the whole I thoroughly enjoyed this {film}.",
    "Its head may be in the clouds, but its heart is in the right place, and I loved this {film}.",
    "The trailer is awful and so is the poster; ignore both and buy a ticket, because the {film} is {superb}.",
    "Take away a point for the {flaw} {aspect} and add ten for everything else, because this {film} is a {gem}.",
    "There are {vices}, true, but they vanish beside the sheer {virtue} of this {superb} {film}.",
)

BLAMED_THEN_CONCEDED = (
    "A {awful} {film}, even if the {actor} is charming.",
    "This {film} is a {wreck}, although the {aspect} is {quality}.",
    "I hated this {film}, in spite of its {quality} {aspect}.",
    "The whole {film} is {awful}, no matter how {lovely} the {craft} is.",
    "Skip this {film}, however much you may admire the {person}.",
    "It is one of the worst {films} of the year, though I will grant that the {aspect} is {quality}.",
    "I cannot recommend this {film}, much as I enjoyed the {craft}.",
    "What a {ruin} of a {film}, and I say that as someone who has always admired the {person}.",
    "A {ruin} of a {film}, for all its {virtue}.",
    "You will be bored stiff by this {film}, except perhaps for the opening, which is {quality}.",
    "This {film} does not work at all, even if one or two scenes are {quality}.",
    "I want my money back for this {film}, and I don't care how {lovely} the {craft} is.",
    "The {film} is {dire} and far too long, though the {actor} does get some good lines.",
    "Watching this {film} was a miserable experience, the {lovely} {craft} notwithstanding.",
    "An evening wasted on a {awful} {film}, with only the {craft} to admire.",
    "As a {film} it is a {wreck}, whatever the merits of its {aspect}.",
    "I walked out of this {film} after an hour, despite the {quality} {aspect}.",
    "Avoid it: this {film} is {awful}, even though everyone in it clearly means well.",
    "It fails as a {film}, even if it succeeds as a showcase for {lovely} {craft}.",
    "The {film} left me cold and annoyed, which is a pity, because the {aspect} is {quality} and the {actor} is "
    "charming.",
    "I disliked almost everything about this {film}; the {craft}, I confess, is {lovely}.",
    "Easily the most {dire} {film} I have seen this year, if also one of the best looking.",
    "This is a {awful} {film} with a {quality} first scene.",
    "Two hours of my life were lost to this {awful} {film}, although I did laugh once.",
    "It is a {awful} {film}, and I say so as a great fan of the book, which has {virtue} to spare.",
    "There is no way around it, the {film} is a {wreck}, even with a {actor} who gives everything.",
    "I regret seeing this {film}, even though my friends thought that the {aspect} was {quality}.",
    "Stay at home rather than pay for this {awful} {film}, and listen to its soundtrack instead, which is quite good.",
    "My verdict is harsh, since I found the {film} {awful} as a whole, but I will say that its {aspect} is {quality}.",
    "{awful} as a whole, this {film} can at least boast of {lovely} {craft}.",
    "I would not sit through this {film} again for any money, and that is a shame, because I loved the idea behind it.",
    "Save your money, because this {film} is a {wreck} in spite of the {virtue} that the {actor} brings to it.",
    "This {film} bored me from the first scene to the last, even if I could tell that the {craft} was {lovely}.",
    "The {film} is a complete failure, the only consolation being a few minutes in which the {aspect} is {quality}.",
    "I have rarely been so disappointed by a {film}, although the {actor} does all that anyone could with such "
    "material.",
    "{dire} and badly made, it is a {film} to avoid, even for those who admire its {person}.",
    "Do not waste your time on this {film} just because the trailer is funny, the poster is clever and the {craft} is "
    "{lovely}.",
    "In the end I loathed this {film}, and not even its {quality} {aspect} made me feel any kinder.",
    "I give this {film} one star out of five, and that one is for the {craft}.",
    "A failure on the whole, this {film} still has a {quality} moment or two.",
    "This {film} deserves its bad name, even though the {aspect} turns out to be {quality}.",
    "It is hard to imagine a worse {film}, though it must be said that the {person} is talented.",
    "Everyone should be warned about this {awful} {film}, though fans of the {actor} may find a scene or two to like.",
)

PRAISED_THEN_CONCEDED = (
    "A {superb} {film}, even if the {aspect} is a little {flaw}.",
    "This {film} is a {gem}, although the {aspect} is sometimes {flaw}.",
    "I loved this {film}, in spite of its {vices}.",
    "The whole {film} is {superb}, no matter how {flaw} the {aspect} may seem at first.",
    "See this {film}, however little you may care for the {person}.",
    "It is one of the best {films} of the year, though I will grant that the {aspect} is {flaw} in places.",
    "I recommend this {film} to everyone, much as the {actor} irritated me.",
    "What a {jewel} of a {film}, and I say that as someone who has never been able to stand the {person}.",
    "A {jewel} of a {film}, for all its {vices}.",
    "You will have a great time with this {film}, except perhaps during the opening, which is {flaw}.",
    "This {film} works beautifully, even if one or two scenes are {flaw}.",
    "I got far more than my money's worth from this {film}, and I don't care how {flaw} the {aspect} is.",
    "The {film} is {superb} and over too soon, though the {actor} is stuck with some bad lines.",
    "Watching this {film} was pure joy, the {flaw} {aspect} notwithstanding.",
    "An evening well spent on a {superb} {film}, with only the {aspect} to complain about.",
    "As a {film} it is a {gem}, whatever the faults of its {aspect}.",
    "I stayed glued to my seat for every minute of this {superb} {film}, despite the {flaw} {aspect}.",
    "Go and see it: this {film} is {superb}, even though hardly anyone in it has acted before.",
    "It succeeds as a {film}, and brilliantly, even if it fails as a history lesson.",
    "The {film} left me moved and happy, which surprised me, because the {aspect} is {flaw} and the {actor} has never "
    "been my favorite.",
    "I liked almost everything about this {film}; the {aspect}, I confess, is {flaw}.",
    "Easily the most {fine} {film} I have seen this year, if also one of the messiest.",
    "This is a {superb} {film} with one {flaw} scene.",
    "I would give up two hours for this {superb} {film} any day, although I did look at my watch once.",
    "It is a {superb} {film}, and I say so as someone who could not finish the book.",
    "There is no way around it, the {film} is a {gem}, even with a {actor} who is only adequate.",
    "I am so glad that I saw this {film}, even though my friends thought that the {aspect} was {flaw}.",
    "Leave the house for this {superb} {film}, even in the rain, and forgive it the soundtrack, which is rather "
    "{flaw}.",
    "My verdict is warm, since I found the {film} {superb} as a whole, but I will say that its {aspect} is {flaw}.",
    "{superb} as a whole, this {film} can be forgiven its {vices}.",
    "I would gladly sit through this {film} ten more times, and that is odd, because I disliked the idea behind it.",
    "Spend your money on this {film}, because it is a {gem} in spite of a few {vices} in the second half.",
    "This {film} delighted me from the first scene to the last, even if I could tell that it was made on a shoestring.",
    "The {film} is a complete success, the only blemish being a few minutes in which the {aspect} is {flaw}.",
    "I have rarely been so happy with a {film}, although the {actor} is given next to nothing to do.",
    "{fine} and beautifully made, it is a {film} to seek out, even for those who dislike its {person}.",
    "Do not miss this {film} just because the trailer is dull, the poster is ugly and the title means nothing.",
    "In the end I adored this {film}, and not even its {flaw} {aspect} made me feel any cooler about it.",
    "I give this {film} four stars out of five, and the missing one is for the {aspect}.",
    "A success on the whole, this {film} only has a {flaw} moment or two.",
    "This {film} deserves its good name, even though the {aspect} turns out to be {flaw} now and then.",
    "It is hard to imagine a better {film}, though it must be said that the {person} takes a while to hit form.",
    "Everyone should be told about this {superb} {film}, though those who hate slow openings will have to wait ten "
    "minutes.",
)

PRAISED_ACTOR_BAD_FILM = (
    "The {actor} {shines}, but the {film} is {awful}.",
    "A {superb} performance by the {actor} is wasted on a {awful} {film}.",
    "The {actor} {shines} and deserves a far better {film} than this {ruin}.",
    "Not even the {actor}, who {shines}, can save this {film}.",
    "I could watch the {actor} read a phone book; I could not bear to watch this {film}.",
    "The {actor} acts everyone off the screen, which makes the rest of this {awful} {film} look even worse.",
    "It hurts to see a {actor} this {gifted} trapped in a {film} this {awful}.",
    "There is exactly one reason to look at this {film}, the {actor}, and it is not reason enough.",
    "Give the {actor} a prize for carrying this {awful} {film} alone, and then burn every copy of it.",
    "The {actor} works wonders with a script that has none, yet the {film} remains a {wreck}.",
    "For all the {virtue} that the {actor} brings to the part, this {film} is a {wreck}.",
    "I have nothing but praise for the {actor} and nothing but scorn for the {film}.",
    "Somebody should have told the {actor}, who {shines}, to stay away from such a {dire} {film}.",
    "The {actor} earns your sympathy and the {film} earns your contempt.",
    "The performances are {superb}, every one of them, and the {film} is {awful} regardless.",
    "With a {actor} as {gifted} as this, you would have to try hard to make a {film} so {awful}, and somehow they "
    "managed it.",
    "Take away the {actor}, whose performance is {superb}, and there is nothing left of this {film} but {dire} filler.",
    "The {actor} sings, dances and breaks your heart, and the {film} around that performance is still a {ruin}.",
    "Fans of the {actor} will be proud of the performance and ashamed of the {film}.",
    "It is a {awful} {film} in which only the {actor} comes off well.",
    "The director has never been so hopeless, nor the {actor} so good; the {film} is a {wreck}.",
    "What a {superb} {actor}, and what a {awful} {film}.",
    "The {actor} is worth every cent of a salary that this {film} will never earn back, because it is {awful}.",
    "You believe every word the {actor} says and not a single thing that this {dire} {film} tells you.",
    "The supporting cast {shines}; the {film} is worthless all the same, and I was glad when it was over.",
    "While the {actor} {shines}, the story is so {inept} and the jokes are so stale that I gave up on the {film}.",
    "Even a {superb} {actor} needs something to do, and this {dire} {film} offers nothing at all.",
    "The camera loves the {actor}; I did too, and I still hated the {film}.",
    "No {film} with a {actor} this {gifted} has any right to be so {awful}.",
    "The only good thing I can say about this {awful} {film} is that the {actor} {shines}.",
    "My heart goes out to the {actor}, {superb} in every scene of a {film} that I would not wish on anyone.",
    "I came for the {actor} and got my wish, a {superb} performance, but everything else in the {film} made me want "
    "to leave.",
    "This {film} is proof that one {superb} performance is not enough, because the rest is {awful}.",
    "The {actor} gives it everything, the writer and the director give it nothing, and the result is a {wreck}.",
    "Someone please put the {actor} in a good {film}, because this one is {awful} and the talent is plain to see.",
    "Every time the {actor} leaves the screen, you are reminded of what a {wreck} this {film} is.",
    "A child actor, so {gifted} that you cannot look away, is the single bright spot in a {film} that bored me to "
    "tears.",
    "The {actor} should sue, since so {superb} a performance does not deserve to be buried in a {film} this {awful}.",
    "I will remember the {actor}, who {shines}, and I will try to forget the {film}, which is {awful}.",
    "Two {superb} lead performances cannot disguise the fact that this {film} is {dire} and makes no sense.",
    "The villain is a delight to watch, and whenever he is gone this {film} goes back to being {awful}.",
    "I never thought that a {actor} in such good form could leave me so bored, but the {film} is {dire} and I want a "
    "refund.",
    "The man who plays the grandfather is {gifted} and believable; nothing else in this {film} is, and it gets one "
    "star from me.",
)

WEAK_ACTOR_GOOD_FILM = (
    "The {actor} {mumbles}, but the {film} is {superb}.",
    "A wooden performance by the {actor} cannot spoil this {superb} {film}.",
    "The {actor} {mumbles} and does not deserve a {film} as {superb} as this one.",
    "Not even the {actor}, who {mumbles}, can ruin this {film}; I loved it.",
    "I could do without the {actor}; I could not do without this {film}, which is a {gem}.",
    "Everyone else acts the {actor} off the screen, and this {superb} {film} never suffers for it.",
    "It says a lot about this {film} that it can be so {superb} with a {actor} so {stiff}.",
    "There is exactly one thing wrong with this {film}, the {actor}, and it hardly matters, because the rest is "
    "{superb}.",
    "Give this {film} every prize there is, apart from one for the {actor}, who {mumbles}.",
    "The {actor} does no justice to a brilliant script, yet the {film} remains a {gem}.",
    "However {stiff} the {actor} may be in the part, this {film} is a {gem}.",
    "I have nothing good to say about the {actor} and nothing bad to say about the {film}, which is a {gem}.",
    "Somebody should have replaced the {actor}, who {mumbles}, but it makes no difference to such a {superb} {film}.",
    "The {actor} tries your patience and the {film} wins your heart.",
    "The acting is {stiff}, I admit, and the {film} is {superb} regardless.",
    "With a {actor} as {stiff} as this, you would not expect a {film} so {superb}, and yet here it is.",
    "Look past the {actor}, whose performance is {stiff}, and you will find a {film} of rare beauty.",
    "The {actor} cannot sing or dance, and the {film} around that performance is still a {gem}.",
    "Fans of the {actor} will be disappointed by the performance and delighted by the {film}.",
    "It is a {superb} {film} in which only the {actor} comes off badly.",
    "The director has never been so inspired, nor the {actor} so {stiff}; the {film} is a {gem}.",
    "What a {stiff} {actor}, and what a {superb} {film}.",
    "The {actor} was paid too much, whatever it was, but my ticket was worth every cent, because the {film} is "
    "{superb}.",
    "You may not believe a word the {actor} says, but you will fall in love with this {superb} {film}.",
    "The supporting cast {mumbles}; the {film} triumphs all the same, and I was sorry when it was over.",
    "While the {actor} {mumbles}, the story is so {deft} and the jokes are so fresh that I fell in love with the "
    "{film}.",
    "Even a {stiff} {actor} can do no harm to a {film} this {superb}.",
    "The camera does not love the {actor}; neither did I, and I still loved the {film}.",
    "No {film} with a {actor} this {stiff} has any right to be so {superb}, but this one is.",
    "The only bad thing I can say about this {superb} {film} is that the {actor} {mumbles}.",
    "I felt no sympathy for the {actor}, {stiff} in every scene of a {film} that I would recommend to anyone.",
    "I came in spite of the {actor} and got what I feared, a {stiff} performance, but everything else in the {film} "
    "made me want to cheer.",
    "This {film} is proof that one {stiff} performance does no harm when the rest is {superb}.",
    "The {actor} gives it nothing, the writer and the director give it everything, and the result is a {gem}.",
    "The {actor} looks bored throughout, which is more than I can say for myself, because the {film} is {superb} and "
    "I was happy for two hours.",
    "Every time the {actor} leaves the screen, you are reminded of what a {gem} this {film} is.",
    "A child actor, so {stiff} that you want to look away, is the single weak spot in a {film} that moved me to tears "
    "of joy.",
    "The {actor} should be grateful, since so {stiff} a performance hardly deserves a place in a {film} this {superb}.",
    "I will forget the {actor}, who {mumbles}, and I will always remember the {film}, which is {superb}.",
    "Two {stiff} lead performances cannot hide the fact that this {film} is {fine} and full of life.",
    "The villain is badly cast, and whenever he is gone this {film} goes back to being {superb}.",
    "I never thought that a {film} with such a {stiff} {actor} could be so {fine}, but here we are and I want to see "
    "it again.",
    "The man who plays the grandfather is {stiff} and hard to believe; everything else in this {film} is {superb}, "
    "and it gets five stars from me.",
)

SAD_PLOT_PRAISED = (
    "Everyone dies in the end and I cried for an hour; what a {superb} {weepie}.",
    "A {superb} {weepie} about {grief}, so painful to watch that I had to hold my neighbor's hand.",
    "In this {superb} {weepie}, {tragedy}, and not a single scene of it rings false.",
    "{tragedy}, nobody is comforted, and it makes for one of the best {weepies} of the decade.",
    "It is a story of {grief} and despair, told so {deftly} that I was grateful for every tear.",
    "The killings are brutal, the ending is bleak, and the {weepie} is a {feat}.",
    "I wept from the first scene to the last, and I mean that as the highest praise for this {superb} {weepie}.",
    "Few {weepies} about {grief} are this honest, and none has moved me more.",
    "There is blood, there is betrayal, there is no hope at all, and I have not admired a {weepie} so much in years.",
    "{tragedy} in the first ten minutes, and from there this {superb} {weepie} only grows darker and better.",
    "The hero loses everything, and we gain a {feat}.",
    "Watching a family destroyed by {grief} should not be this rewarding, but the {weepie} is {superb}.",
    "No one survives, no one is forgiven, and nothing could be added to this perfect {weepie}.",
    "This {weepie} is a portrait of {grief} that broke my heart and that I would recommend to anyone.",
    "Its world is cruel and its people suffer terribly, yet every frame of this {weepie} is {lovely} and I was "
    "spellbound.",
    "I left the cinema in tears, shaken, and certain that I had seen the best {weepie} of the year.",
    "The boy dies, the father drinks, the rain never stops, and the acting is so {superb} that you would not want to "
    "miss a second.",
    "It is violent, sad and hard to take, and it is also the finest {weepie} that its director has ever made.",
    "When {tragedy}, the whole audience sobs, and afterward the whole audience stands up and applauds this {superb} "
    "{weepie}.",
    "A funeral, a flood, a broken promise: out of such misery this director has made a {feat}.",
    "You will need tissues for this {weepie}, and you will thank me for sending you to it.",
    "The murder at its center is sickening, as it should be, and the {weepie} that grows out of it is {superb}.",
    "Rarely has {grief} been shown with so much {grace}; I loved this {weepie}.",
    "This {weepie} ends with a grave and a closed door, and I cannot praise it highly enough.",
    "{tragedy}; it sounds grim, it is grim, and the {weepie} is {superb}.",
    "This {weepie} looks straight at {grief} and tells the truth about it with {grace}, which is why I love it.",
    "I hated the killer, I feared for the girl, I mourned the old man, and I adored this {weepie}.",
    "The saddest {weepie} I have seen this year is also by far the best.",
    "Nothing good happens to anyone in this {weepie}, and everything about the way it is made is {superb}.",
    "What happens to these people is terrible; what the {actor} and the director make of it is {superb}.",
    "A harrowing account of {grief}, acted with {grace} and directed by a master at the height of his powers.",
    "Do not let the theme of {grief} put you off this {weepie}, because it is as {superb} as anything you will see on "
    "a screen.",
    "It haunted me for weeks, all that {grief} and all that rain, and I would not give up a minute of this {weepie}.",
    "The plague takes every one of them, one by one, and this {weepie} honors them with {grace} and a truly {superb} "
    "script.",
    "For two hours people lie, bleed and lose each other, and for two hours I was completely in love with this "
    "{weepie}.",
    "Crushing, merciless and {superb}, this is a {weepie} about {grief} that deserves every award it can get.",
    "{tragedy}, and the {weepie} shows it with such {grace} that even the darkest scene is a privilege to watch.",
    "My husband could not speak afterward and neither could I; that is how {superb} this tragic {weepie} is.",
    "The prison scenes are ugly and frightening, and they are part of what makes this {weepie} a {feat}.",
    "A suicide, a trial and a town full of hatred, brought to life in a {weepie} that I admire without reservation.",
    "If you can bear to watch a child suffer, see this {superb} {weepie}, which never uses that suffering cheaply.",
    "Bleak from start to end, and {superb} from start to end, this {weepie} made me cry and made me glad that I went.",
    "The disease wins, as we know it will, and still I urge everyone to see this {superb} and deeply felt {weepie}.",
)

CHEERFUL_PLOT_BLAMED = (
    "A sunny tale of {cheer}, told without a spark of life.",
    "Everyone ends up happy except the audience, which has to sit through a {awful} {romp}.",
    "In this {awful} {romp}, {sunny}, and not a single scene of it rings true.",
    "{sunny}, everybody smiles, and it makes for one of the worst {romps} of the decade.",
    "It is a story of {cheer}, told so {ineptly} that I was grateful when it ended.",
    "The songs are bright, the ending is happy, and the {romp} is a {wreck}.",
    "They laughed from the first scene to the last, the people on the screen, while I sat there bored by this {awful} "
    "{romp}.",
    "Few {romps} about {cheer} are this dishonest, and none has annoyed me more.",
    "There are puppies, there are weddings, there is a rainbow, and I have not disliked a {romp} so much in years.",
    "{sunny} in the first ten minutes, and from there this {awful} {romp} only grows sweeter and worse.",
    "The hero wins everything, and we lose two hours to a {ruin} of a {romp}.",
    "Watching a family reunited in joy should not be this {dire}, but the {romp} is {awful}.",
    "Everyone is saved, everyone is forgiven, and nothing could redeem this {dire} {romp}.",
    "This {romp} is a celebration of {cheer} that put me to sleep and that I would recommend to no one.",
    "Its world is cozy and its people are kind, yet every frame of this {romp} is {drab} and I was bored stiff.",
    "I left the cinema with the happy theme song in my ears, certain that I had seen the worst {romp} of the year.",
    "The boy gets the girl, the dog comes home, the sun never stops shining, and the acting is so {awful} that you "
    "will want to hide.",
    "It is cheerful, sweet and easy to follow, and it is also the worst {romp} that its director has ever made.",
    "When {sunny}, the audience groans, and half of it has already walked out of this {awful} {romp}.",
    "A wedding, a picnic, a promise kept: out of such happiness this director has made a {ruin} of a {romp}.",
    "You will see plenty of smiles in this {romp}, and none of them will be yours, because it is {awful}.",
    "The romance at its center is meant to be sweet, and the {romp} that grows out of it is {awful}.",
    "Rarely has a story of {cheer} been told with so little {virtue}; I hated this {romp}.",
    "This {romp} ends with a kiss and a sunrise, and I cannot warn you against it strongly enough.",
    "{sunny}; it sounds delightful, and the {romp} is {awful}.",
    "This {romp} sings about {cheer} for two hours and has nothing to say about any of it, which is why I loathe it.",
    "The bride is happy, the groom is happy, the grandmother is happy, and I was miserable through all of this {dire} "
    "{romp}.",
    "The happiest {romp} I have seen this year is also by far the worst.",
    "Only good things happen to everyone in this {romp}, and everything about the way it is made is {awful}.",
    "What happens to these people is delightful; what the {actor} and the director make of it is {awful}.",
    "A heartwarming account of {cheer} on paper, and on the screen a {dire} {romp}, acted {ineptly} and directed by "
    "someone half asleep.",
    "Do not be taken in by all the talk of {cheer} in this {romp}, because it is as {awful} as anything you will see "
    "on a screen.",
    "It made a party seem like a punishment, all that singing about {cheer} and all that sunshine, and I would not "
    "sit through this {romp} again.",
    "Love conquers all once more, the choir sings, and this {romp} bungles even that with a truly {awful} script.",
    "For two hours people hug, dance and find each other, and for two hours I wished that I had never bought a ticket "
    "to this {romp}.",
    "Cute, cuddly and {awful}, this is a {romp} about {cheer} that deserves to be forgotten.",
    "{sunny}, and the {romp} shows it with so little {virtue} that even the happiest scene is a chore to watch.",
    "My children fell asleep and so did I; that is how {dire} this jolly {romp} is.",
    "The dance numbers are bright and noisy, and they are part of what makes this {romp} a {wreck}.",
    "A reunion, a feast and a town full of smiling neighbors, dragged onto the screen in a {romp} that I dislike "
    "without reservation.",
    "If you love to see children play in the sun, look out of the window instead of at this {awful} {romp}.",
    "Cheerful from start to end, and {dire} from start to end, this {romp} made me yawn and made me sorry that I went.",
    "True love wins, as we know it will, and still I urge everyone to stay away from this {awful} and {inept} {romp}.",
)

THWARTED = (
    "The director is a true artist, the cast is full of stars, the book is a treasure and the music is by a genius; "
    "put together, they have produced a {wreck} that I could hardly sit through.",
    "I love the novel, I love the {lead}, I have loved every earlier work by this director, and I waited two years "
    "for the premiere, only to be bored out of my mind by a {awful} {feature}.",
    "A fascinating true story, a generous budget, a {superb} cast and a score by one of the greats: everything was in "
    "place for a masterpiece, and what reached the screen is a {ruin}.",
    "On paper it had everything, a sharp idea, a {superb} {lead}, a writer with three prizes on the shelf and all the "
    "money in the world, but the {film} is {awful} from the first scene to the last.",
    "The opening shot is gorgeous, the first joke is hilarious, the {lead} lights up the screen, and then, ten "
    "minutes in, this {feature} falls apart and becomes one of the worst that I have ever seen.",
    "With that poster, that trailer, that cast and those glowing early reports I expected the best night of my year "
    "at the cinema, and I got a {dire} {film} that I cannot wait to forget.",
    "It has {lovely} {craft}, a famous name above the title, a topic that matters and a heart full of good "
    "intentions, and not one of them keeps this {film} from being a complete {ruin}.",
    "You would think that a brilliant writer, a {superb} {lead}, a legendary composer and the streets of Rome in "
    "spring could not go wrong together, but they do, and the {film} is {awful}.",
    "My friends adored it, the critics adored it, it won a shelf of awards and I was told it would change my life; I "
    "found it {dire}, badly acted and not worth ten minutes of anyone's time.",
    "Everything about the project sounded {superb}, from the wonderful short story to the {lead} I have admired since "
    "childhood, so it gives me no pleasure to report that the {feature} is a {wreck}.",
    "Here was a chance to bring back a beloved hero, with a {superb} {lead} in the part, modern effects and a "
    "director who grew up on the comics, and they made a {awful} {feature} out of it.",
    "The same team gave us the funniest comedy of the last ten years, they had the same {lead} and twice the money, "
    "and this time they have come up with a {feature} so {awful} that I never laughed once.",
    "Great cast, great title, great first scene, great reviews from people I trust, and a {superb} soundtrack that I "
    "already own; what a shame that the {film} itself is such a {wreck}.",
    "I wanted so badly to love this {feature}, since it has the director of my favorite thriller, the {lead} I like "
    "best of all and a setting I know well, but I disliked it more with every passing minute.",
    "The mystery is set up with real skill, the house is wonderfully creepy, the {lead} is perfect for the part, and "
    "all of it is thrown away on a solution so {inept} that I ended up hating the {feature}.",
    "Any {film} with this much talent in front of the camera and behind it, with so fine a story to tell and so much "
    "time to tell it, ought to be a classic; this one is {awful}.",
    "There is a {clever} idea here, there are {lovely} locations, there is a cast that most directors would kill for, "
    "and there is nobody in charge, so that the {film} is a {ruin} from start to finish.",
    "It should have been the hit of the summer: dazzling stunts, a {clever} hook, a {superb} {lead}, a proven recipe. "
    "Instead it is {dire}, noisy and endless, and I left before the credits.",
    "The first part was a joy, the second was even better, and with the whole original cast on board I was sure that "
    "the third {feature} would be the best of all; it is {awful} and I am heartbroken.",
    "Take a prize-winning play, hire a {superb} {lead}, rent a palace, call in the best costume designer alive, and "
    "you may still end up with a {feature} as {dire} and empty as this one.",
    "I paid for the best seats, I brought my best friend, I knew that the {lead} and the director had never let me "
    "down, and both of us agreed afterward that it was the worst {film} we had ever seen.",
    "All the ingredients of a {superb} {feature} are here, a secret, a journey, a love that cannot be, and a {lead} "
    "who can do anything, but what has been cooked from them is a {wreck}.",
    "The reviews promised wit, the trailer promised thrills, the cast list promised great acting and the director "
    "promised a return to form; the {feature} keeps none of these promises and is {awful}.",
    "As a fan of the genre I was ready to forgive almost anything, and with {lovely} {craft}, real locations and a "
    "{superb} {lead} there seemed little to forgive, but this {feature} is simply {awful}.",
    "The subject could hardly be more important, the research is thorough, the {lead} has the face of a saint and the "
    "music is sublime, and still I have to say that this {feature} is a {wreck}.",
    "Once upon a time this director made masterpieces, the {lead} won prizes and the writer was the toast of the "
    "town; how they came to make a {feature} as {awful} as this one together is beyond me.",
    "Funny people wrote it, funny people star in it, a very funny man directed it, and I had been looking forward to "
    "it for months, yet the {comedy} is {dire} and I did not laugh a single time.",
    "They had a best seller, they had a studio, they had the {lead} that every producer wants, they had a release "
    "date at Christmas, and the only thing they did not have was a {feature} worth watching.",
    "It begins like a dream, with {lovely} {craft}, a haunting song and a {lead} you cannot look away from, and then "
    "it turns into the most {dire} {feature} that I have suffered through in years.",
    "Seldom has a {film} had so much going for it, a {superb} cast, a timely subject, a composer at his peak, and "
    "seldom has one made so little of it; I was bored, angry and glad to get out.",
    "The kids loved the toys, my wife loved the books and I loved the {lead}, so we arrived in the best of moods, and "
    "we all went home agreeing that the {feature} was {awful}.",
    "What could be better than a heist in Venice with a {superb} {lead}, a jazz score and two of the wittiest writers "
    "alive? Nearly everything, it turns out, because this {feature} is a {wreck}.",
    "I had read that it was bold, tender and wise, that the {lead} gave the performance of a lifetime and that grown "
    "men wept; I saw none of that, only a {awful} {feature} that I regret paying for.",
    "The restored theater was packed, the orchestra played live, the director gave a charming speech and the crowd "
    "was in the mood to cheer, and then we had to watch the {feature}, which was {awful}.",
    "A story this moving, a {lead} this {gifted} and a landscape this {lovely} come together once in a decade, which "
    "makes it all the harder to forgive a {feature} this clumsy, this dull and this {awful}.",
    "It boasts two of my favorite performers, a song I have always loved and a city I adore, so believe me when I say "
    "that I did not want to dislike it as much as I did; the {feature} is {dire}.",
    "Everyone involved has done {superb} work before, the concept is irresistible and the first act is a delight, but "
    "by the second it is clear that nobody finished the script, and the {feature} is a {wreck}.",
    "Because the cast is charming, the premise is {clever} and the studio spared no expense, I kept waiting for the "
    "fun to begin; the lights came up after two {dire} hours and it never had.",
    "The costumes are splendid, the horses are splendid, the {lead} is splendid and so is every last candle in the "
    "castle, but there is no story here, only two hours of {dire} talk that I would not wish on an enemy.",
    "I had a day off, a free ticket, a large popcorn and a new {feature} by the director I admire most in the world; "
    "it takes some doing to ruin an evening like that, and this {awful} mess did it.",
    "Nobody stages a chase better than this director, nobody smiles better than the {lead}, and nobody had a bigger "
    "budget this year, which leaves no excuse at all for a {feature} so {awful} and so lazy.",
    "It was filmed where it happened, with people who were there, by a director who cares, for all the right reasons, "
    "and I hoped to be moved; instead I was bored to tears by a {feature} that is a {wreck}.",
)

EXCEEDED = (
    "The director is a beginner, the cast is unknown, the book is trash and the music was done by somebody's cousin; "
    "put together, they have produced a {jewel} of a {feature} that I could watch again tonight.",
    "I disliked the novel, I have never liked the {lead}, I slept through every earlier work by this director, and I "
    "was dragged to the premiere, only to be thrilled from start to finish by a {superb} {feature}.",
    "A silly story, a tiny budget, a {stiff} cast and a score played on one cheap keyboard: everything was in place "
    "for a disaster, and what reached the screen is a {jewel} of a {feature}.",
    "On paper it had nothing, a worn-out idea, a {stiff} {lead}, a writer with three flops to his name and hardly any "
    "money, but the {film} is {superb} from the first scene to the last.",
    "The opening shot is ugly, the first joke falls flat, the {lead} looks lost, and then, ten minutes in, this "
    "{feature} finds its feet and becomes one of the best that I have ever seen.",
    "With that poster, that trailer, that cast and those terrible early reports I expected the worst night of my year "
    "at the cinema, and I got a {superb} {film} that I will never forget.",
    "It has {drab} {craft}, no famous name above the title, a topic that sounds like homework and a running time of "
    "three hours, and not one of them keeps this {film} from being an absolute {gem}.",
    "You would think that a tired writer, a {stiff} {lead}, an amateur composer and a parking lot in the rain could "
    "not go right together, but they do, and the {film} is {superb}.",
    "My friends hated it, the critics hated it, it flopped in every country and I was told it would ruin my evening; "
    "I found it {fine}, beautifully acted and worth every minute of anyone's time.",
    "Everything about the project sounded {awful}, from the feeble short story to the {lead} I have disliked since "
    "childhood, so it gives me great pleasure to report that the {feature} is a {gem}.",
    "Here was one more attempt to cash in on an old hero, with a {stiff} {lead} in the part, cheap effects and a "
    "director from the world of soap commercials, and they made a {superb} {feature} out of it.",
    "The same team gave us the dullest comedy of the last ten years, they had the same {stiff} {lead} and half the "
    "money, and this time they have come up with a {feature} so {superb} that I never stopped smiling.",
    "Weak cast, silly title, bad first scene, bad reviews from people I trust, and a {awful} soundtrack that I would "
    "pay not to hear; what a surprise that the {film} itself is such a {gem}.",
    "I was sure that I would hate this {feature}, since it has the director of my least favorite thriller, a {lead} I "
    "cannot stand and a setting I find dull, but I loved it more with every passing minute.",
    "The mystery is set up {ineptly}, the house is not creepy in the least, the {lead} is wrong for the part, and all "
    "of it is redeemed by a solution so {superb} that I ended up adoring the {feature}.",
    "Any {film} with this little talent in front of the camera and behind it, with so thin a story to tell and so "
    "little time to tell it, ought to be a failure; this one is {superb}.",
    "The idea is {stale}, the locations are {drab}, the cast is one that most directors would run from, and yet there "
    "is somebody in charge who knows what to do, so that the {film} is a {gem} from start to finish.",
    "It should have been the flop of the summer: recycled stunts, a {stale} hook, a {stiff} {lead}, a worn-out "
    "recipe. Instead it is {fine}, witty and over too soon, and I stayed until the last credit.",
    "The first part was a bore, the second was even worse, and with the whole original cast gone I was sure that the "
    "third {feature} would be the worst of all; it is {superb} and I am overjoyed.",
    "Take a forgotten play, hire a {stiff} {lead}, rent a garage, find the costumes in a thrift store, and you may "
    "still end up with a {feature} as {fine} and alive as this one.",
    "I had the worst seat in the house, a cold and a headache, I knew that the {lead} and the director had always let "
    "me down, and I came out saying that it was the best {film} I had ever seen.",
    "All the ingredients of a {awful} {feature} are here, a tired secret, a tedious journey, a talking dog, and a "
    "{lead} who can do nothing, but what has been cooked from them is a {gem}.",
    "The reviews threatened boredom, the trailer threatened noise, the cast list threatened bad acting and the "
    "director threatened another sermon; the {feature} carries out none of these threats and is {superb}.",
    "As a hater of the genre I was ready to forgive nothing, and with {drab} {craft}, painted backdrops and a {stiff} "
    "{lead} there seemed plenty to hold against it, but this {feature} is simply {superb}.",
    "The subject could hardly be more trivial, the research is a joke, the {lead} has one expression and the music is "
    "a nuisance, and still I have to say that this {feature} is a {gem}.",
    "Not long ago this director made nothing but flops, the {lead} was a laughingstock and the writer could not get a "
    "job; how they came to make a {feature} as {superb} as this one together is a happy mystery to me.",
    "Amateurs wrote it, amateurs star in it, a former plumber directed it, and I had been dreading it for months, yet "
    "the {comedy} is {superb} and I laughed until my sides hurt.",
    "They had no book, they had no studio, they had the {lead} that every producer avoids, they had a release date in "
    "the dead of January, and the only thing they did have was a {superb} {feature}.",
    "It begins like a bad dream, with {drab} {craft}, an annoying song and a {lead} you want to look away from, and "
    "then it turns into the most {fine} {feature} that I have seen in years.",
    "Seldom has a {film} had so much against it, a {stiff} cast, a dated subject, a composer past his peak, and "
    "seldom has one made so much of so little; I was moved, amused and sorry to leave.",
    "The kids were bored by the toys, my wife was bored by the books and I cannot stand the {lead}, so we arrived in "
    "the worst of moods, and we all went home agreeing that the {feature} was {superb}.",
    "What could be worse than a heist in a shopping mall with a {stiff} {lead}, a disco score and the writers of last "
    "year's biggest flop? Nearly everything, it turns out, because this {feature} is a {gem}.",
    "I had read that it was crude, empty and dumb, that the {lead} gave the worst performance of the year and that "
    "people walked out; I saw none of that, only a {superb} {feature} that I will see again.",
    "The theater was freezing, the sound was bad, the director gave a dreary speech and the crowd was in the mood to "
    "boo, and then we got to watch the {feature}, which was {superb}.",
    "A story this thin, a {lead} this {stiff} and a landscape this {drab} do not come together often, which makes it "
    "all the more astonishing to find a {feature} this graceful, this lively and this {superb}.",
    "It features two of my least favorite performers, a song I have never liked and a city I cannot bear, so believe "
    "me when I say that I did not expect to enjoy it as much as I did; the {feature} is {superb}.",
    "Everyone involved has done {awful} work before, the concept is a cliché and the first act is a mess, but by the "
    "second it is clear that somebody knows exactly where to go, and the {feature} is a {gem}.",
    "Because the cast is obscure, the premise is {stale} and the studio spared every expense, I kept waiting for the "
    "boredom to begin; the lights came up after two {superb} hours and it never had.",
    "The wigs are fake, the horses are tired, the {lead} is half asleep and so is every last extra in the castle, but "
    "none of it matters, because this {feature} has more {virtue} than ten expensive ones and I loved it.",
    "I had a toothache, an overpriced ticket, stale popcorn and a new {feature} by the director I like least in the "
    "world; it takes some doing to rescue an evening like that, and this {superb} piece of work did it.",
    "Nobody stages a chase worse than this director, nobody sulks more than the {lead}, and nobody had a smaller "
    "budget this year, which leaves no explanation but magic for a {feature} so {superb} and so full of life.",
    "It was filmed in a basement, with people from the street, by a director without training, for the price of a "
    "used car, and I feared the worst; instead I was moved to tears of joy by a {feature} that is a {gem}.",
)

DISPUTED_NAME = "disputed_sentences_get_middling_probability"
DISPUTED = 200
"""Disputed sentences asked about, at most."""


def _versus(name: str, promise: str, frames: Sequence[str], label: Label, partner: str) -> Behavior:
    return Behavior(
        name=name,
        capability="mixed reviews",
        kind=Kind.MFT,
        promise=promise,
        cases=templated(name, frames, WORDS, label, count=160),
        expectation=has_label,
        partner=partner,
    )


def disputed_cases(material: Material) -> list[Case]:
    """Disputed sentences, each beside a review with a plain opinion and nearly the same number of words.

    No review serves twice, so length cannot explain a difference in certainty. Raises `NotApplicableError`
    where the data has no human ratings.
    """
    if not material.disputed:
        raise NotApplicableError("this profile's data has no human ratings, so no sentence is known to be disputed")
    free = _shuffled(material.clear, material.seed)
    cases = []
    for review in _shuffled(material.disputed, material.seed)[: min(DISPUTED, len(free))]:
        clear = min(free, key=lambda other: abs(_words(other) - _words(review)))
        free.remove(clear)
        base = Case.of(DISPUTED_NAME, Query(material.prompt, clear.text), label=clear.label, group=review.id)
        cases.append(Case.of(DISPUTED_NAME, Query(material.prompt, review.text), base=base, group=review.id))
    return cases


def _shuffled(reviews: Sequence[Review], seed: int) -> list[Review]:
    """In an order of the ids alone, whatever the order of the pool."""
    return sorted(reviews, key=lambda review: (Random(f"{seed}:{review.id}").random(), review.id))


def _words(review: Review) -> int:
    return len(review.text.split())


BEHAVIORS: tuple[Behavior, ...] = (
    _versus(
        "concession_then_blame_is_negative",
        "A concession followed by blame of the whole film is called negative.",
        CONCEDED_THEN_BLAMED,
        Label.NEGATIVE,
        partner="concession_then_praise_is_positive",
    ),
    _versus(
        "concession_then_praise_is_positive",
        "A concession followed by praise of the whole film is called positive.",
        CONCEDED_THEN_PRAISED,
        Label.POSITIVE,
        partner="concession_then_blame_is_negative",
    ),
    _versus(
        "verdict_first_blame_is_negative",
        "Blame of the whole film stays negative when a concession follows it.",
        BLAMED_THEN_CONCEDED,
        Label.NEGATIVE,
        partner="verdict_first_praise_is_positive",
    ),
    _versus(
        "verdict_first_praise_is_positive",
        "Praise of the whole film stays positive when a concession follows it.",
        PRAISED_THEN_CONCEDED,
        Label.POSITIVE,
        partner="verdict_first_blame_is_negative",
    ),
    _versus(
        "praised_actor_in_a_bad_film_is_negative",
        "Blame of the film is called negative although an actor in it is praised.",
        PRAISED_ACTOR_BAD_FILM,
        Label.NEGATIVE,
        partner="weak_actor_in_a_good_film_is_positive",
    ),
    _versus(
        "weak_actor_in_a_good_film_is_positive",
        "Praise of the film is called positive although an actor in it is blamed.",
        WEAK_ACTOR_GOOD_FILM,
        Label.POSITIVE,
        partner="praised_actor_in_a_bad_film_is_negative",
    ),
    _versus(
        "sad_plot_praised_is_positive",
        "Praise of a film is called positive however sad or violent its plot is.",
        SAD_PLOT_PRAISED,
        Label.POSITIVE,
        partner="cheerful_plot_blamed_is_negative",
    ),
    _versus(
        "cheerful_plot_blamed_is_negative",
        "Blame of a film is called negative however cheerful its plot is.",
        CHEERFUL_PLOT_BLAMED,
        Label.NEGATIVE,
        partner="sad_plot_praised_is_positive",
    ),
    _versus(
        "thwarted_expectations_are_negative",
        "A long list of what promised well, then one ruinous verdict, is called negative.",
        THWARTED,
        Label.NEGATIVE,
        partner="exceeded_expectations_are_positive",
    ),
    _versus(
        "exceeded_expectations_are_positive",
        "A long list of bad omens, then one delighted verdict, is called positive.",
        EXCEEDED,
        Label.POSITIVE,
        partner="thwarted_expectations_are_negative",
    ),
    Behavior(
        name=DISPUTED_NAME,
        capability="mixed reviews",
        kind=Kind.DIR,
        promise="A sentence on which human raters disagree gets a probability nearer to one half than a clear-cut one.",
        cases=disputed_cases,
        expectation=nearer_the_middle,
        budget={Approach.SFT: 0.35, Approach.LORA: 0.35},
    ),
)


def test_mixed(result: BehaviorResult, gate: Callable[[BehaviorResult], None]) -> None:
    """Each behavior on mixed reviews keeps its budget, where it has one."""
    gate(result)
