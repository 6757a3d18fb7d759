"""A whole journey by keyboard alone: find a condition, read the answer, open a study, copy, filter, pool."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def open_page(browser, **options) -> Page:
    return browser.new_context(viewport={"width": 1280, "height": 900}, **options).new_page()


def tab_to(page: Page, selector: str, words: str = "", limit: int = 400) -> None:
    """Press Tab until an element of this kind, with these words, has the focus, which must then be seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        is_kind, text, outline = page.evaluate(
            "selector => { const e = document.activeElement;"
            " return [e.matches(selector), e.innerText || '', getComputedStyle(e).outlineStyle] }",
            selector,
        )
        if is_kind and words in " ".join(text.split()):
            assert outline != "none", f"the focus on {selector} {words} cannot be seen"
            return
    raise AssertionError(f"{selector} “{words}” is not reached with {limit} presses of Tab")


def test_a_reader_without_a_mouse_gets_from_the_question_to_the_number_and_its_reference(browser, site):
    page = open_page(browser, permissions=["clipboard-read", "clipboard-write"])
    page.goto(site)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the content
    tab_to(page, "#q-main")
    page.keyboard.type("fibromyalgia")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    tab_to(page, "main a", "Fibromyalgia")
    page.keyboard.press("Enter")
    page.wait_for_url("**/conditions/fibromyalgia/")
    expect(page.get_by_role("heading", name="The short answer")).to_be_visible()
    tab_to(page, "a", "bruun2024")
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/bruun2024/**")
    page.goto(f"{site}/studies/bruun2024/#cite")
    tab_to(page, "button", "Copy the reference in AMA style")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#cite-ama").inner_text().strip()
    assert "2024" in copied
    page.context.close()


def test_the_list_is_filtered_by_keyboard_alone(browser, site):
    page = open_page(browser)
    page.goto(f"{site}/studies/")
    tab_to(page, "#id_condition")
    page.keyboard.type("Fibromyalgia")
    tab_to(page, "main button", "Show")
    page.keyboard.press("Enter")
    page.wait_for_url("**condition=fibromyalgia**")
    expect(page.get_by_role("status").filter(has_text="studies")).to_be_visible()
    page.context.close()


def test_a_pool_is_computed_another_way_by_keyboard_alone(browser, site):
    # No key is pressed so fast by a person: what still glides to the button would glide past the result.
    page = open_page(browser, reduced_motion="reduce")
    page.goto(f"{site}/conditions/fibromyalgia/pools/pain-placebo-md/")
    tab_to(page, "input[name=model]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button", "Pool again")
    page.keyboard.press("Enter")
    page.wait_for_url("**model=fixed**")
    changed = page.get_by_text("You have changed how this is pooled.")
    expect(changed).to_be_visible()
    expect(changed).to_be_in_viewport()
    expect(page.get_by_role("heading", name="The result")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pain-placebo-md/")
    expect(page.get_by_role("heading", name="The result")).to_be_focused()
    page.context.close()
