"""A study's reference as pages carry it for reference managers: Highwire's tags and COinS."""

from __future__ import annotations

from urllib.parse import urlencode

from studies.domain.reference import Item, page_span, year_of


def highwire_tags(item: Item) -> list[tuple[str, str]]:
    """Return the names and contents of the `citation_*` tags, in the order of Google Scholar's guide.

    Source: https://scholar.google.com/intl/en/scholar/inclusion.html
    """
    first, last = page_span(item["page"]) if "page" in item else (None, None)
    tags: list[tuple[str, str | None]] = [
        ("citation_title", item["title"]),
        *(("citation_author", _name(name)) for name in item.get("author", [])),
        ("citation_publication_date", year_of(item)),
        ("citation_journal_title", item.get("container-title")),
        ("citation_journal_abbrev", item.get("container-title-short")),
        ("citation_volume", item.get("volume")),
        ("citation_issue", item.get("issue")),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_doi", item.get("DOI")),
        ("citation_pmid", item.get("PMID")),
    ]
    return [(name, content) for name, content in tags if content]


def coins(item: Item) -> str:
    """Return the title of the COinS span: an OpenURL ContextObject (ANSI/NISO Z39.88-2004) of the paper."""
    first, last = page_span(item["page"]) if "page" in item else (None, None)
    numbers = [f"info:doi/{item['DOI']}"] if "DOI" in item else []
    numbers += [f"info:pmid/{item['PMID']}"] if "PMID" in item else []
    pairs: list[tuple[str, str | None]] = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article"),
        *(("rft_id", number) for number in numbers),
        ("rft.atitle", item["title"]),
        ("rft.jtitle", item.get("container-title")),
        ("rft.stitle", item.get("container-title-short")),
        ("rft.date", year_of(item)),
        ("rft.volume", item.get("volume")),
        ("rft.issue", item.get("issue")),
        ("rft.spage", first),
        ("rft.epage", last),
        *(("rft.au", _name(name)) for name in item.get("author", [])),
    ]
    return urlencode([(name, text) for name, text in pairs if text])


def _name(name: dict[str, str]) -> str:
    """ "Smith, J. P."; a group as it is called."""
    if "literal" in name:
        return name["literal"]
    return ", ".join(part for part in (name["family"], name.get("given"), name.get("suffix")) if part)
