"""The page in a real browser: one headless Chromium for all tests of this file."""

from __future__ import annotations

import base64
import re
import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sentiment.behavior.expectations import same_as_base
from sentiment.judging.judge import judge
from sentiment.judging.rulings import Rules, ruled_all
from sentiment.report.page import report_html
from sentiment.runs.facts import RunFacts, facts_of
from sentiment.runs.journal import Finding, Journal, read_journal
from sentiment.runs.run import Run, run_of
from sentiment.types import (
    TWO_LABELS,
    Behavior,
    Case,
    Change,
    Kind,
    Label,
    Outcome,
    Prediction,
    Prompt,
    Query,
    Shows,
    SubjectFacts,
    only,
    shares_of,
)
from unit_tests.making import behavior_of, case_of, promises_of

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install -e .[test]")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no browser: Chromium and its chromedriver are not installed"
)
READY = SEARCHED = 2.0
"""Seconds of processor time until a page of 100,000 cases can be used, and until a search in it is shown."""
WRITTEN = 30.0
"""Seconds of processor time that such a page may take to be written: generous, a tenth is usual."""

HOUSE = Prompt("house", "Is this review positive or negative? {review}")
OTHER = Prompt("other", "Tell me whether this review is negative or positive: {review}")
NEGATION = behavior_of(
    "negated_praise_is_negative", "negation", Kind.MFT, "Praise that is taken back is no praise.", budget=0.1,
    min_live=20,
)  # fmt: skip
TYPOS = behavior_of(
    "typos_do_not_change_the_answer", "robustness", Kind.INV, "A typing error does not matter.", same_as_base,
    budget=0.1, min_live=20,
)  # fmt: skip
ACCURACY = behavior_of(
    "held_out_reviews_get_their_label", "accuracy", Kind.MFT, "Reviews get their author's label.",
    shows=Shows.ACCURACY,
)  # fmt: skip
REWORDING = behavior_of(
    "rewording_keeps_the_answer", "prompt rewording", Kind.INV, "The wording does not matter.", same_as_base,
    shows=Shows.PROMPT_SPREAD,
)  # fmt: skip
BEHAVIORS = (NEGATION, TYPOS, ACCURACY, REWORDING)
WRONG = {"base": 25, "sft": 2, "lora": 23}
"""Of 40 cases of each behavior the first so many are failed; lora starts at the sixth."""
SUBJECTS = {name: SubjectFacts(name, promises=name != "base") for name in WRONG}
REVIEWS = 12
"""That each of the six wordings is asked about."""
FACTS = facts_of({
    "profile": "smollm2", "model": "SmolLM2-135M-Instruct", "weights": "weights/mine",
    "adapter": "LoRA, rank 16, alpha 32, on q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj",
    "selection": "base or sft or lora", "data": "10,605 movie-review sentences", "device": "CPU (x86_64, 2 threads)",
    "dtype": "bf16", "seed": 0, "started": "2026-01-01T12:00:00Z", "duration": 1234.5, "commit": "0123abc",
    "versions": {"python": "3.11.7", "torch": "2.13.0+cpu", "transformers": "5.23.0"}, "complete": True,
    "accuracy_floor": {"sft": 0.8, "lora": 0.8}, "rerun_command": "pytest behavior_tests --profile smollm2",
})  # fmt: skip
LONG = "A film that takes its time, and ours, and the next hour's as well, to say what its title says. " * 3
FINDINGS = (
    Finding("error_analysis", "sft", {
        "candidates": 9, "failed": 2, "kinds": [{"kind": "ironic understatement", "candidates": 9, "failed": 2}],
        "examples": [{
            "kind": "ironic understatement", "text": f"{LONG}So good that I slept.", "label": "negative",
            "why_hard": "It praises what it blames.", "answer": "positive", "p_positive": 0.9,
            "carrying": {"text": "good", "start": len(LONG) + 3, "end": len(LONG) + 7},
            "smallest_edit": {"text": f"{LONG}So bad that I slept.", "changes": [], "p_positive": 0.1},
            "evidence": ["Without “good” it is negative."],
        }],
    }),
    Finding("prompt_finding", "lora", {
        "tried": 40, "smallest": {"chat": "plain"},
        "example": "@example(parts=Parts(order='review-first', chat='plain'))",
        "template": "Review: {review}\n\nClassify the sentiment of the movie review. Answer with one word.",
        "accuracy_before": 0.9, "accuracy": 0.5, "p_value": 0.0001, "reviews": 40,
        "flips": [{"text": LONG[:80], "label": "negative", "before": "negative", "now": None}],
    }),
    Finding("worst_prompt", "lora", {
        "tried": 200, "template": f"{LONG}{{review}}", "reviews": 40, "accuracy": 0.4, "accuracy_before": 0.9,
        "accuracy_on_other_reviews": 0.45, "accuracy_before_on_other_reviews": 0.88,
    }),
    Finding("label_noise", "sft", {
        "rows": 1000, "reviews": 200, "rates": [{"rate": rate, "accuracy": 0.9 - rate} for rate in (0.0, 0.2, 0.4)],
    }),
    Finding("noise_floor", "lora", {"queries": 12, "flips": 0, "largest": 1e-7}),
    Finding("of_another_version", "lora", {"digest": "0123456789abcdef" * 8, "shares": [0.25, 0.5]}),
)  # fmt: skip


