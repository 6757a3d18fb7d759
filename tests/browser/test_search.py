"""Suggestions under the box, by keyboard alone, and the plain search where scripts are off."""

from __future__ import annotations

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.test_reader import open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_a_condition_is_reached_from_its_first_letters_by_keyboard_alone(browser, site):
    page = open_page(browser)
    page.goto(f"{site}/studies/")
    box = page.get_by_role("combobox", name="Search")
    box.focus()
    page.keyboard.type("cro")
    options = page.locator(".suggestions:not([hidden]) [role=option]")
    options.first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert chosen.get_attribute("aria-selected") == "true"
    assert "Crohn's disease" in chosen.inner_text()
    page.keyboard.press("Escape")
    assert options.count() == 0
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.type("hn")
    options.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/conditions/crohns-disease/")
    page.context.close()


IN_SIGHT = """() => {
    const list = document.querySelector(".suggestions:not([hidden])");
    const top = document.querySelector("main input[type=search]").getBoundingClientRect().top;
    if (!list || top < 0) return false;
    const isWhole = list.getBoundingClientRect().bottom < innerHeight + 1; // a page scrolls by whole pixels
    return isWhole || top < 10;
}"""
CUT = """() => [...document.querySelectorAll("[role=option] span")].filter(part =>
    part.scrollWidth > part.clientWidth && getComputedStyle(part).overflow === "hidden").length"""


STATE = """() => {
    const list = document.querySelector(".suggestions");
    const { bottom } = list.getBoundingClientRect();
    const { top } = document.querySelector("main input[type=search]").getBoundingClientRect();
    return { isHidden: list.hidden, options: list.children.length, top, bottom, innerHeight, scrollY };
}"""


def test_what_is_offered_is_in_sight_and_whole_on_a_phone_and_at_400_percent(browser, site):
    for width, height in ((360, 740), (360, 400), (320, 256)):
        for typed in ("morbus c", "fibro"):
            page = open_page(browser, width)
            page.set_viewport_size({"width": width, "height": height})
            answers: list[tuple[str, int]] = []
            page.on("response", lambda answer, answers=answers: answers.append((answer.url, answer.status)))
            page.goto(f"{site}/")
            page.locator("main input[type=search]").focus()
            page.keyboard.type(typed)
            try:
                page.wait_for_function(IN_SIGHT, timeout=20_000)
            except TimeoutError:
                pytest.fail(f"{typed} at {width} x {height}: {page.evaluate(STATE)}, {answers}")
            assert page.evaluate(CUT) == 0
            page.context.close()


def test_without_scripts_the_box_is_a_plain_search(browser, site):
    page = open_page(browser, java_script_enabled=False)
    page.goto(f"{site}/studies/")
    page.get_by_role("searchbox").fill("fibromialgia")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search/**")
    assert "“fibromyalgia”" in page.locator("main").inner_text()
    page.get_by_role("link", name="Studies").last.click()
    page.wait_for_url("**kind=study**")
    assert page.get_by_role("heading", level=2).first.inner_text() == "Studies"
    page.context.close()
