"""The training step gives the gradients of the plain one; training stops, resumes and is repeatable."""

from __future__ import annotations

import copy
import json
import shutil
from functools import partial
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F
from transformers import TrainingArguments

from sentiment import cache
from sentiment.data.generated import made_up_reviews
from sentiment.errors import CacheError, TrainingError
from sentiment.models.adapter import add_adapter
from sentiment.models.folders import load_model
from sentiment.models.frozen import frozen_in
from sentiment.models.merging import merged
from sentiment.models.parameters import count_parameters
from sentiment.models.step import PromptTrainer, fitting_together, micro_batches, shared_prefix, supervised_logits
from sentiment.models.tokens import IGNORED, InstructionDataset, collate
from sentiment.models.train import CHECKPOINT_MARKER, train, training_arguments, whole_checkpoint
from sentiment.profiles import AdapterSettings, Profile, TrainingSettings
from unit_tests.test_files import room_for

CPU = torch.device("cpu")
NO_DROPOUT = AdapterSettings(dropout=0.0)


@pytest.fixture(scope="module", name="rows")
def _rows(renderer, tiny: Profile) -> InstructionDataset:
    return InstructionDataset(made_up_reviews()[:48], renderer, tiny.house_prompt)


def settings(**changed) -> TrainingSettings:
    values = {"learning_rate": 1e-3, "precision": "fp32", "eval_strategy": "no", "save_steps": 1000}
    return TrainingSettings(**{**values, **changed})


def gradients(model) -> dict[str, torch.Tensor]:
    return {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


def trainer_of(model, work: Path, token_budget: int) -> PromptTrainer:
    arguments = training_arguments(settings(), work=work, device=CPU, seed=0)
    return PromptTrainer(model=model, args=arguments, token_budget=token_budget)


def plain_loss(model, batch) -> torch.Tensor:
    """What a Trainer computes: every logit of every row, with an attention mask."""
    mask = (torch.arange(batch["input_ids"].shape[1]) < lengths(batch)[:, None]).long()
    return model(input_ids=batch["input_ids"], attention_mask=mask, labels=batch["labels"]).loss


def lengths(batch) -> torch.Tensor:
    supervised = (batch["labels"] != IGNORED).long()
    return batch["labels"].shape[1] - supervised.flip(1).argmax(1)


@pytest.mark.parametrize("adapter", [None, NO_DROPOUT], ids=["sft", "lora"])
@pytest.mark.parametrize("budget", [128, 400, 4096], ids=["rows-nearly-alone", "several-groups", "one-group"])
def test_loss_and_gradients_equal_the_plain_step(model, rows, renderer, adapter, budget, tmp_path: Path) -> None:
    if adapter:
        torch.manual_seed(0)
        model = add_adapter(model, adapter)
        for name, parameter in model.named_parameters():  # B starts at zero, which would hide A's gradient
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.02)
    batch = collate([rows[i] for i in range(12)], renderer.pad_id)
    assert shared_prefix(batch["input_ids"], batch["labels"]) > 10
    expected = plain_loss(model, batch)
    expected.backward()
    plain = gradients(model)
    model.zero_grad()
    trainer = trainer_of(model, tmp_path, token_budget=budget)
    total = trainer.training_step(model, batch)
    assert total.item() == pytest.approx(expected.item(), abs=1e-5)
    assert trainer.compute_loss(model, batch).item() == pytest.approx(expected.item(), abs=1e-5)
    ours = gradients(model)
    assert ours.keys() == plain.keys()
    for name, gradient in plain.items():
        torch.testing.assert_close(ours[name], gradient, atol=2e-5, rtol=1e-3, msg=name)


def test_micro_batches_that_fit_the_budget_share_one_computation_of_their_beginning(
    model, rows, renderer, tmp_path: Path
) -> None:
    batch = collate([rows[i] for i in range(16)], renderer.pad_id)
    shared = shared_prefix(batch["input_ids"], batch["labels"])

    def passes(budget: int) -> list[tuple[int, int]]:
        """Shapes of the passes of one step."""
        seen: list[tuple[int, int]] = []
        hook = model.model.register_forward_pre_hook(
            lambda module, args, kwargs: seen.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
        )
        trainer_of(model, tmp_path, token_budget=budget).training_step(model, batch)
        hook.remove()
        return seen

    one, several = passes(budget=4096), passes(budget=400)
    assert one.count((1, shared)) == 1
    assert len(one) > 1
    assert several.count((1, shared)) > 1
    assert sum(rows for rows, width in one if (rows, width) != (1, shared)) == 16


