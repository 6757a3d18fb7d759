"""A study's reference as CSL-JSON, the form that reference managers and Pandoc share.

Format: https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
"""

from __future__ import annotations

import re
from typing import Any, Protocol

# "Due Bruun K", "Smith JP", "van der Berg A-M": a surname, then initials.
PERSON = re.compile(
    r"(?P<family>.+?) (?P<given>[A-ZÀ-ÖØ-Þ]{1,4}(?:-[A-Z])?)(?: (?P<suffix>Jr|Sr|[23](?:nd|rd)))?"
)


class Cited(Protocol):
    """What a reference needs to know of a publication."""

    key: str
    title: str
    authors: Any
    journal: Any
    journal_abbrev: Any
    year: Any
    volume: Any
    issue: Any
    pages: Any
    doi: Any
    pmid: Any
    pmcid: Any


def csl_item(study: Cited) -> dict[str, Any]:
    """Return the CSL-JSON item of a study; what is not known is left out, never guessed."""
    item: dict[str, Any] = {
        "id": study.key,
        "type": "article-journal",
        "title": study.title,
        "author": [csl_name(author) for author in study.authors or []],
        "container-title": study.journal,
        "container-title-short": study.journal_abbrev,
        "issued": {"date-parts": [[study.year]]} if study.year else None,
        "volume": study.volume,
        "issue": study.issue,
        "page": study.pages,
        "DOI": study.doi,
        "PMID": str(study.pmid) if study.pmid else None,
        "PMCID": study.pmcid,
    }
    return {name: value for name, value in item.items() if value}


def csl_name(author: str) -> dict[str, str]:
    """Return surname and initials apart, or the whole as it stands when it is no person's name.

    >>> csl_name("Smith JP")
    {'family': 'Smith', 'given': 'J. P.'}
    >>> csl_name("Mascaró JM Jr")
    {'family': 'Mascaró', 'given': 'J. M.', 'suffix': 'Jr'}
    >>> csl_name("Long COVID Study Group")
    {'literal': 'Long COVID Study Group'}
    """
    match = PERSON.fullmatch(author)
    if match is None:
        return {"literal": author}
    # Styles take "JP" for one name and print "J"; full stops keep both initials.
    given = (
        re.sub(r"([A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ]|-|$| )", r"\1. ", match["given"]).replace(". -", ".-").strip()
    )
    name = {"family": match["family"], "given": " ".join(given.split()), "suffix": match["suffix"]}
    return {part: text for part, text in name.items() if text}
