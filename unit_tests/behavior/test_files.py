from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sentiment.behavior.entries import ENTRIES
from sentiment.behavior.expectations import both_right, flips_from_base, has_label, same_as_base
from sentiment.behavior.files import behaviors_beside, read_behaviors
from sentiment.behavior.lexicon import MOVIES
from sentiment.behavior.written import ACCURACY
from sentiment.errors import BehaviorError
from sentiment.types import Behavior, Case, Kind, Label, Material, Promise, Prompt, Review

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
REVIEWS = tuple(Review(f"r{n}", f"Film number {n}: it isn't one I'd forget.", Label(n % 2)) for n in range(12))
MATERIAL = Material(Prompt("p", "{review}"), REVIEWS, REVIEWS, seed=0)
GOOD = """\
- name: good_is_positive
  capability: praise
  promise: Good is positive.
"""
FRAMES = (
    GOOD
    + """\
  label: positive
  frames: ["A good {film}.", "What a joy."]
"""
)
HEADER = "behavior,capability,promise,text,label,original,original_label\n"


def write(folder: Path, text: str, name: str = "own.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def only(path: Path) -> Behavior:
    (behavior,) = read_behaviors(path)
    return behavior


def seen(cases: list[Case]) -> set[tuple[str, Label | None, str | None, Label | None]]:
    return {(c.query.text, c.label, c.base and c.base.query.text, c.base and c.base.label) for c in cases}  # type: ignore[misc]


def problem(path: Path) -> str:
    with pytest.raises(BehaviorError) as error:
        read_behaviors(path)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(str(path))


# --- the examples of the documentation


def test_the_examples_give_cases_and_show_every_source() -> None:
    behaviors = [b for name in ("behaviors.yaml", "behaviors.csv") for b in read_behaviors(EXAMPLES / name)]
    text = (EXAMPLES / "behaviors.yaml").read_text("utf-8")
    assert all(f"\n  {source}:" in text for source in ENTRIES)
    assert {b.promise.kind for b in behaviors} == set(Kind)
    for behavior in behaviors:
        cases = list(behavior.cases(MATERIAL))
        assert cases, behavior.name
        assert len({case.id for case in cases}) == len(cases)
        assert all(case.id.startswith(f"{behavior.name}:") and case.allowed for case in cases)
        assert behavior.promise.partner is not None or behavior.promise.kind is not Kind.INV


def test_what_the_documentation_prints_can_be_read(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "behaviors.md").read_text("utf-8")
    for kind in ("yaml", "csv"):
        blocks = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
        assert blocks
        assert all(read_behaviors(write(tmp_path, block, f"own.{kind}")) for block in blocks)
    assert {f"`{{{slot}}}`" for slot in MOVIES} <= set(re.findall(r"`\{\w+\}`", page))


def test_partners_of_the_examples_fail_for_a_constant_classifier() -> None:
    labels = {
        behavior.name: {case.label for case in behavior.cases(MATERIAL)}
        for behavior in read_behaviors(EXAMPLES / "behaviors.yaml")
    }
    assert labels["walking_out_is_negative"] == {Label.NEGATIVE}
    assert labels["staying_on_is_positive"] == {Label.POSITIVE}


# --- YAML: what each source makes


def test_frames_make_labelled_sentences_from_built_in_and_own_words(tmp_path: Path) -> None:
    behavior = only(
        write(
            tmp_path,
            GOOD
            + """\
  kind: MFT
  budget: 0.5
  min_live: 4
  gated: no
  partner: bad_is_negative
  label: pos
  lexicon: {joy: [joy, treat], film: [film, movie]}
  frames:
    - "A {film} that is a {joy}."
    - "  What a {joy}!  "
""",
        )
    )
    assert behavior.promise == Promise(
        "good_is_positive",
        "praise",
        Kind.MFT,
        "Good is positive.",
        budget=0.5,
        min_live=4,
        partner="bad_is_negative",
        gated=False,
    )
    assert (behavior.name, behavior.expectation) == ("good_is_positive", has_label)
    cases = behavior.cases(MATERIAL)
    assert {case.query.text for case in cases} == {
        "A film that is a joy.", "A movie that is a joy.", "A film that is a treat.", "A movie that is a treat.",
        "What a joy!", "What a treat!",
    }  # fmt: skip
    assert {case.label for case in cases} == {Label.POSITIVE}
    assert {case.group for case in cases} == {"A {film} that is a {joy}.", "What a {joy}!"}


def test_what_is_left_out_of_an_entry_is_strict(tmp_path: Path) -> None:
    behavior = only(write(tmp_path, FRAMES))
    assert behavior.promise == Promise("good_is_positive", "praise", Kind.MFT, "Good is positive.")


def test_a_count_draws_fewer_and_more_than_there_are_is_refused(tmp_path: Path) -> None:
    assert len(only(write(tmp_path, FRAMES)).cases(MATERIAL)) == 9
    assert len(only(write(tmp_path, FRAMES + "  count: 5\n")).cases(MATERIAL)) == 5
    assert problem(write(tmp_path, FRAMES + "  count: 10\n")) == (
        ", line 6: count: 10 cases are wanted, the frames give 9 distinct ones"
    )


@pytest.mark.parametrize(
    ("labels", "kind", "expectation", "partner"),
    [
        ("[positive, negative]", Kind.DIR, flips_from_base, None),
        ("[1, 1]", Kind.INV, same_as_base, ACCURACY),
    ],
)
def test_labels_of_twins_say_what_is_asked(
    tmp_path: Path, labels: str, kind: Kind, expectation: object, partner: str | None
) -> None:
    text = GOOD + f"  labels: {labels}\n  lexicon: {{d: [dawn, noon]}}\n  twins: [['At {{d}}.', 'Seen at {{d}}.']]\n"
    behavior = only(write(tmp_path, text))
    assert (behavior.promise.kind, behavior.expectation, behavior.promise.partner) == (kind, expectation, partner)
    after = Label.POSITIVE if kind is Kind.INV else Label.NEGATIVE
    assert seen(list(behavior.cases(MATERIAL))) == {
        ("Seen at dawn.", after, "At dawn.", Label.POSITIVE),
        ("Seen at noon.", after, "At noon.", Label.POSITIVE),
    }


def test_texts_are_kept_to_the_letter(tmp_path: Path) -> None:
    text = GOOD + '  texts:\n    - {text: "  So {good}\\n\\u00e9! ", label: 1}\n    - {text: "No: bad.", label: neg}\n'
    behavior = only(write(tmp_path, text))
    assert (behavior.promise.kind, behavior.expectation) == (Kind.MFT, has_label)
    assert seen(list(behavior.cases(MATERIAL))) == {
        ("  So {good}\né! ", Label.POSITIVE, None, None),
        ("No: bad.", Label.NEGATIVE, None, None),
    }


@pytest.mark.parametrize(
    ("budget", "promised"),
    [
        ("0.2", 0.2), ("0", 0.0), ("1", 1.0), ("", None), ("null", None),
        ("{sft: 0.2, lora: 0.2}", 0.2), ("{base: 0, sft: 0.0, lora: 0}", 0.0), ("{lora: 0.1}", 0.1),
    ],
)  # fmt: skip
def test_a_budget_is_one_number_which_older_files_write_for_each_approach(
    tmp_path: Path, budget: str, promised: float | None
) -> None:
    assert only(write(tmp_path, FRAMES + f"  budget: {budget}\n")).promise.budget == promised


def test_a_quick_run_takes_as_many_cases_as_the_file_says(tmp_path: Path) -> None:
    assert only(write(tmp_path, FRAMES)).quick == 36
    assert only(write(tmp_path, FRAMES + "  quick: 5\n")).quick == 5


def test_a_lexicon_is_shared_by_an_anchor(tmp_path: Path) -> None:
    text = (
        FRAMES.replace("A good {film}.", "A good {joy}.")
        + "  lexicon: &words {joy: [joy, treat]}\n"
        + FRAMES.replace("good_is", "great_is").replace("A good {film}.", "A great {joy} of a {gift}.")
        + "  lexicon: {<<: *words, gift: [present]}\n"
    )
    _, great = read_behaviors(write(tmp_path, text))
    texts = {case.query.text for case in great.cases(MATERIAL)}
    assert texts == {"A great joy of a present.", "A great treat of a present.", "What a joy."}


SWAPS = (
    GOOD
    + """\
  swaps:
    - - {name: Hannah, they: she}
      - {name: Thomas, they: he}
    - [{name: Nora, they: she}, {name: Oscar, they: he}]
  frames_by_label:
    positive: ["{name} is good, and {they} knows it.", "A {film} that {name} can be proud of."]
    negative: ["I walked out on {name}."]
"""
)


def test_swaps_exchange_the_fillings_of_a_set_both_ways_round(tmp_path: Path) -> None:
    behavior = only(write(tmp_path, SWAPS))
    assert (behavior.promise.kind, behavior.expectation, behavior.promise.partner) == (Kind.INV, same_as_base, ACCURACY)
    cases = list(behavior.cases(MATERIAL))
    assert len({case.id for case in cases}) == len(cases) == 12
    assert [case.label for case in cases[:3]] == [Label.POSITIVE, Label.NEGATIVE, Label.POSITIVE]
    first = {each for each in seen(cases) if each[0].endswith("knows it.")}
    assert first == {
        (f"{a} is good, and {b} knows it.", Label.POSITIVE, f"{c} is good, and {d} knows it.", Label.POSITIVE)
        for a, b, c, d in (
            ("Hannah", "she", "Thomas", "he"), ("Thomas", "he", "Hannah", "she"),
            ("Nora", "she", "Oscar", "he"), ("Oscar", "he", "Nora", "she"),
        )
    }  # fmt: skip
    assert len(only(write(tmp_path, SWAPS + "  count: 5\n")).cases(MATERIAL)) == 5


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("they: he}\n    - [", "them: him}\n    - [", "line 6: swaps.1.2: every filling has the same slots, here name"),
        ("{name: Oscar, they: he}", "{name: Nora, they: she}", "line 7: swaps.2.2: the same as number 1 of swaps: "),
        (", {name: Oscar, they: he}", "", "line 7: swaps.2: List should have at least 2 items after validation, not 1"),
        ("on {name}", "on {nobody}", "line 10: frames_by_label.negative.1: frame 'I walked out on {nobody}.': unknown"),
        ("on {name}", "on it", "line 10: frames_by_label.negative.1: two fillings or two swaps give the same"),
        ("on {name}", "as {they} sang", "line 10: frames_by_label.negative.1: two fillings or two swaps give the same"),
        ("I walked out on {name}.", "A {film} that {name} can be proud of.",
         "line 10: frames_by_label.negative.1: this frame is among the positive ones already"),
        ("negative:", "neutral:", "line 10: frames_by_label.neutral: Input should be 'positive' or 'negative', got"),
        ("  swaps:", "  count: 13\n  swaps:", "line 4: count: 13 cases are wanted, the frames and swaps give 12"),
    ],
)  # fmt: skip
def test_swaps_that_would_show_nothing_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert SWAPS.count(old) == 1
    said = problem(write(tmp_path, SWAPS.replace(old, new)))
    assert said.startswith(f", {message}"), said


