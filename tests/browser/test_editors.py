"""The editors' pages in a real browser, which most of them are too wide for on a phone without care."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studies.models import Notice, Study
from tests.browser.test_reader import open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

HELP_BELOW = """() => {
  const [field, help] = [".study-actions input[name=reason]", ".study-actions .help"].map(
    name => document.querySelector(name).getBoundingClientRect());
  return help.top >= field.bottom;
}"""


def test_the_page_that_dismisses_a_notice_fits_a_phone(browser, site, editor):
    # The server of this test does not see what the test has not committed: the page is handed to the browser.
    notice = Notice.objects.create(
        study=Study.objects.get(key="bruun2024"),
        kind="unknown",
        raw_kind="addendum",
        registry="crossref",
        first_seen_at=timezone.now(),
    )
    html = editor.get(f"/admin/studies/notice/{notice.pk}/change/").content.decode()
    for width in (320, 360, 1280):
        page = open_page(browser, width)
        page.route("**/notice/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{site}/notice/")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert page.evaluate(HELP_BELOW), width
        page.context.close()