def negation_cases() -> list[Case]:
    texts = [
        f"The {thing} was not good on day {day}." for day in range(10) for thing in ("plot", "cast", "end", "score")
    ]
    name = NEGATION.name
    return [case_of(name, Query((HOUSE, OTHER)[i == 0], t), label=Label.NEGATIVE) for i, t in enumerate(texts)]


def typo_cases() -> list[Case]:
    def make(i: int) -> Case:
        base = case_of(TYPOS.name, Query(HOUSE, f"A wonderful film, seen {i} times."), label=Label.POSITIVE)
        query = Query(HOUSE, f"A wonderufl film, seen {i} times.")
        return case_of(TYPOS.name, query, label=Label.POSITIVE, base=base)

    return list(map(make, range(40)))


def accuracy_cases() -> list[Case]:
    return [case_of(ACCURACY.name, Query(HOUSE, f"Review {i} of many."), label=Label(i % 2)) for i in range(40)]


def rewording_cases() -> list[Case]:
    """Six wordings; lora fails two reviews more with each than with the one before, see `is_wrong`."""
    prompts = [Prompt(f"wording-{k}", f"{'Please. ' * k}{HOUSE.template}", parts={"manner": str(k)}) for k in range(6)]
    queries = [Query(prompt, f"Reworded review {i}.") for prompt in prompts for i in range(REVIEWS)]
    bases = [case_of(REWORDING.name, Query(HOUSE, query.text), label=Label.POSITIVE) for query in queries]
    cases = zip(queries, bases, strict=True)
    return [case_of(REWORDING.name, query, label=Label.POSITIVE, base=base) for query, base in cases]


