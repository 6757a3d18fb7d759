"""The page that an identifier names."""

from __future__ import annotations

import re

from django.db.models import Q

from studies.domain.identifiers import find_identifier
from studies.models import Study, Trial

_KEY = re.compile(r"[a-z]+\d{4}[a-z]?")


def find_page(*, query: str) -> str | None:
    """Return the address of the study or trial that a DOI, PubMed, PMC or trial number, or our key, names."""
    studies, key = Study.objects.published(), query.strip().lower()
    study = studies.filter(key=key).first() if _KEY.fullmatch(key) else None
    found = None if study else find_identifier(query)
    if found is None:
        return study.get_absolute_url() if study else None
    if found.kind == "registry":
        named = Q(registry_id__iexact=found.value) | Q(other_ids__contains=[found.value])
        trial = Trial.objects.filter(named).order_by("pk").first()
        if trial:
            return trial.get_absolute_url()
        study = studies.filter(registry_ids__contains=[found.value]).order_by("key").first()
    else:
        study = studies.filter(**{found.kind: found.value}).first()
    return study.get_absolute_url() if study else None
