"""Retraction Watch's file, row by row: what each row means, and when the whole is refused."""

import csv
import io
from datetime import date

import pytest

from studies.domain.bibliography import AnswerError
from studies.domain.publication_status import fold_notices
from studies.domain.retraction_watch_file import COLUMNS, Row, Tally, entry_of, has_shrunk, read_rows
from tests.real_cases import REAL_CASES, needs_real_cases

DOI = "10.1016/s0140-6736(20)31180-6"
ROW = {
    "Record ID": "1",
    "Title": "Naltrexone for <i>pain</i>",
    "Journal": "Lancet",
    "Author": "Mandeep R Mehra;Sapan S Desai",
    "RetractionDate": "6/5/2020 0:00",
    "RetractionDOI": "10.1016/S0140-6736(20)31324-6",
    "RetractionPubMedID": "32511943",
    "OriginalPaperDate": "5/22/2020 0:00",
    "OriginalPaperDOI": "10.1016/S0140-6736(20)31180-6",
    "OriginalPaperPubMedID": "32450107",
    "RetractionNature": "Retraction",
    "Reason": "Unreliable Data;",
}


def file(*rows: dict, columns=COLUMNS) -> list[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return text.getvalue().encode().splitlines(keepends=True)


def rows_of(lines, *wanted) -> list[Row]:
    return [row for row in read_rows(lines, set(wanted or (DOI, 32450107))) if isinstance(row, Row)]


def facts_of(*changes: dict, doi=DOI, pmid=32450107):
    lines = file(*({**ROW, "Record ID": str(n), **each} for n, each in enumerate(changes, 1)))
    entry = entry_of(rows_of(lines, *filter(None, (doi, pmid))), doi, pmid)
    return entry.facts if entry else None


class Dated:
    def __init__(self, notice):
        self.kind, self.dated_on, self.date_text = notice.kind, notice.date, notice.date_text or ""


def status_of(facts) -> str:
    return fold_notices(map(Dated, facts.notices), was_answered=True)


def test_a_row_becomes_a_notice_about_a_paper():
    facts = facts_of({})
    [notice] = facts.notices
    assert (facts.title, facts.year, facts.first_author) == ("Naltrexone for pain", 2020, "Mandeep R Mehra")
    assert (notice.kind, notice.date, notice.notice_pmid) == ("retraction", date(2020, 6, 5), 32511943)
    assert (notice.notice_doi, notice.asserted_by) == ("10.1016/s0140-6736(20)31324-6", "retraction-watch")


@pytest.mark.parametrize(
    ("nature", "kind"),
    [
        ("Retraction", "retraction"),
        ("Expression of Concern", "concern"),
        ("Correction", "correction"),
        ("Reinstatement", "reinstatement"),
        ("Something new", "unknown"),
    ],
)
def test_each_nature_has_its_kind_and_a_new_one_goes_to_an_editor(nature, kind):
    assert facts_of({"RetractionNature": nature}).notices[0].kind == kind


def test_retract_and_replace_is_a_republication():
    [notice] = facts_of({"Reason": "Error in Data;Retract and Replace;"}).notices
    assert notice.kind == "retraction and republication"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_several_rows_fold_by_date_whatever_their_order_in_the_file(order):
    told = [
        {"RetractionNature": "Correction", "RetractionDate": "5/30/2020 0:00"},
        {"RetractionNature": "Expression of concern", "RetractionDate": "6/3/2020 0:00"},
        {"RetractionNature": "Retraction", "RetractionDate": "6/5/2020 0:00"},
    ]
    assert status_of(facts_of(*(told[n] for n in order))) == "retracted"


def test_a_reinstatement_lifts():
    lifted = {"RetractionNature": "Reinstatement", "RetractionDate": "1/2/2021 0:00"}
    assert status_of(facts_of(lifted, {})) == "reinstated"


def test_a_row_of_another_paper_with_this_ones_pubmed_number_is_for_an_editor():
    another = {"Record ID": "0", "OriginalPaperDOI": "10.1000/another", "Title": "Sleep in mice"}
    facts = facts_of({"RetractionNature": "Correction"}, another)
    assert facts.title == "Naltrexone for pain"
    assert {(n.kind, n.raw_kind) for n in facts.notices} == {
        ("correction", "Correction"),
        ("unknown", "Retraction of “Sleep in mice”"),
    }


def test_a_row_with_the_same_title_under_another_doi_counts():
    facts = facts_of({"RetractionNature": "Correction"}, {"OriginalPaperDOI": "10.1000/preprint"})
    assert {n.kind for n in facts.notices} == {"correction", "retraction"}


def test_the_stored_part_does_not_depend_on_the_order_of_the_rows():
    one, other = dict(ROW), {**ROW, "Record ID": "2", "RetractionNature": "Correction"}
    stored = [entry_of(rows_of(file(*rows)), DOI, None).body for rows in ((one, other), (other, one))]
    assert stored[0] == stored[1]


def test_number_zero_and_unavailable_match_nothing():
    nowhere = {
        "OriginalPaperDOI": "unavailable",
        "OriginalPaperPubMedID": "0",
        "RetractionDOI": "Unavailable",
        "RetractionPubMedID": "0",
    }
    lines = file({**ROW, **nowhere})
    assert rows_of(lines, "unavailable", 0, DOI) == []


def test_a_paper_without_a_doi_is_found_by_its_number():
    assert facts_of({"OriginalPaperDOI": "unavailable"}).notices[0].kind == "retraction"


def test_the_notices_own_identifier_is_that_of_a_notice():
    facts = facts_of({}, doi="10.1016/s0140-6736(20)31324-6", pmid=None)
    assert (facts.is_notice, facts.notices, facts.doi) == (True, (), None)


def test_a_notice_published_under_the_papers_own_doi_is_about_the_paper():
    facts = facts_of({"RetractionDOI": ROW["OriginalPaperDOI"]})
    assert (facts.is_notice, facts.notices[0].notice_doi) == (False, None)


def test_a_date_that_is_none_is_not_made_up():
    [notice] = facts_of({"RetractionDate": "13/45/2020 0:00"}).notices
    assert (notice.date, notice.date_text) == (None, "13/45/2020 0:00")


def test_a_doi_is_recognised_in_the_ways_it_is_written():
    for written in ("https://doi.org/10.1016/S0140-6736(20)31180-6", "doi: 10.1016/S0140-6736(20)31180-6 "):
        assert facts_of({"OriginalPaperDOI": written, "OriginalPaperPubMedID": "0"}).notices


def test_a_row_in_the_older_charset_is_read_too():
    lines = [
        line.replace(b"Lancet", "Müller\N{RIGHT SINGLE QUOTATION MARK}s".encode("cp1252"))
        for line in file(ROW)
    ]
    assert rows_of(lines)[0].journal == "Müller\N{RIGHT SINGLE QUOTATION MARK}s"


def test_a_mark_at_the_start_and_a_trailing_column_do_no_harm():
    lines = file(ROW, columns=(*COLUMNS, ""))
    assert rows_of([b"\xef\xbb\xbf" + lines[0], *lines[1:]])


def test_the_rows_are_counted():
    counted = [each for each in read_rows(file(ROW, ROW, ROW), set()) if isinstance(each, Tally)]
    assert counted == [Tally(3, 0)]


@pytest.mark.parametrize("column", ["RetractionNature", "OriginalPaperDOI", "OriginalPaperPubMedID"])
def test_a_renamed_column_refuses_the_file_and_is_named(column):
    lines = file(ROW)
    with pytest.raises(AnswerError, match=column):
        rows_of([lines[0].replace(column.encode(), b"Renamed"), *lines[1:]])


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "no column"),
        ([b"<!doctype html>\n"], "no column"),
        (file(), "no rows"),
        ([*file(ROW)[:-1], b"7,half a row"], "breaks off"),
        ([*file(ROW), b"\n", b'9,"never closed'], "breaks off"),
        ([*file(*[ROW] * 20), b"8,short\n", *file(ROW)[1:]], "1 of 22 rows cannot be read"),
        ([*file(ROW), b'"' + b"x" * 200_000 + b'"\n'], "no CSV"),
        (file(ROW, columns=COLUMNS)[0].decode().encode("utf-16").splitlines(keepends=True), "no column"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(lines, reason):
    with pytest.raises(AnswerError, match=reason):
        rows_of(lines)


def test_a_file_may_lose_one_row_in_a_hundred_and_no_more():
    assert [has_shrunk(n, 1_000) for n in (1_200, 1_000, 990, 989)] == [False, False, False, True]


@needs_real_cases
def test_the_real_rows_are_read():
    lines = (REAL_CASES / "retractionwatch/sample_full_columns.csv").read_bytes().splitlines(keepends=True)
    entry = entry_of(rows_of(lines), DOI, None)
    assert entry.facts.title.startswith("Hydroxychloroquine or chloroquine")
    assert sorted((n.kind, str(n.date), n.notice_pmid) for n in entry.facts.notices) == [
        ("concern", "2020-06-03", 32504543),
        ("correction", "2020-05-30", 32485145),
        ("retraction", "2020-06-05", 32511943),
    ]
    assert status_of(entry.facts) == "retracted"
    other = "10.1002/adfm.202422566"
    assert entry_of(rows_of(lines, other), other, None).facts.notices[0].date == date(2025, 8, 4)
    assert [e for e in read_rows(lines, set()) if isinstance(e, Tally)] == [Tally(5, 0)]
