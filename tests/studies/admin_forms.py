"""A page's form as a browser would send it back."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class FormReader(HTMLParser):
    """Collects what the largest POST form of a page holds, as the browser would send it unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self._inside = False
        self._textarea: str | None = None
        self._select: str | None = None
        self._chosen: list[str] = []
        self._first: str | None = None
        self._is_multiple = False
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self._inside = a.get("method") == "post"
            if self._inside:
                self.forms.append([])
        elif self._inside and tag == "input":
            self._input(a)
        elif self._inside and tag == "textarea":
            self._textarea, self._text = a.get("name"), ""
        elif self._inside and tag == "select":
            self._select, self._chosen, self._first = a.get("name"), [], None
            self._is_multiple = "multiple" in a
        elif self._select and tag == "option":
            if self._first is None:
                self._first = a.get("value") or ""
            if "selected" in a:
                self._chosen.append(a.get("value") or "")

    def _input(self, a: dict[str, str | None]) -> None:
        kind, name = a.get("type"), a.get("name")
        if not name or kind in {"submit", "button"} or (kind in {"checkbox", "radio"} and "checked" not in a):
            return
        self.forms[-1].append((name, a.get("value") or ("on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._textarea:
            # A browser drops the first line end of a text area and sends the others as two characters.
            text = self._text.replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
            self.forms[-1].append((self._textarea, text))
            self._textarea = None
        elif tag == "select" and self._select:
            # A list of which nothing is chosen is not sent; a menu sends its first entry.
            for value in self._chosen or ([] if self._is_multiple else [self._first or ""]):
                self.forms[-1].append((self._select, value))
            self._select = None


def form_of(response: Any) -> dict[str, Any]:
    """The fields of the page's largest form, by name."""
    reader = FormReader()
    reader.feed(response.content.decode())
    largest = max(reader.forms, key=len)
    return {name: value for name, value in largest if "__prefix__" not in name}
