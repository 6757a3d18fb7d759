"""Arms, outcomes and side effects of studies as rows, each with where its numbers were read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings

from studies.domain.table import Column, Row, Table, Value, counts_of, means_of
from studies.models import Arm, Outcome, Provenance, SideEffectReport, Study
from studies.models.outcome import Side

COLUMNS_OF_STUDY = (
    Column("study", "key of the study"),
    Column("author", "first author"),
    Column("year", "year of publication"),
    Column("doi", "DOI"),
    Column("pmid", "PubMed number"),
    Column("design", "design of the study"),
    Column("publication_status", "what registries say of the paper; unknown: none has answered"),
    Column("record", "address of the study's page"),
)
COLUMNS_OF_SIDES = (
    Column("arm_1", "arm of group 1, naltrexone"),
    Column("arm_2", "arm of group 2, comparison"),
    Column("ai", "group 1: people with the event"),
    Column("bi", "group 1: people without the event"),
    Column("ci", "group 2: people with the event"),
    Column("di", "group 2: people without the event"),
)
COLUMNS_OF_SOURCE = (
    Column("source", "where the numbers were read"),
    Column("source_url", "its address"),
    Column("place", "place in the source"),
    Column("read_by", "who read them"),
    Column("is_checked", "whether a second person has checked them"),
)
ARMS = Table(
    "arms",
    (
        *COLUMNS_OF_STUDY,
        Column("arm", "name of the arm"),
        Column("role", "intervention: naltrexone; comparator"),
        Column("n", "people"),
        Column("dose_mg", "dose reached, mg"),
        Column("dose_per", "dose per what"),
        Column("dose_range_mg", "range as printed, mg"),
        Column("mg_per_kg", "mg per kg of body weight"),
        Column("start_mg", "first dose, mg"),
        Column("max_mg", "highest dose, mg"),
        Column("route", "way it was given"),
        Column("timing", "when it was taken"),
        Column("formulation", "form of the medicine"),
        Column("duration_weeks", "weeks of treatment"),
        Column("dose_note", "what else the record says of the dose"),
    ),
)
OUTCOMES = Table(
    "outcomes",
    (
        *COLUMNS_OF_STUDY,
        Column("outcome", "name of the outcome"),
        Column("domain", "what kind of outcome"),
        Column("instrument", "what it was measured with"),
        Column("timepoint", "when"),
        Column("is_primary", "whether the record names it a main outcome"),
        Column("direction", "what the study found, in one word"),
        Column("better", "which way of the values is better for people"),
        *COLUMNS_OF_SIDES,
        Column("m1i", "group 1: mean, where its SD or interval is on record"),
        Column("sd1i", "group 1: SD, as printed"),
        Column("n1i", "group 1: people"),
        Column("m2i", "group 2: mean, where its SD or interval is on record"),
        Column("sd2i", "group 2: SD, as printed"),
        Column("n2i", "group 2: people"),
        *(
            Column(f"{name}_{group}", f"group {group}: {means}")
            for group in (1, 2)
            for name, means in (
                ("value", "value as printed, mean or not"),
                ("unit", "its unit"),
                ("ci_low", "lower end of its 95% interval"),
                ("ci_high", "upper end of its 95% interval"),
                ("baseline", "value before treatment"),
                ("baseline_sd", "SD before treatment"),
                ("note", "what else the record says"),
            )
        ),
        Column("measure", "measure of the effect that the paper reports"),
        Column("effect", "the effect"),
        Column("effect_ci_low", "lower end of its 95% interval"),
        Column("effect_ci_high", "upper end of its 95% interval"),
        Column("effect_p", "its p value as printed"),
        Column("effect_note", "what else the record says of it"),
        *COLUMNS_OF_SOURCE,
    ),
)
SIDE_EFFECTS = Table(
    "side-effects",
    (
        *COLUMNS_OF_STUDY,
        Column("side_effect", "the side effect, one word for all studies"),
        Column("reported_as", "as the study names it"),
        *COLUMNS_OF_SIDES,
        Column("n1i", "group 1: people"),
        Column("n2i", "group 2: people"),
        Column("percent_1", "group 1: percentage as printed"),
        Column("percent_2", "group 2: percentage as printed"),
        Column("p", "p value as printed"),
        Column("note", "what else the record says"),
        *COLUMNS_OF_SOURCE,
    ),
)


def rows_of_arms(study: Study) -> Iterator[Row]:
    """Yield a row for each arm."""
    about = _about(study)
    for arm in study.arms.all():
        yield {**about, "arm": arm.name, "role": arm.role, "n": arm.n, **_of_dose(arm)}


def _of_dose(arm: Arm) -> Row:
    dose = getattr(arm, "dose", None)
    if dose is None:
        return {}
    return {
        "dose_mg": dose.amount_mg,
        "dose_per": dose.per if dose.amount_mg is not None else None,
        "dose_range_mg": dose.range_text,
        "mg_per_kg": dose.mg_per_kg if dose.mg_per_kg is not None else dose.mg_per_kg_text,
        "start_mg": dose.start_mg,
        "max_mg": dose.max_mg,
        "route": dose.route,
        "timing": dose.timing,
        "formulation": dose.formulation,
        "duration_weeks": dose.duration_weeks,
        "dose_note": dose.note,
    }


def rows_of_outcomes(study: Study) -> Iterator[Row]:
    """Yield a row for each outcome."""
    about = _about(study)
    for outcome in study.outcomes.all():
        sides = {result.side: result for result in outcome.results.all()}
        given, compared = sides.get(Side.INTERVENTION), sides.get(Side.COMPARATOR)
        yield {
            **about,
            "outcome": outcome.name,
            **{name: getattr(outcome, name) for name in ("domain", "instrument", "timepoint", "is_primary")},
            "direction": outcome.direction,
            "better": outcome.better,
            **_arms_of(given, compared),
            **counts_of(given, compared),
            **means_of(given, compared),
            **_as_printed(1, given),
            **_as_printed(2, compared),
            **_of_effect(outcome),
            **_source_of(study, outcome),
        }


def _as_printed(group: int, result: Any) -> Row:
    names = ("value", "unit", "ci_low", "ci_high", "baseline", "baseline_sd", "note")
    return {f"{name}_{group}": getattr(result, name, None) for name in names}


def _of_effect(outcome: Outcome) -> Row:
    effect = getattr(outcome, "effect", None)
    if effect is None:
        return {}
    return {
        "measure": effect.measure,
        "effect": effect.value,
        "effect_ci_low": effect.ci_low,
        "effect_ci_high": effect.ci_high,
        "effect_p": effect.p_text,
        "effect_note": effect.note,
    }


def rows_of_side_effects(study: Study) -> Iterator[Row]:
    """Yield a row for each side effect that the study reports, counted or not."""
    about = _about(study)
    for report in study.side_effect_reports.all():
        sides = {count.side: count for count in report.counts.all()}
        given, compared = sides.get(Side.INTERVENTION), sides.get(Side.COMPARATOR)
        yield {
            **about,
            "side_effect": report.side_effect.slug,
            "reported_as": report.reported_name,
            **_arms_of(given, compared),
            **counts_of(given, compared),
            "n1i": given.n if given else None,
            "n2i": compared.n if compared else None,
            "percent_1": given.percent if given else None,
            "percent_2": compared.percent if compared else None,
            "p": report.p_text,
            "note": report.note,
            **_source_of(study, report),
        }


ROWS: dict[Table, Callable[[Study], Iterator[Row]]] = {
    ARMS: rows_of_arms,
    OUTCOMES: rows_of_outcomes,
    SIDE_EFFECTS: rows_of_side_effects,
}


def values_of(table: Table, row: Row) -> list[Value]:
    """Return a row's values in the order of the columns; what it lacks is None."""
    return [row.get(column.name) for column in table.columns]


