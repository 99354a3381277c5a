from __future__ import annotations

from collections import Counter

import pytest

from sentiment.data.flipped import with_flipped_labels
from sentiment.data.generated import made_up_reviews

REVIEWS = made_up_reviews(count=200)


def turned(rate: float, seed: int = 0) -> set[str]:
    after = with_flipped_labels(REVIEWS, rate, seed)
    assert [each.text for each in after] == [each.text for each in REVIEWS]
    return {old.id for old, new in zip(REVIEWS, after, strict=True) if old.label is not new.label}


def test_the_share_is_flipped_in_each_class_alike() -> None:
    assert Counter(each.label for each in REVIEWS if each.id in turned(0.2)) == dict.fromkeys(
        {each.label for each in REVIEWS}, 20
    )
    assert turned(0.0) == set()
    assert len(turned(1.0)) == 200


def test_a_higher_rate_flips_all_that_a_lower_one_does_and_the_seed_chooses() -> None:
    assert turned(0.1) < turned(0.4)
    assert turned(0.1) == turned(0.1)
    assert turned(0.1) != turned(0.1, seed=1)


def test_what_cannot_be_flipped_is_an_error() -> None:
    with pytest.raises(ValueError, match="got 1.5"):
        with_flipped_labels(REVIEWS, 1.5, 0)
