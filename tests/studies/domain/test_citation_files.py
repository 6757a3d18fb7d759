"""Files of citations of every kind: each entry is read with its line, or has a reason; nothing is made up."""

from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.domain.citation_files import text as encodings
from studies.domain.citation_files.entry import Citation, ImportRefusedError, Unreadable
from studies.domain.citation_files.reading import MAX_BYTES, read_citations
from tests.real_cases import REAL_CASES, needs_real_cases

RIS = """Provider: a database
1.
TY  - JOUR
TI  - Low-dose naltrexone for gout
AU  - Müller, Anna B.
AU  - Long Gout Group
PY  - 2021/03//
JF  - Journal of Tests
JO  - J Tests
VL  - 7
IS  - 2
SP  - 113
EP  - 25
DO  - https://doi.org/10.1000/GOUT
N2  - An abstract
      on two lines.
ER  -

TY  - JOUR
AU  - Nobody, N.
ER  -
"""
WOS = """FN A database
VR 1.0
PT J
AU Tester, A
   Helper, BC
TI Naltrexone in tests
   of two lines
SO JOURNAL OF TESTS
PY 2020
BP 1
EP 9
PM 40000001
ER

EF
"""
BIBTEX = r"""
@string{jt = "Journal of "}
@article{one,
  author = {M{\"u}ller, Anna and {Long Gout Group} and de la Cruz, Jr., Maria},
  title = {50\% less {TNF}-$\alpha$ with naltrexone},
  journal = jt # {Tests},
  year = "{\noopsort{1973c}}1981",
  pages = {113--125},
  doi = {10.1000/bib},
}
@article{two, title = {Broken, year = 2001,
@inproceedings{three, crossref = {BOOK}, title = {In a book}, author = {A. Tester}}
@book{book, title = {The book}, year = 1999}
@misc one, title = {no brace}
@misc{three, title = {The key comes twice}}
"""
NBIB = """
PMID- 40000001
DP  - 2019 Oct
TI  - [A title
      on two lines].
PG  - 113-25
LID - 10.1000/nbib [doi]
AB  - Words.
AU  - Tester A
CN  - Long Gout Group
PMC - PMC123
JT  - Journal of tests
SI  - ClinicalTrials.gov/NCT00000001

PMID- 40000002
TI  - Another.
"""
PUBMED = """<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID>40000001</PMID><Article><ArticleTitle>A <i>title</i>.</ArticleTitle>
</Article></MedlineCitation></PubmedArticle>
<DeleteCitation><PMID>5</PMID></DeleteCitation>
</PubmedArticleSet>"""
ENDNOTE = """<xml><records>
<record><contributors><authors><author><style>Tester, Ann</style></author></authors></contributors>
<titles><title><style>A title</style></title><secondary-title>Journal of tests</secondary-title></titles>
<dates><year>2018</year></dates><accession-num>40000001</accession-num><abstract>Words</abstract>
<remote-database-name>PubMed</remote-database-name></record>
</records></xml>"""
CSL = """[
 {"type": "article-journal", "title": "A title", "DOI": "10.1000/CSL", "publisher": "P",
  "author": [{"family": "Cruz", "given": "Maria J.", "non-dropping-particle": "de la"},
   {"literal": "A group"}],
  "issued": {"date-parts": [[2017, 2]]}, "page": "113-25"},
 7,
 {"title": "Broken"
"""
CSV = """Title,Authors,Journal/Book,Publication Year,PMID,DOI,Notes
"A title, with a comma
and a line","Tester A, Helper BC.",Journal of tests,2016,40000001,10.1000/csv,mine
,,,,,,only a note
"""
FILES = {"RIS": RIS, "WOS": WOS, "BIBTEX": BIBTEX, "NBIB": NBIB, "PUBMED": PUBMED, "ENDNOTE": ENDNOTE}
FILES |= {"CSL": CSL, "CSV": CSV, "LIST": "10.1000/a\nPMID: 12 NCT00000001\n"}


def entries_of(text: str, **options):
    return read_citations(text.encode(), **options).entries


def lines_and_states(text: str):
    return [(entry.line, type(entry).__name__) for entry in entries_of(text)]


def test_ris_is_read_record_by_record_with_what_is_left_out():
    file = read_citations(RIS.encode())
    good, bad = file.entries
    assert good == Citation(
        line=3,
        title="Low-dose naltrexone for gout",
        authors=("Müller AB", "Long Gout Group"),
        journal="Journal of Tests",
        journal_abbrev="J Tests",
        year=2021,
        volume="7",
        issue="2",
        pages="113-125",
        doi="10.1000/gout",
        left_out=("N2",),
    )
    assert (bad.line, bad.reason) == (19, "it has neither a title nor an identifier")
    assert "Nobody" in bad.text
    assert file.kind == "ris"
    assert "Provider: a database" in file.notes[0]


def test_web_of_science_is_read():
    (entry,) = entries_of(WOS)
    assert (entry.line, entry.title) == (3, "Naltrexone in tests of two lines")
    assert (entry.authors, entry.year, entry.pages, entry.pmid) == (
        ("Tester A", "Helper BC"),
        2020,
        "1-9",
        40000001,
    )


