"""A study as others cite it: the one set of facts from which every bibliographic export is written.

The facts are a CSL-JSON item (https://github.com/citation-style-language/schema, csl-data.json) with what
this site knows beside the bibliography under `note` and `custom`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from studies.domain.citation import Cited, csl_item
from studies.domain.publication_status import GONE
from studies.domain.vocabulary import LABELS, PublicationStatus
from studies.domain.wording import expand_pages

Item = dict[str, Any]

SITE = "LDN knowledge base"
# What stands at the head of the note, so that no reader of a reference list can miss it.
WARNINGS = {
    PublicationStatus.RETRACTED: "RETRACTED: this paper has been retracted.",
    PublicationStatus.WITHDRAWN: "WITHDRAWN: this paper has been withdrawn.",
    PublicationStatus.REPUBLISHED: "RETRACTED and republished: this version of the paper does not stand.",
    PublicationStatus.CONCERN: "EXPRESSION OF CONCERN: its publisher warns of this paper.",
}
SPAN = re.compile(r"([A-Za-z]*[0-9][\w.]*)-([A-Za-z]*[0-9][\w.]*)")


class Reported(Protocol):
    """What a reference needs to know of a notice about the paper."""

    kind: str
    dated_on: date | None
    date_text: str
    notice_doi: str
    notice_pmid: int | None
    registry: str


class Exported(Cited, Protocol):
    """A publication with what registries say of it."""

    publication_status: Any
    registry_ids: Any
    publication_types: Any


@dataclass(frozen=True)
class Reference:
    """A study's facts for a reference list, and the reference as Pandoc formatted it, HTML by style."""

    item: Item
    formatted: Mapping[str, str] = field(default_factory=dict)

    @property
    def warning(self) -> str | None:
        """The sentence for a paper that was taken back or is in doubt; None for any other."""
        return WARNINGS.get(PublicationStatus(self.item["custom"]["status"]))


def reference_item(study: Exported, *, notices: Iterable[Reported], record_url: str) -> Item:
    """Return a study's CSL-JSON item for export, every text on one line and free of control characters.

    Args:
        study: the publication.
        notices: those that stand, oldest first; a dismissed one is none.
        record_url: address of the study's page here.
    """
    item: Item = _clean(csl_item(study))
    if "page" in item:
        item["page"] = expand_pages(item["page"])
    if address := _address(item):
        item["URL"] = address
    status = PublicationStatus(study.publication_status)
    told = [_tell(notice) for notice in notices]
    warning = [WARNINGS[status]] if status in WARNINGS else []
    state = f"Publication status: {LABELS[status].lower()}."
    record = f"Record, with where each number was read: {SITE}, {record_url}"
    item["note"] = " ".join([*warning, *(entry["text"] for entry in told), state, record])
    item["custom"] = {
        "status": status.value,
        "is-gone": status in GONE,
        "record": record_url,
        "registration": _clean(list(study.registry_ids)),
        "kinds": _clean(list(study.publication_types)),
        "notices": told,
    }
    return item


def _address(item: Item) -> str | None:
    """Where the paper can be found; a DOI is its own address, and is known to every reader of the item."""
    if "DOI" in item:
        return f"https://doi.org/{item['DOI']}"
    if "PMID" in item:
        return f"https://pubmed.ncbi.nlm.nih.gov/{item['PMID']}/"
    return None


def _tell(notice: Reported) -> dict[str, str]:
    day = notice.dated_on.isoformat() if notice.dated_on else notice.date_text
    places = [f"doi:{notice.notice_doi}"] if notice.notice_doi else []
    places += [f"PMID {notice.notice_pmid}"] if notice.notice_pmid else []
    told = {
        "kind": notice.kind,
        "date": day,
        "doi": notice.notice_doi,
        "pmid": str(notice.notice_pmid or ""),
        "registry": notice.registry,
        "text": f"{', '.join([notice.kind.capitalize(), *filter(None, [day]), *places])}.",
    }
    return {name: text for name, text in _clean(told).items() if text}


def _clean(value: Any) -> Any:
    """Texts on one line: a line break would begin a new field, or a new record, in most of the formats."""
    if isinstance(value, dict):
        return {name: _clean(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_clean(entry) for entry in value]
    if isinstance(value, str):
        kept = (" " if unicodedata.category(c) in {"Cc", "Cs", "Cn"} else c for c in value)
        return " ".join("".join(kept).split())
    return value


def page_span(pages: str) -> tuple[str, str | None]:
    """Return first and last page; what is no range, such as an article's number, is the first alone.

    >>> page_span("e31-e39"), page_span("CD010410")
    (('e31', 'e39'), ('CD010410', None))
    """
    match = SPAN.fullmatch(pages)
    return (match[1], match[2]) if match else (pages, None)


def year_of(item: Item) -> str | None:
    """Return the year of publication in four digits; None where it is not known."""
    return str(item["issued"]["date-parts"][0][0]) if "issued" in item else None


def inverted_name(name: Mapping[str, str]) -> str:
    """Return a person as "Smith, J. P." or "Mascaró, J. M., Jr", a group with a comma at its end.

    The comma is EndNote's convention: without it the last word of a group is taken for a surname.
    """
    if "literal" in name:
        return f"{name['literal']},"
    return ", ".join(part for part in (name["family"], name.get("given"), name.get("suffix")) if part)