def is_wrong(behavior: Behavior, predictor: str, place: int) -> bool:
    if behavior is REWORDING:
        return predictor == "lora" and place % REVIEWS < 2 * (place // REVIEWS)
    first = 5 if predictor == "lora" else 0
    return first <= place < first + WRONG[predictor]


def outcomes_of(behavior: Behavior, cases: list[Case]) -> Iterator[Outcome]:
    for predictor in WRONG:
        answers = {}
        for i, case in enumerate(cases):
            label = TWO_LABELS.opposite(case.label) if is_wrong(behavior, predictor, i) else case.label
            answers[case.query] = Prediction(label, shares_of(0.1 + 0.8 * label), 0.9, label.word)
            if case.base:
                answers[case.base.query] = Prediction(case.label, shares_of(0.9), 0.9, "positive")
        if behavior is ACCURACY:
            answers[cases[-1].query] = Prediction(None, shares_of(0.5), 0.1, "well")
        yield from judge(behavior, cases, predictor, answers)


def whole_run() -> Run:
    """Every kind of picture and finding; lora on negation is held against a baseline."""
    makers = (negation_cases, typo_cases, accuracy_cases, rewording_cases)
    outcomes = {b.name: list(outcomes_of(b, make())) for b, make in zip(BEHAVIORS, makers, strict=True)}
    rulings = {}
    for predictor in WRONG:
        mine = {name: [each for each in listed if each.predictor == predictor] for name, listed in outcomes.items()}
        ruled = ruled_all(promises_of(BEHAVIORS), mine, predictor, Rules(budgets=SUBJECTS[predictor].promises))
        rulings |= {(name, predictor): result for name, result in ruled.items()}
    negation = negation_cases()
    change = Change(0.4, 0.01, 1.0, 0.1, (negation[7].id,), (negation[39].id,))
    key = (NEGATION.name, "lora")
    rulings[key] = replace(rulings[key], change=change)
    judged = [outcome for listed in outcomes.values() for outcome in listed]
    return run_of(Journal({b.name: b.promise for b in BEHAVIORS}, judged, rulings, SUBJECTS, FINDINGS), FACTS)


CONTRASTS = """
const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (color) => {
  context.clearRect(0, 0, 1, 1); context.fillStyle = color; context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const light = (color) => rgba(color).slice(0, 3).map((c) => c / 255)
  .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (element) => {
  const color = getComputedStyle(element).backgroundColor;
  return rgba(color)[3] === 255 || !element.parentElement ? color : ground(element.parentElement);
};
const found = [];
for (const element of document.body.querySelectorAll('*')) {
  const words = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('').trim();
  if (!words || element.closest('script, title') || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  const [a, b] = [style[element.closest('svg') ? 'fill' : 'color'], ground(element)].map(light).sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) found.push(words);
}
return found;
"""
"""The texts whose contrast is below the 4.5 of WCAG 2.2, AA."""


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield browser
    browser.quit()


@pytest.fixture(scope="module", name="page")
def _page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report_html(whole_run()), encoding="utf-8")
    return path


@pytest.fixture(name="view")
def _view(browser: webdriver.Chrome, page: Path) -> Callable[..., webdriver.Chrome]:
    """Opens a page anew, at a size and a fragment; afterwards the console must hold no complaint."""

    def view(path: Path = page, fragment: str = "", width: int = 1280, dark: bool = False) -> webdriver.Chrome:
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(path.as_uri() + fragment)
        assert browser.execute_script("return Number(document.documentElement.dataset.ready)") > 0
        assert browser.get_log("browser") == []
        return browser

    return view


def shown_cases(browser: webdriver.Chrome) -> list[str]:
    """Ids of the cases that can be seen."""
    return browser.execute_script(
        "return [...document.querySelectorAll('.cases .case')].filter((c) => c.checkVisibility())"
        ".map((c) => c.id.slice(5))"
    )


def shown_behaviors(browser: webdriver.Chrome) -> list[str]:
    return browser.execute_script(
        "return [...document.querySelectorAll('.behavior')].filter((c) => !c.hidden).map((c) => c.id.slice(9))"
    )


def choose(browser: webdriver.Chrome, name: str, value: str) -> None:
    field = browser.find_element("id", name)
    event = "input" if name == "query" else "change"
    script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event(arguments[2]))"
    browser.execute_script(script, field, value, event)
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def style(browser: webdriver.Chrome, selector: str, name: str) -> str:
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    return browser.execute_script(script, selector, name)


def test_a_page_opens_closed_and_without_complaints(view) -> None:
    browser = view()
    assert shown_cases(browser) == []
    assert sorted(shown_behaviors(browser)) == sorted(behavior.name for behavior in BEHAVIORS)
    assert "4 behaviors" in browser.find_element("id", "status").text
    matrix = browser.find_element("css selector", ".matrix").text
    assert "✗ fail" in matrix
    assert "typos do not" not in matrix
    browser.find_element("css selector", "tbody[data-name=robustness] .twist").click()
    assert "typos do not" in browser.find_element("css selector", ".matrix").text