def _about(study: Study) -> Row:
    return {
        "study": study.key,
        "author": study.authors[0] if study.authors else None,
        "year": study.year,
        "doi": study.doi,
        "pmid": study.pmid,
        "design": study.design,
        "publication_status": study.publication_status,
        "record": settings.PUBLIC_URL + study.get_absolute_url(),
    }


def _arms_of(given: Any, compared: Any) -> Row:
    """The names of the arms behind both sides, where the record says which."""
    return {
        f"arm_{group}": side.arm.name if side is not None and side.arm else None
        for group, side in ((1, given), (2, compared))
    }


def _source_of(study: Study, number: Outcome | SideEffectReport) -> Row:
    """Where a number was read; of several places all, in their order."""
    field = "outcome_id" if isinstance(number, Outcome) else "side_effect_report_id"
    rows = [entry for entry in study.provenance.all() if getattr(entry, field) == number.pk]
    return {
        "source": _joined(_source_words(row) for row in rows),
        "source_url": _joined(row.source.url for row in rows if row.source),
        "place": _joined(row.place for row in rows),
        "read_by": _joined(row.read_by for row in rows),
        "is_checked": bool(rows) and all(row.checked_by_id is not None for row in rows),
    }


def _source_words(row: Provenance) -> str | None:
    if row.source:
        return row.source.used_for
    return row.registry or "one of the study's sources; which was not noted"


def _joined(texts: Iterable[str | None]) -> str | None:
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None
