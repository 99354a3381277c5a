"""Sequence classifiers: what their classes mean, and the answers that transformers itself gives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2ForSequenceClassification,
    Qwen3ForSequenceClassification,
    pipeline,
)

from sentiment.errors import ModelError
from sentiment.models.checks import ModelFolder
from sentiment.models.classifier import ClassifierPredictor, answers_fingerprint
from sentiment.models.classifier_folder import classifier_folder
from sentiment.spellings import Spellings
from sentiment.types import Label, Prediction, Prompt, Query

CPU = torch.device("cpu")
TEXTS = [
    "Good.",
    "A tedious film that never ends, " * 9,
    "\ud800 odd",
    "x",
    "It was splendid, and I would see it again.",
]
NAMES = {0: "negative", 1: "positive"}
UNTOLD = Spellings()
Made = Callable[..., Path]


def asked(predictor: ClassifierPredictor, texts: list[str]) -> list[Prediction]:
    return predictor.predict([Query(Prompt("p", "{review}"), text) for text in texts])


@pytest.fixture(scope="module", name="made")
def _made(folder: ModelFolder, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Saves a small random classifier with the tiny tokenizer."""

    def make(body: str = "bert", id2label: dict[int, str] | None = None, **fields: Any) -> Path:
        path = tmp_path_factory.mktemp(body)
        names = NAMES if id2label is None else id2label
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            if body == "bert":
                config = BertConfig(
                    vocab_size=640, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
                    max_position_embeddings=96, initializer_range=0.3, pad_token_id=0, num_labels=len(names),
                )  # fmt: skip
                model: Any = BertForSequenceClassification(config)
            else:
                model = Qwen3ForSequenceClassification.from_pretrained(folder.path, num_labels=len(names))
                torch.nn.init.normal_(model.score.weight)
        model.config.id2label, model.config.label2id = names, {name: i for i, name in names.items()}
        model.config.update(fields)
        model.save_pretrained(path)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(folder.path / name, path)
        return path

    return make


@pytest.mark.parametrize("body", ["bert", "qwen3"])
def test_it_answers_what_transformers_answers(made: Made, body: str) -> None:
    path = made(body)
    predictor = ClassifierPredictor("mine", classifier_folder(str(path), None, UNTOLD), CPU)
    reference = pipeline("text-classification", str(path), top_k=None, truncation=True, max_length=predictor.longest)
    for text, found in zip(TEXTS, asked(predictor, TEXTS), strict=True):
        shares = {each["label"]: each["score"] for each in reference([text.encode("utf-8", "replace").decode()])[0]}
        assert found.label is not None
        assert found.label.word == max(shares, key=shares.__getitem__)
        assert found.text == found.label.word
        assert found.p_positive == pytest.approx(shares["positive"], abs=1e-5)
        assert found.label_mass == pytest.approx(1.0)


@pytest.mark.parametrize("body", ["bert", "qwen3"])
def test_answers_do_not_depend_on_the_company(made: Made, body: str) -> None:
    folder = classifier_folder(str(made(body)), None, UNTOLD)
    alone = [asked(ClassifierPredictor("mine", folder, CPU, token_budget=1), [text])[0] for text in TEXTS]
    together = asked(ClassifierPredictor("mine", folder, CPU), TEXTS[::-1] + TEXTS)
    for one, other in zip(alone, together[len(TEXTS) :], strict=True):
        assert (one.label, one.cut) == (other.label, other.cut)
        assert one.p_positive == pytest.approx(other.p_positive, abs=1e-5)
    assert together[: len(TEXTS)] == together[len(TEXTS) :][::-1]


def test_a_text_longer_than_the_positions_is_cut_and_counted(made: Made) -> None:
    predictor = ClassifierPredictor("mine", classifier_folder(str(made()), None, UNTOLD), CPU)
    assert predictor.longest == 96
    assert [answer.cut for answer in asked(predictor, TEXTS)] == [False, True, False, False, False]
    short = ClassifierPredictor("mine", classifier_folder(str(made()), None, UNTOLD), CPU, max_length=8)
    assert [answer.cut for answer in asked(short, TEXTS)] == [False, True, False, False, True]
    with pytest.raises(ModelError, match="max_length is 97, and the model has 96 positions"):
        ClassifierPredictor("mine", classifier_folder(str(made()), None, UNTOLD), CPU, max_length=97)


