"""How pages speak: in the language that Django has active, from the files in locale/ and its formats."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format, get_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext, pgettext

from studies.domain.speech import Speech

# What tells translators apart how a word is used.
WITHIN, OBJECT = "within a sentence", "object"


# Around a piece of a record until the sentence is escaped: no record holds control characters.
QUOTE, UNQUOTE = "\x02", "\x03"
RECORDS_LANGUAGE = "en"


def is_records_language() -> bool:
    """Whether the page is in the language that the records are written in."""
    return (get_language() or RECORDS_LANGUAGE).startswith(RECORDS_LANGUAGE)


def mark_quotes(sentence: str) -> SafeString:
    """Return a sentence as HTML in which each piece of a record says its language."""
    html = str(conditional_escape(sentence))
    html = html.replace(QUOTE, f'<span lang="{RECORDS_LANGUAGE}">').replace(UNQUOTE, "</span>")
    return mark_safe(html)  # noqa: S308 - escaped, and a piece of a record between two tags


class PageSpeech(Speech):
    """The language of the site, which is that of its pages (docs/decisions/0016)."""

    def say(self, text: str, **values: Any) -> str:
        """Return the translation of a text with its values in place."""
        said = gettext(text) if text else ""
        return said % values if values else said

    def say_count(self, one: str, many: str, n: int, **values: Any) -> str:
        """Return the translation for so many, `n` itself among its values."""
        whole = n if isinstance(n, int) else 1 if n == 1 else 2  # 1.5 weeks are several
        return ngettext(one, many, whole) % {"n": n, **values}

    def within(self, label: str) -> str:
        """Return a label as it is written within a sentence."""
        said = pgettext(WITHIN, label) if label else ""
        return said.lower() if said == label else said

    def say_object(self, noun: str) -> str:
        """Return a noun as the object of a sentence."""
        return pgettext(OBJECT, noun)

    def quote(self, text: str) -> str:
        """Return a piece of a record between marks, on pages in another language than the records'."""
        return text if is_records_language() else f"{QUOTE}{text}{UNQUOTE}"

    def number(self, printed: str) -> str:
        """Return a number with this language's decimal sign, and the digits that it came with."""
        return printed.replace(".", str(get_format("DECIMAL_SEPARATOR")))

    def count(self, n: int) -> str:
        """Return how many, with this language's sign between thousands."""
        return super().count(n).replace(",", str(get_format("THOUSAND_SEPARATOR")))

    def day(self, day: date) -> str:
        """Return a day as this language writes it."""
        return str(date_format(day, "DATE_FORMAT"))

    def month(self, day: date) -> str:
        """Return a month and its year as this language writes them."""
        return str(date_format(day, "YEAR_MONTH_FORMAT"))


READERS = PageSpeech()
