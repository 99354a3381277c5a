"""Weights and answers on disk: trusted only when whole, made once, read by all."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import random
import shutil
import signal
import sqlite3
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
import torch

from sentiment import cache
from sentiment.data.generated import made_up_reviews
from sentiment.errors import DeviceError, ModelError, TrainingError
from sentiment.models.checks import ModelFolder
from sentiment.models.device import precision_of
from sentiment.models.folders import load_model, load_scored
from sentiment.models.method import methods_of
from sentiment.models.step import PromptTrainer
from sentiment.models.store import Recipe, stored_weights
from sentiment.pipeline import Workbench
from sentiment.predictors.stored import CHUNK, StoredPredictor
from sentiment.profiles import Profile, RenderingSettings, load_profile
from sentiment.types import Approach, Label, Prediction, Prompt, Query, shares_of
from unit_tests.processes import started

CPU = torch.device("cpu")
PROMPT = Prompt("p", "{review}")
FORK = multiprocessing.get_context("fork")


def silent(line: str) -> None:
    pass


@pytest.fixture(name="recipe")
def _recipe(tiny: Profile, folder: ModelFolder) -> Recipe:
    few = tiny.lora.model_copy(update={"epochs": 1.0})
    profile = tiny.model_copy(update={"lora": few, "sft": few})
    reviews = tuple(made_up_reviews()[:32])
    return Recipe(profile, Approach.LORA, folder, reviews, reviews[:8], "data", CPU)


def test_the_same_recipe_is_trained_once_and_another_one_apart(recipe: Recipe) -> None:
    first = stored_weights(recipe, progress=False, note=silent)
    written = (recipe.folder / "record.json").stat().st_mtime_ns
    assert stored_weights(recipe, progress=False, note=silent) == first
    assert (recipe.folder / "record.json").stat().st_mtime_ns == written
    other_seed = dataclasses.replace(recipe, profile=recipe.profile.model_copy(update={"seed": 1}))
    assert other_seed.folder != recipe.folder
    logs_more = recipe.profile.lora.model_copy(update={"logging_steps": 1, "token_budget": 64})
    same = dataclasses.replace(recipe, profile=recipe.profile.model_copy(update={"lora": logs_more}))
    assert same.folder == recipe.folder


@pytest.mark.parametrize(
    ("approach", "changes", "name"),
    [
        (Approach.SFT, {}, "tiny-sft-1887dc0883c5de469dce"),
        (Approach.LORA, {}, "tiny-lora-0983a009208193a25071"),
        (Approach.LORA, {"wordings": 4}, "tiny-lora-c782d52c491923e50b37"),
        (Approach.LORA, {"form": "raw"}, "tiny-lora-e9d92fdb5acf0fea0522"),
    ],
)
def test_weights_that_earlier_versions_trained_are_found_again(tiny: Profile, approach, changes, name: str) -> None:
    """A new name is right only where `TRAINING_VERSION` or a setting of the profile changes."""
    profile = tiny.model_copy(update={"rendering": RenderingSettings(**changes)})
    recipe = Recipe(profile, approach, ModelFolder(Path("base"), "base"), (), (), "data", CPU)
    assert recipe.folder.name == name


@pytest.mark.parametrize("approach", [Approach.SFT, Approach.LORA])
def test_a_method_trains_every_parameter_or_the_adapter_alone(tiny: Profile, model, approach: Approach) -> None:
    method = methods_of(tiny)[approach]
    assert method.training == {Approach.SFT: tiny.sft, Approach.LORA: tiny.lora}[approach]
    trained = {name for name, each in method.applied_to(model).named_parameters() if each.requires_grad}
    adapter = {name for name in trained if "lora_" in name}
    assert trained == (adapter if method.adapter else set(dict(model.named_parameters())))
    assert bool(adapter) == (approach is Approach.LORA)


def test_a_stored_adapter_scores_like_the_one_that_was_trained(recipe: Recipe) -> None:
    weights = stored_weights(recipe, progress=False, note=silent)
    record = json.loads((recipe.folder / "record.json").read_text())
    assert 0 <= record["merge_drift"] < 1e-3
    model = load_scored(weights, CPU, [], silent)
    base = load_model(weights.base, CPU)
    assert not torch.equal(model.model.layers[0].self_attn.q_proj.weight, base.model.layers[0].self_attn.q_proj.weight)
    assert torch.equal(model.model.embed_tokens.weight, base.model.embed_tokens.weight)
    assert not list(recipe.folder.parent.glob("*.work"))


def test_no_pickle_is_left_behind(recipe: Recipe) -> None:
    stored_weights(recipe, progress=False, note=silent)
    left = [p.name for p in cache.cache_root().rglob("*") if p.suffix in {".bin", ".pt", ".pth", ".pkl"}]
    assert left == []


def _save_for_ever(path: Path, begun: Event) -> None:
    def fill(folder: Path) -> None:
        for i in range(40):
            (folder / f"part-{i}").write_bytes(bytes([i]) * 200_000)

    begun.set()
    while True:
        cache.build(path, {"a": 1}, fill)
        shutil.rmtree(path)


def test_a_save_killed_at_any_moment_leaves_nothing_that_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "entry"
    chance = random.Random(0)
    for _ in range(12):
        begun = FORK.Event()
        saver = FORK.Process(target=_save_for_ever, args=(path, begun), daemon=True)
        saver.start()
        assert begun.wait(60)
        saver.join(chance.uniform(0, 0.25))
        saver.kill()
        saver.join()
        assert saver.exitcode == -signal.SIGKILL
        entry = cache.read_entry(path)
        if entry is not None:
            assert len(entry.files) == 40
            assert cache.verify_entry(entry) is None
        rebuilt = cache.build(path, {"a": 1}, lambda folder: (folder / "x").write_text("whole"))  # type: ignore[arg-type,return-value]
        assert cache.verify_entry(rebuilt) is None
        shutil.rmtree(path)


def _build_and_count(path: Path, log: Path) -> None:
    def fill(folder: Path) -> None:
        with log.open("a") as file:
            file.write("built\n")
        (folder / "data").write_text("x")

    cache.build(path, {}, fill)


def test_processes_that_want_the_same_entry_build_it_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    workers = [FORK.Process(target=_build_and_count, args=(tmp_path / "entry", log)) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert log.read_text() == "built\n"


def test_an_entry_that_lost_a_file_is_built_again_and_said_so(tmp_path: Path) -> None:
    path, said = tmp_path / "entry", []
    _build_and_count(path, tmp_path / "log")
    (path / "data").unlink()
    cache.build(path, {}, lambda folder: (folder / "data").write_text("new"), said.append)  # type: ignore[arg-type,return-value]
    assert (path / "data").read_text() == "new"
    assert any("built again" in line for line in said)


def few_rows(tmp_path: Path, seed: int) -> Profile:
    path = tmp_path / "few.toml"
    path.write_text(f'extends = "tiny"\nname = "few"\nseed = {seed}\n[data]\ntrain = 64\n[lora]\nepochs = 1\n')
    return load_profile(str(path))


def test_a_damaged_adapter_is_trained_anew_in_the_same_run_and_said_so(tmp_path: Path) -> None:
    profile, said = few_rows(tmp_path, 5), []
    queries = [Query(profile.house_prompt, f"A film for every {day}.") for day in ("day", "week", "year")]
    clean = Workbench(profile, progress=False, note=silent)
    expected = clean.predictor(Approach.LORA).predict(queries[:1])
    file = clean.weights(Approach.LORA).path / "adapter_model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-64] + bytes(byte ^ 0x80 for byte in whole[-64:]))
    later = Workbench(profile, progress=False, note=said.append)
    answers = later.predictor(Approach.LORA).predict(queries)
    assert [line for line in said if "adapter_model.safetensors is damaged" in line and "built anew" in line]
    assert file.read_bytes() == whole
    assert answers[:1] == expected
    assert later.scorer("again", later.weights(Approach.LORA)).predict(queries) == answers


def test_damaged_weights_that_were_given_are_refused_and_left_alone(tmp_path: Path) -> None:
    profile = few_rows(tmp_path, 5)
    given = tmp_path / "copied with its marker"
    shutil.copytree(Workbench(profile, progress=False, note=silent).weights(Approach.LORA).path, given)
    file = given / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-64] + bytes(64))
    for _ in range(2):
        with pytest.raises(ModelError, match="adapter_model.safetensors is damaged .*; copy it again"):
            Workbench(profile, given, progress=False, note=silent).predictor(Approach.LORA).predict(
                [Query(profile.house_prompt, "A film for nobody.")]
            )


def test_a_damaged_tokenizer_is_built_anew_before_anything_is_trained_with_it(tmp_path: Path) -> None:
    profile, said = few_rows(tmp_path, 6), []
    bench = Workbench(profile, progress=False, note=said.append)
    file = bench.base.path / "tokenizer.json"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"positive"', b'"negativf"'))
    assert file.read_bytes() != whole
    bench.weights(Approach.LORA)
    assert [line for line in said if "tokenizer.json is damaged" in line and "built anew" in line]
    assert file.read_bytes() == whole


def test_memory_that_runs_out_names_the_setting_to_lower(recipe: Recipe, monkeypatch) -> None:
    def too_much(*args, **kwargs) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(PromptTrainer, "training_step", too_much)
    untrained = dataclasses.replace(recipe, profile=recipe.profile.model_copy(update={"seed": 77}))
    with pytest.raises(TrainingError, match=r"lora: out of memory .* lower token_budget of \[lora\], now 1,024"):
        stored_weights(untrained, progress=False, note=silent)


def test_training_in_reduced_precision_is_stored_and_merged_in_fp32(recipe: Recipe) -> None:
    try:
        precision_of("bf16", CPU)
    except DeviceError as error:
        pytest.skip(str(error))
    reduced = recipe.profile.lora.model_copy(update={"precision": "bf16"})
    other = dataclasses.replace(recipe, profile=recipe.profile.model_copy(update={"lora": reduced}))
    assert other.folder != recipe.folder
    stored_weights(other, progress=False, note=silent)
    record = json.loads((other.folder / "record.json").read_text())
    assert record["precision"] == "bf16"
    assert record["merge_drift"] < 1e-3


def _train(profile: Path, log: Path) -> None:
    def note(line: str) -> None:
        with log.open("a") as file:
            file.write(f"{line}\n")

    Workbench(load_profile(str(profile)), progress=False, note=note).weights(Approach.LORA)


def test_three_processes_train_once_and_all_get_the_weights(tmp_path: Path) -> None:
    profile, log = tmp_path / "few.toml", tmp_path / "log"
    profile.write_text('extends = "tiny"\nname = "few"\n[data]\ntrain = 64\n[lora]\nepochs = 1\n')
    processes = [started(_train, profile, log, SENTIMENT_CACHE=str(tmp_path / "cache")) for _ in range(3)]
    for process in processes:
        process.join(180)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert log.read_text().count("training on 64 reviews") == 1


class Counting:
    """A predictor that counts what it is asked."""

    name, fingerprint = "counting", "f"

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def predict(self, queries):
        self.asked += queries
        return [
            Prediction(Label(len(q.text) % 2), shares_of(0.25), 0.5, "positive", cut=len(q.text) > 3) for q in queries
        ]


def test_nothing_is_asked_twice_in_a_run_or_in_the_next(cache_folder: Path) -> None:
    model = Counting()
    queries = [Query(PROMPT, text) for text in ("a", "bb", "a", "cccc", "\ud800 \x00")]
    first = StoredPredictor("x", "once", lambda: model, silent).predict(queries)
    again = StoredPredictor("x", "once", lambda: pytest.fail("loaded for nothing"), silent).predict(queries[::-1])
    assert again == first[::-1]
    assert len(model.asked) == 4
    more = StoredPredictor("x", "once", lambda: model, silent)
    more.predict([*queries, Query(PROMPT, "new")])
    assert len(model.asked) == 5


def test_other_weights_or_prompts_never_share_an_answer(cache_folder: Path) -> None:
    model = Counting()
    StoredPredictor("x", "weights-1", lambda: model, silent).predict([Query(PROMPT, "a")])
    StoredPredictor("x", "weights-2", lambda: model, silent).predict([Query(PROMPT, "a")])
    StoredPredictor("x", "weights-2", lambda: model, silent).predict([Query(Prompt("p", "{review}!"), "a")])
    StoredPredictor("x", "weights-2", lambda: model, silent).predict([Query(Prompt("renamed", "{review}"), "a")])
    assert len(model.asked) == 3


def test_prompts_that_differ_only_in_name_share_an_answer_in_one_call(cache_folder: Path) -> None:
    model = Counting()
    same = [Query(Prompt(name, "{review}"), "a") for name in ("one", "two")]
    first, second = StoredPredictor("x", "names", lambda: model, silent).predict(same)
    assert first == second
    assert len(model.asked) == 1


def test_unreadable_answers_start_anew_and_say_so(cache_folder: Path) -> None:
    said: list[str] = []
    predictor = StoredPredictor("x", "damaged", Counting, said.append)
    predictor.path.parent.mkdir(exist_ok=True)
    predictor.path.write_bytes(b"this is no database, " * 100)
    assert predictor.predict([Query(PROMPT, "a")])[0].label is Label.POSITIVE
    assert any("start anew" in line for line in said)
    with sqlite3.connect(predictor.path) as database:
        assert database.execute("select count(*) from answers").fetchone() == (1,)


class Interrupted(Counting):
    def predict(self, queries):
        if self.asked:
            raise KeyboardInterrupt
        return super().predict(queries)


def test_answers_before_an_interruption_are_kept(cache_folder: Path) -> None:
    queries = [Query(PROMPT, str(i)) for i in range(2500)]
    with pytest.raises(KeyboardInterrupt):
        StoredPredictor("x", "interrupted", Interrupted, silent).predict(queries)
    rest = Counting()
    StoredPredictor("x", "interrupted", lambda: rest, silent).predict(queries)
    assert len(rest.asked) == 2500 - CHUNK


def test_the_work_folder_that_a_killed_training_left_goes_with_the_next_run(tiny: Profile) -> None:
    bench = Workbench(tiny, note=lambda line: None)
    recipe = bench.varied(seed=99).recipe(Approach.LORA)
    cache.build(recipe.folder, {}, lambda folder: (folder / "adapter_config.json").write_text("{}"))  # type: ignore[arg-type,return-value]
    work = recipe.folder.with_name(recipe.folder.name + cache.WORK)
    work.mkdir()
    bench.varied(seed=99).weights(Approach.LORA)
    assert not work.exists()
