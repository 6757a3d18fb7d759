"""How pages speak: in the language that Django has active, from the files in locale/ and its formats."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format, get_format
from django.utils.translation import gettext, ngettext, pgettext

from studies.domain.speech import Speech

# What tells translators apart how a word is used.
WITHIN, OBJECT = "within a sentence", "object"


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

    def number(self, printed: str) -> str:
        """Return a number with this language's decimal sign, and the digits that it came with."""
        return printed.replace(".", str(get_format("DECIMAL_SEPARATOR")))

    def day(self, day: date) -> str:
        """Return a day as this language writes it."""
        return str(date_format(day, "DATE_FORMAT"))

    def month(self, day: date) -> str:
        """Return a month and its year as this language writes them."""
        return str(date_format(day, "YEAR_MONTH_FORMAT"))


READERS = PageSpeech()