def test_bibtex_is_read_around_a_broken_entry():
    one, broken, three, book, no_brace, twice = entries_of(BIBTEX)
    assert one.authors == ("Müller A", "Long Gout Group", "de la Cruz M Jr")
    assert one.title == "50% less TNF-\u03b1 with naltrexone"
    assert (one.journal, one.year, one.pages, one.doi) == ("Journal of Tests", 1981, "113-125", "10.1000/bib")
    assert (broken.line, broken.reason[:25]) == (11, "the entry is not complete")
    assert (three.title, three.journal, three.year, three.authors) == (
        "In a book",
        "The book",
        1999,
        ("Tester A",),
    )
    assert (book.line, book.title) == (13, "The book")
    assert (no_brace.line, no_brace.reason) == (14, "this looks like an entry, but has no opening brace")
    assert twice.title == "The key comes twice"


def test_medline_is_read():
    one, two = entries_of(NBIB)
    assert (one.line, one.title, one.year, one.pages) == (2, "A title on two lines", 2019, "113-125")
    assert (one.doi, one.pmid, one.pmcid) == ("10.1000/nbib", 40000001, "PMC123")
    assert one.authors == ("Tester A", "Long Gout Group")
    assert (one.registry_ids, one.left_out, one.is_trial) == (("NCT00000001",), ("AB",), False)
    assert (two.line, two.title) == (15, "Another")


def test_pubmed_xml_is_read_and_what_is_no_article_has_a_reason():
    one, deleted = entries_of(PUBMED)
    assert (one.line, one.title, one.pmid) == (4, "A title", 40000001)
    assert (deleted.line, deleted.reason) == (6, "PubMed has deleted these papers (DeleteCitation)")


def test_endnote_xml_is_read():
    (entry,) = entries_of(ENDNOTE)
    assert (entry.line, entry.title, entry.authors, entry.journal) == (
        *(2, "A title", ("Tester A",), "Journal of tests"),
    )
    assert (entry.year, entry.pmid, entry.left_out) == (2018, 40000001, ("abstract",))


def test_csl_json_is_read_up_to_where_it_breaks():
    one, number, broken = entries_of(CSL)
    assert (one.line, one.title, one.doi, one.year, one.pages) == (
        2,
        "A title",
        "10.1000/csl",
        2017,
        "113-125",
    )
    assert (one.authors, one.left_out) == (("de la Cruz MJ", "A group"), ("publisher",))
    assert (number.line, number.reason) == (6, "it is no object")
    assert (broken.line, broken.reason[:39]) == (7, "from here on it is not complete JSON: E")


def test_a_table_is_read_by_its_headings_with_lines_that_count_line_breaks_in_cells():
    file = read_citations(CSV.encode())
    one, two = file.entries
    assert (one.line, one.title) == (2, "A title, with a comma and a line")
    assert (one.authors, one.year, one.pmid, one.doi) == (
        ("Tester A", "Helper BC"),
        2016,
        40000001,
        "10.1000/csv",
    )
    assert (two.line, type(two)) == (4, Unreadable)
    assert file.notes == ("columns that are not kept: Notes",)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_tables_with_semicolons_and_tabs_are_read(delimiter):
    (entry,) = entries_of(f"title{delimiter}year\nA title{delimiter}2001\n")
    assert (entry.title, entry.year) == ("A title", 2001)


def test_a_pasted_list_gives_an_entry_a_word():
    text = "https://doi.org/10.1000/A, PMID: 12; PMC77\n"
    text += "NCT00000001 https://pubmed.ncbi.nlm.nih.gov/40000001/\n2013 gout"
    found = entries_of(text)
    assert [(e.line, e.doi or e.pmid or e.pmcid or e.registry_ids) for e in found[:5]] == [
        *((1, "10.1000/a"), (1, 12), (1, "PMC77"), (2, ("NCT00000001",)), (2, 40000001)),
    ]
    assert [(e.line, e.text) for e in found[5:]] == [(3, "2013"), (3, "gout")]
    assert "write PMID:2013" in found[5].reason
    assert found[3].is_trial


def test_a_table_of_numbers_is_no_list_of_pubmed_numbers():
    with pytest.raises(ImportRefusedError, match="none of the kinds"):
        read_citations(b"trial,tpos,tneg\n1,4,119\n2,6,300\n")


def test_what_stands_in_place_of_an_identifier_is_told():
    (entry,) = entries_of("TY  - JOUR\nTI  - A title\nDO  - soon\nER  - \n")
    assert (entry.doi, entry.left_out) == (None, ("DOI “soon”, which is none",))