def test_groups_stay_within_the_budget_and_hold_every_part_once() -> None:
    parts = [{"input_ids": torch.zeros(rows, 10)} for rows in (9, 4, 3, 2, 2, 1)]
    groups = list(fitting_together(parts, budget=70))
    assert [[len(part["input_ids"]) for part in group] for group in groups] == [[9], [4, 3], [2, 2, 1]]


@pytest.mark.parametrize("adapter", [NO_DROPOUT, None], ids=["lora", "sft"])
def test_frozen_weights_held_in_bf16_change_no_bit_of_a_reduced_step(model, rows, renderer, adapter) -> None:
    torch.manual_seed(0)
    if adapter:
        model = add_adapter(model, adapter)
    batch = collate([rows[i] for i in range(4)], renderer.pad_id)

    def step() -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            logits, targets = supervised_logits(model, batch["input_ids"], batch["labels"])
        loss = F.cross_entropy(logits.float(), targets)
        loss.backward()
        return loss.detach(), gradients(model)

    before = {name: weight.data_ptr() for name, weight in model.named_parameters()}
    loss, plain = step()
    with frozen_in(model, torch.bfloat16):
        frozen = [m.weight for m in model.modules() if isinstance(m, torch.nn.Linear) and not m.weight.requires_grad]
        assert all(weight.dtype == torch.bfloat16 for weight in frozen)
        assert bool(frozen) == bool(adapter)
        again, ours = step()
    assert torch.equal(loss, again)
    assert all(torch.equal(ours[name], gradient) for name, gradient in plain.items())
    assert {name: weight.data_ptr() for name, weight in model.named_parameters()} == before


def test_training_in_bf16_holds_the_frozen_weights_cast_and_gives_them_back(model, rows, renderer, tmp_path) -> None:
    model = add_adapter(model, NO_DROPOUT)
    frozen = model.base_model.model.model.layers[0].self_attn.q_proj.base_layer
    own = frozen.weight
    seen: set[torch.dtype] = set()
    frozen.register_forward_pre_hook(lambda module, args: seen.add(module.weight.dtype))
    arguments = TrainingArguments(
        str(tmp_path), bf16=True, use_cpu=True, max_steps=1, save_strategy="no", report_to="none", disable_tqdm=True
    )
    PromptTrainer(
        model=model,
        args=arguments,
        token_budget=400,
        train_dataset=rows,
        data_collator=partial(collate, pad_id=renderer.pad_id),
    ).train()
    assert seen == {torch.bfloat16}
    assert frozen.weight is own
    assert own.dtype == torch.float32


def test_micro_batches_hold_every_row_of_the_batch_once(rows, renderer) -> None:
    batch = collate([rows[i] for i in range(16)], renderer.pad_id)
    parts = list(micro_batches(batch, budget=100))
    seen = sorted(tuple(row[row != renderer.pad_id].tolist()) for part in parts for row in part["input_ids"])
    assert seen == sorted(tuple(row[row != renderer.pad_id].tolist()) for row in batch["input_ids"])


def test_a_row_alone_or_rows_alike_share_nothing_behind_their_question(rows, renderer) -> None:
    one = collate([rows[0]], renderer.pad_id)
    assert shared_prefix(one["input_ids"], one["labels"]) == 0
    same = collate([rows[0], rows[0]], renderer.pad_id)
    first = int((same["labels"][0] != IGNORED).long().argmax())
    assert shared_prefix(same["input_ids"], same["labels"]) == first - 1


def test_parameter_counts_are_those_of_the_formula(model, tiny: Profile) -> None:
    figures = tiny.model.architecture
    hidden, layers, heads = figures["hidden_size"], figures["num_hidden_layers"], figures["num_attention_heads"]
    query, value = heads * figures["head_dim"], figures["num_key_value_heads"] * figures["head_dim"]
    whole = count_parameters(model)
    assert whole.total == whole.trainable
    assert whole.percent == 100
    adapted = count_parameters(add_adapter(model, tiny.adapter))
    assert adapted.total == whole.total
    assert adapted.trainable == 8 * layers * ((hidden + query) + 2 * (hidden + value) + (query + hidden))


def test_the_adapter_is_the_one_the_assignment_asks_for(model) -> None:
    config = add_adapter(model, AdapterSettings()).peft_config["default"]
    assert (config.r, config.lora_alpha, config.lora_dropout, config.bias) == (8, 16, 0.05, "none")
    assert set(config.target_modules) == {"q_proj", "k_proj", "v_proj", "o_proj"}
    assert config.task_type == "CAUSAL_LM"