def test_pairs_are_found_beside_the_file(tmp_path: Path) -> None:
    row = {"id": "a", "original": "Fine.", "revised": "Poor.", "label": "positive"}
    (tmp_path / "below").mkdir()
    write(tmp_path, json.dumps(row), "below/p.jsonl")
    behavior = only(write(tmp_path, GOOD + "  pairs: below/p.jsonl\n"))
    assert (behavior.promise.kind, behavior.expectation) == (Kind.DIR, both_right)
    assert seen(list(behavior.cases(MATERIAL))) == {("Poor.", Label.NEGATIVE, "Fine.", Label.POSITIVE)}


def test_pairs_are_mixed_unless_the_order_of_their_file_is_asked_for(tmp_path: Path) -> None:
    rows = [{"id": f"{n}", "original": f"Fine {n}.", "revised": f"Poor {n}.", "label": "positive"} for n in range(20)]
    write(tmp_path, "\n".join(json.dumps(row) for row in rows), "p.jsonl")
    entry = GOOD + "  pairs: p.jsonl\n"
    orders = [
        [case.group for case in only(write(tmp_path, entry + order)).cases(MATERIAL)]
        for order in ("", "  order: mixed\n", "  order: file\n")
    ]
    assert orders[2] == [f"{n}" for n in range(20)] == sorted(orders[0], key=int)
    assert orders[0] == orders[1] != orders[2]