def test_a_model_that_was_trained_the_other_way_round_is_not_inverted(made: Made) -> None:
    path = str(made(id2label={0: "LABEL_0", 1: "LABEL_1"}))
    with pytest.raises(ModelError, match=r"do not say which sentiment they are: 'LABEL_0', 'LABEL_1'.*labels = \{"):
        classifier_folder(path, None, UNTOLD)
    straight, turned = (
        classifier_folder(path, None, Spellings.of(*sides))
        for sides in ((["LABEL_1"], ["LABEL_0"]), (["LABEL_0"], ["LABEL_1"]))
    )
    one, other = (asked(ClassifierPredictor("mine", each, CPU), TEXTS) for each in (straight, turned))
    assert all(a.label != b.label for a, b in zip(one, other, strict=True))
    assert answers_fingerprint(straight, None) != answers_fingerprint(turned, None)


@pytest.mark.parametrize("names", [("0", "1"), ("False", "True"), ("bad", "good"), ("negative", "3")])
def test_only_words_name_a_class(made: Made, names: tuple[str, str]) -> None:
    with pytest.raises(ModelError, match="do not say which sentiment"):
        classifier_folder(str(made(id2label=dict(enumerate(names)))), None, UNTOLD)


def test_several_classes_may_mean_one_label_and_it_abstains_where_a_third_is_best(made: Made) -> None:
    names = {0: "1 star", 1: "2 stars", 2: "3 stars", 3: "4 stars", 4: "5 stars"}
    labels = Spellings.of(["4 stars", "5 stars"], ["1 star", "2 stars"], ["3 stars"])
    folder = classifier_folder(str(made(id2label=names)), None, labels)
    assert folder.abstains
    assert folder.says == "negative: 1 star, 2 stars; positive: 4 stars, 5 stars; no answer: 3 stars"
    predictor = ClassifierPredictor("mine", folder, CPU)
    found = asked(predictor, TEXTS)
    meant = dict(zip(folder.classes, folder.meanings, strict=True))
    assert [answer.label for answer in found] == [meant[answer.text] for answer in found]
    assert all(answer.label_mass is not None and 0 < answer.label_mass < 1 for answer in found)


def test_neutral_is_known_to_be_neither(made: Made) -> None:
    folder = classifier_folder(str(made(id2label={0: "Negative", 1: "Neutral", 2: "Positive"})), None, UNTOLD)
    assert folder.meanings == (Label.NEGATIVE, None, Label.POSITIVE)
    assert folder.abstains


def test_labels_that_name_no_class_or_leave_one_out_are_refused(made: Made) -> None:
    path = str(made(id2label={0: "LABEL_0", 1: "LABEL_1"}))
    with pytest.raises(ModelError, match="labels name 'label_2', and its classes are 'LABEL_0', 'LABEL_1'"):
        classifier_folder(path, None, Spellings.of(["LABEL_2"], ["LABEL_0"]))
    with pytest.raises(ModelError, match="do not say which sentiment they are: 'LABEL_1'"):
        classifier_folder(path, None, Spellings.of([], ["LABEL_0"]))
    with pytest.raises(ModelError, match="lack a positive one"):
        classifier_folder(path, None, Spellings.of([], ["LABEL_0", "LABEL_1"]))