def test_training_arguments_carry_every_setting(tmp_path: Path) -> None:
    chosen = settings(epochs=3, train_batch_size=6, eval_batch_size=5, gradient_accumulation=4, logging_steps=7)
    arguments = training_arguments(chosen, work=tmp_path, device=CPU, seed=3, world_size=2)
    assert arguments.output_dir == str(tmp_path)
    assert arguments.num_train_epochs == 3
    assert arguments.per_device_train_batch_size == 3
    assert arguments.per_device_eval_batch_size == 5
    assert arguments.gradient_accumulation_steps == 4
    assert arguments.learning_rate == 1e-3
    assert not arguments.bf16
    assert arguments.logging_steps == 7
    assert not arguments.logging_nan_inf_filter
    with pytest.raises(TrainingError, match="shared by 4"):
        training_arguments(chosen, work=tmp_path, device=CPU, seed=3, world_size=4)


def run(model, rows, renderer, work: Path, **changed):
    chosen = settings(**changed)
    arguments = training_arguments(chosen, work=work, device=CPU, seed=0)
    return train(model, rows, rows, arguments, token_budget=512, pad_id=renderer.pad_id, progress=False)


def test_training_learns_and_its_record_says_how(model, rows, renderer, tmp_path: Path) -> None:
    record = run(model, rows, renderer, tmp_path, learning_rate=5e-3, epochs=6, eval_strategy="epoch", logging_steps=1)
    losses = [entry["loss"] for entry in record.losses if "loss" in entry]
    assert record.steps == 18
    assert losses[-1] < 0.5 * losses[0]
    assert sum("eval_loss" in entry for entry in record.losses) == 6
    json.dumps(record.losses)


def test_a_log_hears_of_a_training_in_lines_and_sees_no_bar(model, rows, renderer, tmp_path: Path, capfd) -> None:
    said: list[str] = []
    arguments = training_arguments(settings(epochs=4, save_steps=2, logging_steps=1), work=tmp_path, device=CPU, seed=0)
    train(model, rows, rows, arguments, token_budget=512, pad_id=renderer.pad_id, note=said.append)
    assert [line.split(",")[0] for line in said] == ["training: 25%", "training: 42%", "training: 67%", "training: 83%"]
    assert "of 12 steps, loss " in said[0]
    assert "".join(capfd.readouterr()) == ""


def test_a_finished_training_leaves_no_checkpoint_of_its_last_step(model, rows, renderer, tmp_path: Path) -> None:
    record = run(model, rows, renderer, tmp_path, epochs=2, save_steps=2)
    assert record.steps == 6
    assert sorted(path.name for path in tmp_path.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]


def test_gradient_accumulation_is_the_same_as_one_large_batch(folder, rows, renderer, tmp_path: Path) -> None:
    large, parts = load_model(folder, CPU), load_model(folder, CPU)
    run(large, rows, renderer, tmp_path / "a", train_batch_size=16)
    run(parts, rows, renderer, tmp_path / "b", train_batch_size=4, gradient_accumulation=4)
    for (name, one), other in zip(large.named_parameters(), parts.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3, msg=name)


ADAPTER = AdapterSettings(dropout=0.5)
"""Dropout, so that every random number counts."""
TWO_EPOCHS = {"epochs": 2, "save_steps": 1, "eval_strategy": "epoch", "learning_rate": 1e-2}
"""Of three steps each."""


class Killed(Exception):
    """Stands for the end of the process."""


def weights_after(folder, rows, renderer, work: Path, *, adapter: bool = True, kill: int | None = None) -> bytes:
    """The weights of a training in `work`; `kill` ends it once the checkpoint of that step is whole."""
    torch.manual_seed(0)
    model = load_model(folder, CPU)
    if adapter:
        model = add_adapter(model, ADAPTER)

    def step(line: str) -> None:
        if kill is not None and (work / f"checkpoint-{kill}" / CHECKPOINT_MARKER).is_file():
            raise Killed

    arguments = training_arguments(settings(**TWO_EPOCHS), work=work, device=CPU, seed=0)
    train(model, rows, rows, arguments, token_budget=512, pad_id=renderer.pad_id, note=step)
    return b"".join(parameter.detach().numpy().tobytes() for parameter in model.parameters() if parameter.requires_grad)


def killed_after(folder, rows, renderer, work: Path, step: int, **more) -> None:
    with pytest.raises(Killed):
        weights_after(folder, rows, renderer, work, kill=step, **more)


