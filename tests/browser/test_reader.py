"""What a reader does in a real browser: at any width, by keyboard, without another site being asked."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PATHS = [
    "/",
    "/conditions/",
    "/conditions/fibromyalgia/",
    "/conditions/fibromyalgia/sheet/",
    "/studies/",
    "/studies/bruun2024/",
    "/doses/",
]
PATHS += ["/side-effects/", "/side-effects/any-side-effect/", "/claims/", "/claims/helps-fibromyalgia/"]
PATHS += [
    "/trials/",
    "/trials/NCT00568555/",
    "/safety/",
    "/search/?q=pain",
    "/changes/",
    "/methods/",
    "/about/",
    "/reading-list/",
    "/glossary/",
    "/problem/?page=/about/",
]


def open_page(browser: Browser, width: int = 1280, **options) -> Page:
    return browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()


def test_every_kind_of_page_at_every_width_asks_nobody_else_and_never_scrolls_sideways(browser, site):
    for width in (320, 768, 1280):
        page = open_page(browser, width)
        asked, complaints = [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, complaints=complaints: complaints.append(message.text))
        page.on("pageerror", lambda error, complaints=complaints: complaints.append(str(error)))
        for path in PATHS:
            page.goto(site + path)
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, f"{path} at {width}: {overflow} px too wide"
        assert all(url.startswith((site, "data:")) for url in asked)
        assert complaints == []
        page.context.close()


MOVED = """() => new Promise(done => {
  const moved = [];
  new PerformanceObserver(list => moved.push(...list.getEntries().map(shift => shift.value)))
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(moved), 300);
})"""


@pytest.mark.parametrize("path", ["/conditions/fibromyalgia/", "/studies/bruun2024/", "/doses/"])
def test_nothing_moves_when_scripts_come_late(browser, site, path):
    page = open_page(browser, 360)

    def delay(route):
        time.sleep(0.5)
        route.continue_()

    page.route("**/js/*.js", delay)
    page.goto(site + path)
    assert page.evaluate(MOVED) == []
    page.context.close()


WORDS_OF_PICTURES = """() => [...document.querySelectorAll('svg.chart')].map(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].map(text => {
    const box = text.getBoundingClientRect();
    return {
      words: text.textContent,
      size: parseFloat(getComputedStyle(text).fontSize) * frame.width / svg.viewBox.baseVal.width,
      outside: Math.max(frame.left - box.left, box.right - frame.right, box.bottom - frame.bottom),
      box: [box.left, box.top, box.right, box.bottom],
    };
  });
})"""


def overlap_of(one: list[float], other: list[float]) -> float:
    """How deep two boxes (left, top, right, bottom) reach into one another, in px."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return min(across, down)


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_words_of_every_picture_can_be_read_and_stay_inside_it(browser, site, width):
    page = open_page(browser, width)
    for path in ("/conditions/fibromyalgia/", "/conditions/multiple-sclerosis/", "/doses/", "/side-effects/"):
        page.goto(site + path)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        pictures = page.evaluate(WORDS_OF_PICTURES)
        assert pictures
        for texts in pictures:
            for place, text in enumerate(texts):
                assert 10 <= text["size"] <= 18, f"{path}: {text}"
                assert text["outside"] <= 1, f"{path}: {text}"
                for other in texts[:place]:
                    assert overlap_of(text["box"], other["box"]) <= 2, f"{path}: {text} {other}"
    page.context.close()


def test_the_api_docs_show_the_resources_under_our_own_policy(browser, site):
    page = open_page(browser)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/api/docs/")
    page.get_by_text("/api/v1/studies/{key}/").first.wait_for(timeout=20_000)
    assert all(url.startswith((site, "data:", "blob:")) for url in asked)
    page.context.close()


def test_a_condition_is_found_and_a_study_opened_by_keyboard_alone(browser, site):
    page = open_page(browser)
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.locator("#q-main").focus()
    page.keyboard.type("fibromyalgia")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    link = page.get_by_role("link", name="Fibromyalgia", exact=True)
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/conditions/fibromyalgia/")
    assert page.get_by_role("heading", name="The short answer").is_visible()
    study = page.get_by_role("link", name="bruun2024").first
    study.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/bruun2024/**")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Naltrexone 6 mg once daily")
    page.context.close()


def test_the_list_is_filtered_without_scripts(browser, site):
    page = open_page(browser, java_script_enabled=False)
    page.goto(f"{site}/studies/")
    page.locator("#id_condition").select_option("fibromyalgia")
    page.locator("#id_design_group").select_option("randomised")
    page.get_by_role("button", name="Show").click()
    assert "8 studies" in page.get_by_role("status").inner_text()
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground_in_both_schemes(browser, site, scheme):
    """The ratio of WCAG 2.2, 1.4.3: at least 4.5 between every colour of text and the page behind it."""
    page = open_page(browser, color_scheme=scheme)
    page.goto(site)
    pairs = [
        ("ink", "paper"),
        ("ink-soft", "paper"),
        ("ink-soft", "sunken"),
        ("link", "paper"),
        ("link", "raised"),
    ]
    pairs += [("link", "stop-back"), ("on-accent", "accent")]
    pairs += [(word, f"{word}-back") for word in ("stop", "caution", "benefit", "neutral", "harm")]
    for text, ground in pairs:
        ratio = page.evaluate(CONTRAST, [f"--{text}", f"--{ground}"])
        assert ratio >= 4.5, f"{text} on {ground} in {scheme}: {ratio:.2f}"
    page.context.close()


CONTRAST = """([text, ground]) => {
  const light = name => {
    const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const parts = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16) / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const [high, low] = [light(text), light(ground)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}"""
