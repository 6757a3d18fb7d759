"""How stored words and numbers are shown on pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from studies.domain.dosing import describe_amount, describe_dose, describe_weeks
from studies.domain.path_words import say_paths, say_value
from studies.domain.proportion import difference_in_words, in_words, newcombe
from studies.domain.reading import read_path, why_unverified
from studies.domain.result_words import describe_effect, write_number
from studies.domain.risk_of_bias import FIRST_READER, TOOL_LABELS, overall_label, tool_for
from studies.domain.speech import ENGLISH
from studies.domain.trial_state import STATE_LABELS, latest_day
from studies.domain.vocabulary import LABELS
from studies.models import Dose, Effect, Outcome, Provenance, RiskOfBias, SideEffectReport, Study
from studies.services.speech import READERS, mark_quotes

register = template.Library()
DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
WORDS: dict[Any, str] = {**LABELS, **STATE_LABELS}


@register.filter
def words(word: Any) -> str:
    """The label of a stored word."""
    return READERS.say(WORDS[word]) if word in WORDS else str(word)


@register.filter
def said(text: Any) -> str:
    """A label or sentence that stands in the code, in the language of the page."""
    return READERS.say(str(text)) if text not in (None, "") else ""


@register.filter
def within(label: Any) -> str:
    """A label as it is written within a sentence."""
    return READERS.within(str(label)) if label not in (None, "") else ""


@register.filter
def numeral(printed: Any) -> str:
    """A number that was written with a decimal point, as the language of the page writes it."""
    return READERS.number(str(printed))


@register.simple_tag
def label(word: str, text: str = "") -> SafeString:
    """A stored word as a small label: its meaning in words, repeated by its colour."""
    return format_html('<span class="label label-{}">{}</span>', word, text or words(word))


@register.filter
def reported(value: Any) -> Any:
    """The value, or that the source does not report it."""
    return (
        format_html('<span class="nothing">{}</span>', READERS.say("not reported"))
        if value in (None, "", [])
        else value
    )


@register.filter
def people(n: int) -> str:
    """How many people, in words."""
    return READERS.say_count("%(people)s person", "%(people)s people", n, people=READERS.count(n))


@register.filter
def weeks(n: Any) -> str:
    """How many weeks, in words."""
    return describe_weeks(n, READERS)


@register.filter
def days_in_words(note: str) -> str:
    """A note of a record, which is in English, with each day in words that was written as 2026-11-02."""
    return DAY.sub(_day_in_words, note)


def _day_in_words(found: re.Match[str]) -> str:
    try:
        return ENGLISH.day(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]


@register.filter
def counted(n: Any) -> Any:
    """How many, with its thousands set apart; what is no whole number stays as it is."""
    return READERS.count(n) if isinstance(n, int) else n


@register.filter
def signed(value: Decimal | None) -> str:
    """A number with a true minus sign, and the digits that were printed."""
    return write_number(value, READERS)


@register.filter
def percent(printed: Any) -> str:
    """A number as so many percent."""
    return READERS.percent(str(printed))


@register.filter
def dose_words(dose: Dose) -> SafeString:
    """A dose with when and for how long."""
    return mark_quotes(describe_dose(dose, READERS))


@register.filter
def amount_words(dose: Dose) -> str:
    """How much was given."""
    return describe_amount(dose, READERS)


@register.filter
def effect_words(effect: Effect | None) -> str:
    """Measure, value, interval and p of an effect, as far as they are reported; empty when nothing is."""
    return describe_effect(effect, READERS)


@register.filter
def rate_words(count: Any) -> str:
    """How many of how many, with what that fits; a percentage without a denominator stays as printed."""
    if count.proportion:
        return in_words(count.proportion, READERS)
    percent = READERS.percent(str(count.percent)) if count.percent is not None else ""
    if count.n and percent:
        return READERS.say("%(percent)s of %(n)s, as printed", percent=percent, n=count.n)
    counted = READERS.say(" or ").join(part for part in (str(count.events or ""), percent) if part)
    if counted or count.events == 0:
        return READERS.say("%(counted)s; of how many is not reported", counted=counted or 0)
    return READERS.say("not reported")


@register.filter
def difference_words(report: SideEffectReport) -> str:
    """The difference between the sides per 100 people, where both counted; empty otherwise."""
    given, compared = report.proportion_of("intervention"), report.proportion_of("comparator")
    if given is None or compared is None:
        return ""
    return difference_in_words(newcombe(given.events, given.n, compared.events, compared.n), READERS)


@register.filter
def side(thing: Outcome | SideEffectReport, name: str) -> Any:
    """The result or count of one side; None where the record holds none."""
    if isinstance(thing, SideEffectReport):
        return thing.count_of(name)
    return next((row for row in thing.results.all() if row.side == name), None)


@register.simple_tag
def path_reading(study: Any, kind: str, index: int) -> SafeString:
    """What is known of how one number was read, such as the study's outcomes.0: a clause."""
    reading = getattr(study, "second_reading", None)
    words = read_path(
        f"{kind}.{index}",
        unverified=study.unverified,
        agreed=reading.agreed if reading else [],
        corrected=[correction["field"] for correction in study.correction_list],
        not_seen=reading.not_seen if reading else [],
        was_read_twice=reading is not None,
        speech=READERS,
    )
    return mark_quotes(f"{words[:1].upper()}{words[1:]}")


