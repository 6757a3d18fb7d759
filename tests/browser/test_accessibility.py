"""What axe-core finds on every kind of page: nothing, in both schemes and languages, on phone and desk."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from conditions.models import Condition, Pool
from tests.browser.test_reader import open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PATHS = [
    "/",
    "/conditions/",
    "/conditions/fibromyalgia/",
    "/conditions/fibromyalgia/sheet/",
    "/studies/",
    "/studies/bruun2024/",
    "/studies/bruun2024/what-if/",
    "/doses/",
    "/side-effects/",
    "/side-effects/any-side-effect/",
    "/claims/",
    "/claims/helps-fibromyalgia/",
    "/trials/",
    "/trials/NCT00568555/",
    "/safety/",
    "/search/?q=pain",
    "/methods/",
    "/changes/",
    "/about/",
    "/articles/",
    "/articles/what-ldn-is/",
    "/reading-list/",
    "/glossary/",
    "/problem/?page=/about/",
    "/problem/sent/?page=/about/",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
WIDTHS = (320, 1280)


@pytest.mark.parametrize(("scheme", "language"), [("light", "en-gb"), ("dark", "en-gb"), ("dark", "de")])
def test_axe_finds_nothing_on_any_kind_of_page(browser, site, settings, scheme, language):
    settings.LANGUAGE_CODE = language
    # Our policy lets no injected script run; it is set aside here, and here alone, to let axe-core in.
    page = open_page(browser, color_scheme=scheme, bypass_csp=True)
    axe, found = Axe(), []
    without_pools = Condition.objects.conditions_only().filter(pools=None).first()
    pool = Pool.objects.main().filter(condition__slug="fibromyalgia", k__gt=1).first()
    for path in [*PATHS, without_pools.get_absolute_url(), pool.get_absolute_url()]:
        assert page.goto(site + path).status == 200, path
        assert page.locator("html").get_attribute("lang") == language, path
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for violation in axe.run(page, options=OPTIONS).response["violations"]:
                where = [node["target"] for node in violation["nodes"]]
                found.append(f"{path} at {width}: {violation['id']}, {violation['help']}: {where[:5]}")
    page.context.close()
    assert not found, "\n".join(found)
