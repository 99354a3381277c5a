"""The fast predictor answers what greedy generation answers, however its queries are batched."""

from __future__ import annotations

import copy
from random import Random

import pytest
import torch

from sentiment.data.generated import made_up_reviews
from sentiment.errors import DeviceError, ModelError
from sentiment.models.folders import load_model
from sentiment.models.generate import predict_sentiment
from sentiment.models.score import ModelPredictor
from sentiment.models.tokens import InstructionDataset, Renderer
from sentiment.models.train import train, training_arguments
from sentiment.profiles import TrainingSettings
from sentiment.types import Label, Prompt, Query

CHAT = Prompt("chat", "Is this movie review positive or negative?\n\nReview: {review}")
PLAIN = Prompt("plain", "Review: {review}\nSentiment:", chat=False)
SHORT_WORDS = Prompt("short", "Good? {review}", "yes", "no")
MANY_TOKENS = Prompt("long words", "{review}", "splendidissimo", "abominabile")
SAME_START = Prompt("same start", "{review}", "xxpositive", "xxnegative")
PROMPTS = [CHAT, PLAIN, SHORT_WORDS, MANY_TOKENS, SAME_START]
TEXTS = [review.text for review in made_up_reviews()[:20]] + ["", "x" * 300, "schön \U0001f600", "<|end|> positive"]


@pytest.fixture(scope="module", name="talker")
def _talker(folder, renderer: Renderer, tmp_path_factory: pytest.TempPathFactory):
    """The tiny model, trained a little on every prompt: it answers with label words, but not always."""
    model = load_model(folder, torch.device("cpu"))
    reviews = made_up_reviews()[100:180]
    rows = InstructionDataset(reviews, renderer, PROMPTS[0])
    for prompt in PROMPTS[1:]:
        rows.rows += InstructionDataset(reviews, renderer, prompt).rows
    settings = TrainingSettings(learning_rate=2e-3, epochs=4, precision="fp32", eval_strategy="no")
    work = tmp_path_factory.mktemp("talker")
    arguments = training_arguments(settings, work=work, device=torch.device("cpu"), seed=0)
    train(model, rows, rows, arguments, token_budget=2048, pad_id=renderer.pad_id, progress=False)
    return model.eval()


def test_the_model_of_these_tests_answers_in_every_way(talker, renderer: Renderer) -> None:
    scorer = predictor(talker, renderer)
    answers = scorer.predict([Query(prompt, text) for prompt in PROMPTS for text in TEXTS])
    assert {answer.label for answer in answers} == {Label.NEGATIVE, Label.POSITIVE, None}
    assert 0 < scorer.generated < len(answers)


def predictor(model, renderer: Renderer, **options) -> ModelPredictor:
    return ModelPredictor("tiny", "x", model, renderer, note=lambda line: None, **options)


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.name)
def test_labels_are_those_of_generating_one_by_one(talker, renderer: Renderer, prompt: Prompt) -> None:
    fast = predictor(talker, renderer).predict([Query(prompt, text) for text in TEXTS])
    slow = [predict_sentiment(talker, renderer, prompt, text) for text in TEXTS]
    assert [prediction.label for prediction in fast] == slow