def test_a_bad_row_of_a_file_of_pairs_is_named_with_both_files(tmp_path: Path) -> None:
    pairs = write(tmp_path, '{"original": "Fine.", "revised": "Fine.", "label": 1}', "p.jsonl")
    assert problem(write(tmp_path, GOOD + "  pairs: p.jsonl\n")) == (
        f", line 4: pairs: {pairs}, row 1 (line 1): original and revised are the same text"
    )


@pytest.mark.parametrize(
    "edit",
    [
        "typos", "contractions", "casing", "urls_and_handles", "html", "neutral_emoji", "unicode_look", "whitespace",
        "irrelevant_sentences",
    ],
)  # fmt: skip
def test_an_edit_varies_real_reviews(tmp_path: Path, edit: str) -> None:
    behavior = only(write(tmp_path, GOOD + f"  edit: {edit}\n  count: 5\n"))
    assert (behavior.promise.kind, behavior.expectation, behavior.promise.partner) == (Kind.INV, same_as_base, ACCURACY)
    cases = behavior.cases(MATERIAL)
    labels = {review.text: review.label for review in REVIEWS}
    assert 0 < len(cases) <= 5
    for case in cases:
        assert case.base is not None
        assert case.query.text != case.base.query.text
        assert case.label is case.base.label is labels[case.base.query.text]


