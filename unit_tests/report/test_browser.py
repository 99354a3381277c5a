"""The page in a real browser: one headless Chromium for all tests of this file."""

from __future__ import annotations

import base64
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.behavior.judge import judge
from sentiment.report.journal import Journal, read_journal
from sentiment.report.page import report_html
from sentiment.report.runs import run_of
from sentiment.types import Approach, Behavior, Case, Change, Kind, Label, Outcome, Prediction, Prompt, Query

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install -e .[test]")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no browser: Chromium and its chromedriver are not installed"
)
READY = 2000
"""Milliseconds until a page of 100,000 cases can be used, on a machine that does nothing else."""

HOUSE = Prompt("house", "Is this review positive or negative? {review}")
OTHER = Prompt("other", "Tell me whether this review is negative or positive: {review}")
NEGATION = Behavior(
    "negated_praise_is_negative", "negation", Kind.MFT, "Praise that is taken back is no praise.", lambda _: (),
    has_label, {Approach.SFT: 0.1, Approach.LORA: 0.1}, min_live=20,
)  # fmt: skip
TYPOS = Behavior(
    "typos_do_not_change_the_answer", "robustness", Kind.INV, "A typing error does not matter.", lambda _: (),
    same_as_base, {Approach.SFT: 0.1, Approach.LORA: 0.1}, min_live=20,
)  # fmt: skip
WRONG = {"base": 25, "sft": 2, "lora": 23}
"""Of 40 cases of each behavior the first so many are failed; lora starts at the sixth."""


def negation_cases() -> list[Case]:
    texts = [
        f"The {thing} was not good on day {day}." for day in range(10) for thing in ("plot", "cast", "end", "score")
    ]
    name = NEGATION.name
    return [Case.of(name, Query((HOUSE, OTHER)[i == 0], t), label=Label.NEGATIVE) for i, t in enumerate(texts)]


def typo_cases() -> list[Case]:
    def make(i: int) -> Case:
        base = Case.of(TYPOS.name, Query(HOUSE, f"A wonderful film, seen {i} times."), label=Label.POSITIVE)
        query = Query(HOUSE, f"A wonderufl film, seen {i} times.")
        return Case.of(TYPOS.name, query, label=Label.POSITIVE, base=base)

    return list(map(make, range(40)))


def outcomes_of(behavior: Behavior, cases: list[Case]) -> Iterator[Outcome]:
    for predictor, wrong in WRONG.items():
        first = 5 if predictor == "lora" else 0
        answers = {}
        for i, case in enumerate(cases):
            label = case.label.flipped if first <= i < first + wrong else case.label
            answers[case.query] = Prediction(label, 0.1 + 0.8 * label, 0.9, label.word)
            if case.base:
                answers[case.base.query] = Prediction(case.label, 0.9, 0.9, "positive")
        yield from judge(behavior, cases, predictor, answers)


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
    negation, typos = negation_cases(), typo_cases()
    outcomes = [*outcomes_of(NEGATION, negation), *outcomes_of(TYPOS, typos)]
    run = run_of(Journal({b.name: b for b in (NEGATION, TYPOS)}, outcomes), {"complete": True, "model": "tiny"})
    change = Change(0.4, 0.01, 1.0, 0.1, (negation[7].id,), (negation[39].id,))
    changed = [replace(r, change=change) if (r.behavior, r.predictor) == (NEGATION, "lora") else r for r in run.results]
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report_html(replace(run, results=changed)), encoding="utf-8")
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
        "return [...document.querySelectorAll('.case')].filter((c) => c.checkVisibility()).map((c) => c.id.slice(5))"
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
    assert sorted(shown_behaviors(browser)) == [NEGATION.name, TYPOS.name]
    assert "2 behaviors" in browser.find_element("id", "status").text
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
    choose(browser, "approach", "sft")
    assert len(shown_cases(browser)) == 2
    choose(browser, "capability", "robustness")
    assert shown_behaviors(browser) == [TYPOS.name]
    choose(browser, "ruling", "pass")
    assert shown_behaviors(browser) == [TYPOS.name]
    choose(browser, "ruling", "fail")
    assert shown_behaviors(browser) == []
    choose(browser, "approach", "lora")
    assert shown_behaviors(browser) == [TYPOS.name]
    browser.find_element("id", "reset").click()
    assert len(shown_behaviors(browser)) == 2


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
    assert len(shown_behaviors(browser)) == 2
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
    assert shown_behaviors(browser) == [NEGATION.name, TYPOS.name]
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
    assert orders == [["negation", "robustness"], ["robustness", "negation"]]
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


def test_a_phone_needs_no_sideways_scrolling(view) -> None:
    browser = view(fragment=f"#case:{typo_cases()[1].id}", width=360)
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360


def test_paper_has_every_behavior_with_its_first_failures_and_no_controls(view) -> None:
    pdf = base64.b64decode(view().execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    assert sum(len(zlib.decompress(each)) for each in streams if each.startswith(b"\x78")) > 20_000
    browser = view()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.execute_script("dispatchEvent(new Event('beforeprint')); return true")
    assert {case.split(":")[0] for case in shown_cases(browser)} == {NEGATION.name, TYPOS.name}
    assert not browser.find_element("id", "query").is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_scripts_the_page_shows_the_first_failures(view, page: Path, browser) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(page.as_uri())
        shown = browser.find_elements("css selector", ".case")
        assert len(shown) == 6
        assert not browser.find_element("id", "query").is_displayed()
        browser.find_element("css selector", ".all-cases summary").click()
        assert any(each.is_displayed() for each in shown)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_hostile_texts_add_no_element_and_run_nothing(view, run_folder: Path, tmp_path: Path, hostile) -> None:
    facts = {"complete": True, "model": " ".join(hostile), "rerun_command": hostile[0]}
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


def test_the_policy_stops_what_should_ever_get_in(view) -> None:
    browser = view()
    script = "const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s)"
    with pytest.raises(Exception, match="TrustedScript"):
        browser.execute_script(script)
    assert browser.execute_script("return window.owned") is None


def test_a_hundred_thousand_cases_stay_small_and_are_soon_ready(view, tmp_path: Path, browser) -> None:
    behaviors = {f"behavior_{i}": replace(NEGATION, name=f"behavior_{i}", capability=f"c{i % 9}") for i in range(40)}
    right, wrong = Prediction(Label.NEGATIVE, 0.1), Prediction(Label.POSITIVE, 0.9)
    outcomes = []
    for name, behavior in behaviors.items():
        cases = [
            Case(f"{name}:{i:012x}", Query(HOUSE, f"{name} {i}: {'a film of many long words ' * 12}"), Label.NEGATIVE)
            for i in range(1250)
        ]
        for predictor in ("sft", "lora"):
            answers = {c.query: wrong if i % 10 == 0 else right for i, c in enumerate(cases)}
            outcomes += judge(behavior, cases, predictor, answers)
    page = report_html(run_of(Journal(behaviors, outcomes), {"complete": True}))
    assert len(outcomes) == 100_000
    assert sum(outcome.verdict.reason != "" for outcome in outcomes) == 10_000
    assert len(page.encode()) < 10_000_000
    path = tmp_path / "large.html"
    path.write_text(page, encoding="utf-8")
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    view(path)
    metrics = {each["name"]: each["value"] for each in browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
    assert 1000 * metrics["TaskDuration"] < READY  # processor time: the machine may be busy with other things