def test_an_edit_is_marked_word_by_word(view) -> None:
    browser = view(fragment=f"#behavior:{TYPOS.name}")
    first = browser.find_element("css selector", f"[id='behavior:{TYPOS.name}'] .case")
    assert [each.text for each in first.find_elements("css selector", "blockquote del")] == ["wonderful"]
    assert [each.text for each in first.find_elements("css selector", "blockquote ins")] == ["wonderufl"]
    assert "line-through" in style(browser, ".cases del", "textDecorationLine")
    assert "underline" in style(browser, ".cases ins", "textDecorationLine")
    assert "0.90 → 0.10" in first.text
    assert "positive → negative" in first.text
    assert "Right answer: positive · before the edit: positive" in first.text


def test_a_case_has_a_link_that_survives_a_reload(view) -> None:
    case = negation_cases()[27].id
    browser = view(fragment=f"#case:{case}")
    for _ in range(2):
        assert case in shown_cases(browser)
        assert browser.switch_to.active_element.get_attribute("id") == f"case:{case}"
        top = browser.execute_script("return document.activeElement.getBoundingClientRect().top")
        assert 0 <= top < 800
        assert f"-m lora --case {case}" in browser.switch_to.active_element.text
        browser.refresh()
    passed = negation_cases()[35].id
    assert "did not fail" in view(fragment=f"#case:{passed}").find_element("id", "status").text


def test_the_command_of_a_case_can_be_copied(view) -> None:
    case = negation_cases()[27].id
    browser = view(fragment=f"#case:{case}")
    browser.execute_script(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => { window.kept = text; }}})"
    )
    button = browser.find_element("css selector", f"[id='case:{case}'] .copy")
    button.click()
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    assert browser.execute_script("return window.kept") == (
        f"pytest behavior_tests --profile smollm2 -m lora --case {case}"
    )
    assert button.text == "Copied"


def test_a_prompt_other_than_the_house_prompt_is_shown(view) -> None:
    case = negation_cases()[0].id
    browser = view(fragment=f"#case:{case}")
    browser.find_element("css selector", f"[id='case:{case}'] summary").click()
    template = browser.find_element("css selector", f"[id='case:{case}'] .template")
    assert "Tell me whether" in template.text
    assert template.find_elements("tag name", "ins")


def test_filters_narrow_behaviors_and_cases(view) -> None:
    browser = view(fragment=f"#behavior:{NEGATION.name}")
    assert len(shown_cases(browser)) == 20
    choose(browser, "subject", "sft")
    assert len(shown_cases(browser)) == 2
    choose(browser, "capability", "robustness")
    assert shown_behaviors(browser) == [TYPOS.name]
    choose(browser, "ruling", "pass")
    assert shown_behaviors(browser) == [TYPOS.name]
    choose(browser, "ruling", "fail")
    assert shown_behaviors(browser) == []
    choose(browser, "subject", "lora")
    assert shown_behaviors(browser) == [TYPOS.name]
    browser.find_element("id", "reset").click()
    assert len(shown_behaviors(browser)) == len(BEHAVIORS)


def test_new_and_fixed_cases_can_be_listed(view) -> None:
    browser = view()
    choose(browser, "show", "new")
    assert shown_cases(browser) == [negation_cases()[7].id]
    choose(browser, "show", "fixed")
    assert shown_cases(browser) == [negation_cases()[39].id]


def test_search_finds_words_and_escape_ends_it(view) -> None:
    browser = view()
    body = browser.find_element("tag name", "body")
    body.send_keys("/")
    field = browser.switch_to.active_element
    assert field.get_attribute("id") == "query"
    field.send_keys("CAST WAS NOT")
    choose(browser, "query", "CAST WAS NOT")
    assert shown_behaviors(browser) == [NEGATION.name]
    texts = [each.text for each in browser.find_elements("css selector", f"[id='behavior:{NEGATION.name}'] blockquote")]
    assert texts
    assert all("cast was not" in text for text in texts)
    field.send_keys("\ue00c")
    assert len(shown_behaviors(browser)) == len(BEHAVIORS)
    assert field.get_attribute("value") == ""


