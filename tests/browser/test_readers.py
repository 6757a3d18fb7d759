"""What is there for every reader: a report, a reading list without an account, words explained."""

from __future__ import annotations

import pytest

from readers.services.reading_list import sign_keys
from studies.models import Study
from tests.browser.test_reader import open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_a_problem_is_reported_from_the_foot_of_a_page_without_scripts(browser, site):
    page = open_page(browser, 360, java_script_enabled=False)
    page.goto(f"{site}/conditions/fibromyalgia/")
    page.get_by_role("link", name="Report a problem with this page").click()
    assert page.get_by_label("Address of the page").input_value() == "/conditions/fibromyalgia/"
    assert page.get_by_label("Leave this empty").count() == 1
    assert not page.get_by_label("Leave this empty").is_visible()
    words = page.get_by_label("What is wrong")
    words.fill("Too short")
    page.get_by_role("button", name="Send to the editors").click()
    assert "Not sent yet" in page.get_by_role("alert").inner_text()
    assert words.input_value() == "Too short"
    assert "Write a little more" in page.locator(f"#{words.get_attribute('id')}_error").inner_text()
    words.fill("The second table names a dose that no arm was given.")
    page.get_by_role("button", name="Send to the editors").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Sent, thank you"
    page.get_by_role("link", name="Back to /conditions/fibromyalgia/").click()
    page.wait_for_url("**/conditions/fibromyalgia/")
    page.context.close()


def test_a_list_is_kept_shown_shared_and_emptied_by_keyboard(browser, site):
    page = open_page(browser, 360)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in ("/studies/bruun2024/", "/conditions/fibromyalgia/"):
        page.goto(site + path)
        button = page.get_by_role("button", name="Keep for my reading list")
        assert button.get_attribute("aria-pressed") == "false"
        button.press("Enter")
        assert button.get_attribute("aria-pressed") == "true"
    page.reload()
    assert button.get_attribute("aria-pressed") == "true"
    page.locator(".keep").get_by_role("link", name="Reading list").press("Enter")
    page.wait_for_url("**/reading-list/")
    page.get_by_role("heading", name="Naltrexone 6 mg").wait_for()
    assert page.get_by_role("heading", level=3).count() == 2
    shared = page.get_by_role("link", name="The list as a link").get_attribute("href")
    page.get_by_role("button", name="Remove Fibromyalgia").press("Enter")
    page.get_by_role("heading", name="Fibromyalgia", exact=True).wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "what-is-kept"
    page.get_by_role("button", name="Remove everything").press("Enter")
    page.get_by_text("Nothing is kept yet").wait_for()
    page.goto(site + shared)
    page.get_by_role("button", name="Keep all of these").press("Enter")
    page.goto(f"{site}/reading-list/")
    page.get_by_role("heading", name="Fibromyalgia", exact=True).wait_for()
    assert complaints == []
    page.context.close()


def test_a_shared_list_is_read_without_scripts(browser, site):
    page = open_page(browser, 360, java_script_enabled=False)
    page.goto(f"{site}/reading-list/?list={sign_keys(keys=['studies/bruun2024', 'conditions/fibromyalgia'])}")
    assert page.get_by_role("link", name=Study.objects.get(key="bruun2024").title).is_visible()
    assert page.get_by_role("link", name="Fibromyalgia", exact=True).is_visible()
    assert not page.get_by_role("button", name="Keep").is_visible()
    page.goto(f"{site}/reading-list/")
    assert "needs scripts" in page.locator("main").inner_text()
    page.context.close()


def test_a_term_opens_its_meaning_by_keyboard_without_scripts(browser, site):
    page = open_page(browser, 360, java_script_enabled=False)
    page.goto(f"{site}/conditions/fibromyalgia/")
    term = page.get_by_role("button", name="95% interval").first
    meaning = page.locator(f"#{term.get_attribute('popovertarget')}")
    assert not meaning.is_visible()
    term.press("Enter")
    assert meaning.is_visible()
    box = meaning.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    assert not meaning.is_visible()
    page.emulate_media(media="print")
    assert not term.is_visible()  # it stands in a list that is there to be opened
    in_a_sentence = page.locator("main p:not(.no-print) button[popovertarget]")
    assert in_a_sentence.first.is_visible()
    page.context.close()
