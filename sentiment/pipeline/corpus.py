"""The reviews of a profile, and the cases that behaviors make of them: all that judging needs where no language model
is judged."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from sentiment.data.assets import sentences_files
from sentiment.data.joined import with_joined
from sentiment.data.pools import Pools, make_pools
from sentiment.data.sentences import clear_ids, disputed_sentences
from sentiment.data.sources import load_source, seen_texts
from sentiment.errors import BehaviorError, DataError
from sentiment.judging.judge import queries_of
from sentiment.predictors.floors import ConstantPredictor, WordCountPredictor
from sentiment.profiles import Profile
from sentiment.types import Behavior, Case, Label, Material, Predictor, Review, Role, Subject, SubjectFacts

Note = Callable[[str], None]


@dataclass(frozen=True)
class Corpus:
    """Each thing is made on first use, and then kept."""

    profile: Profile
    quick: bool = field(default=False, kw_only=True)
    """Judge the first cases of each behavior only."""
    note: Note = field(default=print, kw_only=True)
    _cases: dict[str, list[Case]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By behavior: subjects share them."""

    @cached_property
    def pools(self) -> Pools:
        """The profile's reviews. Raises `DataError` or `AssetError`."""
        data = self.profile.data
        pools = make_pools(load_source(data, self.note), data, data.seed)
        for line in pools.summary():
            self.note(line)
        return pools

    @cached_property
    def seen(self) -> frozenset[str] | None:
        """Digests of the texts that somebody else trained on, as `[data] seen` tells; None: nobody knows."""
        return seen_texts(self.profile.data, self.note) or None

    @cached_property
    def material(self) -> Material:
        """What behaviors draw from."""
        data = self.profile.data
        pools = Material(self.profile.house_prompt, self.pools.test, self.pools.suite, data.seed)
        if data.source != "sentences" or data.test_file is not None:
            return pools
        files = sentences_files(self.note)
        plain = clear_ids(*files)
        clear = tuple(review for review in self.pools.suite if review.id in plain)
        return dataclasses.replace(pools, disputed=disputed_sentences(*files), clear=clear)

    def cases_of(self, behavior: Behavior) -> list[Case]:
        """The behavior's cases; in a quick run the first few.

        Raises `LeakError` when one shows a text that models may be trained on, `BehaviorError` when two
        share an id, `NotApplicableError` where the profile's data cannot feed the behavior.
        """
        if behavior.name not in self._cases:
            self._cases[behavior.name] = self._checked_cases(behavior)
        return self._cases[behavior.name]

    def _checked_cases(self, behavior: Behavior) -> list[Case]:
        who = f"behavior {behavior.name!r}{f' of {behavior.place}' if behavior.place else ''}"
        cases = list(behavior.cases(self.material))
        counts = Counter(case.id for case in cases)
        if len(counts) < len(cases):
            raise BehaviorError(f"{who} has two cases {counts.most_common(1)[0][0]}: drop one")
        if self.quick:
            cases = cases[: behavior.quick]
        self.pools.refuse_trained_on((query.text for query in queries_of(cases)), who)
        return cases

    @cached_property
    def training_rows(self) -> tuple[Review, ...]:
        """The reviews that sft and lora learn from, as the profile has them joined.

        Raises `LeakError` when one belongs to another pool.
        """
        data = self.profile.data
        if data.test_file is not None:
            raise DataError(
                f"profile {self.profile.name!r} has data to judge on alone ([data] test = {data.test_file!r}): name "
                "weights, or set test to a number of rows to train on its source"
            )
        self.pools.refuse_foreign(self.pools.train, "train")
        self.pools.refuse_foreign(self.pools.validation, "validation")
        return with_joined(self.pools.train, data.joined, data.seed)

    @property
    def floors(self) -> list[Subject]:
        """What a useful classifier must beat: a constant, and word counts learnt from the same rows (from all of
        them also in a quick run)."""
        constant = _floor("constant", lambda: ConstantPredictor(Label.POSITIVE))
        if self.profile.data.test_file is not None:
            return [constant]  # there is nothing to count words in
        return [constant, _floor("tf-idf", lambda: WordCountPredictor.fit(self.training_rows))]


def _floor(name: str, made: Callable[[], Predictor]) -> Subject:
    """A floor is asked anew in every run: that takes less time than to look its answers up."""
    facts = SubjectFacts(name, Role.FLOOR, promises=False, reads_prompts=False)
    return Subject(facts, lambda: None, made)
