"""Pictures of doses and side effects, drawn from rows that the page has fetched already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template

from studies.domain.chart_axis import WIDTH
from studies.domain.dose_axis import Dot, Range, Schedule, lay_out
from studies.domain.dosing import LDN_HIGH_MG
from studies.domain.icon_array import SIDE, draw_icons
from studies.domain.rate_plot import RateRow, draw_rates
from studies.domain.trial_reports import count_arms_once
from studies.domain.vocabulary import DesignGroup, DosePer
from studies.models import Arm, SideEffectReport
from studies.services.speech import READERS

register = template.Library()
AXIS_END_MG = float(LDN_HIGH_MG * 2)
# Between the two squares of an icon array, and for the words above them.
ICON_GAP, ICON_TOP = WIDTH - 2 * SIDE, 24.0


@register.inclusion_tag("studies/_chart_doses.html")
def dose_chart(arms: Iterable[Arm], name: str, with_schedules: bool = False) -> dict[str, Any]:
    """The dose axis of arms that have a dose; their schedules only where the page has fetched the steps.

    What was only planned, and what was retracted, is not drawn; what several reports of one trial have is
    drawn once.
    """
    given = [arm for arm in arms if not arm.study.is_planned and not arm.study.is_gone]
    daily = [arm for arm in given if arm.dose.daily_mg is not None]
    once = count_arms_once(daily, lambda arm: (arm.dose.daily_mg, arm.study.is_randomised))
    dots = [_dot(arm) for arm in once]
    ranges = [_range(arm) for arm in given if _has_range_only(arm)]
    schedules = [_schedule(arm) for arm in arms if arm.dose.steps.all()] if with_schedules else []
    return {
        "picture": lay_out(dots, ranges=ranges, schedules=schedules, up_to_mg=AXIS_END_MG),
        "name": name,
        "n_dots": len(dots),
        "n_others": len(given) - len(daily) - len(ranges),
        "has_marks": bool(dots or ranges),
    }


def _dot(arm: Arm) -> Dot:
    return Dot(float(arm.dose.daily_mg or 0), arm.n, arm.study.is_randomised, _title(arm, arm.dose.daily_mg))


def _title(arm: Arm, amount: Any) -> str:
    values = {"study": arm.study.key, "amount": READERS.number(str(amount))}
    if arm.n is None:
        return READERS.say("%(study)s: %(amount)s mg a day, size not reported", **values)
    return READERS.say_count(
        "%(study)s: %(amount)s mg a day, %(people)s person",
        "%(study)s: %(amount)s mg a day, %(people)s people",
        arm.n,
        people=READERS.count(arm.n),
        **values,
    )


def _has_range_only(arm: Arm) -> bool:
    dose = arm.dose
    return dose.daily_mg is None and dose.per == DosePer.DAY and dose.range_low_mg is not None


def _range(arm: Arm) -> Range:
    dose = arm.dose
    amount = READERS.say("%(low)s to %(high)s", low=dose.range_low_mg, high=dose.range_high_mg)
    return Range(float(dose.range_low_mg or 0), float(dose.range_high_mg or 0), _title(arm, amount))


def _schedule(arm: Arm) -> Schedule:
    steps = list(arm.dose.steps.all())
    amounts = " \N{RIGHTWARDS ARROW} ".join(READERS.number(str(step.amount_mg)) for step in steps)
    return Schedule(f"{arm.study.key}: {amounts} mg", tuple(float(step.amount_mg) for step in steps))


@register.inclusion_tag("studies/_chart_rates.html")
def rate_chart(reports: Iterable[SideEffectReport], name: str, labels: str = "both") -> dict[str, Any]:
    """Rates and differences of reports with their counts; `labels` names the effect, the study or both."""
    rows = [_rate_row(report, labels) for report in reports if _is_drawn(report)]
    return {"picture": draw_rates(rows), "name": name}


def _is_drawn(report: SideEffectReport) -> bool:
    """A case report is written because it happened: its rate says nothing. Nor does what was retracted."""
    return report.study.group != DesignGroup.CASES and not report.study.is_gone


def _rate_row(report: SideEffectReport, labels: str) -> RateRow:
    label = {
        "effect": report.reported_name,
        "study": report.study.key,
        "both": f"{report.study.key}: {report.reported_name}",
    }[labels]
    return RateRow(label, report.proportion_of("intervention"), report.proportion_of("comparator"))


@register.inclusion_tag("studies/_chart_icons.html")
def icon_chart(report: SideEffectReport, name: str) -> dict[str, Any]:
    """Two times 100 people, where both sides counted; nothing otherwise."""
    given, compared = report.proportion_of("intervention"), report.proportion_of("comparator")
    sides: Sequence[tuple[str, float, Any, Any]] = ()
    if given and compared and not report.study.is_gone:
        sides = (
            (READERS.say("Naltrexone"), 0.0, draw_icons(given), given),
            (READERS.say("Comparison"), SIDE + ICON_GAP, draw_icons(compared), compared),
        )
    return {
        "report": report,
        "name": name,
        "sides": sides,
        "width": WIDTH,
        "height": SIDE + ICON_TOP,
        "top": ICON_TOP,
    }
