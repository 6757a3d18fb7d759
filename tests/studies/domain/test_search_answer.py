"""What searches of PubMed and ClinicalTrials.gov found: whatever comes in becomes facts or an AnswerError."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.domain.bibliography import AnswerError
from studies.domain.search_answer import parse_esearch, parse_esummary, parse_trial_search
from tests.fuzz.parsers import PARSERS

NAMES = ("esearch", "esummary", "trial_search")
PAPER = {
    "uid": "123456",
    "title": "A <i>trial</i>.",
    "authors": [{"name": "Tester A"}],
    "pubdate": "2020 Feb",
    "fulljournalname": "Journal of tests",
    "articleids": [{"idtype": "doi", "value": "10.1000/A"}, {"idtype": "pmc", "value": "PMC12"}],
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*PAPER, "x"]), inner),
    max_leaves=12,
)


def search(**result) -> bytes:
    return json.dumps({"esearchresult": {"count": "2", "idlist": ["7", "8"], **result}}).encode()


def summary(paper: object) -> bytes:
    return json.dumps({"result": {"uids": ["123456"], "123456": paper}}).encode()


def test_numbers_and_their_count_are_read():
    assert parse_esearch(search()) == ((7, 8), 2)
    assert parse_esearch(search(count="0", idlist=[])) == ((), 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ERROR": "Search Backend failed"}, "cannot search: Search Backend failed"),
        ({"count": None}, "count is missing"),
        ({"idlist": {"id": "7"}}, "missing"),
        ({"idlist": ["7", "x"]}, "something else"),
    ],
)
def test_half_a_result_is_none(changes, reason):
    with pytest.raises(AnswerError, match=reason):
        parse_esearch(search(**changes))


def test_a_summary_is_read_and_one_with_an_error_or_without_a_title_is_left_out():
    entry = parse_esummary(summary(PAPER))[123456]
    assert (entry.title, entry.year, entry.authors) == ("A trial", 2020, ("Tester A",))
    assert (entry.doi, entry.pmid, entry.pmcid) == ("10.1000/a", 123456, "PMC12")
    assert parse_esummary(summary({**PAPER, "error": "gone"})) == {}
    assert parse_esummary(summary({**PAPER, "title": ""})) == {}


@pytest.mark.parametrize("name", NAMES)
@given(st.binary())
def test_any_bytes_give_facts_or_a_named_error(name, body):
    PARSERS[name].feed(body)


@given(st.sampled_from(sorted(PAPER)), anything)
def test_a_summary_with_any_value_in_any_field_gives_storable_facts(field, value):
    PARSERS["esummary"].feed(summary({**PAPER, field: value}))


@given(st.sampled_from(["count", "idlist", "ERROR"]), anything)
def test_a_search_with_any_value_in_any_field_gives_numbers_or_a_named_error(field, value):
    with suppress(AnswerError):
        page = parse_esearch(search(**{field: value}))
        assert all(isinstance(pmid, int) for pmid in (*page.pmids, page.total))


@given(anything)
def test_any_mark_of_a_next_page_gives_text(mark):
    body = json.loads(PARSERS["trial_search"].seeds()[0])
    page = parse_trial_search(json.dumps({**body, "nextPageToken": mark}).encode())
    assert isinstance(page.next_page, str)
    assert len(page.entries) == 1


@pytest.mark.parametrize("name", [name for name in PARSERS if name not in NAMES])
@given(st.data())
def test_every_other_parser_takes_its_own_answer_with_any_bytes_changed(name, data):
    body = bytearray(PARSERS[name].seeds()[0])
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    PARSERS[name].feed(bytes(body))