# --- YAML: what is wrong is named with its line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FRAMES + "  budgets: {sft: 0.1}\n", "line 6: budgets: unknown field; allowed here: name, capability, promise"),
        (FRAMES.replace("  promise: Good is positive.\n", ""), "line 1: promise: this field is missing"),
        (FRAMES.replace("  label: positive\n", ""), "line 1: label: this field is missing"),
        (FRAMES.replace("positive\n", "great\n"), "line 4: label: a label is positive or negative (or 1 or 0), got"),
        (FRAMES.replace("praise", "[praise]"), "line 2: capability: Input should be a valid string, got ['praise']"),
        (FRAMES.replace("praise", "''"), "line 2: capability: text is empty, got ''"),
        (FRAMES.replace("good_is_positive", "Good is positive"), "line 1: name: a name is snake_case, such as"),
        (FRAMES.replace("{film}", "{actor}"), "line 5: frames.1: frame 'A good {actor}.': unknown slot 'actor'; the"),
        (FRAMES.replace("{film}", "{my film}"), "line 5: frames.1: frame 'A good {my film}.': a brace that belongs to"),
        (FRAMES.replace('"What a joy."', '"A good {film}."'), "line 5: frames.2: the same as number 1 of frames"),
        (FRAMES.replace('"What a joy."', '"a\\nb"'), "line 5: frames.2: must be one line, got 'a\\nb'"),
        (FRAMES + "  lexicon: {a: []}\n", "line 6: lexicon.a: List should have at least 1 item"),
        (FRAMES + "  lexicon: {a: [x, y, x]}\n", "line 6: lexicon.a: a word stands here twice, got ['x', 'y', 'x']"),
        (FRAMES + "  lexicon: {'a b': [x]}\n", "line 6: lexicon.a b: String should match pattern"),
        (FRAMES + "  budget:\n    sft: 0.1\n    lora: 1.5\n", "line 6: budget: a budget is a number from 0 to 1, got"),
        (FRAMES + "  budget: {sft: .nan, lora: .nan}\n", "line 6: budget: a budget is a number from 0 to 1, got {"),
        (FRAMES + "  budget: {sft: yes}\n", "line 6: budget: a budget is a number from 0 to 1, got {'sft': True}"),
        (FRAMES + "  budget: {sft: [0.1]}\n", "line 6: budget: a budget is a number from 0 to 1, got {'sft': [0.1]}"),
        (FRAMES + "  budget: {sft: 0.1, lora: 0.2}\n", "line 6: budget: a budget is the same for every classifier that "
         "promises anything: write one number, such as budget: 0.1, got {'sft': 0.1, 'lora': 0.2}"),
        (FRAMES + "  budget: {base: 0.5}\n", "line 6: budget: base promises nothing: write budget: 0.5 if all others "),
        (FRAMES + "  budget: {qlora: 0.1}\n", "line 6: budget: a budget is one number, for every classifier that "),
        (FRAMES + "  budget: {}\n", "line 6: budget: a budget is one number, for every classifier that promises any"),
        (FRAMES + "  budget: 1.1\n", "line 6: budget: a budget is a number from 0 to 1, got 1.1"),
        (FRAMES + "  budget: -0.1\n", "line 6: budget: a budget is a number from 0 to 1, got -0.1"),
        (FRAMES + "  budget: yes\n", "line 6: budget: a budget is a number from 0 to 1, got True"),
        (FRAMES + "  budget: .nan\n", "line 6: budget: a budget is a number from 0 to 1, got nan"),
        (FRAMES + "  budget: '0.1'\n", "line 6: budget: a budget is a number from 0 to 1, got '0.1'"),
        (FRAMES + "  quick: 0\n", "line 6: quick: Input should be greater than 0, got 0"),
        (FRAMES + "  order: file\n", "line 6: order: unknown field; allowed here: name, capability"),
        (GOOD + "  pairs: p.jsonl\n  order: sorted\n", "line 5: order: Input should be 'mixed' or 'file', got"),
        (FRAMES + "  min_live: 0\n", "line 6: min_live: Input should be greater than 0, got 0"),
        (FRAMES + "  gated: perhaps\n", "line 6: gated: Input should be a valid boolean, got 'perhaps'"),
        (FRAMES + "  kind: DIR\n", "line 6: kind: DIR is not what its frames make, which is MFT"),
        (FRAMES + "  kind: XYZ\n", "line 6: kind: Input should be 'MFT', 'INV' or 'DIR', got 'XYZ'"),
        (FRAMES + "  partner: good_is_positive\n", "line 6: partner: a behavior cannot be its own partner"),
        (FRAMES + "  edit: casing\n", "line 6: edit: a behavior has exactly one of frames, twins, swaps, texts,"),
        (GOOD, "line 1: a behavior has exactly one of frames, twins, swaps, texts, pairs, edit; found none"),
        (GOOD + "  edit: shouting\n", "line 4: edit: known edits are typos, contractions, casing, urls_and_handles,"),
        (GOOD + "  edit: casing\n  label: 1\n", "line 5: label: unknown field"),
        (GOOD + "  labels: [1]\n  twins: [[a, b]]\n", "line 4: labels: List should have at least 2 items"),
        (GOOD + "  labels: [1, 0]\n  twins:\n    - [a, b]\n    - [a]\n", "line 7: twins.2: List should have at least"),
        (GOOD + "  labels: [1, 0]\n  twins: [[a, a]]\n", "line 5: twins.1: the twins are the same frame 'a'"),
        (GOOD + "  labels: [1, 0]\n  twins: [[a, '{b}']]\n", "line 5: twins.1: frame '{b}': unknown slot 'b'"),
        (GOOD + "  texts:\n    - {text: a, label: 1}\n    - {text: a, label: 0}\n", "line 6: texts.2: the same as"),
        (GOOD + "  texts:\n    - {text: a, lable: 1}\n", "line 5: texts.1.lable: unknown field; allowed here: text"),
        (GOOD + "  texts:\n    - {text: a, label: 1, x: 2}\n", "line 5: texts.1.x: unknown field; allowed here:"),
        (GOOD + '  texts: [{text: "\\ud800", label: 1}]\n', "line 4: texts.1.text: text is not valid UTF-8"),
        (GOOD + "  pairs: none.csv\n", "line 4: pairs: "),
        (FRAMES + FRAMES, "line 6: name: a behavior 'good_is_positive' stands in this file already"),
        (FRAMES + "- 7\n", "line 6: a behavior is a mapping of fields, got 7"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert problem(write(tmp_path, text)).startswith(f", {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", " is empty"),
        ("# nothing\n", " is empty"),
        ("name: x\n", ": must be a list of behaviors, each beginning with '- name: ...'"),
        ("[]\n", ": must be a list of behaviors"),
        ("- name: x\n\tcapability: y\n", ", line 2: not valid YAML: found character '\\t' that cannot start any"),
        ("- name: [x\n- y: 1\n", ", line 2: not valid YAML: "),
        ("- text: It was bad: really\n", ", line 1: not valid YAML: mapping values are not allowed here"),
        (FRAMES + "  label: negative\n", ", line 6: not valid YAML: field 'label' stands here twice"),
        ("- name: !!python/object/apply:os.getcwd []\n", ", line 1: not valid YAML: could not determine a constructor"),
        ("- a\n---\n- b\n", ", line 2: not valid YAML: but found another document"),
        ("- a\n- \x07\n", ", line 2: character '\\x07' is not allowed in YAML"),
        ("- &a [*a]\n", ", line 1: a behavior is a mapping of fields, got [[...]]"),
        ("- " + "[" * 5000, ": not valid YAML: "),
        ("- 2020-13-01\n", ", line 1: not valid YAML: YAML reads 2020-13-01 without quotes as a date: write"),
        ("- {film} was bad.\n", ", line 1: not valid YAML: expected <block end>, but found '<scalar>'; a text with"),
        ("- x\n- " + "9" * 5000, ", line 2: not valid YAML: YAML reads 99999"),
    ],
)  # fmt: skip
def test_malformed_yaml_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    assert problem(write(tmp_path, text)).startswith(message)


