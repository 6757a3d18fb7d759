"""The head of the editors' first page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import template
from django.urls import reverse

from studies.models import Registry
from studies.services.worklist import GRAVE, WorkList, read_worklist

register = template.Library()

# Which list answers to which count: the count's name, the list, its filter, one and many.
LINES = [
    (
        "published_with_grave_notice",
        ("study", f"status__exact=published&publication_status__in={quote(','.join(GRAVE), safe=',')}"),
        "published study has been retracted, withdrawn or is under concern",
        "published studies have been retracted, withdrawn or are under concern",
    ),
    (
        "unclear_notices",
        ("notice", "kind__exact=unknown&dismissed_by__isempty=1"),
        "notice of a registry that no rule understands",
        "notices of a registry that no rule understands",
    ),
    (
        "open_tasks",
        ("editortask", "state__exact=open"),
        "question of a registry's answer for a person",
        "questions of registries' answers for a person",
    ),
    (
        "conflicts",
        ("registrycheck", "answer__exact=conflict"),
        "identifier leads to another paper",
        "identifiers lead to another paper",
    ),
    (
        "open_proposals",
        ("metadataproposal", "state__exact=open"),
        "proposal of a registry to decide",
        "proposals of the registries to decide",
    ),
    (
        "new_finds",
        ("find", "state=new"),
        "paper or trial found by a search or an import",
        "papers and trials found by searches and imports",
    ),
    (
        "failed_searches",
        ("savedsearch", "error__isempty=0"),
        "saved search failed",
        "saved searches failed",
    ),
    ("in_review", ("study", "status__exact=in_review"), "study in review", "studies in review"),
    (
        "unchecked",
        ("study", "checked=no"),
        "study that no second person has checked",
        "studies that no second person has checked",
    ),
]


@register.inclusion_tag("admin/worklist.html")
def show_worklist() -> dict[str, Any]:
    """What waits for a person, each line leading to its list."""
    work = read_worklist()
    return {
        "items": [item for line in LINES if (item := _item(work, *line))],
        "failing": {Registry(name).label: error.rstrip(".") for name, error in work.failing.items()},
        "checks_address": f"{reverse('admin:studies_registrycheck_changelist')}?answer__exact=failed",
    }


def _item(work: WorkList, name: str, where: tuple[str, str], one: str, many: str) -> dict[str, Any] | None:
    count = getattr(work, name)
    if not count:
        return None
    model, query = where
    address = f"{reverse(f'admin:studies_{model}_changelist')}?{query}"
    return {"count": count, "text": one if count == 1 else many, "address": address}
