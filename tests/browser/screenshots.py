"""Photographs of pages of a running site: python -m tests.browser.screenshots [ADDRESS DIRECTORY [PATH ...]]

Each path at 360, 768 and 1280 px, light and dark, and as printed. Without arguments: the README's pictures.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import find_browser, open_browser

PATHS = ["/", "/conditions/", "/conditions/fibromyalgia/", "/studies/", "/studies/bruun2024/", "/doses/"]
PATHS += [
    "/side-effects/",
    "/claims/",
    "/claims/helps-fibromyalgia/",
    "/trials/",
    "/safety/",
    "/search/?q=pain",
]
WIDTHS = (360, 768, 1280)


def photograph(browser: Browser, address: str, path: str, folder: Path) -> None:
    """Write one picture a width and scheme, and one of the printed page."""
    name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(address + path)
            page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            page.close()
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.goto(address + path)
    page.emulate_media(media="print")
    page.screenshot(path=folder / f"{name}-print.png", full_page=True)
    page.close()


def photograph_for_readme(browser: Browser, address: str, folder: Path) -> None:
    """Write the pictures that the README shows: the first screen of a page."""
    for name, path in (("condition", "/conditions/fibromyalgia/"), ("study", "/studies/bruun2024/")):
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        page.goto(address + path)
        page.screenshot(path=folder / f"{name}.png")
        page.close()


def main() -> int:
    browser_path = find_browser()
    if browser_path is None:
        print("No browser was found: install chromium, or set CHROMIUM to its path.")
        return 1
    for_readme = len(sys.argv) < 3
    port = os.environ.get("PORT", "8000")
    address = f"http://localhost:{port}" if for_readme else sys.argv[1].rstrip("/")
    folder = Path("docs/screenshots" if for_readme else sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with open_browser(browser_path) as browser:
        if for_readme:
            photograph_for_readme(browser, address, folder)
        for path in [] if for_readme else sys.argv[3:] or PATHS:
            photograph(browser, address, path, folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