def test_a_classifier_of_the_hub_is_read_from_its_cache(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = tmp_path / "models--someone--reviews"
    (hub / "refs").mkdir(parents=True)
    (hub / "refs" / "main").write_text("abc")
    shutil.copytree(made(), hub / "snapshots" / "abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    found = classifier_folder("someone/reviews", None, UNTOLD)
    assert found.path == hub / "snapshots" / "abc"
    assert asked(ClassifierPredictor("mine", found, CPU), TEXTS)[0].label is not None
    with pytest.raises(ModelError, match="'someone/else' .*(neither a folder here nor on the hub|is not cached)"):
        classifier_folder("someone/else", None, UNTOLD)


def test_what_is_no_classifier_is_named_and_refused(made: Made, folder: ModelFolder, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no sequence classifier \(Qwen3ForSequenceClassification\); .*model:"):
        classifier_folder(str(folder.path), None, UNTOLD)
    with pytest.raises(ModelError, match="no such folder"):
        classifier_folder(str(tmp_path / "nothing"), None, UNTOLD)
    with pytest.raises(ModelError, match="1 class, as a regression has"):
        classifier_folder(str(made(id2label={0: "score"})), None, UNTOLD)
    with pytest.raises(ModelError, match="problem_type 'multi_label_classification'"):
        classifier_folder(str(made(problem_type="multi_label_classification")), None, UNTOLD)


def test_pickled_weights_code_and_missing_tensors_are_refused(made: Made) -> None:
    pickled = made()
    model = AutoModelForSequenceClassification.from_pretrained(pickled)
    torch.save(model.state_dict(), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="only pickled weights"):
        classifier_folder(str(pickled), None, UNTOLD)
    with pytest.raises(ModelError, match="wants to run code of its own"):
        classifier_folder(str(made(auto_map={"AutoModel": "evil.Evil"})), None, UNTOLD)
    headless = made()
    BertForSequenceClassification.from_pretrained(headless).bert.save_pretrained(headless)
    config = json.loads((headless / "config.json").read_text())
    (headless / "config.json").write_text(json.dumps({**config, "architectures": ["BertForSequenceClassification"]}))
    with pytest.raises(ModelError, match="classifier.bias is missing"):
        ClassifierPredictor("mine", classifier_folder(str(headless), None, UNTOLD), CPU)


def test_an_adapter_beside_the_model_is_refused(made: Made) -> None:
    path = made()
    (path / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    with pytest.raises(ModelError, match="holds both a model .* and an adapter"):
        classifier_folder(str(path), None, UNTOLD)


def test_positions_do_not_depend_on_the_side_that_was_padded(folder: ModelFolder, tmp_path: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        config = GPT2Config(
            n_layer=2, n_embd=32, n_head=2, vocab_size=640, n_positions=96, num_labels=2, pad_token_id=0
        )
        model = GPT2ForSequenceClassification(config)
        torch.nn.init.normal_(model.transformer.wpe.weight)
        torch.nn.init.normal_(model.score.weight)
    model.config.id2label, model.config.label2id = NAMES, {name: i for i, name in NAMES.items()}
    model.save_pretrained(tmp_path)
    shutil.copy(folder.path / "tokenizer.json", tmp_path)
    told = json.loads((folder.path / "tokenizer_config.json").read_text())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({**told, "padding_side": "left"}))
    found = classifier_folder(str(tmp_path), None, UNTOLD)
    alone = [asked(ClassifierPredictor("mine", found, CPU), [text])[0].p_positive for text in TEXTS]
    together = [answer.p_positive for answer in asked(ClassifierPredictor("mine", found, CPU), TEXTS)]
    assert together == pytest.approx(alone, abs=1e-5)


def test_what_a_model_raises_over_a_text_is_one_line(made: Made) -> None:
    predictor = ClassifierPredictor("mine", classifier_folder(str(made()), None, UNTOLD), CPU)
    predictor.longest = 200  # more than there are positions
    with pytest.raises(ModelError, match="cannot be asked about 'A tedious film") as caught:
        asked(predictor, ["A tedious film that never ends, " * 20])
    assert "\n" not in str(caught.value)


def test_logits_that_are_not_finite_are_an_error(made: Made) -> None:
    predictor = ClassifierPredictor("mine", classifier_folder(str(made()), None, UNTOLD), CPU)
    torch.nn.init.constant_(predictor.model.classifier.weight, float("nan"))
    with pytest.raises(ModelError, match="not finite"):
        asked(predictor, ["x"])


def test_without_a_padding_token_rows_go_one_by_one(made: Made) -> None:
    path = made("qwen3")
    tokenizer = json.loads((path / "tokenizer_config.json").read_text())
    tokenizer.pop("pad_token", None)
    (path / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps({**config, "pad_token_id": None}))
    with_padding = asked(ClassifierPredictor("mine", classifier_folder(str(made("qwen3")), None, UNTOLD), CPU), TEXTS)
    without = asked(ClassifierPredictor("mine", classifier_folder(str(path), None, UNTOLD), CPU), TEXTS)
    for one, other in zip(with_padding, without, strict=True):
        assert one.p_positive == pytest.approx(other.p_positive, abs=1e-5)