def test_more_cases_are_drawn_on_demand(view) -> None:
    browser = view(fragment=f"#behavior:{NEGATION.name}")
    more = browser.find_element("css selector", f"[id='behavior:{NEGATION.name}'] .more button")
    assert "of 8" in more.text
    browser.execute_script("arguments[0].click()", more)
    assert len(shown_cases(browser)) == 28


def test_behaviors_cases_and_the_matrix_are_sorted(view) -> None:
    browser = view(fragment=f"#behavior:{NEGATION.name}")
    choose(browser, "order", "name")
    assert shown_behaviors(browser) == sorted(behavior.name for behavior in BEHAVIORS)
    choose(browser, "order", "new")
    assert shown_behaviors(browser)[0] == NEGATION.name
    choose(browser, "caseorder", "text")
    texts = [each.text for each in browser.find_elements("css selector", f"[id='behavior:{NEGATION.name}'] blockquote")]
    assert texts == sorted(texts)
    head = browser.find_element("css selector", ".matrix [data-sort=name]")
    orders = []
    for _ in range(2):
        browser.execute_script("arguments[0].click()", head)
        names = browser.execute_script(
            "return [...document.querySelectorAll('.matrix tbody')].map((b) => b.dataset.name)"
        )
        orders.append(names)
    assert orders[0] == sorted(behavior.promise.capability for behavior in BEHAVIORS)
    assert orders[1] == orders[0][::-1]
    assert style(browser, ".matrix th[aria-sort=descending]", "display") == "table-cell"


def test_a_number_of_the_side_by_side_table_lists_its_cases(view) -> None:
    browser = view()
    broken = f"[data-pair=broken][data-first=sft][data-second=lora][href$='{NEGATION.name}']"
    link = browser.find_element("css selector", broken)
    browser.execute_script("arguments[0].closest('details').open = true; arguments[0].click()", link)
    ids = [case.id for case in negation_cases()]
    assert link.text == "23"
    assert set(shown_cases(browser)) < set(ids[5:28])
    assert len(shown_cases(browser)) == 20
    assert "1 behavior, 23 cases: broken from sft to lora" in browser.find_element("id", "status").text


def test_dark_by_the_system_and_by_the_button(view) -> None:
    light = style(view(), "body", "backgroundColor")
    browser = view(dark=True)
    dark = style(browser, "body", "backgroundColor")
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(13, 17, 23)")
    browser = view()
    button = browser.find_element("id", "theme")
    button.click()
    assert (style(browser, "body", "backgroundColor"), button.text) == (dark, "Theme: dark")
    browser.refresh()
    assert style(browser, "body", "backgroundColor") == dark
    for _ in range(2):
        browser.find_element("id", "theme").click()
    assert style(browser, "body", "backgroundColor") == light


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_ground(view, dark: bool) -> None:
    browser = view(dark=dark, fragment=f"#case:{rewording_cases()[REVIEWS].id}")
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    pale = browser.execute_script(CONTRASTS)
    assert pale == []


def test_pictures_and_findings_of_every_kind_are_there(view) -> None:
    browser = view()
    strip = browser.find_elements("css selector", "section[aria-labelledby=prompts] figure")[-1]
    assert "▾ worst: wording-5" in strip.text
    assert len(strip.find_elements("css selector", "circle")) == 6
    accuracy = browser.find_element("css selector", "section[aria-labelledby=accuracy]")
    assert accuracy.text.count("said neither") == len(accuracy.find_elements("css selector", ".square")) == len(WRONG)
    assert browser.find_element("css selector", "section[aria-labelledby=explained] mark").text == "good"
    findings = browser.find_element("css selector", "section[aria-labelledby=findings]")
    heads = [each.text for each in findings.find_elements("tag name", "h4")]
    assert len(heads) == len(FINDINGS) - 1
    assert "Of another version lora" in heads