@register.filter
def provenance_of(study: Study, number: Outcome | SideEffectReport) -> list[Provenance]:
    """The notes of where one number was read, from those fetched with the study."""
    field = "outcome_id" if isinstance(number, Outcome) else "side_effect_report_id"
    return [row for row in study.provenance.all() if getattr(row, field) == number.pk]


@register.filter
def tool_words(study: Study) -> str:
    """The tool made for the study's design; empty where there is none."""
    tool = tool_for(study.design)
    return TOOL_LABELS[tool] if tool else ""


@register.filter
def overall_risk_words(study: Study) -> str:
    """The overall judgement, or that the domains judged so far do not settle it."""
    word = study.overall_risk_of_bias
    if not word:
        return READERS.say("not settled, because some domains are not judged")
    return READERS.say(overall_label(study.design, word))


@register.filter
def assessor_words(judgements: Iterable[RiskOfBias]) -> str:
    """Who judged it, and whether a second person did, as one sentence."""
    rows = list(judgements)
    names = sorted({row.assessed_by for row in rows})
    readers = READERS.say(" and ").join(READERS.say(name) if name == FIRST_READER else name for name in names)
    if all(row.second_assessor for row in rows):
        seconds = sorted({row.second_assessor for row in rows if row.second_assessor})
        return READERS.say(
            "Assessed by %(readers)s; %(seconds)s agreed.",
            readers=readers,
            seconds=READERS.say(" and ").join(seconds),
        )
    if any(row.second_assessor for row in rows):
        text = "Assessed by %(readers)s; a second person has agreed with some domains only."
        return READERS.say(text, readers=readers)
    if names == [FIRST_READER]:
        return READERS.say("Assessed by the first reader only: no second person has judged it yet.")
    text = "Assessed by %(readers)s only: no second person has judged it yet."
    return READERS.say(text, readers=readers)


@register.filter
def doubt(study: Study, field: str) -> str:
    """Why a field of the study is not verified; empty when nothing is noted against it."""
    return say_paths(why_unverified(study.unverified, field))


@register.filter
def path_words(path: str) -> str:
    """A part of the record, in words."""
    return say_paths(path)


@register.filter
def notes_in_words(notes: Iterable[str]) -> list[str]:
    """Notes that name parts of a record, in words."""
    return [say_paths(note) for note in notes]


@register.filter
def as_printed(value: Any) -> str:
    """A value of a record, as the database keeps it, as it would be printed."""
    return str(WORDS[value]) if isinstance(value, str) and value in WORDS else say_value(value)


@register.filter
def partial_date(text: str | None) -> str:
    """2024-06 as June 2024; what is not given is not made up."""
    if not text:
        return ""
    day = latest_day(text) or date.min
    if len(text) == 4:
        return text
    return READERS.month(day) if len(text) == 7 else READERS.day(day)
