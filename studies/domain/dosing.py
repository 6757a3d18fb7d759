"""Doses in words, and the bands in which they are listed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from studies.domain.speech import ENGLISH, Speech
from studies.domain.vocabulary import LABELS, ArmRole, DosePer

# What the field calls low-dose: DESIGN, "about 0.5 to 6 mg a day".
LDN_LOW_MG, LDN_HIGH_MG = Decimal("0.5"), Decimal("6")


class DoseBand(StrEnum):
    """Bands of the daily dose reached, in mg, and what is known of a dose that has none.

    Each band of mg starts where the one before ends; every dose is in exactly one band.
    """

    BELOW_HALF = "below-0.5"
    TO_3 = "0.5-to-3"
    TO_4_5 = "3-to-4.5"
    TO_6 = "4.5-to-6"
    ABOVE_6 = "above-6"
    NOT_DAILY = "not-daily"
    PER_KG = "mg-per-kg"
    RANGE_ONLY = "range-only"
    NOT_STATED = "not-stated"


BAND_LABELS = {
    DoseBand.BELOW_HALF: "Below 0.5 mg (very low dose)",
    DoseBand.TO_3: "0.5 mg to below 3 mg",
    DoseBand.TO_4_5: "3 mg to 4.5 mg",
    DoseBand.TO_6: "Above 4.5 mg to 6 mg",
    DoseBand.ABOVE_6: "Above 6 mg",
    DoseBand.NOT_DAILY: "In mg, but not once a day",
    DoseBand.PER_KG: "Per kg of body weight",
    DoseBand.RANGE_ONLY: "A range only",
    DoseBand.NOT_STATED: "Not stated",
}
BAND_CHOICES = [(band.value, BAND_LABELS[band]) for band in DoseBand]

# Lower end, whether it belongs to the band, upper end, whether it belongs to the band.
BAND_ENDS: dict[DoseBand, tuple[Decimal, bool, Decimal | None, bool]] = {
    DoseBand.BELOW_HALF: (Decimal(0), False, Decimal("0.5"), False),
    DoseBand.TO_3: (Decimal("0.5"), True, Decimal(3), False),
    DoseBand.TO_4_5: (Decimal(3), True, Decimal("4.5"), True),
    DoseBand.TO_6: (Decimal("4.5"), False, Decimal(6), True),
    DoseBand.ABOVE_6: (Decimal(6), False, None, False),
}


class GivenDose(Protocol):
    """What the words need to know of a dose; every part may be missing."""

    amount_mg: Any
    per: Any
    route: Any
    timing: Any
    duration_weeks: Any
    start_mg: Any
    max_mg: Any
    range_text: Any
    mg_per_kg: Any
    mg_per_kg_text: Any


def describe_amount(dose: GivenDose, speech: Speech = ENGLISH) -> str:
    """How much was given, in words; mg per kg stays mg per kg.

    "dose not reported" is said rather than left blank.
    """
    per = speech.say(LABELS[DosePer(dose.per)])
    if dose.amount_mg is not None:
        return speech.say("%(amount)s mg %(per)s", amount=speech.number(str(dose.amount_mg)), per=per)
    if dose.mg_per_kg is not None or dose.mg_per_kg_text:
        amount = speech.number(str(dose.mg_per_kg_text or dose.mg_per_kg))
        if dose.max_mg is None:
            return speech.say("%(amount)s mg per kg of body weight %(per)s", amount=amount, per=per)
        return speech.say(
            "%(amount)s mg per kg of body weight %(per)s, at most %(most)s mg",
            amount=amount,
            per=per,
            most=speech.number(str(dose.max_mg)),
        )
    if dose.range_text:
        return speech.say("%(range)s mg %(per)s", range=_range(dose.range_text, speech), per=per)
    return speech.say("dose not reported")


def _range(text: str, speech: Speech) -> str:
    """3-4.5 as 3 to 4.5."""
    return speech.number(text).replace("-", speech.say(" to "))


def describe_dose(dose: GivenDose, speech: Speech = ENGLISH) -> str:
    """The dose, when and for how long, in one line."""
    parts = [describe_amount(dose, speech)]
    if dose.amount_mg is not None and dose.range_text:
        parts.append(speech.say("range %(range)s mg", range=_range(dose.range_text, speech)))
    if dose.start_mg is not None:
        parts.append(speech.say("starting at %(amount)s mg", amount=speech.number(str(dose.start_mg))))
    if dose.route and dose.route != "oral":
        parts.append(speech.quote(dose.route))
    if dose.timing:
        parts.append(speech.quote(dose.timing))
    if dose.duration_weeks is not None:
        parts.append(describe_weeks(dose.duration_weeks, speech))
    return ", ".join(parts)


def describe_weeks(weeks: Any, speech: Speech = ENGLISH) -> str:
    """How many weeks, which need be no whole number.

    >>> describe_weeks(1), describe_weeks(Decimal("3.7"))
    ('1 week', '3.7 weeks')
    """
    return speech.say_count("%(weeks)s week", "%(weeks)s weeks", weeks, weeks=speech.number(str(weeks)))


def band_of_dose(dose: GivenDose) -> DoseBand:
    """The one band that a dose is in; a dose without a plain amount in mg is never taken for a low one."""
    if dose.amount_mg is not None:
        return band_of(dose.amount_mg) if dose.per == DosePer.DAY else DoseBand.NOT_DAILY
    if dose.mg_per_kg is not None or dose.mg_per_kg_text:
        return DoseBand.PER_KG
    return DoseBand.RANGE_ONLY if dose.range_text else DoseBand.NOT_STATED


def band_of(amount_mg: Decimal) -> DoseBand:
    """The band of a daily dose in mg, above 0.

    >>> band_of(Decimal("4.5")).value
    '3-to-4.5'
    """
    for band, (low, has_low, high, has_high) in BAND_ENDS.items():
        above = amount_mg > low or (has_low and amount_mg == low)
        below = high is None or amount_mg < high or (has_high and amount_mg == high)
        if above and below:
            return band
    raise ValueError(f"a dose is above 0 mg, not {amount_mg}")


def spread(amounts: Iterable[Decimal]) -> tuple[Decimal, Decimal] | None:
    """The smallest and largest of some doses; None when there is none."""
    known = sorted(amounts)
    return (known[0], known[-1]) if known else None


def is_above_low_dose(arms: Iterable[Any]) -> bool:
    """Whether every arm that was given naltrexone has its dose in mg on record, and each is above low dose.

    What another medicine was given in says nothing of it, and a dose that is not stated proves nothing.
    """
    given = [getattr(arm, "dose", None) for arm in arms if arm.role == ArmRole.INTERVENTION]
    amounts = [dose.amount_mg if dose else None for dose in given]
    return bool(amounts) and all(amount is not None and amount > LDN_HIGH_MG for amount in amounts)


def refuse_dose(amount_mg: Decimal | None, *, is_per_kg: bool) -> str | None:
    """Return why a dose is not a low one; None where it is, or where none is stated.

    Args:
        amount_mg: what was reached, in mg.
        is_per_kg: whether it is stated per kg of body weight.
    """
    if is_per_kg:
        return "the dose is given per kg of body weight, so it is not known to be low"
    if amount_mg is None or LDN_LOW_MG <= amount_mg <= LDN_HIGH_MG:
        return None
    return f"{amount_mg} mg is not a low dose ({LDN_LOW_MG} to {LDN_HIGH_MG} mg)"
