"""Sentences in the language of whoever reads them: in English, unless a page says otherwise.

What is stored, exported or answered to programs is said in ENGLISH, whatever language a site's pages have.
Texts stand in the code in English, whole, with a named place for each value; tests/messages.py finds them at
`say` and `say_count`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

# Four digits are read at a glance, and look like a year with a sign between them.
APART_FROM = 10_000


class Speech:
    """English: every text as it stands in the code."""

    def say(self, text: str, **values: Any) -> str:
        """Return a text with its values in place; a percent sign in a text with values is doubled.

        >>> ENGLISH.say("%(events)s of %(n)s", events=3, n=20)
        '3 of 20'
        """
        return text % values if values else text

    def say_count(self, one: str, many: str, n: int, **values: Any) -> str:
        """Return the text for one or for so many, `n` itself among its values.

        >>> ENGLISH.say_count("%(n)s week", "%(n)s weeks", 12)
        '12 weeks'
        """
        return (one if n == 1 else many) % {"n": n, **values}

    def within(self, label: str) -> str:
        """Return a label as it is written within a sentence.

        >>> ENGLISH.within("Very low")
        'very low'
        """
        return label.lower()

    def say_object(self, noun: str) -> str:
        """Return a noun as the object of a sentence; languages with cases write it differently there."""
        return noun

    def quote(self, text: str) -> str:
        """Return a piece of a record that stands within a sentence; pages mark it as English."""
        return text

    def number(self, printed: str) -> str:
        """Return a number that was written with a decimal point as this language writes it."""
        return printed

    def count(self, n: int) -> str:
        """Return how many, its thousands set apart from five digits on, so that none is taken for another.

        >>> ENGLISH.count(15297), ENGLISH.count(1157)
        ('15,297', '1157')
        """
        return f"{n:,}" if n >= APART_FROM else str(n)

    def percent(self, printed: str) -> str:
        """Return a number that was written with a decimal point as so many percent."""
        return self.say("%(number)s%%", number=self.number(printed))

    def day(self, day: date) -> str:
        """Return a day in words.

        >>> ENGLISH.day(date(2026, 11, 2))
        '2 November 2026'
        """
        return f"{day.day} {day:%B %Y}"

    def month(self, day: date) -> str:
        """Return the month and year of a day in words."""
        return f"{day:%B %Y}"


ENGLISH = Speech()
