"""The journey by keyboard on pages drawn by lot, in both languages of the interface."""

from __future__ import annotations

import random

import pytest
from django.utils.translation import override
from playwright.sync_api import expect

from conditions.models import Condition, Pool
from tests.browser.test_keyboard import open_page, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# What the draw starts from: another number draws other pages, and each must be as good.
SEED = 20261126
ENGLISH = {"answer": "The short answer", "copied": "Copied.",
           "again": "Pool again", "changed": "You have changed how this is pooled."}  # fmt: skip


@pytest.fixture(params=["en-gb", "de"])
def words(request, settings):
    """The words of the interface by English ones; the site speaks that language meanwhile."""
    from django.utils.translation import gettext

    settings.LANGUAGE_CODE = request.param
    with override(request.param):
        yield {key: gettext(text) for key, text in ENGLISH.items()}


def draw_condition(lot: random.Random) -> Condition:
    with_papers = Condition.objects.conditions_only().filter(
        study_conditions__study__citation_html__gt="", study_conditions__study__status="published"
    )
    return lot.choice(list(with_papers.distinct().order_by("slug")))


@pytest.mark.parametrize("draw", range(3))
def test_a_condition_drawn_by_lot_is_found_read_and_its_paper_cited_by_keyboard(browser, site, words, draw):
    condition = draw_condition(random.Random(SEED + draw))
    page = open_page(browser, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/search/")
    tab_to(page, "#q-main")
    page.keyboard.type(condition.name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=**")
    tab_to(page, f"main a[href='{condition.get_absolute_url()}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{condition.get_absolute_url()}")
    expect(page.get_by_role("heading", name=words["answer"])).to_be_visible()
    tab_to(page, "main a[href^='/studies/']:not([href*='?'])")
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/**")
    key = page.url.split("/studies/")[1].split("/")[0]
    page.goto(f"{site}/studies/{key}/#cite")
    tab_to(page, "button[data-copy-of='cite-ama']")
    page.keyboard.press("Enter")
    expect(page.get_by_text(words["copied"])).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#cite-ama").inner_text().strip()
    page.context.close()


@pytest.mark.parametrize("draw", range(3))
def test_the_studies_of_a_condition_drawn_by_lot_are_filtered_by_keyboard(browser, site, words, draw):
    condition = draw_condition(random.Random(SEED - draw))
    page = open_page(browser)
    page.goto(f"{site}/studies/")
    tab_to(page, "#id_condition")
    page.keyboard.type(condition.name)
    page.keyboard.press("Enter")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**condition=**")
    assert page.locator("#id_condition").input_value() == condition.slug
    assert page.locator("main ul.rows > li").count() > 0
    page.context.close()


@pytest.mark.parametrize("draw", range(3))
def test_a_pool_drawn_by_lot_is_computed_another_way_by_keyboard(browser, site, words, draw):
    lot = random.Random(SEED + draw)
    pool = lot.choice(list(Pool.objects.main().filter(k__gt=0).order_by("condition__slug", "slug")))
    page = open_page(browser)
    page.goto(site + pool.get_absolute_url())
    tab_to(page, "input[name=model]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button", words["again"])
    page.keyboard.press("Enter")
    page.wait_for_url("**model=fixed**")
    expect(page.get_by_text(words["changed"])).to_be_visible()
    page.context.close()
