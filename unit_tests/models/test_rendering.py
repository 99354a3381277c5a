"""Other ways of rendering training rows: several wordings, pairs of wordings, raw text; and the consistency loss."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from sentiment.data.generated import made_up_reviews
from sentiment.models.consistency import disagreement
from sentiment.models.rendering import rendered
from sentiment.models.step import PromptTrainer, micro_batches
from sentiment.models.store import Recipe
from sentiment.models.tokens import IGNORED, InstructionDataset, Renderer, collate
from sentiment.models.train import training_arguments
from sentiment.profiles import Profile, RenderingSettings
from sentiment.prompting.wordings import training_prompts
from sentiment.types import Approach

CPU = torch.device("cpu")
REVIEWS = made_up_reviews()[:32]


def profile_with(tiny: Profile, seed: int = 0, **rendering) -> Profile:
    return tiny.model_copy(update={"rendering": RenderingSettings(**rendering), "seed": seed})


def test_the_plain_recipe_is_the_instruction_dataset(renderer: Renderer, tiny: Profile) -> None:
    rows = rendered(REVIEWS, renderer, tiny)
    expected = InstructionDataset(REVIEWS, renderer, tiny.house_prompt)
    assert [rows[i] for i in range(len(rows))] == [expected[i] for i in range(len(expected))]


def test_every_wording_is_used_about_equally_often_and_seeds_deal_them_differently(
    renderer: Renderer, tiny: Profile
) -> None:
    starts = {
        renderer.frame(prompt).head: prompt.name for prompt in training_prompts(4, tiny.data.seed, tiny.house_prompt)
    }
    dealt = {}
    for seed in (0, 1):
        rows = rendered(REVIEWS, renderer, profile_with(tiny, seed, wordings=4))
        texts = [renderer.tokenizer.decode(rows[i]["input_ids"]) for i in range(len(rows))]
        dealt[seed] = [max((s for s in starts if text.startswith(s)), key=len) for text in texts]
        assert set(Counter(dealt[seed]).values()) == {8}
    assert dealt[0] != dealt[1]


def test_twins_are_one_review_in_two_wordings(renderer: Renderer, tiny: Profile) -> None:
    rows = rendered(REVIEWS[:6], renderer, profile_with(tiny, wordings=3, consistency=1.0))
    batch = collate([rows[i] for i in range(len(rows))], renderer.pad_id)
    assert batch["input_ids"].shape[0] == batch["answers"].shape[0] == 12
    for i, review in enumerate(REVIEWS[:6]):
        one, other = (renderer.tokenizer.decode(row) for row in batch["input_ids"][2 * i : 2 * i + 2])
        assert review.text in one
        assert review.text in other
        assert one != other
    first = (batch["labels"] != IGNORED).long().argmax(1)
    answers = batch["labels"][torch.arange(12), first]
    assert (batch["answers"] == answers[:, None]).any(dim=1).all()


def test_raw_rows_supervise_all_but_the_first_token(renderer: Renderer, tiny: Profile) -> None:
    raw = rendered(REVIEWS[:4], renderer, profile_with(tiny, form="raw"))
    labelled = rendered(REVIEWS[:4], renderer, profile_with(tiny, form="raw-labelled"))
    for i, review in enumerate(REVIEWS[:4]):
        for rows, text in ((raw, f"{review.text}\n"), (labelled, f"{review.text}\n{review.label.word}")):
            assert renderer.tokenizer.decode(rows[i]["input_ids"], skip_special_tokens=True) == text
            assert rows[i]["labels"] == [IGNORED, *rows[i]["input_ids"][1:]]
        end = renderer.tokenizer.eos_token_id  # behind a label only, or ending would be learnt in the answer's place
        assert (raw[i]["input_ids"][-1] == end, labelled[i]["input_ids"][-1] == end) == (False, True)


def test_disagreement_is_the_symmetric_divergence_of_the_two_label_words() -> None:
    logits = torch.zeros(5, 6)
    logits[0, 1], logits[2, 3] = 2.0, -1.0  # the first positions of rows with 2 and 3 supervised tokens
    counts, answers = torch.tensor([2, 3]), torch.tensor([[1, 2], [3, 4]])
    p, q = torch.softmax(torch.tensor([2.0, 0.0]), 0), torch.softmax(torch.tensor([-1.0, 0.0]), 0)
    expected = (F.kl_div(q.log(), p, reduction="sum") + F.kl_div(p.log(), q, reduction="sum")) / 2
    assert disagreement(logits, counts, answers).item() == pytest.approx(expected.item(), abs=1e-6)


def test_pairs_stay_together_and_their_loss_does_not_depend_on_the_split(
    model, renderer: Renderer, tiny: Profile, tmp_path
) -> None:
    rows = rendered(REVIEWS[:8], renderer, profile_with(tiny, wordings=4, consistency=1.0))
    batch = collate([rows[i] for i in range(8)], renderer.pad_id)
    parts = list(micro_batches(batch, budget=400))
    assert len(parts) > 1
    assert all(len(part["input_ids"]) % 2 == 0 for part in parts)
    count = (batch["labels"] != IGNORED).sum()
    settings = tiny.lora.model_copy(update={"eval_strategy": "no"})
    arguments = training_arguments(settings, work=tmp_path, device=CPU, seed=0)

    def total(weight: float, pieces) -> float:
        trainer = PromptTrainer(model=model, args=arguments, token_budget=400, consistency=weight)
        return sum(trainer.compute_loss(model, part, num_items_in_batch=count).item() for part in pieces)

    assert total(1.0, parts) == pytest.approx(total(1.0, [batch]), rel=1e-5)
    assert total(1.0, parts) > total(0.0, parts)


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="set wordings to 2 or more"):
        RenderingSettings(consistency=1.0)
    with pytest.raises(ValueError, match="wordings must be 1"):
        RenderingSettings(form="raw", wordings=3)


def test_weights_of_another_rendering_are_others_and_those_of_the_plain_one_stay(folder, tiny: Profile) -> None:
    plain = Recipe(tiny, Approach.LORA, folder, tuple(REVIEWS), (), "data", CPU)
    assert "rendering" not in plain.facts
    mixed = replace(plain, profile=profile_with(tiny, wordings=4))
    other = replace(plain, profile=profile_with(tiny, wordings=5))
    assert len({each.folder for each in (plain, mixed, other)}) == 3