def test_the_keyboard_reaches_what_the_mouse_does(view) -> None:
    browser = view()
    order = []
    for _ in range(12):
        browser.switch_to.active_element.send_keys("\ue004")
        order.append(browser.switch_to.active_element)
    assert order[0].get_attribute("class") == "skip"
    assert order[1].get_attribute("id") == "theme"
    order[0].send_keys("\ue007")
    assert browser.switch_to.active_element.get_attribute("id") == "behaviors"
    twist = browser.find_element("css selector", ".twist")
    twist.send_keys("\ue007")
    assert twist.get_attribute("aria-expanded") == "true"


@pytest.mark.parametrize("width", [360, 700, 1280])
def test_no_width_needs_sideways_scrolling(view, width: int) -> None:
    browser = view(fragment=f"#case:{typo_cases()[1].id}", width=width)
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.fixture(name="on_paper")
def _on_paper(browser: webdriver.Chrome) -> Iterator[Callable[[], str]]:
    """Shows the page as it is printed and returns its text; afterwards it is as on the screen again."""

    def show() -> str:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        browser.execute_script("dispatchEvent(new Event('beforeprint'))")
        return browser.find_element("tag name", "body").text

    yield show
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_paper_has_every_behavior_with_its_first_failures_and_no_controls(view, on_paper) -> None:
    browser = view()
    browser.execute_script("addEventListener('beforeprint', () => { window.printed = 1 })")
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    assert sum(len(zlib.decompress(each)) for each in streams if each.startswith(b"\x78")) > 20_000
    assert browser.execute_script("return window.printed") == 1
    text = on_paper()
    assert {case.split(":")[0] for case in shown_cases(browser)} == {behavior.name for behavior in BEHAVIORS}
    assert "28 failing cases" in text
    assert "The first 3 of 28 are shown here; failures.csv has all." in text
    for name in ("query", "theme", "reset"):
        assert not browser.find_element("id", name).is_displayed()


def test_paper_cuts_no_table(view, on_paper) -> None:
    browser = view(width=700)  # A4 less its margins
    on_paper()
    widths = browser.execute_script(
        "return [...document.querySelectorAll('table, .cases')].map((each) => each.scrollWidth)"
    )
    assert max(widths) <= 700
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 700


def test_paper_shows_what_the_screen_was_narrowed_to_and_says_so(view, on_paper) -> None:
    browser = view(fragment=f"#behavior:{TYPOS.name}")
    choose(browser, "subject", "lora")
    choose(browser, "ruling", "fail")
    text = on_paper()
    sections = [each for each in browser.find_elements("css selector", ".behavior") if each.is_displayed()]
    assert sorted(each.get_attribute("id") for each in sections) == [
        f"behavior:{NEGATION.name}", f"behavior:{TYPOS.name}",
    ]  # fmt: skip
    assert "2 behaviors, 46 cases: subject lora, ruling fail" in text
    assert "The first 3 of 23 are shown here; failures.csv has all." in text  # negation, which is closed
    assert "The first 20 of 23 are shown here; failures.csv has all." in text
    places = [[case.id for case in cases].index for cases in (negation_cases(), typo_cases())]
    shown = shown_cases(browser)
    assert [places[0](case) for case in shown if case.startswith(NEGATION.name)] == [7, 5, 6]
    assert [places[1](case) for case in shown if case.startswith(TYPOS.name)] == list(range(5, 25))
    hidden = browser.find_elements("css selector", "[data-subject=sft]")
    assert len(hidden) == 2 * len(BEHAVIORS)
    assert not any(each.is_displayed() for each in hidden)
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    summary = browser.find_element("css selector", f"[id='behavior:{NEGATION.name}'] summary")
    assert len(shown_cases(browser)) == 20
    browser.execute_script("arguments[0].click()", summary)
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    assert len(shown_cases(browser)) == 40


