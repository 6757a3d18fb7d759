"""PubMed's answers (efetch, XML) as facts.

Format: https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/ - total: facts or an AnswerError come out of any bytes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import partial
from typing import cast
from xml.parsers import expat

from lxml import etree

from studies.domain.bibliography import AnswerError, NoticeFacts, NoticeKind, PaperEntry, PaperFacts
from studies.domain.cited_date import cited_date
from studies.domain.identifiers import (
    find_doi,
    normalise_doi,
    normalise_pmcid,
    normalise_pmid,
    normalise_registry_id,
)
from studies.domain.wording import clean_text, expand_pages, is_notice_title, status_mark

RETRACTED_PUBLICATION = "D016441"
RETRACTION_NOTICE = "D016440"
PUBLISHED_ERRATUM = "D016425"

# CommentsCorrections/@RefType: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
NOTICE_KINDS: dict[str, NoticeKind] = {
    "RetractionIn": "retraction",
    "RetractedandRepublishedIn": "retraction and republication",
    "ExpressionOfConcernIn": "concern",
    "ErratumIn": "correction",
    "CorrectedandRepublishedIn": "correction",
}
# The record is the notice, and the paper named is another one.
NOTICE_OF = frozenset({"RetractionOf", "PartialRetractionOf", "ExpressionOfConcernFor", "ErratumFor"})
# Links that say nothing about whether the paper stands.
OTHER_LINKS = frozenset(
    {
        "AssociatedDataset",
        "AssociatedPublication",
        "Cites",
        "CommentIn",
        "CommentOn",
        "CorrectedandRepublishedFrom",
        "OriginalReportIn",
        "ReprintIn",
        "ReprintOf",
        "RepublishedFrom",
        "RepublishedIn",
        "RetractedandRepublishedFrom",
        "SummaryForPatientsIn",
        "UpdateIn",
        "UpdateOf",
    }
)
UNTRANSLATED = "[not available]."
# Stands in place of articles that PubMed has withdrawn.
DELETED = "DeleteCitation"
# Left out of the stored part: long, and not ours to keep.
NOT_KEPT = (
    "Abstract",
    "OtherAbstract",
    "ReferenceList",
    "MeshHeadingList",
    "ChemicalList",
    "KeywordList",
    "Sections",
)


def parse_articles(body: bytes) -> dict[int, PaperEntry]:
    """Return the papers of an answer by PMID, with the stored part of each.

    A record without a PMID or a title is left out, so that it is asked for alone. Raises AnswerError when
    the answer as a whole is no PubmedArticleSet, or none of its articles can be read.
    """
    root = _read_xml(body)
    if root.tag != "PubmedArticleSet":
        message = clean_text(" ".join(root.itertext()))[:200]
        raise AnswerError(f"the answer is no set of articles but {root.tag[:40]}: {message}")
    found = {}
    for article in root:
        if article.tag in READERS and (entry := _entry(article)) and entry.pmid:
            found[entry.pmid] = entry
    if not found and any(article.tag != DELETED for article in root):
        raise AnswerError("no article of the answer can be read: a field is missing or has another name")
    return found


def read_article(element: ET.Element) -> PaperFacts | None:
    """Return the facts of an article or a book chapter in a set of articles; None for any other element."""
    return READERS[element.tag][0](element) if element.tag in READERS else None


def _entry(article: ET.Element) -> PaperEntry | None:
    """The paper; None when it has no number or no title."""
    read, title_of, place = READERS[article.tag]
    pmid = _pmid(article.find(place))
    if not (pmid and title_of(article)):
        return None
    # What is not kept is not read for facts either: they may be read after it was cut off.
    return PaperEntry(_stored_part(article), partial(read, article), pmid=pmid)


def _read_xml(body: bytes) -> ET.Element:
    if not body.strip():
        raise AnswerError("the answer is empty")
    try:
        _refuse_entities(body)
        # Not to be shared between threads. Comments and instructions would stand among the elements.
        parser = etree.XMLParser(
            no_network=True, resolve_entities=False, remove_comments=True, remove_pis=True
        )
        return cast(ET.Element, etree.fromstring(body, parser))
    except AnswerError:
        raise
    except (etree.XMLSyntaxError, expat.ExpatError, ValueError, LookupError):
        raise AnswerError("the answer is not complete XML") from None


def _refuse_entities(body: bytes) -> None:
    """PubMed names a document type but declares no entity; whoever does wants to blow up the parser."""

    def refuse(*_: object) -> None:
        raise AnswerError("the answer declares entities")

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse
    parser.Parse(body, True)


def _facts(article: ET.Element) -> PaperFacts:
    title = _title(article)
    types = article.findall("MedlineCitation/Article/PublicationTypeList/PublicationType")
    ids = {i.get("IdType"): _text(i) for i in article.findall("PubmedData/ArticleIdList/ArticleId")}
    return PaperFacts(
        registry="pubmed",
        title=title,
        authors=_authors(article.findall("MedlineCitation/Article/AuthorList")),
        journal=_text(article.find("MedlineCitation/Article/Journal/Title")),
        journal_abbrev=_journal_abbrev(article),
        year=_year(article),
        volume=_text(article.find("MedlineCitation/Article/Journal/JournalIssue/Volume")),
        issue=_text(article.find("MedlineCitation/Article/Journal/JournalIssue/Issue")),
        pages=_pages(article),
        doi=_doi(article) or normalise_doi(ids.get("doi") or ""),
        pmid=_pmid(article.find("MedlineCitation/PMID")),
        pmcid=normalise_pmcid(ids.get("pmc") or ""),
        registry_ids=_registry_ids(article),
        publication_types=tuple(name for name in map(_text, types) if name),
        notices=tuple(_notices(article, title)),
        is_notice=_is_notice(article, title),
    )


def _book_facts(article: ET.Element) -> PaperFacts:
    """A chapter of the NCBI Bookshelf; the book stands for the journal."""
    year = _text(article.find("BookDocument/Book/PubDate/Year")) or ""
    return PaperFacts(
        registry="pubmed",
        title=_book_title(article),
        authors=_authors(article.findall("BookDocument/AuthorList")),
        journal=_text(article.find("BookDocument/Book/BookTitle")),
        year=int(year) if re.fullmatch("(1[5-9]|20|21)[0-9]{2}", year) else None,
        pmid=_pmid(article.find("BookDocument/PMID")),
        publication_types=("Book chapter",),
    )


def _book_title(article: ET.Element) -> str | None:
    """The chapter's title, or the book's where it has none."""
    chapter, book = (_text(article.find(f"BookDocument/{tag}")) for tag in ("ArticleTitle", "Book/BookTitle"))
    return (chapter or book or "").removesuffix(".") or None


def _title(article: ET.Element) -> str | None:
    """The title without its closing full stop and without the brackets that mark a translation.

    Where nobody has translated it, PubMed puts "[Not Available]." in its place.
    """
    title = _text(article.find("MedlineCitation/Article/ArticleTitle"))
    if not title or title.lower() == UNTRANSLATED:
        own = _text(article.find("MedlineCitation/Article/VernacularTitle"))
        title = own or title
    if not title:
        return None
    title = title.removesuffix(".")
    return title[1:-1].removesuffix(".") if title.startswith("[") and title.endswith("]") else title


def _authors(lists: list[ET.Element]) -> tuple[str, ...]:
    authors = [author for each in lists if each.get("Type") != "editors" for author in each.findall("Author")]
    return tuple(name for name in map(_author, authors) if name)


def _author(author: ET.Element) -> str | None:
    parts = [_text(author.find(name)) for name in ("LastName", "Initials", "Suffix")]
    return " ".join(filter(None, parts)) if parts[0] else _text(author.find("CollectiveName"))


def _journal_abbrev(article: ET.Element) -> str | None:
    abbreviation = _text(article.find("MedlineCitation/MedlineJournalInfo/MedlineTA"))
    return abbreviation or _text(article.find("MedlineCitation/Article/Journal/ISOAbbreviation"))


def _year(article: ET.Element) -> int | None:
    places = (
        "MedlineCitation/Article/Journal/JournalIssue/PubDate/Year",
        "MedlineCitation/Article/Journal/JournalIssue/PubDate/MedlineDate",
        "MedlineCitation/Article/ArticleDate/Year",
    )
    for place in places:
        match = re.search(r"\b(1[5-9]|20|21)[0-9]{2}\b", _text(article.find(place)) or "")
        if match:
            return int(match[0])
    return None


def _pages(article: ET.Element) -> str | None:
    said = article.find("MedlineCitation/Article/Pagination")
    if said is None:
        return None
    ends = [text for name in ("StartPage", "EndPage") if (text := _text(said.find(name)))]
    pages = _text(said.find("MedlinePgn")) or "-".join(dict.fromkeys(ends))
    return expand_pages(pages) if pages else None


def _doi(article: ET.Element) -> str | None:
    for place in article.findall("MedlineCitation/Article/ELocationID"):
        if place.get("EIdType") == "doi" and place.get("ValidYN", "Y") == "Y":
            return normalise_doi(_text(place) or "")
    return None


def _registry_ids(article: ET.Element) -> tuple[str, ...]:
    """Registration numbers of trials; the same list also names gene banks and data sets."""
    path = "MedlineCitation/Article/DataBankList/DataBank/AccessionNumberList/AccessionNumber"
    numbers = (normalise_registry_id(_text(number) or "") for number in article.findall(path))
    return tuple(dict.fromkeys(filter(None, numbers)))


def _notices(article: ET.Element, title: str | None) -> Iterator[NoticeFacts]:
    links = article.findall("MedlineCitation/CommentsCorrectionsList/CommentsCorrections")
    notices = [notice for link in links if (notice := _notice(link))]
    yield from notices
    if any(n.kind not in {"correction", "concern"} for n in notices):
        return
    if RETRACTED_PUBLICATION in _type_codes(article):
        yield NoticeFacts("retraction", "Retracted Publication", asserted_by="pubmed")
    elif title and (mark := status_mark(title)):
        yield NoticeFacts("unknown", f"title is marked {mark}", asserted_by="title")


def _notice(link: ET.Element) -> NoticeFacts | None:
    raw = clean_text(link.get("RefType", "")) or "no type given"
    if raw in NOTICE_OF or raw in OTHER_LINKS:
        return None
    source = _text(link.find("RefSource")) or ""
    day, said = cited_date(source)
    pmid = _pmid(link.find("PMID"))
    return NoticeFacts(
        NOTICE_KINDS.get(raw, "unknown"), raw, find_doi(source), pmid, day, said, asserted_by="pubmed"
    )


def _is_notice(article: ET.Element, title: str | None) -> bool:
    links = article.findall("MedlineCitation/CommentsCorrectionsList/CommentsCorrections")
    return (
        bool(_type_codes(article) & {RETRACTION_NOTICE, PUBLISHED_ERRATUM})
        or any(link.get("RefType") in NOTICE_OF for link in links)
        or bool(title and is_notice_title(title))
    )


def _type_codes(article: ET.Element) -> set[str]:
    types = article.findall("MedlineCitation/Article/PublicationTypeList/PublicationType")
    return {each.get("UI", "") for each in types}


def _stored_part(article: ET.Element) -> str:
    places = ("MedlineCitation", "MedlineCitation/Article", "PubmedData", "BookDocument")
    for parent in (found for place in places for found in article.findall(place)):
        for child in [child for child in parent if child.tag in NOT_KEPT]:
            parent.remove(child)
    for links in article.findall("MedlineCitation/CommentsCorrectionsList"):
        for link in links.findall("CommentsCorrections[@RefType='Cites']"):
            links.remove(link)
    return clean_text(etree.tostring(article, encoding="unicode", with_tail=False))


def _pmid(element: ET.Element | None) -> int | None:
    return normalise_pmid(_text(element) or "")


def _text(element: ET.Element | None) -> str | None:
    """The text of an element with that of the markup in it, on one line."""
    return (clean_text("".join(element.itertext())) or None) if element is not None else None


# By the kind of element: what reads its facts, what reads its title, where its number stands.
READERS = {
    "PubmedArticle": (_facts, _title, "MedlineCitation/PMID"),
    "PubmedBookArticle": (_book_facts, _book_title, "BookDocument/PMID"),
}
