"""XML files of citations: PubMed's and EndNote's. Nothing outside of the file is ever loaded.

Formats: https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/ and EndNote's RSXML.dtd.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from xml.parsers import expat

from studies.domain.citation_files.entry import (
    Citation,
    Entry,
    ImportRefusedError,
    Words,
    author_of,
    build_entry,
    unreadable,
)
from studies.domain.pubmed_answer import DELETED, read_article
from studies.domain.wording import clean_text

MAX_DEPTH = 100
# Root elements that people take for a file of citations, and what to do instead.
OTHER_FILES = {
    "pmc-articleset": "it holds full texts of PubMed Central; save the papers from PubMed instead",
    "eSummaryResult": "it is a summary from NCBI's E-utilities; fetch the papers with efetch, as XML",
    "eSearchResult": "it is a list of search results from NCBI's E-utilities, without titles",
    "ePostResult": "it is an answer of NCBI's E-utilities without papers",
    "eSpellResult": "it is an answer of NCBI's E-utilities without papers",
    "html": "it is a web page",
}
PARTS_KEPT = frozenset(
    [
        "contributors",
        "titles",
        "periodical",
        "pages",
        "volume",
        "number",
        "issue",
        "dates",
        "electronic-resource-num",
        "accession-num",
        "custom2",
        "urls",
        "database",
        "source-app",
        "rec-number",
        "foreign-keys",
        "ref-type",
        "remote-database-name",
        "remote-database-provider",
    ]
)


# What a reference is made of, and what only says how the record was kept.
PUBMED_KEPT = frozenset(
    [
        *("PMID", "Article", "Journal", "ArticleTitle", "VernacularTitle", "Pagination", "ELocationID"),
        *("AuthorList", "DataBankList", "ArticleDate", "Book", "ArticleIdList", "MedlineJournalInfo"),
        *("DateCreated", "DateCompleted", "DateRevised", "CitationSubset", "Language"),
    ]
)
# Of the parts of an EndNote record that hold others, which of these are kept.
INNER_KEPT = {
    "contributors": {"authors"},
    "titles": {"title", "secondary-title", "alt-title"},
    "dates": {"year", "pub-dates"},
    "urls": {"related-urls", "web-urls"},
    "periodical": {"full-title", "abbr-1"},
}


def read_xml(text: str) -> tuple[list[Entry], list[str]]:
    """Return the entries of an XML file of PubMed or EndNote.

    Raises ImportRefusedError when it is no complete XML, declares entities, is nested too deeply, or is of
    another kind.
    """
    body = text.encode()
    lines = _check(body)
    try:
        root = ET.fromstring(body, ET.XMLParser(encoding="utf-8"))  # noqa: S314 - entities were refused above
    except (ET.ParseError, ValueError) as error:
        raise ImportRefusedError("it is not complete XML", getattr(error, "position", (None,))[0]) from None
    name = root.tag.rpartition("}")[2]
    if name in OTHER_FILES:
        raise ImportRefusedError(OTHER_FILES[name])
    entries = list(_pubmed(root, lines) if name == "PubmedArticleSet" else _endnote(root, lines))
    if not entries:
        raise ImportRefusedError(f"it is XML ({name[:40]}), but neither PubMed's nor EndNote's")
    return entries, []


def _check(body: bytes) -> dict[str, Iterator[int]]:
    """Refuse what can do harm; return the lines in which the elements of each name begin, in their order."""
    lines: dict[str, list[int]] = defaultdict(list)
    depth = 0

    def start(name: str, _: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ImportRefusedError(f"it is nested deeper than {MAX_DEPTH} levels", parser.CurrentLineNumber)
        if depth <= 3:
            lines[name].append(parser.CurrentLineNumber)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise ImportRefusedError(
            "it declares entities, which no file of citations needs", parser.CurrentLineNumber
        )

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ImportRefusedError(
            f"it is not complete XML: {expat.ErrorString(error.code)}", error.lineno
        ) from None
    return {name: iter(found) for name, found in lines.items()}


def _pubmed(root: ET.Element, lines: dict[str, Iterator[int]]) -> Iterator[Entry]:
    for element in root:
        line = next(lines.get(element.tag, iter(())), 0)
        facts = read_article(element)
        if facts is None:
            what = "PubMed has deleted these papers" if element.tag == DELETED else "it is no article"
            yield unreadable(line, f"{what} ({element.tag[:40]})", _shown(element))
        elif not (facts.title or facts.pmid or facts.doi):
            yield unreadable(line, "it has neither a title nor an identifier", _shown(element))
        else:
            yield Citation(
                line=line,
                title=facts.title,
                authors=facts.authors,
                journal=facts.journal,
                journal_abbrev=facts.journal_abbrev,
                year=facts.year,
                volume=facts.volume,
                issue=facts.issue,
                pages=facts.pages,
                doi=facts.doi,
                pmid=facts.pmid,
                pmcid=facts.pmcid,
                registry_ids=facts.registry_ids,
                left_out=tuple(_left_out(element)),
            )


def _left_out(article: ET.Element) -> Iterator[str]:
    """The parts of an article, or of a book's chapter, that say something and are not kept."""
    for path in ("MedlineCitation", "MedlineCitation/Article", "BookDocument"):
        for part in article.find(path) if article.find(path) is not None else ():  # type: ignore[union-attr]
            if part.tag not in PUBMED_KEPT and ("".join(part.itertext()).strip() or len(part)):
                yield part.tag


def _endnote(root: ET.Element, lines: dict[str, Iterator[int]]) -> Iterator[Entry]:
    records = root.findall("records/record") or (root.findall("record") if root.tag == "records" else [])
    for record in records:
        yield build_entry(next(lines["record"], 0), _endnote_words(record), _shown(record))


def _endnote_words(record: ET.Element) -> Words:
    def text(path: str) -> str | None:
        element = record.find(path)
        return (clean_text("".join(element.itertext())) or None) if element is not None else None

    def texts(path: str) -> list[str]:
        return [clean_text("".join(each.itertext())) for each in record.findall(path)]

    number = text("accession-num")
    database = f"{text('remote-database-name') or ''}{text('remote-database-provider') or ''}".lower()
    from_pubmed = "pubmed" in database or "medline" in database or "nlm" in database
    return Words(
        title=text("titles/title"),
        authors=[author_of(name) for name in texts("contributors/authors/author")],
        journal=text("periodical/full-title") or text("titles/secondary-title"),
        journal_abbrev=text("periodical/abbr-1") or text("titles/alt-title"),
        year=text("dates/year") or text("dates/pub-dates/date"),
        volume=text("volume"),
        issue=text("number") or text("issue"),
        pages=text("pages"),
        doi=text("electronic-resource-num"),
        pmid=number if from_pubmed else None,
        others=[
            *texts("urls/related-urls/url"),
            *texts("urls/web-urls/url"),
            *texts("custom2"),
            *([number] if number else []),
        ],
        left_out=dict.fromkeys(_endnote_left_out(record)),
    )


def _endnote_left_out(record: ET.Element) -> Iterator[str]:
    for part in record:
        if part.tag not in PARTS_KEPT:
            yield part.tag
        for inner in part if part.tag in INNER_KEPT else ():
            if inner.tag not in INNER_KEPT[part.tag] and "".join(inner.itertext()).strip():
                yield inner.tag


def _shown(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode")
