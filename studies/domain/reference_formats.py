"""References in the plain-text formats of reference managers: RIS, NBIB and CSL-JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from studies.domain.reference import Item, Reference, inverted_name, page_span, year_of

# MEDLINE's width; what follows on the next line is set in by as much as a tag takes.
NBIB_WIDTH, NBIB_INDENT = 87, " " * 6
# Types of publication as PubMed names them, for the kinds that records hold.
NBIB_TYPES = {"letter": "Letter", "comment": "Comment", "preprint": "Preprint"}
# How PubMed tags a notice about the paper: retraction in, concern in, erratum in.
NBIB_NOTICES = {
    "retraction": "RIN",
    "withdrawal": "RIN",
    "retraction and republication": "RRI",
    "concern": "ECI",
    "correction": "EIN",
}


def write_ris(reference: Reference, number: int) -> str:  # noqa: ARG001 - as every writer is called
    """Return one record in RIS, its lines ended by CR LF.

    Format: RIS Format Specifications (Research Information Systems, 2001) with the tags that EndNote and
    Zotero write for a journal article.
    """
    item = reference.item
    first, last = page_span(item["page"]) if "page" in item else (None, None)
    fields: list[tuple[str, str | None]] = [
        ("TY", "JOUR"),
        ("ID", item["id"]),
        *(("AU", inverted_name(name)) for name in item.get("author", [])),
        ("TI", item["title"]),
        ("T2", item.get("container-title")),
        ("J2", item.get("container-title-short")),
        ("PY", year_of(item)),
        ("VL", item.get("volume")),
        ("IS", item.get("issue")),
        ("SP", first),
        ("EP", last),
        ("DO", item.get("DOI")),
        ("AN", item.get("PMID")),
        ("C2", item.get("PMCID")),
        ("M3", "Retracted Publication" if item["custom"]["is-gone"] else None),
        ("N1", item["note"]),
        ("UR", item.get("URL")),
        ("L2", item["custom"]["record"]),
    ]
    lines = [f"{tag}  - {value}" for tag, value in fields if value]
    return "".join(f"{line}\r\n" for line in [*lines, "ER  - "])


def write_nbib(reference: Reference, number: int) -> str:  # noqa: ARG001 - as every writer is called
    """Return one record as PubMed exports it, ended by an empty line.

    Readers tell the format, and where a record begins, by the line of the PubMed number: a paper without one
    has it too, empty. Format: https://www.nlm.nih.gov/bsd/mms/medlineelements.html
    """
    item = reference.item
    fields = [("PMID", item.get("PMID", "")), *_nbib_fields(reference)]
    return "".join(_nbib_line(tag, value) for tag, value in fields) + "\n"


def _nbib_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    item = reference.item
    known = [
        ("VI", item.get("volume")),
        ("IP", item.get("issue")),
        ("DP", year_of(item)),
        ("TI", item["title"]),
        ("PG", item.get("page")),
        ("LID", f"{item['DOI']} [doi]" if "DOI" in item else None),
    ]
    yield from ((tag, value) for tag, value in known if value)
    yield from _nbib_authors(item)
    yield "PT", "Journal Article"
    yield from (("PT", NBIB_TYPES[kind]) for kind in item["custom"]["kinds"] if kind in NBIB_TYPES)
    if item["custom"]["is-gone"]:
        yield "PT", "Retracted Publication"
    yield from (("SI", _registration(number)) for number in item["custom"]["registration"])
    yield from _nbib_notices(item)
    rest = [
        ("TA", item.get("container-title-short")),
        ("JT", item.get("container-title")),
        ("PMC", item.get("PMCID")),
        ("AID", f"{item['DOI']} [doi]" if "DOI" in item else None),
        ("GN", item["note"]),
        ("SO", _source(item)),
    ]
    yield from ((tag, value) for tag, value in rest if value)


def _nbib_authors(item: Item) -> Iterator[tuple[str, str]]:
    for name in item.get("author", []):
        if "literal" in name:
            yield "CN", name["literal"]
            continue
        plain = name.get("given", "").replace(".", "")
        suffix = [name["suffix"]] if "suffix" in name else []
        yield "FAU", ", ".join([name["family"], plain, *suffix])
        yield "AU", " ".join([name["family"], plain.replace(" ", ""), *suffix])


def _nbib_notices(item: Item) -> Iterator[tuple[str, str]]:
    for notice in item["custom"]["notices"]:
        if tag := NBIB_NOTICES.get(notice["kind"]):
            doi = f"doi: {notice['doi']}." if "doi" in notice else ""
            pmid = f"PMID: {notice['pmid']}" if "pmid" in notice else ""
            words = [f"{notice['date']}." if "date" in notice else "", doi, pmid]
            yield tag, " ".join(filter(None, words)) or "no day or number of the notice is named"


def _registration(number: str) -> str:
    return f"ClinicalTrials.gov/{number}" if number.startswith("NCT") else number


def _source(item: Item) -> str | None:
    """The line that PubMed calls source: "Arthritis Rheum. 2013;65(2):529-538"."""
    journal = item.get("container-title-short") or item.get("container-title")
    if not journal:
        return None
    issue = f"({item['issue']})" if "issue" in item else ""
    pages = f":{item['page']}" if "page" in item else ""
    volume = f";{item['volume']}{issue}" if "volume" in item else ""
    return f"{journal}. {year_of(item) or ''}{volume}{pages}."


def _nbib_line(tag: str, value: str) -> str:
    lines = textwrap.wrap(
        value, NBIB_WIDTH - len(NBIB_INDENT), break_long_words=False, break_on_hyphens=False
    )
    return "".join(
        f"{f'{tag:<4}- ' if i == 0 else NBIB_INDENT}{line}\n" for i, line in enumerate(lines or [""])
    )


def write_csl(reference: Reference, number: int) -> str:
    """Return one item of a CSL-JSON list, with the comma before every item but the first."""
    return f"{',' if number > 1 else ''}\n{json.dumps(reference.item, ensure_ascii=False)}"