def test_without_scripts_the_page_shows_the_first_failures(view, page: Path, browser) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(page.as_uri())
        shown = browser.find_elements("css selector", ".cases .case")
        assert len(shown) == 3 * len(BEHAVIORS)
        assert not browser.find_element("id", "query").is_displayed()
        browser.find_element("css selector", ".all-cases summary").click()
        assert any(each.is_displayed() for each in shown)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


CARDS = """
const bare = (card) => {
  const copy = card.cloneNode(true);
  for (const each of [copy, ...copy.querySelectorAll('*')]) {
    for (const hook of ['text', 'if', 'each', 'class']) each.removeAttribute(`data-${hook}`);
    if (each.href) each.setAttribute('href', decodeURIComponent(each.hash));
  }
  return copy.outerHTML.replaceAll(/>\\s+</g, '><').replaceAll(/\\s+/g, ' ');
};
return Object.fromEntries([...document.querySelectorAll('.cases .case')].map((card) => [card.id, bare(card)]));
"""
"""By id the cards of a page, without what tells the script how to fill them."""


def unlabelled_run() -> Run:
    """Four failures of a behavior that knows no right answers."""
    outcomes: list[Outcome] = []
    for i in range(4):
        base = case_of(TYPOS.name, Query(HOUSE, f"Seen {i} times."))
        case = case_of(TYPOS.name, Query(HOUSE, f"Sene {i} times."), base=base, tags={"slot": str(i)})
        answers = {base.query: Prediction(Label.POSITIVE), case.query: Prediction(None)}
        outcomes += judge(TYPOS, [case], "sft", answers)
    return run_of(Journal({TYPOS.name: TYPOS.promise}, outcomes), FACTS)


def test_the_script_draws_the_cards_that_the_server_drew(view, run_folder: Path, tmp_path: Path, browser) -> None:
    """Of every kind of behavior, with hostile texts, names and prompts, and where hardly anything is known."""
    for name, run in {
        "whole": whole_run(),
        "hostile": run_of(read_journal(run_folder), FACTS),
        "unlabelled": unlabelled_run(),
    }.items():
        path = tmp_path / f"{name}.html"
        path.write_text(report_html(run), encoding="utf-8")
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            browser.get(path.as_uri())
            by_server = browser.execute_script(CARDS)
        finally:
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        view(path)
        browser.execute_script("for (const each of document.querySelectorAll('.all-cases')) each.open = true")
        browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        by_script = browser.execute_script(CARDS)
        assert len(by_script) > len(by_server) >= 3
        assert {name: by_script[name] for name in by_server} == by_server
    assert browser.find_element("css selector", ".known").text == "slot: 0"


def test_hostile_texts_add_no_element_and_run_nothing(view, run_folder: Path, tmp_path: Path, hostile) -> None:
    facts = facts_of({"complete": True, "model": " ".join(hostile), "rerun_command": hostile[0]})
    path = tmp_path / "hostile.html"
    path.write_text(report_html(run_of(read_journal(run_folder), facts)), encoding="utf-8")
    browser = view(path)
    for name in ("firm", "steady"):
        browser.execute_script(f"location.hash = '#behavior:{name}'")
    browser.execute_script("for (const each of document.querySelectorAll('.more button')) each.click()")
    choose(browser, "query", "<script>")
    tags = browser.execute_script("return [...document.querySelectorAll('*')].map((each) => each.localName)")
    assert tags.count("script") == 2
    assert tags.count("style") == 1
    assert not {"img", "iframe", "form", "object", "link", "base"} & set(tags)
    assert browser.execute_script(
        "return [...document.querySelectorAll('*')].flatMap((each) => [...each.attributes]).filter((each) => "
        "each.name.startsWith('on') || /^\\s*javascript:/i.test(each.value)).length"
    ) == 0  # fmt: skip
    assert len(shown_cases(browser)) > 0
    assert browser.get_log("browser") == []


