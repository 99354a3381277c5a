"""Every experiment runs on a model with Qwen3's architecture, is kept, and is written up from what was found."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from sentiment import cache
from sentiment.pipeline import Workbench
from sentiment.profiles import load_profile
from sentiment.study import figures as pictures
from sentiment.study import run as study_run
from sentiment.study.document import QUESTIONS, answers_markdown, code, md, study_html, study_markdown
from sentiment.study.record import Study, as_json, from_json
from sentiment.study.run import STEPS, run_study
from sentiment.types import Approach

FIGURES = {name: f"figures/{name}.png" for name in pictures.FIGURES}
CONFUSION = {approach.value: f"figures/confusion-{approach}.png" for approach in Approach}


def found(study, step: str) -> dict:
    return study.results["steps"][step]["found"]


def test_every_step_was_done_and_names_its_command(study) -> None:
    assert list(study.results["steps"]) == [step.name for step in STEPS]
    for name, step in study.results["steps"].items():
        assert step["command"] == f"sentiment study --profile mine.toml --step {name}"
        assert step["seconds"] >= 0


def test_the_assignments_own_profile_was_run_on_local_folders(study) -> None:
    qwen3, own = load_profile("qwen3"), study.bench.profile
    assert (own.prompt, own.adapter, own.scoring) == (qwen3.prompt, qwen3.adapter, qwen3.scoring)
    assert own.model.needs_think_block
    assert study.results["run"]["data"].endswith("reviews")


def test_what_is_stored_is_not_done_again(study) -> None:
    notes: list[str] = []
    again = run_study(Workbench(study.bench.profile, note=notes.append), profile="mine.toml")
    assert json.dumps(as_json(again)) == json.dumps(study.results)
    documents = [study_markdown(each, FIGURES, CONFUSION) for each in (again, study.found)]
    assert documents[0] == documents[1]
    assert not [line for line in notes if line.startswith("study ")]


@pytest.mark.parametrize("damage", [lambda text: text[:99], lambda text: text.replace("Q6", "Q7"), lambda text: "{}"])
def test_a_damaged_step_is_done_again_and_said_so(study, damage) -> None:
    bench = Workbench(study.bench.profile, note=lambda line: None)
    path = study_run._place(bench, study_run.STEPS[0])
    path.write_text(damage(path.read_text()))
    said: list[str] = []
    run_study(Workbench(study.bench.profile, note=said.append), only={"derivation"}, profile="mine.toml")
    assert [line for line in said if "is damaged" in line and str(path) in line]
    assert "study 1/1: derivation (Q6)" in said


def test_findings_with_other_fields_are_found_anew_and_said_so(study) -> None:
    path = study_run._place(study.bench, study_run.STEPS[0])
    kept = cache.kept(path, (), note=pytest.fail)
    del kept["found"]["models"][0]["percent"]
    cache.keep(path, kept)
    said: list[str] = []
    again = run_study(Workbench(study.bench.profile, note=said.append), only={"derivation"}, profile="mine.toml")
    assert [line for line in said if "is damaged (models.0.percent: Field required)" in line and str(path) in line]
    assert as_json(again.steps["derivation"].found) == found(study, "derivation")


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_findings_are_read_back_as_they_were_or_not_at_all(study, step) -> None:
    facts = found(study, step.name)
    assert from_json(step.findings, facts) == study.found.steps[step.name].found
    for wrong in ({**facts, "more": 1}, dict(reversed(facts.items())) if len(facts) > 1 else {}):
        with pytest.raises(ValueError, match=r"other fields|required"):
            from_json(step.findings, wrong)


@pytest.mark.parametrize("version", ["score.SCORING_VERSION", "store.TRAINING_VERSION", "rendering.RAW_VERSION"])
def test_what_was_found_by_other_scoring_or_training_is_not_read(study, monkeypatch, version: str) -> None:
    monkeypatch.setattr(f"sentiment.models.{version}", 99)
    redone: list[str] = []
    bench = Workbench(study.bench.profile, note=redone.append, progress=False)
    run_study(bench, only={"derivation"}, profile="mine.toml")
    assert any("derivation" in line for line in redone)


def test_a_single_step_can_be_done_anew(study) -> None:
    notes: list[str] = []
    again = run_study(Workbench(study.bench.profile, note=notes.append), only=["derivation"], fresh=True)
    assert [line for line in notes if line.startswith("study ")] == ["study 1/1: derivation (Q6)"]
    assert again.steps.keys() == study.found.steps.keys()


def test_the_comparison_holds_approaches_and_floors_to_the_same_reviews(study) -> None:
    rows = {row["name"]: row for row in found(study, "comparison")["rows"]}
    assert list(rows) == ["base", "sft", "lora", "constant", "tf-idf"]
    reviews = study.bench.profile.data.test
    assert {row["n"] for row in rows.values()} == {reviews}
    assert rows["sft"]["trainable"] == rows["sft"]["total"] > rows["lora"]["trainable"] > rows["base"]["trainable"] == 0
    assert rows["sft"]["bytes_on_disk"] > rows["lora"]["bytes_on_disk"] > 0
    for row in rows.values():
        assert row["macro_f1_interval"][0] <= row["macro_f1"] <= row["macro_f1_interval"][1]
    pair = next(p for p in found(study, "comparison")["pairs"] if (p["first"], p["second"]) == ("base", "sft"))
    assert pair["fixed"] - pair["broken"] == round(reviews * (rows["sft"]["accuracy"] - rows["base"]["accuracy"]))


def test_rows_and_trainings_are_shown_as_they_were(study) -> None:
    shown = found(study, "construction")
    assert shown["pools"]["shared"] == 0
    assert all(pool["negative"] == pool["positive"] for pool in shown["pools"]["sizes"])
    row, rows, batch = shown["example"], shown["rows"], shown["batch"]
    assert row["prompt"].startswith("<|turn|>user\nClassify the sentiment")
    assert row["prompt"].endswith("<think>\n\n</think>\n\n")
    assert row["response"] == f"{row['label']}<|end|>"
    assert row["labels"] == row["response_ids"]
    assert rows["shortest"] == row["prompt_tokens"] + len(row["labels"]) <= rows["longest"] <= 512
    assert sum(rows["supervised"].values()) == rows["count"] == study.bench.profile.data.train
    assert batch["shape"] == [16, max(batch["lengths"])]
    assert batch["padding"] == 16 * max(batch["lengths"]) - sum(batch["lengths"])
    assert batch["padding_supervised"] == 0
    for answers in shown["answers"].values():
        told = answers["exact"] + answers["read"] + answers["unanswered"]
        assert told == answers["count"] == study.bench.profile.data.test
    assert shown["answers"]["sft"]["exact"] > shown["answers"]["base"]["exact"]
    profile = study.bench.profile
    for name, settings in (("sft", profile.sft), ("lora", profile.lora)):
        training = shown["trainings"][name]
        assert training["arguments"]["learning_rate"] == settings.learning_rate
        assert training["validation_loss"] > 0
    adapter = shown["adapter"]
    targets = ["k_proj", "o_proj", "q_proj", "v_proj"]
    assert adapter["config"] == {"r": 8, "lora_alpha": 16, "lora_dropout": 0.05, "target_modules": targets,
                                 "bias": "none", "task_type": "CAUSAL_LM"}  # fmt: skip
    assert shown["long"]["whole"] > 2 * 512
    assert shown["long"]["row"] <= 512
    assert shown["long"]["end"] == "positive<|end|>"
    assert 0 < adapter["merge_drift"] < adapter["merge_tolerance"]


def test_raw_text_teaches_no_answer_and_instructions_do(study) -> None:
    rows = {(row["trained_on"], row["asked_with"]): row for row in found(study, "raw_text")["rows"]}
    assert len(rows) == 8
    assert found(study, "raw_text")["test_reviews"] == study.bench.profile.study.raw_reviews == 100
    assert rows["raw", "house"]["label_mass"] < rows["instruction", "house"]["label_mass"]
    assert rows["instruction", "house"]["p_against_formatted"] is None
    assert rows["untrained", "house"]["p_against_untrained"] is None
    assert all(0 <= row["auc"] <= 1 for row in rows.values())
    shares = {form["form"]: form["answer_share"] for form in found(study, "raw_text")["forms"]}
    assert shares["instruction"] == 1
    assert 0 == shares["raw"] < shares["raw-labelled"] < 1


def test_a_step_of_lora_computes_fewer_gradients_and_holds_less_state(study) -> None:
    sft, lora = (found(study, "cost")["approaches"][name] for name in ("sft", "lora"))
    assert sft["tokens"] == lora["tokens"] > 0
    assert lora["flops"]["backward"] < sft["flops"]["backward"]
    assert lora["flops"]["forward"] > sft["flops"]["forward"]
    assert lora["bytes"]["optimizer"] < sft["bytes"]["optimizer"]
    assert sft["bytes"]["gradients"] == 4 * sft["trainable"]
    assert sft["bytes"]["optimizer"] >= 8 * sft["trainable"]


def test_formats_are_held_against_chance_and_each_against_the_training_prompt(study) -> None:
    each = found(study, "formats")["approaches"]["lora"]
    assert len(each["rows"]) == 6
    accuracies = [row["accuracy"] for row in each["rows"]]
    assert accuracies == sorted(accuracies)
    assert each["mismatched_accuracy"] == pytest.approx(sum(accuracies) / 6)
    assert each["spread"]["spread"] == pytest.approx(accuracies[-1] - accuracies[0])
    assert (
        each["drop_interval"][0] <= each["matched_accuracy"] - each["mismatched_accuracy"] <= each["drop_interval"][1]
    )
    assert each["single_try"] == "question"
    assert sorted(row["format"] for row in each["handwritten"]) == ["expert", "plain", "question", "terse"]


def test_strategies_are_compared_on_the_same_trainings(study) -> None:
    rows = {row["strategy"]: row for row in found(study, "strategies")["rows"]}
    assert list(rows) == ["plain", "forced choice", "calibrated label prior", "ensemble of prompts", "canonical prompt",
                          "mixed formats", "consistency loss"]  # fmt: skip
    assert all(len(row["accuracy_by_seed"]) == 2 for row in rows.values())
    assert rows["canonical prompt"]["accuracy"] == pytest.approx(rows["plain"]["house_accuracy"])
    assert rows["canonical prompt"]["spread"] == 0
    assert rows["canonical prompt"]["worst"] == pytest.approx(rows["canonical prompt"]["accuracy"])
    assert rows["forced choice"]["unanswered"] == 0
    assert rows["forced choice"]["gain_over_forced"] == 0
    assert rows["plain"]["gain"] == 0
    assert rows["ensemble of prompts"]["queries_per_answer"] == 3
    for row in rows.values():
        assert row["gain"] == pytest.approx(row["accuracy"] - rows["plain"]["accuracy"])
        assert row["gain_interval"][0] <= row["gain"] <= row["gain_interval"][1]


def test_the_folder_holds_the_document_its_figures_and_its_tables(study) -> None:
    text = (study.folder / "study.md").read_text(encoding="utf-8")
    parts = {1: 3, 2: 4, 3: 4, 4: 2, 5: 2}
    asked = [f"Q{number}.{part}" for number, count in parts.items() for part in range(1, count + 1)]
    for question in [*asked, "Q6", "Q7", "Q8", "Q9", "Q10"]:
        assert len(re.findall(rf"{re.escape(question)}\b", text)) >= 2  # where it stands, and there
    for picture in [*FIGURES.values(), *CONFUSION.values()]:
        assert picture in text
        assert (study.folder / picture).read_bytes().startswith(b"\x89PNG")
    assert_links_lead_somewhere(text)
    table = pd.read_csv(study.folder / "tables" / "formats-lora.csv")
    assert len(table) == 6 + 4
    assert json.loads((study.folder / "results.json").read_text())["schema_version"] == 1


def assert_links_lead_somewhere(text: str) -> None:
    wanted = set(re.findall(r"\]\(#([\w-]+)\)", text))
    assert wanted == {*QUESTIONS, "comparison", "construction"}
    assert wanted <= set(re.findall(r'<a id="([\w-]+)"></a>', text))


def test_the_answers_are_those_of_the_document(study) -> None:
    text, answers = ((study.folder / name).read_text(encoding="utf-8") for name in ("study.md", "answers.md"))
    for paragraph in answers.split("\n\n")[2:]:
        if not paragraph.startswith(("*Table", "- ")):
            assert paragraph in text
    assert all(f"study.md#{question}" in answers for question in QUESTIONS)


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs) -> None:
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}


def with_found(study: Study, **changes: object) -> Study:
    """The study, in which these steps have found something else."""
    steps = {name: replace(done, found=changes.get(name, done.found)) for name, done in study.steps.items()}
    return replace(study, steps=steps)


def test_hostile_texts_add_no_element_to_the_page(study) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://h/x.png) | `a` <img src=x onerror=y>"
    hostile += "\n# T \ud800\x1b"
    failures, formats, raw = (study.found.steps[name].found for name in ("failures", "formats", "raw_text"))
    texts = {"text": hostile, "kind": hostile, "why_hard": hostile, "answer_text": hostile, "evidence": (hostile,)}
    lora = formats.approaches["lora"]
    lora = replace(lora, handwritten=[replace(row, template=hostile) for row in lora.handwritten])
    attacked_study = with_found(
        study.found,
        failures=replace(failures, examples=[replace(each, **texts) for each in failures.examples]),
        formats=replace(formats, approaches={**formats.approaches, "lora": lora}),
        raw_text=replace(raw, rows=[replace(row, answers=[(hostile, 3)]) for row in raw.rows]),
    )
    attacked_study = replace(attacked_study, run={**study.found.run, "model": hostile})
    pages = []
    for each in (study.found, attacked_study):
        parser = Elements()
        parser.feed(study_html(study_markdown(each, FIGURES, CONFUSION), study.folder))
        pages.append(parser)
    plain, attacked = pages
    assert "script" not in attacked.names
    assert attacked.attributes <= plain.attributes
    for name in ("img", "a", "h1", "td"):
        assert attacked.names.count(name) == plain.names.count(name)


def test_texts_of_others_keep_their_words() -> None:
    assert md("a*b* <c>\nd") == r"a\*b\* &lt;c&gt; d"
    assert code("a`b|c\nd") == "aˋb¦c⏎d"


def test_the_page_needs_nothing_else(study) -> None:
    page = (study.folder / "study.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)


def test_a_study_without_strategies_says_that_it_left_them_out(study) -> None:
    less = replace(study.found, steps={k: v for k, v in study.found.steps.items() if k != "strategies"})
    assert "left the comparison out" in study_markdown(less, FIGURES, CONFUSION)
    assert "left the comparison out" in answers_markdown(less, "study-x")
    assert not Path("study-x").exists()


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_a_study_of_one_step_has_no_link_that_leads_nowhere(study, step: str) -> None:
    alone = replace(study.found, steps={step: study.found.steps[step]})
    assert_links_lead_somewhere(study_markdown(alone, FIGURES, CONFUSION))
    assert ("left the derivation" in answers_markdown(alone, "study-x")) == (step != "derivation")


def test_every_format_has_a_mark_within_its_approachs_part_of_the_figure(study) -> None:
    formats = study.found.steps["formats"].found
    approaches = {name: replace(each, rows=each.rows[:1] * 20) for name, each in formats.approaches.items()}
    axes = pictures.FIGURES["formats"][1](replace(formats, approaches=approaches)).axes[0]
    for place, each in enumerate(reversed(approaches.values())):
        marks = [
            line for line in axes.lines if line.get_linestyle() == "None" and abs(line.get_ydata()[0] - place) < 0.5
        ]
        assert sum(len(line.get_ydata()) for line in marks) == len(each.rows)
        assert all(abs(height - place) < 0.5 for line in marks for height in line.get_ydata())