@pytest.fixture(scope="module", name="whole")
def _whole(folder, rows, renderer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of an adapter whose training nothing stopped."""
    return weights_after(folder, rows, renderer, tmp_path_factory.mktemp("whole") / "work")


def test_a_training_resumed_anywhere_ends_with_the_very_same_weights(
    folder, rows, renderer, whole: bytes, tmp_path: Path
) -> None:
    for step in (2, 3, 4):  # the third is the last of the first epoch
        work = tmp_path / f"killed-{step}"
        killed_after(folder, rows, renderer, work, step)
        assert weights_after(folder, rows, renderer, work) == whole, step


def test_a_full_training_resumed_ends_with_the_very_same_weights(folder, rows, renderer, tmp_path: Path) -> None:
    work = tmp_path / "killed"
    killed_after(folder, rows, renderer, work, 3, adapter=False)
    resumed = weights_after(folder, rows, renderer, work, adapter=False)
    assert resumed == weights_after(folder, rows, renderer, tmp_path / "whole", adapter=False)


def test_a_checkpoint_that_was_not_written_to_its_end_is_deleted_and_said(folder, rows, renderer, tmp_path) -> None:
    killed_after(folder, rows, renderer, tmp_path, 3)
    (tmp_path / "checkpoint-3" / CHECKPOINT_MARKER).unlink()
    (tmp_path / "checkpoint-odd").mkdir()
    said: list[str] = []
    kept = whole_checkpoint(tmp_path, said.append)
    assert kept is not None
    assert kept.name == "checkpoint-2"
    assert [path.name for path in tmp_path.glob("checkpoint-?")] == [kept.name]
    assert said == [
        f"{tmp_path / 'checkpoint-3'} cannot be resumed from (it was not written to its end) and is deleted"
    ]


class Ran:
    """Unpickled, it leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


FILES = ["optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json", "adapter_model.safetensors"]


def test_a_damaged_checkpoint_is_deleted_and_the_training_goes_on_from_the_one_before(
    folder, rows, renderer, whole: bytes, tmp_path: Path
) -> None:
    killed_after(folder, rows, renderer, tmp_path / "killed", 4)
    for number, name in enumerate(FILES):
        work = tmp_path / name
        shutil.copytree(tmp_path / "killed", work)
        path = work / "checkpoint-4" / name
        data = path.read_bytes()
        half = len(data) // 2
        path.write_bytes(data[:half] if number % 2 else data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :])
        said: list[str] = []
        kept = whole_checkpoint(work, said.append)
        assert kept is not None
        assert kept.name == "checkpoint-3"
        assert len(said) == 1
        assert "checkpoint-4 cannot be resumed from" in said[0]
    assert weights_after(folder, rows, renderer, work) == whole


def test_what_passes_for_a_checkpoint_is_never_run_and_given_up(folder, rows, renderer, tmp_path: Path) -> None:
    """Somebody wrote the marker anew after putting a pickle there."""
    killed_after(folder, rows, renderer, tmp_path / "killed", 2)
    for name in FILES:
        work, trace = tmp_path / name, tmp_path / "ran"
        shutil.copytree(tmp_path / "killed", work)
        checkpoint = work / "checkpoint-2"
        torch.save(Ran(trace), checkpoint / name)
        (checkpoint / CHECKPOINT_MARKER).unlink()
        cache.mark(checkpoint, {"step": 2}, CHECKPOINT_MARKER)
        with pytest.raises(TrainingError, match=r"checkpoint-2 could not be resumed from: .*run again"):
            weights_after(folder, rows, renderer, work)
        assert not trace.exists()
        assert [path.name for path in work.glob("checkpoint-*")] == ["checkpoint-1"]


def test_a_full_disk_ends_the_training_with_one_line_and_the_next_one_is_well(
    folder, rows, renderer, whole: bytes, tmp_path: Path
) -> None:
    work = tmp_path / "full"
    with room_for(20_000), pytest.raises(CacheError, match=rf"cannot write {work}: .*make room there"):
        weights_after(folder, rows, renderer, work)
    assert not work.exists()
    assert weights_after(folder, rows, renderer, work) == whole


def test_a_loss_that_is_not_finite_stops_with_a_remedy(model, rows, renderer, tmp_path: Path) -> None:
    with torch.no_grad():
        model.model.norm.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match="learning_rate"):
        run(model, rows, renderer, tmp_path)


def test_merging_moves_no_logit(model, rows, renderer) -> None:
    torch.manual_seed(0)
    adapted = add_adapter(model, NO_DROPOUT).eval()
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    ids = collate([rows[i] for i in range(8)], renderer.pad_id)["input_ids"]
    with torch.no_grad():
        apart = adapted(input_ids=ids).logits
        together = merged(copy.deepcopy(adapted))(input_ids=ids).logits
        with adapted.disable_adapter():
            bare = adapted(input_ids=ids).logits
    torch.testing.assert_close(together, apart, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(bare, apart, atol=1e-2)