INJECTED = (
    "<script>window.owned = 1</script>",
    "<script src='data:text/javascript,window.owned=1'></script>",
    "<img src='x' onerror='window.owned = 1'>",
    "<details open ontoggle='window.owned = 1'>x</details>",
    "<iframe srcdoc='<script>parent.owned = 1</script>'></iframe>",
)
POLICY = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.mark.parametrize("injected", INJECTED)
@pytest.mark.parametrize("has_policy", [True, False])
def test_the_policy_stops_what_should_ever_get_in(
    page: Path, tmp_path: Path, browser, injected: str, has_policy: bool
) -> None:
    """Without the policy it runs, so it is the policy that stops it."""
    html = page.read_text(encoding="utf-8").replace("<main>", f"<main>{injected}", 1)
    path = tmp_path / "injected.html"
    path.write_text(html if has_policy else POLICY.sub("", html), encoding="utf-8")
    browser.get(path.as_uri())
    browser.execute_async_script("setTimeout(arguments[0], 100)")  # what fires an event does so a moment later
    assert browser.execute_script("return window.owned") == (None if has_policy else 1)
    assert browser.execute_script("return Number(document.documentElement.dataset.ready)") > 0
    complaints = " ".join(each["message"] for each in browser.get_log("browser"))
    assert ("Content Security Policy" in complaints) == has_policy


def test_the_policy_stops_scripts_that_are_made_by_a_script(view) -> None:
    browser = view()
    script = "const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s)"
    with pytest.raises(Exception, match="TrustedScript"):
        browser.execute_script(script)
    assert browser.execute_script("return window.owned") is None


def processor_seconds(browser: webdriver.Chrome) -> float:
    """Of the page, since `Performance.enable`: the machine may be busy with other things."""
    metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def test_a_hundred_thousand_cases_stay_small_and_are_soon_ready(view, on_paper, tmp_path: Path, browser) -> None:
    behaviors = {f"behavior_{i}": behavior_of(f"behavior_{i}", f"c{i % 9}", budget=0.1) for i in range(40)}
    right, wrong = Prediction(Label.NEGATIVE, shares_of(0.1)), Prediction(Label.POSITIVE, shares_of(0.9))
    line = 'It is "long".<br /><br />And & so on.\n'
    outcomes = []
    for name, behavior in behaviors.items():
        texts = [f"{name} {i}: {line * 34}" for i in range(1250)]
        cases = [Case(f"{name}:{i:012x}", Query(HOUSE, text), only(Label.NEGATIVE)) for i, text in enumerate(texts)]
        for place, predictor in enumerate(("sft", "lora")):
            answers = {c.query: wrong if i % 10 == place else right for i, c in enumerate(cases)}
            outcomes += judge(behavior, cases, predictor, answers)
    assert len(outcomes) == 100_000
    assert len({o.case.id for o in outcomes if o.verdict.reason}) == 10_000
    assert all(1_300 < len(outcome.case.query.text) < 1_400 for outcome in outcomes)
    run = run_of(Journal({b.name: b.promise for b in behaviors.values()}, outcomes), RunFacts(complete=True))
    began = time.process_time()
    html = report_html(run)
    assert time.process_time() - began < WRITTEN
    assert 9_000_000 < len(html.encode()) < 10_000_000
    path = tmp_path / "large.html"
    path.write_text(html, encoding="utf-8")
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    view(path, fragment="#behavior:behavior_7")
    ready = processor_seconds(browser)
    assert ready < READY
    status = browser.find_element("id", "status").text
    kept, left = (int(n.replace(",", "")) for n in re.search("([0-9,]+) cases. ([0-9,]+) failing", status).groups())
    assert kept + left == 10_000
    assert f"{left:,} failing cases left out here; failures.csv has all." in status
    section = browser.find_element("id", "behavior:behavior_7").text
    assert left // 40 <= int(re.search("([0-9]+) failing cases left out here", section)[1]) <= left // 40 + 1
    for query, found in (("long", kept), ("r_11 40:", 1)):
        before = processor_seconds(browser)
        choose(browser, "query", query)
        assert processor_seconds(browser) - before < SEARCHED
        assert f" {found:,} case" in browser.find_element("id", "status").text
    assert f"{left:,} failing cases left out here; failures.csv has all." in on_paper()