@pytest.mark.parametrize(
    ("value", "what"),
    [("yes", "true or false"), ("No", "true or false"), ("on", "true or false"), ("off", "true or false"),
     ("true", "true or false"), ("1917", "a number"), ("10:30", "a number"), ("1.5", "a number"), ("0x1F", "a number"),
     ("1.0e+3", "a number"), ("2001-02-03", "a date"), ("~", "nothing"), ("null", "nothing")],
)  # fmt: skip
@pytest.mark.parametrize(
    ("text", "place"),
    [
        (FRAMES + "  lexicon:\n    answer: [sure, {}]\n", "line 7: lexicon.answer.2"),
        (GOOD + "  label: 1\n  frames:\n    - Fine.\n    - {}\n", "line 7: frames.2"),
        (FRAMES.replace("promise: Good is positive.", "promise: {}"), "line 3: promise"),
        (FRAMES.replace("capability: praise", "capability: {}"), "line 2: capability"),
        (FRAMES.replace("name: good_is_positive", "name: {}"), "line 1: name"),
        (GOOD + "  texts:\n    - label: 1\n      text: {}\n", "line 6: texts.1.text"),
        (GOOD + "  labels: [1, 0]\n  twins:\n    - [good, {}]\n", "line 6: twins.1.2"),
        (GOOD + "  pairs: {}\n", "line 4: pairs"),
    ],
)  # fmt: skip
def test_a_text_that_yaml_takes_for_something_else_says_how_to_write_it(
    tmp_path: Path, text: str, place: str, value: str, what: str
) -> None:
    said = problem(write(tmp_path, text.replace("{}", value)))
    assert said == f', {place}: a text is wanted here; YAML reads {value} without quotes as {what}: write "{value}"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FRAMES + "  lexicon: {yes: [sure]}\n", ", line 6: not valid YAML: a field's name is a text; YAML reads yes"),
        (FRAMES + "  lexicon: {1917: [sure]}\n", ", line 6: not valid YAML: a field's name is a text; YAML reads 1917"),
        (FRAMES + "  ? [a]\n  : b\n", ", line 6: not valid YAML: a field's name is a text; one that begins with"),
        (GOOD + "  label: 1\n  frames:\n    - Great: really\n", ", line 6: frames.1: a text is wanted here, and a"),
        (FRAMES.replace(": Good is positive.", ":"), ", line 3: promise: a text is wanted here, and nothing"),
        (FRAMES.replace("label: positive", "label: yes"), ", line 4: label: a label is positive or negative (or 1 or"),
        (GOOD + "  labels: [1, off]\n  twins: [[a, b]]\n", ", line 4: labels.2: a label is positive or negative (or 1"),
        (GOOD + "  texts:\n    - {text: a, label: No}\n", ", line 5: texts.1.label: a label is positive or negative"),
        (FRAMES + "  count: 1000000000\n", ", line 6: count: Input should be less than or equal to 100000, got 10000"),
        (FRAMES + f"  min_live: 0x{'F' * 5000}\n", ", line 6: min_live: Input should be less than or equal to 100000"),
    ],
)  # fmt: skip
def test_yaml_that_means_something_else_than_it_looks_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert problem(write(tmp_path, text)).startswith(said)


