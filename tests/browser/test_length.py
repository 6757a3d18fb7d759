"""A long page is short on a phone, and not a fact is lost by that."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.browser.test_reader import PATHS, open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PATH = "/conditions/fibromyalgia/"
HEIGHT = "document.documentElement.scrollHeight"
# Of each part that is folded on a phone: whether what stands in it can be seen.
SEEN = """[...document.querySelectorAll('.fold-narrow > :not(summary)')].map(
    part => part.checkVisibility({contentVisibilityAuto: true}) && part.offsetHeight > 12)"""

# What is wider than its frame, and so is cut off or scrolls sideways inside a page that scrolls down.
TOO_WIDE = """[document.documentElement, ...document.querySelectorAll('body *')].filter(part =>
    part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 2
    && (part === document.documentElement || getComputedStyle(part).overflowX !== 'visible')
    ).map(part => `${part.tagName} ${part.className} ${part.scrollWidth}/${part.clientWidth}`)"""


def test_at_four_hundred_percent_nothing_is_cut_off_or_scrolls_in_two_directions(browser, site):
    """A window of 1280 by 1024 at 400 % is one of 320 by 256; every folded part is opened."""
    page = browser.new_context(viewport={"width": 320, "height": 256}).new_page()
    for path in PATHS:
        page.goto(site + path)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert page.evaluate(TOO_WIDE) == [], path
    page.context.close()


def test_a_condition_with_dozens_of_studies_is_less_than_twenty_thousand_pixels_long_on_a_phone(
    browser, site
):
    page = open_page(browser, 360)
    page.goto(site + PATH)
    assert page.evaluate(HEIGHT) < 20_000
    seen = page.evaluate(SEEN)
    assert len(seen) > 6
    assert not any(seen)
    page.context.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_is_folded_on_a_phone_is_simply_there_on_a_wide_screen_and_on_paper(browser, site):
    wide = open_page(browser, 1280, java_script_enabled=True)
    wide.goto(site + PATH)
    assert all(wide.evaluate(SEEN))
    assert not wide.locator(".fold-narrow > summary").first.is_visible()
    wide.context.close()
    paper = open_page(browser, 360)
    paper.goto(site + PATH)
    paper.emulate_media(media="print")
    until(lambda: all(paper.evaluate(SEEN)))  # the browser lays the page out for paper when it comes to it
    paper.context.close()


def test_what_is_folded_opens_by_keyboard_and_for_whoever_is_led_into_it(browser, site):
    page = open_page(browser, 360, java_script_enabled=False)
    page.goto(site + PATH)
    summary = page.locator("#references + .fold-narrow > summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#ref-bruun2024").is_visible()
    page.goto("about:blank")
    page.goto(f"{site}{PATH}#ref-bruun2024")
    assert page.locator("#ref-bruun2024").is_visible()
    page.context.close()
