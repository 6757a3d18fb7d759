"""NCBI's side of the protocol, as the stand-in speaks it: efetch (XML) and esummary (JSON)."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

from studies.domain.cited_date import MONTHS
from studies.sources.standin.papers import PERSON, Paper, Papers, Said, answers_query
from studies.sources.standin.wire import Answer, Pool, Question

# How PubMed words each notice; it has no word for a reinstatement.
WORDS = {
    "retraction": "RetractionIn",
    "withdrawal": "RetractionIn",
    "concern": "ExpressionOfConcernIn",
    "correction": "ErratumIn",
    "reinstatement": "ReinstatementIn",
    "retract and republish": "RetractedandRepublishedIn",
    "unknown type": "SomethingNewIn",
}
RETRACTING = ("retraction", "withdrawal", "retract and republish")
HEAD = (
    '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet '
    'PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)


def answer(papers: Papers, question: Question) -> Answer:
    """Return NCBI's answer to the parameters of a GET or POST."""
    program, query = question.path.rpartition("/")[2], question.query
    if program not in {"efetch.fcgi", "esummary.fcgi", "esearch.fcgi"}:
        return Answer(404, "text/html", b"<h1>Not Found</h1>")
    if program == "esearch.fcgi":
        return _esearch(papers, query.get("term", ""), int(query.get("retmax", "20")))
    numbers = [int(part) for part in query.get("id", "").split(",") if part.strip().isdigit()]
    if query.get("db") != "pubmed" or not numbers:
        return Answer(400, "text/plain", b"ID list is empty! Possibly it has no correct IDs.")
    return _efetch(papers, numbers) if program == "efetch.fcgi" else _esummary(papers, numbers)


def pool_of(question: Question) -> Pool:
    """Return the pool that a question belongs to."""
    return Pool("ncbi with key", 10) if question.query.get("api_key") else Pool("ncbi", 3)


def _efetch(papers: Papers, numbers: list[int]) -> Answer:
    root = ET.Element("PubmedArticleSet")
    root.extend([article(papers.by_pmid[number]) for number in numbers if number in papers.by_pmid])
    body = HEAD + ET.tostring(root, encoding="unicode")
    return Answer(200, "text/xml; charset=UTF-8", body.encode())


def _esearch(papers: Papers, term: str, most: int) -> Answer:
    found = [str(pmid) for pmid, paper in papers.by_pmid.items() if answers_query(paper.title, term)]
    result = {"count": str(len(found)), "retmax": str(most), "retstart": "0", "idlist": found[:most]}
    return _json({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result})


def _esummary(papers: Papers, numbers: list[int]) -> Answer:
    result: dict[str, Any] = {"uids": [str(number) for number in numbers]}
    for number in numbers:
        paper = papers.by_pmid.get(number)
        result[str(number)] = (
            _summary(paper) if paper else {"uid": str(number), "error": "cannot get document summary"}
        )
    return _json({"header": {"type": "esummary", "version": "0.3"}, "result": result})


def _summary(paper: Paper) -> dict[str, Any]:
    ids = (("pubmed", paper.pmid), ("doi", paper.doi), ("pmc", paper.pmcid))
    return {
        "uid": str(paper.pmid),
        "title": f"{paper.title}.",
        "authors": [{"name": name, "authtype": "Author"} for name in paper.authors],
        "pubdate": str(paper.year or ""),
        "fulljournalname": paper.journal or "",
        "source": paper.journal_abbrev or "",
        "articleids": [{"idtype": kind, "value": str(value)} for kind, value in ids if value],
        "pubtype": [name for _, name in types_of(paper)],
    }


def _json(body: dict[str, Any]) -> Answer:
    return Answer(200, "application/json; charset=UTF-8", json.dumps(body).encode())


def links_of(paper: Paper) -> list[tuple[str, str, int | None]]:
    """The paper's links to notices: RefType, the notice's reference and its PubMed number."""
    raw = [(kind, source, None) for kind, source in paper.links]
    said = [(WORDS[each.kind], _reference(each), each.notice_pmid) for each in paper.notices]
    of_another = [("RetractionOf", f"J Tests. 2019;1:1. doi: {paper.notice_of}", None)]
    return [*raw, *said, *(of_another if paper.notice_of else [])]