def test_yaml_that_is_not_utf_8_or_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_bytes(b"- name: x\n  promise: caf\xe9\n")
    assert problem(path) == ", line 2: not valid UTF-8"
    assert problem(tmp_path / "none.yaml") == " cannot be read: No such file or directory"
    assert problem(write(tmp_path, FRAMES, "own.toml")).startswith(": suffix '.toml' is no file of behaviors; use")


def test_one_frame_may_have_millions_of_fillings(tmp_path: Path) -> None:
    words = json.dumps([f"w{n}" for n in range(50)])
    lexicon = ", ".join(f"{slot}: {words}" for slot in "abcde")
    text = GOOD + f"  label: 1\n  lexicon: {{{lexicon}}}\n  frames: ['{{a}} {{b}} {{c}} {{d}} {{e}}']\n"
    assert len(only(write(tmp_path, text)).cases(MATERIAL)) == 288


# --- CSV


def test_rows_of_one_name_make_a_behavior_of_the_kind_that_their_labels_say(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEADER
        + 'plain,praise,Praise is positive.,"Good, very good.",positive,,\n'
        + "same,days,Days say nothing.,On Monday: fine.,1,On Friday: fine.,1\n"
        + "plain,praise,Praise is positive.,Bad.,negative,,\n"
        + "other,turns,A turn turns it.,Bad.,0,Good.,1\n"
        + "other,turns,A turn turns it.,Awful.,0,Good.,1\n",
        "own.csv",
    )
    plain, same, other = read_behaviors(path)
    assert plain.promise == Promise("plain", "praise", Kind.MFT, "Praise is positive.")
    assert same.promise == Promise("same", "days", Kind.INV, "Days say nothing.", partner=ACCURACY)
    assert other.promise == Promise("other", "turns", Kind.DIR, "A turn turns it.")
    assert [each.expectation for each in (plain, same, other)] == [has_label, same_as_base, flips_from_base]
    assert seen(list(plain.cases(MATERIAL))) == {
        ("Good, very good.", Label.POSITIVE, None, None),
        ("Bad.", Label.NEGATIVE, None, None),
    }
    assert seen(list(same.cases(MATERIAL))) == {
        ("On Monday: fine.", Label.POSITIVE, "On Friday: fine.", Label.POSITIVE)
    }
    turned = other.cases(MATERIAL)
    assert len({case.group for case in turned}) == 1, "two texts that vary one original are one cluster"
    assert len({case.group for case in plain.cases(MATERIAL)}) == 2


