"""Which language a piece of a page is in, where the interface is not in English: the records always are."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

CONTENT = "en"


@register.simple_tag
def content_lang() -> SafeString | str:
    """Marks what is written in English between words of the interface; nothing on an English site."""
    return _lang(CONTENT)


@register.simple_tag
def interface_lang() -> SafeString | str:
    """Marks words of the interface between content; nothing on an English site."""
    return _lang(get_language() or CONTENT)


def _lang(language: str) -> SafeString | str:
    is_english = (get_language() or CONTENT).startswith(CONTENT)
    return "" if is_english else format_html(' lang="{}"', language)