@pytest.mark.parametrize("budget", [1, 60, 200, 100_000])
def test_predictions_do_not_depend_on_batch_size_order_or_company(talker, renderer: Renderer, budget: int) -> None:
    queries = [Query(prompt, text) for prompt in PROMPTS for text in TEXTS]
    reference = dict(zip(queries, predictor(talker, renderer).predict(queries), strict=True))
    shuffled = Random(budget).sample(queries, len(queries) // 2)
    for query, prediction in zip(
        shuffled, predictor(talker, renderer, token_budget=budget).predict(shuffled), strict=True
    ):
        assert prediction.label == reference[query].label
        assert prediction.p_positive == pytest.approx(reference[query].p_positive, abs=1e-4)
        assert prediction.label_mass == pytest.approx(reference[query].label_mass, abs=1e-4)
        assert (prediction.p_positive is None) == (query.prompt is SAME_START)


def test_each_distinct_query_is_asked_once(talker, renderer: Renderer) -> None:
    passes: list[int] = []
    watch = talker.register_forward_pre_hook(
        lambda module, args, kwargs: passes.append(kwargs["input_ids"].shape[0]), with_kwargs=True
    )
    queries = [Query(CHAT, "a good film"), Query(CHAT, "a bad film")] * 50
    answers = predictor(talker, renderer).predict(queries)
    watch.remove()
    assert answers == answers[:2] * 50
    assert max(passes) <= 2


def test_reduced_precision_gives_the_labels_of_fp32(talker, renderer: Renderer) -> None:
    queries = [Query(prompt, text) for prompt in PROMPTS for text in TEXTS]
    full = predictor(talker, renderer).predict(queries)
    reduced = predictor(talker, renderer, precision="bf16").predict(queries)
    assert [p.label for p in reduced] == [p.label for p in full]


def test_an_answer_with_no_label_is_none_and_says_its_text(model, renderer: Renderer) -> None:
    answers = predictor(model, renderer).predict([Query(CHAT, text) for text in TEXTS])
    silent = [answer for answer in answers if answer.label is None]
    assert silent
    assert all(0 <= answer.label_mass <= 1 and 0 <= answer.p_positive <= 1 for answer in answers)


def test_cut_reviews_are_marked(talker, renderer: Renderer) -> None:
    short, long = predictor(talker, renderer).predict([Query(CHAT, "fine"), Query(CHAT, "good " * 400)])
    assert not short.cut
    assert long.cut


def test_logits_that_are_not_finite_are_an_error_and_no_label(model, renderer: Renderer) -> None:
    with torch.no_grad():
        model.model.norm.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match="not finite"):
        predictor(model, renderer).predict([Query(CHAT, "x")])


class _SmallMemory(torch.nn.Module):
    """A model that runs out of memory on more than a few rows."""

    def __init__(self, model, most_rows: int) -> None:
        super().__init__()
        self.inner, self.most_rows = model, most_rows

    def forward(self, **inputs):
        if inputs["input_ids"].shape[0] > self.most_rows:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.inner(**inputs)

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.inner, name)


def test_exhausted_memory_halves_the_batch_says_so_and_changes_no_label(talker, renderer: Renderer) -> None:
    queries = [Query(CHAT, text) for text in TEXTS]
    expected = predictor(talker, renderer).predict(queries)
    said: list[str] = []
    small = ModelPredictor("tiny", "x", _SmallMemory(talker, 3), renderer, note=said.append)
    assert [p.label for p in small.predict(queries)] == [p.label for p in expected]
    assert 1 <= len(said) <= 6, "the budget is halved a few times, not once per batch"
    assert all("out of memory" in line for line in said)
    assert small.token_budget > max(len(row.ids) for row in renderer.encode(queries[:3])) // 2
    with pytest.raises(DeviceError, match="single prompt"):
        ModelPredictor("tiny", "x", _SmallMemory(talker, 0), renderer, note=said.append).predict(queries[:1])


def test_a_reduced_precision_that_overflows_falls_back_to_fp32(talker, renderer: Renderer) -> None:
    queries = [Query(CHAT, text) for text in TEXTS]
    expected = predictor(talker, renderer).predict(queries)
    overflowing = predictor(talker, renderer, precision="bf16")
    with torch.no_grad():
        overflowing._fast_model.model.norm.weight.fill_(float("inf"))
    assert [p.label for p in overflowing.predict(queries)] == [p.label for p in expected]


def test_another_error_of_the_model_is_not_mistaken_for_memory(talker, renderer: Renderer) -> None:
    broken = copy.deepcopy(talker)
    broken.register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(RuntimeError("shape mismatch")))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        predictor(broken, renderer).predict([Query(CHAT, "x")])