@pytest.mark.parametrize(
    ("text", "encoding", "found", "is_guess"),
    [
        (RIS, "utf-8-sig", "utf-8", False),
        (RIS, "utf-16", "utf-16", False),
        (RIS, "utf-16-le", "utf-16-le", True),
        (RIS, "utf-16-be", "utf-16-be", True),
        (RIS, "latin-1", "cp1252", True),
        (RIS.replace("Müller", "凯撒").replace("gout", "测试期刊"), "gbk", "gb18030", True),
        (
            RIS.replace("Müller, Anna", "Викторов, Михаил").replace("gout", "физико-химических величин"),
            "cp1251",
            "cp1251",
            True,
        ),
    ],
)
def test_the_encoding_is_found_out(text, encoding, found, is_guess):
    file = read_citations(text.encode(encoding))
    assert (file.encoding, file.is_encoding_guessed) == (found, is_guess)
    expected = read_citations(text.encode())
    assert file.entries == expected.entries


def test_a_person_may_say_the_encoding_and_a_wrong_one_is_refused_with_the_line():
    raw = RIS.encode("cp1252")
    assert entries_of(RIS) == read_citations(raw, encoding="latin-1").entries
    with pytest.raises(ImportRefusedError, match="line 5: the text is not UTF-8"):
        read_citations(raw, encoding="utf-8")


@pytest.mark.parametrize("encoding", encodings.CHOICES)
def test_every_encoding_that_can_be_chosen_is_one(encoding):
    assert read_citations("10.1000/a".encode(encoding), encoding=encoding).entries[0].doi == "10.1000/a"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"  \n", "the file is empty"),
        (b"a\nb\x00c", "line 2: it is no text: a NUL byte"),
        (b"<html><body>TY  - JOUR</body></html>", "it is a web page"),
        (b"<a><b></a>", "line 1: it is not complete XML: mismatched tag"),
        (b"<feed/>", "neither PubMed's nor EndNote's"),
        (b"<eSearchResult><IdList/></eSearchResult>", "a list of search results"),
        (b'{"message": {}}', "no item of CSL-JSON"),
        (b"title;year\n", "no rows"),
        (b"Just some words about nothing.", "none of the kinds"),
        (b"x" * (MAX_BYTES + 1), "larger than 64 MB"),
        (b"<a>" * 200, "nested deeper than 100 levels"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(raw, reason):
    with pytest.raises(ImportRefusedError, match=re.escape(reason)):
        read_citations(raw)


def test_json_that_is_nested_too_deeply_is_an_unreadable_entry():
    (entry,) = entries_of("[" * 100_000)
    assert entry.reason == "from here on it is not complete JSON: nested too deeply"


def test_xml_that_declares_entities_is_refused_unread():
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><records>&b;</records></xml>'
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><records>&a;</records></xml>'
    for text in (bomb, outside):
        with pytest.raises(ImportRefusedError, match="declares entities"):
            read_citations(text.encode())


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_give_entries_or_a_reason(raw):
    _feed(raw)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.randoms(use_true_random=False))
def test_damaged_files_give_entries_or_a_reason(name, chance: random.Random):
    raw = bytearray(FILES[name].encode())
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(raw) or 1)
        raw[place : place + chance.randint(0, 20)] = chance.randbytes(chance.randint(0, 3))
    _feed(bytes(raw))


def _feed(raw: bytes) -> None:
    try:
        entries = read_citations(raw).entries
    except ImportRefusedError:
        return
    n_lines = len(re.split(rb"\r\n|\r|\n", raw)) * 2 + 2
    assert entries
    for entry in entries:
        assert 0 <= entry.line <= n_lines
        said = json.dumps(vars(entry), ensure_ascii=False)
        assert "\x00" not in said
        said.encode()
        if isinstance(entry, Unreadable):
            assert entry.reason


def _count(pattern: bytes, raw: bytes) -> int:
    return len(re.findall(pattern, raw, re.M))


@needs_real_cases
@pytest.mark.parametrize("path", sorted(REAL_CASES.glob("citations/*/*")), ids=lambda path: path.name)
def test_every_entry_of_real_files_is_accounted_for(path):
    raw = path.read_bytes()
    if path.suffix == ".json":
        with pytest.raises(ImportRefusedError, match=r"no item of CSL-JSON"):
            read_citations(raw)
        return
    if path.suffix == ".ris":
        counts = json.loads((path.parent / "expected_counts.json").read_text())
        expected = counts.get(path.name, _count(rb"^TY  -", raw))
    else:
        expected = _count(rb"^\s*@\w+\s*\{", raw) - _count(rb"(?i)^\s*@(string|preamble|comment)", raw)
    assert len(read_citations(raw).entries) == expected


@needs_real_cases
@pytest.mark.parametrize("path", sorted(REAL_CASES.glob("pubmed/biopython/*")), ids=lambda path: path.name)
def test_every_paper_of_real_files_of_pubmed_is_read_with_its_number(path):
    raw = path.read_bytes()
    numbers = (
        _count(rb"<MedlineCitation\b", raw) + _count(rb"<BookDocument\b", raw) + _count(rb"^PMID- ", raw)
    )
    try:
        entries = read_citations(raw).entries
    except ImportRefusedError:
        assert numbers == 0
        return
    assert len(entries) == numbers
    assert all(isinstance(entry, Citation) and entry.title and entry.pmid for entry in entries)
