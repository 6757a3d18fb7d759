"""Pictures of what the studies of a condition add up to, drawn from what the page has fetched already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

from conditions.domain.evidence_grid import GridRow, draw_grid, letters_used
from conditions.domain.forest import ForestPicture
from conditions.domain.timeline import Publication, draw_timeline
from conditions.evidence import Matrix
from studies.domain.vocabulary import LABELS, DesignGroup
from studies.models import Study
from studies.services.speech import READERS

register = template.Library()


@register.filter
def qr_code(address: str) -> SafeString:
    """The address as a QR code, dark on white in every scheme, with the quiet zone that readers need."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(dark="#000", light="#fff", omitsize=True))  # noqa: S308 - drawn here


@register.inclusion_tag("conditions/_chart_forest.html")
def forest_chart(picture: ForestPicture | None, name: str) -> dict[str, Any]:
    """A forest plot with its table; `name` is unique on the page."""
    return {"picture": picture, "name": name}


@register.inclusion_tag("conditions/_chart_grid.html")
def grid_chart(matrix: Matrix, name: str) -> dict[str, Any]:
    """Studies against outcome domains, as letters."""
    rows = [
        GridRow(
            row.study.key,
            [[entry.direction for entry in row.by_domain.get(domain, [])] for domain in matrix.domains],
            row.study.is_gone,
        )
        for row in matrix.rows
    ]
    picture = draw_grid([READERS.say(LABELS[domain]) for domain in matrix.domains], rows)
    return {"picture": picture, "name": name, "letters": letters_used(picture) if picture else []}


@register.inclusion_tag("conditions/_chart_timeline.html")
def timeline_chart(groups: Sequence[tuple[DesignGroup, Sequence[Study]]], name: str) -> dict[str, Any]:
    """When the studies were published, by group of design."""
    publications = [
        Publication(study.key, group, study.year, study.is_gone)
        for group, studies in groups
        for study in studies
    ]
    picture = draw_timeline(publications, READERS)
    years = _by_year([study for _, studies in groups for study in studies]) if picture else []
    return {"picture": picture, "name": name, "years": years, "n_studies": len(publications)}


def _by_year(studies: Iterable[Study]) -> list[tuple[int | None, list[tuple[DesignGroup, list[Study]]]]]:
    """The studies by year, the newest first and those without a year last, and within by group of design."""
    order = list(DesignGroup)
    ordered = sorted(studies, key=lambda s: (-(s.year or 0), order.index(s.group), s.key))
    return [
        (year, [(group, list(members)) for group, members in groupby(of_year, key=lambda s: s.group)])
        for year, of_year in groupby(ordered, key=lambda s: s.year)
    ]
