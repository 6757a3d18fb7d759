"""Europe PMC's answers: whatever comes in becomes facts or an AnswerError."""

import json
from datetime import date

import pytest

from studies.domain.bibliography import AnswerError, NoticeFacts
from studies.domain.europepmc_answer import parse_results

RESULT = {
    "id": "23359310",
    "source": "MED",
    "pmid": "23359310",
    "pmcid": "PMC123",
    "doi": "10.1000/ABC",
    "title": "Naltrexone for <i>pain</i>.",
    "authorString": "Younger J, Noor N.",
    "authorList": {"author": [{"fullName": "Younger J"}, {"collectiveName": "LDN Study Group"}]},
    "journalInfo": {
        "issue": "2",
        "volume": "65",
        "yearOfPublication": 2013,
        "journal": {"title": "Arthritis and rheumatism", "medlineAbbreviation": "Arthritis Rheum"},
    },
    "pubYear": "2012",
    "pageInfo": "529-38",
    "pubTypeList": {"pubType": ["research-article", "Journal Article"]},
    "dataBankList": {"dataBank": [{"accessionNumber": ["NCT00568555", "GSE1"]}]},
}


def answer(*results: dict) -> bytes:
    body = {"version": "6.9", "hitCount": len(results), "resultList": {"result": list(results)}}
    return json.dumps(body).encode()


def facts_of(**changes):
    return parse_results(answer({**RESULT, **changes}))[0].facts


def linked(kind: str, **more) -> dict:
    link = {
        "type": kind,
        "id": "20137807",
        "source": "MED",
        "reference": "Lancet. 2010 Feb 6;375:445.",
        **more,
    }
    return {"commentCorrectionList": {"commentCorrection": [link]}}


def test_a_result_becomes_the_fields_of_a_citation():
    facts = facts_of()
    assert (facts.title, facts.authors) == ("Naltrexone for pain", ("Younger J", "LDN Study Group"))
    assert (facts.journal, facts.journal_abbrev) == ("Arthritis and rheumatism", "Arthritis Rheum")
    assert (facts.year, facts.volume, facts.issue, facts.pages) == (2013, "65", "2", "529-538")
    assert (facts.doi, facts.pmid, facts.pmcid) == ("10.1000/abc", 23359310, "PMC123")
    assert facts.registry_ids == ("NCT00568555",)


def test_without_a_list_the_authors_come_from_the_string():
    assert facts_of(authorList=None).authors == ("Younger J", "Noor N")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Retraction in", "retraction"),
        ("Retracted and republished in", "retraction and republication"),
        ("Expression of concern in", "concern"),
        ("Erratum in", "correction"),
        ("Corrected and republished in", "correction"),
        ("Partial retraction in", "unknown"),
        ("Something new in", "unknown"),
    ],
)
def test_each_link_has_its_kind_and_a_new_one_goes_to_an_editor(word, kind):
    assert facts_of(**linked(word)).notices == (
        NoticeFacts(kind, word, None, 20137807, date(2010, 2, 6), "2010 Feb 6", "europepmc"),
    )


def test_a_list_of_one_without_its_brackets_is_read_too():
    link = linked("Retraction in")["commentCorrectionList"]["commentCorrection"][0]
    facts = facts_of(commentCorrectionList={"commentCorrection": link})
    assert [notice.kind for notice in facts.notices] == ["retraction"]


@pytest.mark.parametrize("word", ["Comment in", "Comment on", "Update of", "Preprint of", "Republished in"])
def test_a_comment_is_no_notice(word):
    assert facts_of(**linked(word)).notices == ()


@pytest.mark.parametrize("word", ["Retraction of", "Erratum for", "Expression of concern for"])
def test_the_notice_is_not_the_paper(word):
    facts = facts_of(**linked(word))
    assert (facts.is_notice, facts.notices) == (True, ())


@pytest.mark.parametrize(
    "kind",
    [
        *("Retraction of Publication", "Published Erratum", "retraction", "expression-of-concern"),
        *("partial-retraction", "addendum"),
    ],
)
def test_a_notice_of_retraction_is_not_itself_retracted(kind):
    facts = facts_of(pubTypeList={"pubType": [kind]})
    assert (facts.is_notice, facts.notices) == (True, ())


@pytest.mark.parametrize(
    "changes", [{"pubTypeList": {"pubType": ["Retracted Publication"]}}, {"isRetracted": "Y"}]
)
def test_a_retracted_type_without_a_link_is_a_retraction_without_a_date(changes):
    [notice] = facts_of(**changes).notices
    assert (notice.kind, notice.date) == ("retraction", None)


def test_a_correction_and_a_retracted_type_are_both_told():
    facts = facts_of(pubTypeList={"pubType": ["Retracted Publication"]}, **linked("Erratum in"))
    assert [notice.kind for notice in facts.notices] == ["correction", "retraction"]


def test_a_title_that_says_so_goes_to_an_editor():
    [notice] = facts_of(title="RETRACTED: Naltrexone for pain.").notices
    assert (notice.kind, notice.asserted_by) == ("unknown", "title")


def test_pubmeds_record_of_a_doi_comes_before_the_others():
    preprint = {**RESULT, "pmid": None, "source": "PPR", "id": "PPR9"}
    assert [entry.facts.pmid for entry in parse_results(answer(preprint, RESULT))] == [23359310, None]


def test_what_tells_neither_type_nor_links_is_not_clean():
    renamed = {name: value for name, value in RESULT.items() if name != "pubTypeList"}
    with pytest.raises(AnswerError, match="another name"):
        parse_results(answer(renamed))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<html>", "complete JSON"),
        (b'{"errCode": 500, "errMsg": "Internal error"}', "Europe PMC says: Internal error"),
        (b'{"version": "6.9"}', "list of results is missing"),
        (b'{"resultList": {"result": []}}', "list of results is missing"),
        (b"7", "list of results is missing"),
    ],
)
def test_what_is_no_answer_is_named(body, reason):
    with pytest.raises(AnswerError, match=reason):
        parse_results(body)


def test_nothing_found_is_an_empty_list():
    assert parse_results(answer()) == []
