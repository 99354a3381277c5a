"""Profiles are checked on reading, and a wrong one is named with its file, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment.errors import ProfileError, PromptError
from sentiment.profiles import Profile, builtin_profiles, load_profile
from sentiment.prompting.prompts import WORDINGS, load_prompt
from sentiment.spellings import Spellings
from sentiment.types import Prompt

ROOT = Path(__file__).parents[1]
HOUSE = Prompt("house", "{review}")


@pytest.mark.parametrize("name", ["qwen3", "smollm2", "tiny"])
def test_built_in_profiles_are_valid(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert name in builtin_profiles()
    assert (profile.adapter.r, profile.adapter.alpha, profile.adapter.dropout) == (8, 16, 0.05)


def test_a_file_may_extend_another_and_set_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "qwen3"\nname = "mine"\n[model]\nid = "/models/qwen"\ndevice = "cpu"\n')
    mine, qwen3 = load_profile(str(path)), load_profile("qwen3")
    assert (mine.name, mine.model.id, mine.model.device) == ("mine", "/models/qwen", "cpu")
    assert mine.model.architecture == qwen3.model.architecture
    assert mine.sft == qwen3.sft


WRONG = {
    "an unknown field": ("[model]\nnonsense = 1", r"unknown field 'model.nonsense'; allowed here: architecture, "),
    "an unknown table": ("[modle]\nid = 'x'", r"unknown field 'modle'"),
    "a wrong type": ("[data]\ntrain = 'many'", r"'data.train'.*got 'many'"),
    "a wrong value": ("[data]\ntrain = 0", r"'data.train'.*got 0"),
    "neither a number nor a file": ("[data]\ntest = 0", r"field 'data.test': Input should be greater than 0, got 0"),
    "a wrong choice": ("[lora]\nprecision = 'int4'", r"'lora.precision'.*'bf16'.*got 'int4'"),
    "a floor that is no share": ("[accuracy_floor]\nsft = 90.0", r"accuracy_floor.sft must lie in"),
    "no review slot": ("[prompt]\ntemplate = 'hello'", r"exactly one {review}, found 0"),
    "two review slots": ("[prompt]\ntemplate = '{review} {review}'", r"found 2"),
    "equal answers": ("[prompt]\npositive = 'yes'\nnegative = 'Yes'", r"answer words must differ"),
    "no TOML": ("[model", r"not valid TOML"),
    "a label on two sides": (
        "[data.labels]\npositive = [4]\nignore = ['4.0']",
        r"label '4.0' is both positive and ignored",
    ),
    "a label that is a date": ("[data.labels]\npositive = [2020-01-01]", r"'data.labels.positive.*got "),
    "an unknown side": (
        "[data.labels]\nneutral = [3]",
        r"'data.labels.neutral'; allowed here: ignore, negative, positive",
    ),
    "nobody's home": ("[data]\npath = '~nobody_of_that_name/x.csv'", r"no such home folder"),
    "an unknown parent": ("extends = 'nope'", r"unknown profile"),
    "a figure of a thousand digits": ("seed = " + "9" * 1000, r"'seed'.*less than 2147483648, got 9999"),
    "a figure too long for TOML": ("seed = " + "9" * 5000, r"not valid TOML: Exceeds the limit"),
    "a figure too long to show": (
        "seed = 0x" + "F" * 5000,
        r"'seed'.*got a figure of type int that is too long to show",
    ),
    "a seed that numpy refuses": (f"seed = {2**32}", r"'seed'"),
    "a data seed that numpy refuses": (f"[data]\nseed = {2**63 - 1}", r"'data.seed'"),
    "a length of a billion": ("max_seq_length = 1_000_000_000", r"'max_seq_length'.*1048576, got 1000000000"),
    "an infinite rate": ("[lora]\nlearning_rate = inf", r"'lora.learning_rate'.*finite number, got inf"),
    "a rate that is no number": ("[sft]\nlearning_rate = nan", r"'sft.learning_rate'.*finite number, got nan"),
    "a rate beyond every float": ("[sft]\nlearning_rate = " + "9" * 1000, r"'sft.learning_rate'"),
    "a rate beyond fp32": ("[sft]\nweight_decay = 1e300", r"'sft.weight_decay'.*got 1e\+300"),
    "a batch beyond counting": ("[sft]\ntrain_batch_size = " + "9" * 30, r"'sft.train_batch_size'"),
    "an adapter of a million ranks": ("[adapter]\nr = 1000000", r"'adapter.r'"),
    "no floor": ("[accuracy_floor]\nsft = nan", r"accuracy_floor"),
    "TOML of thousands of brackets": ("x = " + "[" * 5000 + "]" * 5000, r"not valid TOML: maximum recursion"),
    "a name of dots": ("name = '..'", r"'name': a name is one line of at most 100 characters, with a letter"),
    "a name without a letter": ("name = ''", r"'name'"),
    "a name of a kilometre": (f"name = '{'n' * 5000}'", r"'name'.*got 'nnnn"),
    "a name of two lines": ('name = "a\\nb"', r"'name'"),
    "a name with a NUL": ('name = "a\\u0000c"', r"'name'"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text if "extends" in text else 'extends = "tiny"\n' + text)
    with pytest.raises(ProfileError, match=message) as caught:
        load_profile(str(path))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("smollm2-imdb.v1", "smollm2-imdb.v1"),
        ("../../../x/../y", "x_.._y"),
        ("/etc/passwd", "etc_passwd"),
        ("my profile (2)", "my_profile_2"),
        ("C:\\Users", "C_Users"),
        ("\x1b[31mred", "31mred"),
        ("größe", "gr_e"),
        ("名前", "profile"),
        ("n" * 100, "n" * 60),
    ],
)
def test_a_name_is_no_path(name: str, slug: str) -> None:
    profile = load_profile("tiny")
    assert Profile.model_validate({**dict(profile), "name": name}).slug == slug


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + b'extends = "tiny"\nname = "mine"\n')
    assert load_profile(str(path)).name == "mine"


def test_a_profile_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b"name = '\xe9'")
    with pytest.raises(ProfileError, match=r"latin.toml is not valid TOML: 'utf-8' codec"):
        load_profile(str(path))


def test_a_tilde_is_the_home_folder_wherever_a_profile_names_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "above.toml").write_text('extends = "tiny"\n[data]\npath = "~/reviews.csv"\n')
    (tmp_path / "mine.toml").write_text('extends = "~/above.toml"\n[model]\nid = "~/models/mine"\n')
    mine = load_profile("~/mine.toml")
    assert (mine.data.path, mine.model.id) == (str(tmp_path / "reviews.csv"), str(tmp_path / "models" / "mine"))


def test_labels_of_a_profile_are_one_table(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "tiny"\n[data.labels]\npositive = [5, "good"]\nnegative = [1.0, true]\nignore = [3]\n')
    assert load_profile(str(path)).data.labels.spellings == Spellings.of(["5", "Good"], ["1", "true"], ["3"])


def test_unknown_profiles_are_answered_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="'gpt5'; use one of qwen3, smollm2, tiny"):
        load_profile("gpt5")


def test_a_profile_that_extends_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.toml"
    for parent in ("loop.toml", f"../{tmp_path.name}/loop.toml"):
        path.write_text(f'extends = "{parent}"')
        with pytest.raises(ProfileError, match="extends itself"):
            load_profile(str(path))


def test_prompts_come_by_name_as_plain_text_and_as_toml(tmp_path: Path) -> None:
    assert load_prompt("house", HOUSE) is HOUSE
    assert load_prompt("yes-no", HOUSE) in WORDINGS
    plain = tmp_path / "mine.txt"
    plain.write_text("Judge {this}: {review}\n")
    assert load_prompt(str(plain), HOUSE) == Prompt("mine", "Judge {this}: {review}")
    full = tmp_path / "full.toml"
    full.write_text('template = "{review}?"\npositive = "yes"\nnegative = "no"\nsystem = "Be brief."\n')
    assert load_prompt(str(full), HOUSE) == Prompt("full", "{review}?", "yes", "no", "Be brief.")


@pytest.mark.parametrize(
    ("text", "message"),
    [("x = 1", "unknown field 'x'"), ("template = 3", "must be str"), ("chat = false", "'template' is missing"),
     ('template = "{review}"\nchat = false\nsystem = "s"', "plain prompt"),
     ("x = " + "[" * 5000, "maximum recursion"), ('template = "' + "x" * 9999 + '"', r"found 0 in 'xxx.*\.\.\.")],
)  # fmt: skip
def test_wrong_prompt_files_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(PromptError, match=message):
        load_prompt(str(path), HOUSE)


def test_an_unknown_prompt_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="use one of .*house"):
        load_prompt("nope", HOUSE)
    with pytest.raises(PromptError, match=r"^prompt file 'Is this .*\.\.\. cannot be read: File name too long$"):
        load_prompt("Is this good? " * 100 + "{review}", HOUSE)
    with pytest.raises(PromptError, match="cannot be read: Is a directory"):
        load_prompt(str(tmp_path), HOUSE)


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_the_profiles_in_the_documentation_can_be_used(path: Path) -> None:
    assert load_profile(str(path)).name not in builtin_profiles()
