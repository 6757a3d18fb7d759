"""What is there for every reader: a report without scripts."""

from __future__ import annotations

import pytest

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
