"""The sheet for a doctor's visit: one page of paper, with a code that leads to the condition's page."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from conditions.models import Condition
from tests.browser.test_reader import open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

MARGIN = dict.fromkeys(("top", "bottom", "left", "right"), "12mm")


def count_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_the_sheet_of_every_condition_fits_one_page_of_a4_and_of_letter(browser, site):
    page = open_page(browser)
    too_long = []
    for slug in Condition.objects.conditions_only().values_list("slug", flat=True):
        assert page.goto(f"{site}/conditions/{slug}/sheet/").status == 200
        n_pages = {paper: count_pages(page.pdf(format=paper, margin=MARGIN)) for paper in ("A4", "Letter")}
        too_long += [(slug, paper) for paper, n in n_pages.items() if n != 1]
    page.goto(f"{site}/conditions/fibromyalgia/")
    assert count_pages(page.pdf(format="A4")) > 1
    page.context.close()
    assert too_long == []


def test_a_printed_condition_page_uses_the_paper_keeps_tables_and_parts_no_heading_from_its_text(
    browser, site
):
    page = open_page(browser, 703)  # A4 with margins of 12 mm
    page.goto(f"{site}/conditions/fibromyalgia/")
    page.emulate_media(media="print")
    style = "part => [getComputedStyle(part).breakAfter, getComputedStyle(part).maxWidth]"
    assert page.locator("main h3").first.evaluate(style) == ["avoid", "none"]
    for text in ("main p.lead", "main .box p", ".article p", "main dd"):
        assert page.locator(text).first.evaluate(style) == ["auto", "none"], text
    table = page.locator("table.stack").first
    assert table.evaluate("table => getComputedStyle(table).display") == "table"
    box = page.locator(".box-stop").first.bounding_box()
    assert box["y"] + box["height"] < 1030  # one page: the answer and what to know before anything else
    page.context.close()


def test_the_sheet_says_the_answer_the_doses_what_must_not_be_mixed_and_how_current_it_is(browser, site):
    page = open_page(browser, java_script_enabled=False)
    page.goto(f"{site}/conditions/fibromyalgia/")
    page.get_by_role("link", name="A sheet of one page").click()
    text = page.locator("main").inner_text()
    wanted = ["Certainty: ", "4.5 mg a day", "opioid painkiller", "Questions to ask"]
    for words in [*wanted, "As the records stood on"]:
        assert words in text
    assert "checked in any registry yet; nothing is known of corrections or retractions" in text
    assert f"{settings.PUBLIC_URL}/conditions/fibromyalgia/" in text
    of_today = reverse("sheet-of-day", args=["fibromyalgia", timezone.localdate().isoformat()])
    drawn = Template("{% load pictures %}{{ address|qr_code }}").render(
        Context({"address": settings.PUBLIC_URL + of_today})
    )
    path = re.search(r' d="([^"]+)"/></svg>', drawn)[1]
    assert page.locator(".qr path").last.get_attribute("d") == path
    page.context.close()


def test_a_condition_without_studies_says_that_nobody_knows_and_a_topic_has_no_sheet(browser, site):
    empty = Condition.objects.conditions_only().filter(studies=None).first()
    topic = Condition.objects.topics_only().first()
    page = open_page(browser)
    page.goto(f"{site}{empty.get_absolute_url()}sheet/")
    assert "There is no study record" in page.locator("main").inner_text()
    assert page.goto(f"{site}{topic.get_absolute_url()}sheet/").status == 404
    page.context.close()
