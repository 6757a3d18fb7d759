"""Files as other programs write them: nothing is dropped without a word, and nothing is invented."""

from __future__ import annotations

import pytest

from studies.domain.citation_files.entry import Citation
from studies.domain.citation_files.reading import read_citations


def read(text: str) -> Citation:
    (entry,) = read_citations(text.encode()).entries
    assert isinstance(entry, Citation)
    return entry


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_line_of_ris_without_a_tag_goes_on_from_the_one_before(newline):
    text = (
        "TY  - JOUR\nTI  - A title that\ngoes on\nAU  - Tester,\n  Ada\nAB  - Words\nDo not: stop\nER  - \n"
    )
    entry = read(text.replace("\n", newline))
    assert (entry.title, entry.authors, entry.left_out) == ("A title that goes on", ("Tester A",), ("AB",))


def test_what_a_ris_record_says_twice_is_not_run_together_and_the_second_is_named():
    entry = read("TY  - JOUR\nTI  - A title\nTI  - Another\nDO  - 10.1000/a\nDO  - 10.1000/b\nER  - \n")
    assert (entry.title, entry.doi) == ("A title", "10.1000/a")
    assert entry.left_out == ("TI “Another”", "DO “10.1000/b”")


def test_a_chapter_in_ris_stands_in_its_book():
    assert read("TY  - CHAP\nTI  - A chapter\nBT  - The book\nER  - \n").journal == "The book"
    book = read("TY  - BOOK\nBT  - The book\nER  - \n")
    assert (book.title, book.journal) == ("The book", None)


def test_a_short_title_in_ris_stands_in_where_there_is_no_other():
    assert read("TY  - JOUR\nST  - Short\nER  - \n").title == "Short"
    assert read("TY  - JOUR\nST  - Short\nTI  - The whole title\nER  - \n").title == "The whole title"


def test_a_bibtex_name_whose_parts_are_named_is_a_person():
    names = "family=Beethoven, given=Ludwig, prefix=van, useprefix=true and family={Di Meo}, given={A. B.}"
    entry = read("@article{a, title={A title}, author={" + names + "}}")
    assert entry.authors == ("van Beethoven L", "Di Meo AB")


def test_a_bibtex_subtitle_belongs_to_the_title():
    entry = read("@article{a, title={LDN}, subtitle={A trial}}")
    assert (entry.title, entry.left_out) == ("LDN: A trial", ())


def test_medline_with_full_names_and_an_electronic_date_alone_keeps_both_and_names_other_numbers():
    entry = read(
        "PMID- 40000001\nTI  - A title\nDEP - 20200102\nFAU - Tester, Ada B\nSI  - GENBANK/AB1234\n"
        "SI  - ISRCTN/ISRCTN12345678\nLID - S0000(20)1 [pii]\n"
    )
    assert (entry.authors, entry.year, entry.registry_ids) == (("Tester AB",), 2020, ("ISRCTN12345678",))
    assert entry.left_out == ("GENBANK/AB1234", "S0000(20)1 [pii]")


def test_a_date_of_csl_that_is_a_plain_text_gives_the_year():
    assert read('[{"title": "A title", "issued": "2011-05"}]').year == 2011
    for none in ('{"date-parts": [[]]}', '{"date-parts": [[null]]}', "null", '""'):
        assert read(f'[{{"title": "A title", "issued": {none}}}]').year is None


def test_a_table_that_tells_excel_its_separator_is_read_with_its_own_lines():
    (entry,) = read_citations(b"sep=;\r\nTitle;Year\r\nA title;2001\r\n").entries
    assert entry == Citation(line=3, title="A title", year=2001)


def test_an_article_number_stands_for_pages_where_there_are_none():
    table = "Title,Page start,Page end,Art. No.\n"
    assert read(table + "A title,,,e104\n").pages == "e104"
    assert read(table + "A title,1,9,e104\n").pages == "1-9"


def test_what_stands_in_place_of_a_registration_number_is_told():
    entry = read("Title,NCT Number\nA title,NCT00000001; pending\n")
    assert entry.registry_ids == ("NCT00000001",)
    assert entry.left_out == ("registration number “pending”, which is none",)


def test_endnote_xml_of_another_program_is_read_with_all_that_is_left_out():
    entry = read(
        "<xml><records><record><contributors><authors><author><style>Tester, Ann</style></author></authors>"
        "<secondary-authors><author>Editor, Ed</author></secondary-authors></contributors><titles><title>"
        "<style>The use of </style><style face='italic'>low-dose</style><style> naltrexone</style></title>"
        "<short-title>LDN</short-title></titles><issue>4</issue><urls><web-urls>"
        "<url>https://doi.org/10.1000/web</url></web-urls><pdf-urls><url>internal-pdf://a.pdf</url></pdf-urls>"
        "</urls></record></records></xml>"
    )
    assert (entry.title, entry.issue, entry.doi) == ("The use of low-dose naltrexone", "4", "10.1000/web")
    assert entry.left_out == ("secondary-authors", "short-title", "pdf-urls")


def test_pubmed_xml_with_first_and_last_page_apart_and_every_part_that_is_left_out_by_its_name():
    entry = read(
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>A title"
        "</ArticleTitle><Pagination><StartPage>113</StartPage><EndPage>25</EndPage></Pagination><Abstract>"
        "<AbstractText>Words</AbstractText></Abstract><GrantList><Grant><GrantID>g</GrantID></Grant></GrantList>"
        "</Article><ChemicalList><Chemical><NameOfSubstance>n</NameOfSubstance></Chemical></ChemicalList>"
        "</MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    assert entry.pages == "113-125"
    assert set(entry.left_out) == {"Abstract", "GrantList", "ChemicalList"}
