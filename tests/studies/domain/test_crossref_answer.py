"""Crossref's answers become facts; anything else becomes an AnswerError."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.domain.bibliography import AnswerError, NoticeFacts, RegistryEntry
from studies.domain.crossref_answer import parse_work, parse_works
from tests.real_cases import REAL_CASES, needs_real_cases

REAL = REAL_CASES / "crossref"

PAPER = {
    "DOI": "10.1000/ABC",
    "type": "journal-article",
    "title": ["Naltrexone for <i>pain</i> &amp; sleep"],
    "author": [
        {"given": "Jarred W.", "family": "Younger"},
        {"given": "Karin", "family": "Due Bruun", "suffix": "Jr."},
        {"name": "Long COVID Study Group"},
    ],
    "container-title": ["The Journal"],
    "short-container-title": ["J"],
    "issued": {"date-parts": [[2012, 12]]},
    "published-print": {"date-parts": [[2013, 2]]},
    "volume": "65",
    "issue": "2",
    "page": "529-538",
    "clinical-trial-number": [
        {"clinical-trial-number": "nct00568555", "registry": "10.18810/clinical-trials-gov"}
    ],
}


def answer(message: object, kind: str = "work") -> bytes:
    return json.dumps({"status": "ok", "message-type": kind, "message": message}).encode()


def facts_of(**changes):
    return parse_work(answer({**PAPER, **changes})).facts


def update(kind: str, doi: str = "10.1000/notice", **more) -> dict:
    return {
        "DOI": doi,
        "type": kind,
        "source": "publisher",
        "updated": {"date-parts": [[2020, 5, 4]]},
        **more,
    }


def test_a_work_becomes_the_fields_of_a_citation():
    facts = facts_of()
    assert facts.title == "Naltrexone for pain & sleep"
    assert facts.authors == ("Younger JW", "Due Bruun K Jr", "Long COVID Study Group")
    assert (facts.journal, facts.journal_abbrev) == ("The Journal", "J")
    assert (facts.year, facts.volume, facts.issue, facts.pages) == (2013, "65", "2", "529-538")
    assert (facts.doi, facts.registry_ids) == ("10.1000/abc", ("NCT00568555",))
    assert (facts.notices, facts.is_notice) == ((), False)


def test_what_crossref_does_not_say_stays_unsaid():
    facts = parse_work(answer({"DOI": "10.1000/abc", "title": []})).facts
    assert (facts.title, facts.year, facts.authors, facts.pages) == (None, None, (), None)


def test_a_notice_keeps_kind_date_and_who_says_so():
    assert facts_of(**{"updated-by": [update("retraction")]}).notices == (
        NoticeFacts(
            "retraction", "retraction", "10.1000/notice", None, date(2020, 5, 4), "2020-05-04", "publisher"
        ),
    )


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("correction", "correction"),
        ("corrigendum", "correction"),
        ("erratum", "correction"),
        ("expression_of_concern", "concern"),
        ("Expression of concern", "concern"),
        ("withdrawal", "withdrawal"),
        ("removal", "withdrawal"),
        ("reinstatement", "reinstatement"),
        ("retraction_and_republication", "retraction and republication"),
        ("partial_retraction", "unknown"),
        ("something_new", "unknown"),
    ],
)
def test_each_word_of_crossref_has_its_kind_and_a_new_word_goes_to_an_editor(word, kind):
    [notice] = facts_of(**{"updated-by": [update(word)]}).notices
    assert (notice.kind, notice.raw_kind) == (kind, word)


def test_a_correction_is_not_a_retraction():
    notices = facts_of(**{"updated-by": [update("correction"), update("erratum")]}).notices
    assert {notice.kind for notice in notices} == {"correction"}


def test_a_new_version_is_no_notice():
    assert facts_of(**{"updated-by": [update("new_version", "10.1000/v2")]}).notices == ()


def test_a_paper_that_names_itself_is_not_corrected_by_that():
    itself = update("correction", "10.1000/ABC")
    facts = facts_of(**{"updated-by": [itself], "update-to": [itself]})
    assert (facts.notices, facts.is_notice) == ((), False)


def test_a_retraction_that_names_the_paper_itself_goes_to_an_editor():
    [notice] = facts_of(**{"updated-by": [update("retraction", "10.1000/abc")]}).notices
    assert (notice.kind, notice.notice_doi) == ("unknown", None)


def test_a_retraction_notice_is_not_itself_retracted():
    facts = facts_of(
        title=["Retraction: Naltrexone for pain"], **{"update-to": [update("retraction", "10.1000/other")]}
    )
    assert (facts.is_notice, facts.notices) == (True, ())


def test_a_title_marked_retracted_without_a_notice_goes_to_an_editor():
    [notice] = facts_of(title=["RETRACTED: Naltrexone for pain"]).notices
    assert (notice.kind, notice.asserted_by) == ("unknown", "title")


def test_a_date_without_a_day_is_not_made_up():
    [notice] = facts_of(**{"updated-by": [update("retraction", updated={"date-parts": [[2010, 2]]})]}).notices
    assert (notice.date, notice.date_text) == (None, "2010-02")


@pytest.mark.parametrize("unreadable", ["retraction", ["retraction"], [7], {"type": ["retraction"]}])
def test_a_notice_that_cannot_be_read_is_never_clean(unreadable):
    [notice] = facts_of(**{"updated-by": unreadable}).notices
    assert notice.kind == "unknown"


def test_the_stored_part_is_the_same_for_a_list_and_a_single_answer():
    single = parse_work(answer({**PAPER, "score": 1, "indexed": {"version": 3}}))
    listed = parse_works(answer({"items": [PAPER]}, "work-list"))["10.1000/abc"]
    assert single.sha256 == listed.sha256


def test_a_list_leaves_out_what_has_no_usable_doi():
    items = [PAPER, {"title": ["x"]}, {"DOI": "nonsense", "title": ["x"]}, "text", {"DOI": "10.1000/renamed"}]
    assert list(parse_works(answer({"items": items}, "work-list"))) == ["10.1000/abc"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><p>Sorry", "complete JSON"),
        (answer(PAPER)[:-20], "complete JSON"),
        (b"\xff\xfe\xfa", "complete JSON"),
        (b"[" * 100_000, "complete JSON"),
        (b"1" * 10_000, "complete JSON"),
        (b'{"error": "rate limit exceeded"}', "status is not ok"),
        (b'{"status":"failed","message-type":"validation-failure","message":[]}', "status is not ok"),
        (b"[]", "status is not ok"),
        (answer([]), "no work"),
        (answer({"items": []}, "work-list"), "no work"),
        (answer({"title": ["x"]}), "no DOI"),
    ],
)
def test_what_is_no_answer_is_named(body, reason):
    with pytest.raises(AnswerError, match=reason):
        parse_work(body)


def test_a_list_without_items_is_no_answer():
    with pytest.raises(AnswerError, match="list of works is missing"):
        parse_works(answer({"total-results": 0}, "work-list"))


@needs_real_cases
def test_the_retracted_paper_of_1998_has_a_correction_and_a_retraction():
    facts = parse_work((REAL / "wakefield1998_retracted.json").read_bytes()).facts
    assert [(n.kind, n.date, n.asserted_by) for n in facts.notices] == [
        ("correction", date(2004, 3, 6), "retraction-watch"),
        ("retraction", date(2010, 2, 6), "retraction-watch"),
    ]
    assert not facts.is_notice


@needs_real_cases
def test_the_notice_of_2010_is_a_notice_and_not_retracted():
    facts = parse_work((REAL / "wakefield2010_retraction_notice.json").read_bytes()).facts
    assert (facts.is_notice, facts.notices) == (True, ())


@needs_real_cases
def test_new_versions_that_name_themselves_are_ignored():
    works = json.loads((REAL / "habanero_updates.json").read_bytes()).values()
    kinds = [[n.kind for n in parse_work(answer(work)).facts.notices] for work in works]
    assert sorted(kinds) == [[], [], ["correction"], ["correction"]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*PAPER, "x"]), inner, max_size=6)
    ),
    max_leaves=20,
)


def is_storable(entry: RegistryEntry) -> bool:
    text = repr(entry.facts) + entry.body
    return "\x00" not in (entry.facts.title or "") and text.encode() is not None


@given(st.binary())
def test_any_bytes_give_facts_or_a_named_error(body):
    for parse in (parse_work, parse_works):
        try:
            parse(body)
        except AnswerError:
            continue


@given(st.dictionaries(st.sampled_from([*PAPER, "updated-by", "update-to"]), json_values))
def test_a_work_with_any_value_in_any_field_gives_storable_facts(changes):
    entry = parse_work(answer({**PAPER, **changes, "DOI": "10.1000/abc"}))
    assert is_storable(entry)


@given(st.data())
def test_an_answer_with_any_byte_changed_gives_facts_or_a_named_error(data):
    body = bytearray(answer({**PAPER, "updated-by": [update("retraction")]}))
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        entry = parse_work(bytes(body))
    except AnswerError:
        return
    assert is_storable(entry)
