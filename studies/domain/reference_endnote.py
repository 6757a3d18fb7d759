"""References as EndNote's XML."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from studies.domain.reference import SITE, Reference, inverted_name, year_of

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
TAIL = "</records></xml>\n"


def write_endnote(reference: Reference, number: int) -> str:
    """Return one `record` of EndNote's XML, without line breaks inside.

    Format: EndNote's RSXML.dtd, as its own export of a journal article (type 17) fills it. Each text stands
    in a `style`, without which some versions read it as empty.
    """
    item = reference.item
    record = Element("record")
    SubElement(record, "database", name=SITE).text = SITE
    SubElement(record, "source-app", name=SITE).text = SITE
    SubElement(record, "rec-number").text = str(number)
    SubElement(record, "ref-type", name="Journal Article").text = "17"
    authors = SubElement(SubElement(record, "contributors"), "authors")
    for name in item.get("author", []):
        _add(authors, "author", inverted_name(name))
    titles = SubElement(record, "titles")
    _add(titles, "title", item["title"])
    _add(titles, "secondary-title", item.get("container-title"))
    if "container-title" in item:
        periodical = SubElement(record, "periodical")
        _add(periodical, "full-title", item["container-title"])
        _add(periodical, "abbr-1", item.get("container-title-short"))
    for tag, name in (("pages", "page"), ("volume", "volume"), ("number", "issue")):
        _add(record, tag, item.get(name))
    _add(SubElement(record, "dates"), "year", year_of(item))
    _add(record, "accession-num", item.get("PMID"))
    _add(record, "label", item["id"])
    _add(SubElement(SubElement(record, "urls"), "related-urls"), "url", item.get("URL"))
    _add(record, "custom2", item.get("PMCID"))
    _add(record, "electronic-resource-num", item.get("DOI"))
    _add(record, "notes", item["note"])
    _add(record, "work-type", "Retracted Publication" if item["custom"]["is-gone"] else None)
    return f"{tostring(record, encoding='unicode')}\n"


def _add(parent: Element, tag: str, text: str | None) -> None:
    if text:
        style = SubElement(SubElement(parent, tag), "style", face="normal", font="default", size="100%")
        style.text = text
