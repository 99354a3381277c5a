from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from sentiment.error_analysis.candidates import read_candidates
from sentiment.errors import BehaviorError
from sentiment.text import normalise
from sentiment.types import Label

SHIPPED = read_candidates()
GOOD = {"id": "a", "kind": "irony", "text": "Oh, lovely.", "label": "negative", "why_hard": "It is meant as blame."}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "candidates.jsonl"
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def five_grams(text: str) -> set[tuple[str, ...]]:
    words = normalise(text).split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def test_there_are_at_least_ten_kinds_with_at_least_ten_candidates_each() -> None:
    kinds = Counter(candidate.kind for candidate in SHIPPED)
    assert len(SHIPPED) >= 120
    assert len(kinds) >= 10
    assert min(kinds.values()) >= 10


def test_the_labels_are_nearly_balanced_and_most_kinds_have_both() -> None:
    positive = sum(candidate.label is Label.POSITIVE for candidate in SHIPPED)
    assert 0.4 <= positive / len(SHIPPED) <= 0.6
    labels = Counter(kind for kind, _ in {(candidate.kind, candidate.label) for candidate in SHIPPED})
    assert sum(count == 2 for count in labels.values()) >= 10


def test_a_candidate_is_a_short_review_with_a_one_sentence_reason() -> None:
    for candidate in SHIPPED:
        assert 8 <= len(candidate.text.split()) <= 70, candidate.id
        assert "  " not in candidate.text, candidate.id
        assert candidate.why_hard.endswith("."), candidate.id
        assert 6 <= len(candidate.why_hard.split()) <= 35, candidate.id


def test_no_two_candidates_resemble_each_other_and_no_reason_is_used_twice() -> None:
    grams = {candidate.id: five_grams(candidate.text) for candidate in SHIPPED}
    assert [(a, b) for a, b in combinations(grams, 2) if grams[a] & grams[b]] == []
    assert len({candidate.why_hard for candidate in SHIPPED}) == len(SHIPPED)


def test_a_reason_quotes_its_own_text() -> None:
    for candidate in SHIPPED:
        for quoted in candidate.why_hard.split('"')[1::2]:
            missing = set(normalise(quoted).split()) - set(normalise(candidate.text).split())
            assert not missing, f"{candidate.id}: {quoted!r} is not in its text"


def test_a_candidate_survives_being_written_and_read(tmp_path: Path) -> None:
    assert read_candidates(written(tmp_path, *(each.as_dict() for each in SHIPPED))) == SHIPPED


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**GOOD, "mood": "sour"}, "unknown field 'mood'; allowed: id, kind, text, label, why_hard"),
        ({**GOOD, "label": "Negative"}, "unknown label 'Negative'; allowed: negative, positive"),
        ({**GOOD, "label": 1}, "label must be a text that is not empty, found 1"),
        ({**GOOD, "why_hard": " "}, "why_hard must be a text that is not empty, found ' '"),
        ({name: GOOD[name] for name in GOOD if name != "kind"}, "kind must be a text that is not empty, found None"),
        (["a"], "expected an object"),
        ("{", "not JSON"),
        ({**GOOD, "text": "Something else."}, "the id stands in line 1 already: 'a'"),
        ({**GOOD, "id": "b", "text": "oh lovely"}, "the text stands in line 1 already"),
    ],
)
def test_what_is_no_candidate_is_refused_with_its_line(tmp_path: Path, row: object, message: str) -> None:
    path = written(tmp_path, GOOD, "", row)
    with pytest.raises(BehaviorError) as caught:
        read_candidates(path)
    assert str(caught.value).startswith(f"{path}, line 3: {message}")


def test_a_missing_empty_or_undecodable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BehaviorError, match="nowhere.jsonl"):
        read_candidates(tmp_path / "nowhere.jsonl")
    with pytest.raises(BehaviorError, match="no candidates"):
        read_candidates(written(tmp_path, ""))
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff")
    with pytest.raises(BehaviorError, match="bytes.jsonl"):
        read_candidates(tmp_path / "bytes.jsonl")