def types_of(paper: Paper) -> list[tuple[str, str]]:
    """The paper's types, with what its notices add."""
    is_retracted = any(each.kind in RETRACTING for each in paper.notices)
    more = [("D016441", "Retracted Publication")] if is_retracted else []
    more += [("D016440", "Retraction Notice")] if paper.notice_of else []
    return [*paper.types, *more]


def _reference(said: Said) -> str:
    year, month, day = (*map(int, said.on.split("-")), 0, 0)[:3] if said.on else (0, 0, 0)
    words = [str(year) if year else "", MONTHS[month - 1].capitalize() if month else "", str(day or "")]
    doi = f" doi: {said.notice_doi}." if said.notice_doi else ""
    return f"J Tests. {' '.join(filter(None, words))};7(2):99.{doi}"


def article(paper: Paper) -> ET.Element:
    """Return a paper as a PubmedArticle; what it does not have is left out."""
    root = ET.Element("PubmedArticle")
    citation = ET.SubElement(root, "MedlineCitation", Status="MEDLINE", Owner="NLM")
    _add(citation, "PMID", paper.pmid, Version="1")
    _add_article(ET.SubElement(citation, "Article", PubModel="Print"), paper)
    journal_info = ET.SubElement(citation, "MedlineJournalInfo")
    _add(journal_info, "MedlineTA", paper.journal_abbrev)
    links = ET.SubElement(citation, "CommentsCorrectionsList")
    for kind, source, number in links_of(paper):
        link = ET.SubElement(links, "CommentsCorrections", RefType=kind)
        _add(link, "RefSource", source)
        _add(link, "PMID", number, Version="1")
    ids = ET.SubElement(ET.SubElement(root, "PubmedData"), "ArticleIdList")
    for kind, value in (("pubmed", paper.pmid), ("doi", paper.doi), ("pmc", paper.pmcid)):
        _add(ids, "ArticleId", value, IdType=kind)
    return root


def _add_article(parent: ET.Element, paper: Paper) -> None:
    journal = ET.SubElement(parent, "Journal")
    issue = ET.SubElement(journal, "JournalIssue", CitedMedium="Print")
    _add(issue, "Volume", paper.volume)
    _add(issue, "Issue", paper.issue)
    _add(ET.SubElement(issue, "PubDate"), "Year", paper.year)
    _add(journal, "Title", paper.journal)
    _add(parent, "ArticleTitle", f"{paper.title}.")
    _add(ET.SubElement(parent, "Pagination"), "MedlinePgn", paper.pages)
    _add(parent, "ELocationID", paper.doi, EIdType="doi", ValidYN="Y")
    authors = ET.SubElement(parent, "AuthorList", CompleteYN="Y")
    for name in paper.authors:
        _add_author(ET.SubElement(authors, "Author", ValidYN="Y"), name)
    types = ET.SubElement(parent, "PublicationTypeList")
    for code, name in types_of(paper):
        _add(types, "PublicationType", name, UI=code)
    banks = ET.SubElement(parent, "DataBankList", CompleteYN="Y")
    for number in paper.registry_ids:
        bank = ET.SubElement(banks, "DataBank")
        _add(bank, "DataBankName", "ClinicalTrials.gov" if number.startswith("NCT") else "Registry")
        _add(ET.SubElement(bank, "AccessionNumberList"), "AccessionNumber", number)


def _add_author(author: ET.Element, name: str) -> None:
    person = PERSON.fullmatch(name)
    if not person:
        _add(author, "CollectiveName", name)
        return
    for tag, value in zip(("LastName", "Initials", "Suffix"), person.groups(), strict=True):
        _add(author, tag, value)


def _add(parent: ET.Element, tag: str, value: object, **attributes: str) -> None:
    if value not in (None, ""):
        ET.SubElement(parent, tag, attributes).text = str(value)