def test_a_file_sorted_by_label_gives_cases_that_are_not(tmp_path: Path) -> None:
    rows = [f"b,c,P.,Text {n}.,{'positive' if n < 100 else 'negative'}\n" for n in range(200)]
    header = "behavior,capability,promise,text,label\n"
    cases = only(write(tmp_path, header + "".join(rows), "own.csv")).cases(MATERIAL)
    assert 10 < sum(case.label is Label.POSITIVE for case in cases[:48]) < 38
    turned = only(write(tmp_path, header + "".join(reversed(rows)), "own.csv")).cases(MATERIAL)
    assert [case.id for case in turned] == [case.id for case in cases]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", " is empty; a CSV file needs a header row"),
        (HEADER, ": no cases; it has a header but no row"),
        ("behavior,text,label\n", ": no column 'capability'; columns found: 'behavior', 'text', 'label'"),
        ("original,revised,label\na,b,1\n", ": no text column 'text'; columns found: 'original', 'revised', 'label'"),
        ("behavior,capability,promise,text,label,original\n", ": no column 'original_label'"),
        ("behavior,capability,promise,text,label,lable\n", ": unknown column 'lable'; known are behavior,"),
        ("behavior,capability,promise,text,label,Min live\n", ": a table has no place for 'Min live': write this beh"),
        ("behaviour,capability,promise,text,label\n", ": no column 'behavior'; columns found: 'behaviour', "),
        ("behavior,capability,promise,text,label,label\n", ": 2 columns are named 'label'"),
        (HEADER + "b,c,P.,Good,1\n", ", row 1 (line 2): expected 7 fields, found 5"),
        (HEADER + "b,c,P.,Good, very good.,1,,\n", ", row 1 (line 2): expected 7 fields, found 8"),
        (HEADER + "b,c,P.,,1,,\n", ", row 1 (line 2): text is empty"),
        (HEADER + "b,,P.,Good.,1,,\n", ", row 1 (line 2): capability is empty"),
        (HEADER + "Bad Name,c,P.,Good.,1,,\n", ", row 1 (line 2): behavior 'Bad Name': a name is snake_case"),
        (HEADER + "b,c,P.,Good.,so-so,,\n", ", row 1 (line 2): label 'so-so' is neither negative"),
        (HEADER + "b,c,P.,Good.,1,Fine.,\n", ", row 1 (line 2): original is given alone; fill both of original, orig"),
        (HEADER + "b,c,P.,Good.,1,Fine.,so-so\n", ", row 1 (line 2): original: label 'so-so' is neither"),
        (HEADER + "b,c,P.,Good.,1,Good. ,0\n", ", row 1 (line 2): text and original are the same"),
        (HEADER + "b,c,P.,A.,1,,\nb,d,P.,B.,1,,\n", ", row 2 (line 3): behavior 'b' has another capability or promise"),
        (HEADER + "b,c,P.,A.,1,,\nb,c,P.,B.,1,C.,1\n", ", row 2 (line 3): behavior 'b' is MFT by row 1 (line 2), this"),
        (HEADER + "b,c,P.,A.,1,,\n\nb,c,P.,A.,0,,\n", ", row 2 (line 4): behavior 'b' has this text in row 1 (line"),
    ],
)  # fmt: skip
def test_a_wrong_csv_is_named_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    assert problem(write(tmp_path, text, "own.csv")).startswith(message)


