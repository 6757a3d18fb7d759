"""Numbers that are typed into an article's prose, less those that may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from conditions.domain.article import CITATION, HEADING, KEY, LINK, ArticleText, blank

# Numbers in words above ten; those up to ten may be typed.
WORDS = {
    **dict(
        zip(
            "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),  # noqa: SIM905
            range(11, 20),
            strict=True,
        )
    ),
    **{
        word: 10 * (index + 2)
        for index, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())  # noqa: SIM905
    },
}
ONES = {word: n for n, word in enumerate("one two three four five six seven eight nine".split(), 1)}  # noqa: SIM905
WORD_NUMBER = re.compile(rf"\b(?P<ten>{'|'.join(WORDS)})(?:[ -](?P<one>{'|'.join(ONES)}))?\b", re.I)
DIGITS = re.compile(r"(?<![\w.])(?P<number>\d[\d,]*(?:\.\d+)?)(?P<tail>\s*%|[\w-]*)")
UNIT = re.compile(
    r"\s*-?\s*(?P<unit>mg|milligrams?|µg|mcg|micrograms?|weeks?|months?|days?|hours?|years?)\b", re.I
)

# What may be typed: each is the name of something or a fixed convention, never a finding of a study.
ALLOWED = [
    re.compile(r"\b(?:19[6-9]\d|20\d\d)s?\b(?!\s*(?:mg|people|patients|participants|%))"),  # a year
    re.compile(
        r"\b95\s?%(?=\s*(?:CI\b|confidence|prediction|interval|credible))"
    ),  # the level of an interval
    re.compile(r"\b0(?: to |[-\u2013])\d{1,3}\b"),  # a scale's ends
    re.compile(r"\b50[ -]?(?:mg|milligrams?)\b"),  # the approved dose
    re.compile(r"\b\d+(?:st|nd|rd|th)\b"),  # an ordinal
    re.compile(r"\b(?:phase|type|grade|stage|class|step|level)\s[1-4][ab]?\b", re.I),  # phase 2, type 1
    re.compile(r"\b(?:RoB|AMSTAR) 2\b"),  # tools that end with their version
    re.compile(r"\b\d-(?:[A-Z]{2,}|beta|\u03b2)"),  # 5-HT, 5-ASA, 6-beta-naltrexol
    # SF-36, HAM-D17, IL-6, COVID-19, NCT00568555, CYP3A4, DSM-IV-5
    re.compile(r"\b[A-Za-z]+(?:-?[A-Za-z]*)*-?\d+(?:[A-Za-z]\w*)?\b"),
    re.compile(r"^\s*\d{1,3}[.)]\s", re.M),  # the number of an item
]


@dataclass(frozen=True)
class TypedNumber:
    """A number in the prose; `has_unit` when a unit of time or dose follows it."""

    line: int
    start: int
    shown: str
    value: Decimal
    has_unit: bool


def typed_numbers(text: ArticleText) -> list[TypedNumber]:
    """Return the numbers of an article's prose that are not allowed as such, in the order of the text.

    >>> [n.shown for n in typed_numbers(ArticleText("In 2013, 31 people (SF-36, 0 to 100; 95% CI)."))]
    ['31']
    """
    prose = _without_what_is_no_prose(text)
    for pattern in ALLOWED:
        prose = pattern.sub(lambda match: blank(match[0]), prose)
    return sorted([*_digits(text, prose), *_words(text, prose)], key=lambda number: number.start)


def numbers_in(text: str) -> frozenset[Decimal]:
    """Return every number that a record's text holds, in digits or in words, as plain values.

    >>> sorted(numbers_in("3.0 mg for twelve weeks; -1.20"))
    [Decimal('1.20'), Decimal('3.0'), Decimal('12')]
    """
    digits = {_value(m[0]) for m in re.finditer(r"\d[\d,]*(?:\.\d+)?", text)}
    return frozenset(digits | {Decimal(_word_value(m)) for m in WORD_NUMBER.finditer(text)})


def _without_what_is_no_prose(text: ArticleText) -> str:
    prose = text.prose
    for mark in text.marks:
        prose = prose[: mark.start] + " " * (mark.end - mark.start) + prose[mark.end :]
    for pattern in (CITATION, LINK, KEY, HEADING):
        prose = pattern.sub(lambda match: blank(match[0]), prose)
    return re.sub(r"https?://\S+", lambda match: blank(match[0]), prose)


def _digits(text: ArticleText, prose: str) -> Iterator[TypedNumber]:
    for match in DIGITS.finditer(prose):
        tail = match["tail"] if "%" in match["tail"] else ""
        yield TypedNumber(
            text.line_of(match.start()),
            match.start(),
            match["number"].rstrip(",") + tail.strip(),
            _value(match["number"]),
            UNIT.match(prose, match.end("number")) is not None,
        )


def _words(text: ArticleText, prose: str) -> Iterator[TypedNumber]:
    for match in WORD_NUMBER.finditer(prose):
        yield TypedNumber(
            text.line_of(match.start()),
            match.start(),
            match[0],
            Decimal(_word_value(match)),
            UNIT.match(prose, match.end()) is not None,
        )


def _word_value(match: re.Match[str]) -> int:
    return WORDS[match["ten"].lower()] + (ONES[match["one"].lower()] if match["one"] else 0)


def _value(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))
