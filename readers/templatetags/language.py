"""Which language a piece of a page is in, where the interface is not in English: the records always are."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conditions.domain.certainty import LEVEL_LABELS
from conditions.domain.stored_words import say_again
from conditions.models.claim import VERDICT_LABELS
from studies.services.speech import READERS, RECORDS_LANGUAGE, is_records_language

register = template.Library()

# Answers are stored with their labels as they stand within a sentence.
LABELS_WITHIN = {label.lower(): label for label in (*LEVEL_LABELS.values(), *VERDICT_LABELS.values())}


@register.simple_tag
def content_lang() -> SafeString | str:
    """Marks what is written in English between words of the interface; nothing on an English site."""
    return "" if is_records_language() else format_html(' lang="{}"', RECORDS_LANGUAGE)


@register.filter
def content(text: Any) -> SafeString | str:
    """A piece of a record between words of the interface; as it is on an English site."""
    if text in (None, ""):
        return ""
    if is_records_language():
        return text if isinstance(text, SafeString) else str(text)
    return format_html('<span lang="{}">{}</span>', RECORDS_LANGUAGE, text)


@register.filter
def computed(text: Any) -> SafeString | str:
    """A sentence that was computed and stored, in the language of the page; if it is not known, marked."""
    if is_records_language() or text in (None, ""):
        return str(text or "")
    if text in LABELS_WITHIN:
        return READERS.within(LABELS_WITHIN[text])
    said = say_again(str(text), READERS)
    return content(text) if said == text else said


@register.filter
def asked(text: str) -> SafeString | str:
    """What a claim asks: the names of conditions, which stay as they are, and the question about them."""
    names, colon, question = text.partition(": ")
    if is_records_language() or not colon:
        return computed(text)
    said = say_again(question, READERS)
    return content(text) if said == question else format_html("{}: {}", content(names), said)


@register.simple_block_tag(end_name="end_content_block")
def content_block(content: str) -> SafeString | str:
    """A longer piece that is written in English; as it is on an English site."""
    return (
        content
        if is_records_language()
        else format_html('<div lang="{}">{}</div>', RECORDS_LANGUAGE, content)
    )