def test_what_a_spreadsheet_leaves_behind_is_passed_over_and_said(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    rows = ["Behavior,Capability,Promise,Text,Label,Original label,original,notes,,", "b,c,P.,Good.,1,,,ask Ann,,",
            ",,,,,,,,,", " ,,,,,,,,,", "b,c,P.,Bad.,0,,,,,seen?", ",,,,,,,,,"]  # fmt: skip
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    said: list[str] = []
    (behavior,) = read_behaviors(path, said.append)
    assert said == [
        f"{path}: column 'notes' is passed over",
        f"{path}: column 10, which has no name, is passed over",
    ]
    assert {(case.query.text, case.label) for case in behavior.cases(MATERIAL)} == {
        ("Good.", Label.POSITIVE), ("Bad.", Label.NEGATIVE)}  # fmt: skip
    assert behavior.place == f"{path}, row 1 (line 2)"


@pytest.mark.parametrize(("delimiter", "called"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_table_with_other_delimiters_is_read_and_said(tmp_path: Path, delimiter: str, called: str) -> None:
    rows = ["Behavior;Capability;Promise;Text;Label;;", "b;c;P.;Good, very good.;1;;", ";;;;;;"]
    path = write(tmp_path, "\n".join(rows).replace(";", delimiter), "own.csv")
    said: list[str] = []
    (behavior,) = read_behaviors(path, said.append)
    assert said == [f"own.csv: read with {called} between the cells"]
    assert [case.query.text for case in behavior.cases(MATERIAL)] == ["Good, very good."]


def test_csv_bytes_that_are_not_utf_8_are_named(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(HEADER.encode() + b"b,caf\xe9,P.,Good.,1,,\n")
    assert problem(path) == ", row 1 (line 2): capability is not valid UTF-8"


# --- all files of a folder


def test_all_files_of_a_folder_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    assert behaviors_beside(tmp_path) == ()
    write(tmp_path, FRAMES.replace("good_is", "second_is"), "b.yml")
    write(tmp_path, FRAMES.replace("good_is", "third_is"), "c.yaml")
    write(tmp_path, HEADER + "first_is_positive,c,P.,Good.,1,,\n", "A.CSV")
    write(tmp_path, "not ours", "notes.txt")
    (tmp_path / "folder.yaml").mkdir()
    assert [b.name for b in behaviors_beside(tmp_path)] == [
        "first_is_positive",
        "second_is_positive",
        "third_is_positive",
    ]


def test_a_name_in_two_files_is_refused_with_both(tmp_path: Path) -> None:
    first, second = write(tmp_path, FRAMES, "a.yaml"), write(tmp_path, FRAMES, "b.yaml")
    with pytest.raises(BehaviorError) as error:
        behaviors_beside(tmp_path)
    assert str(error.value) == f"{second}, line 1: behavior 'good_is_positive' stands in {first}, line 1 already"
