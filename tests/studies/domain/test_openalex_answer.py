"""OpenAlex's answers: whatever comes in becomes facts or an AnswerError."""

import json

import pytest

from studies.domain.bibliography import AnswerError
from studies.domain.openalex_answer import parse_work, parse_works

WORK = {
    "id": "https://openalex.org/W2130",
    "doi": "https://doi.org/10.1000/ABC",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/23359310"},
    "title": "Naltrexone for <i>pain</i>",
    "publication_year": 2013,
    "type": "article",
    "is_retracted": False,
    "authorships": [
        {
            "author_position": "first",
            "author": {"display_name": "Jarred Younger"},
            "raw_author_name": "Jarred W. Younger",
        }
    ],
    "biblio": {"volume": "65", "issue": "2", "first_page": "529", "last_page": "538"},
    "primary_location": {"source": {"display_name": "The Journal"}},
}


def answer(*works: dict) -> bytes:
    return json.dumps({"meta": {"count": len(works)}, "results": list(works)}).encode()


def facts_of(**changes):
    return parse_work(json.dumps({**WORK, **changes}).encode()).facts


def test_a_work_becomes_the_fields_of_a_citation():
    facts = facts_of()
    assert (facts.title, facts.year, facts.journal) == ("Naltrexone for pain", 2013, "The Journal")
    assert (facts.volume, facts.issue, facts.pages) == ("65", "2", "529-538")
    assert (facts.doi, facts.pmid) == ("10.1000/abc", 23359310)
    assert (facts.notices, facts.is_notice) == ((), False)


def test_a_name_that_is_not_split_serves_for_comparing_only():
    facts = facts_of()
    assert (facts.authors, facts.first_author) == ((), "Jarred W. Younger")


def test_other_words_are_those_with_another_first_author_and_not_those_with_another_last_one():
    first = WORK["authorships"][0]
    last = {"author_position": "last", "author": {"display_name": "Sean Mackey"}}
    before, same, other = (
        parse_work(json.dumps({**WORK, "authorships": authorships}).encode()).sha256
        for authorships in ([first], [first, last], [{**first, "raw_author_name": "Ada Lovelace"}])
    )
    assert before == same
    assert before != other


def test_retracted_is_one_undated_vote():
    [notice] = facts_of(is_retracted=True).notices
    assert (notice.kind, notice.date, notice.asserted_by) == ("unknown", None, "openalex")


def test_a_title_that_says_retracted_is_for_an_editor_where_nothing_else_does():
    [notice] = facts_of(title="RETRACTED: Naltrexone for pain").notices
    assert (notice.kind, notice.raw_kind) == ("unknown", "title is marked retracted")


@pytest.mark.parametrize("said", [None, "false", 0, "no"])
def test_what_is_neither_yes_nor_no_is_not_a_no(said):
    with pytest.raises(AnswerError, match="no work"):
        facts_of(is_retracted=said)


@pytest.mark.parametrize("changes", [{"type": "retraction"}, {"title": "Retraction: Naltrexone for pain"}])
def test_a_notice_is_a_notice_and_not_retracted(changes):
    facts = facts_of(**changes)
    assert (facts.is_notice, facts.notices) == (True, ())


def test_one_unreadable_work_is_left_out_and_all_unreadable_is_an_error():
    renamed = {name: value for name, value in WORK.items() if name != "is_retracted"}
    assert len(parse_works(answer(WORK, renamed))) == 1
    with pytest.raises(AnswerError, match="another name"):
        parse_works(answer(renamed))
    assert parse_works(answer()) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<html>", "complete JSON"),
        (answer(WORK)[:-9], "complete JSON"),
        (b'{"error": "Rate limit exceeded", "message": "Daily limit reached"}', "Daily limit reached"),
        (b'{"results": []}', "list of works is missing"),
        (b"[]", "list of works is missing"),
    ],
)
def test_what_is_no_answer_is_named(body, reason):
    with pytest.raises(AnswerError, match=reason):
        parse_works(body)


def test_the_stored_part_does_not_change_with_what_is_counted_anew():
    more = {**WORK, "cited_by_count": 9, "updated_date": "2026-11-20"}
    assert parse_work(json.dumps(more).encode()).sha256 == parse_work(json.dumps(WORK).encode()).sha256


def test_of_two_works_under_one_identifier_the_retracted_one_comes_first():
    entries = parse_works(answer(WORK, {**WORK, "id": "W2", "is_retracted": True}, {**WORK, "id": "W3"}))
    assert [bool(entry.facts.notices) for entry in entries] == [True, False, False]
