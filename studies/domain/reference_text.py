"""References as Pandoc formatted them, numbered: plain text and a page of HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from studies.domain.reference import Reference

Writer = Callable[[Reference, int], str]

HTML_HEAD = (
    '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>References</title></head>\n'
    "<body>\n<h1>References</h1>\n"
)
HTML_TAIL = "</body>\n</html>\n"


def text_writer(style: str, *, is_numbered: bool) -> Writer:
    """Return the writer of lines of plain text in a style that the reference was formatted in."""

    def write(reference: Reference, number: int) -> str:
        line = unescape(re.sub(r"<[^>]+>", "", reference.formatted[style]))
        warning = f" [{reference.warning}]" if reference.warning else ""
        return f"{f'{number}. ' if is_numbered else ''}{' '.join(line.split())}{warning}\n"

    return write


def html_writer(style: str) -> Writer:
    """Return the writer of list items, whose HTML was cleaned when it was stored."""

    def write(reference: Reference, number: int) -> str:  # noqa: ARG001 - the list counts
        warning = f" <strong>[{escape(reference.warning)}]</strong>" if reference.warning else ""
        return f"<li>{reference.formatted[style]}{warning}</li>\n"

    return write
