"""PubMed's answers become facts; anything else becomes an AnswerError."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.domain.bibliography import AnswerError, NoticeFacts
from studies.domain.pubmed_answer import parse_articles
from tests.real_cases import REAL_CASES, needs_real_cases

REAL = REAL_CASES / "pubmed/biopython"

DOCTYPE = (
    '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet '
    'PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)


def answer(
    *,
    title="Naltrexone for <i>pain</i>.",
    links="",
    types="",
    article="",
    pmid="123",
    doi="10.1002/ART.37734",
) -> bytes:
    return f"""{DOCTYPE}<PubmedArticleSet><PubmedArticle>
    <MedlineCitation><PMID Version="1">{pmid}</PMID>
      <Article>
        <Journal><JournalIssue><Volume>65</Volume><Issue>2</Issue><PubDate><Year>2013</Year></PubDate></JournalIssue>
          <Title>Arthritis and rheumatism</Title><ISOAbbreviation>Arthritis Rheum.</ISOAbbreviation></Journal>
        <ArticleTitle>{title}</ArticleTitle>
        <Pagination><MedlinePgn>529-38</MedlinePgn></Pagination>
        <ELocationID EIdType="doi" ValidYN="Y">{doi}</ELocationID>
        <Abstract><AbstractText>Secret words.</AbstractText></Abstract>
        <AuthorList>
          <Author><LastName>Younger</LastName><ForeName>Jarred</ForeName><Initials>J</Initials></Author>
          <Author><LastName>Guttuso</LastName><Initials>T</Initials><Suffix>Jr</Suffix></Author>
          <Author><CollectiveName>Long COVID Study Group</CollectiveName></Author>
        </AuthorList>
        <PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType>
          {types}</PublicationTypeList>
        {article}
      </Article>
      <MedlineJournalInfo><MedlineTA>Arthritis Rheum</MedlineTA></MedlineJournalInfo>
      <CommentsCorrectionsList>{links}</CommentsCorrectionsList>
    </MedlineCitation>
    <PubmedData><ArticleIdList><ArticleId IdType="pmc">PMC3962576</ArticleId></ArticleIdList>
      <ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1000/cited</ArticleId>
        <ArticleId IdType="pubmed">999</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData>
    </PubmedArticle></PubmedArticleSet>""".encode()


def facts_of(**changes):
    return parse_articles(answer(**changes))[123].facts


def link(
    kind: str, source: str = "Lancet. 2010 Feb 6;375(9713):445. doi: 10.1000/notice.", pmid: int = 20137807
) -> str:
    return (
        f'<CommentsCorrections RefType="{kind}"><RefSource>{source}</RefSource>'
        f'<PMID Version="1">{pmid}</PMID></CommentsCorrections>'
    )


RETRACTED = '<PublicationType UI="D016441">Retracted Publication</PublicationType>'
NOTICE = '<PublicationType UI="D016440">Retraction Notice</PublicationType>'


def test_an_article_becomes_the_fields_of_a_citation():
    facts = facts_of()
    assert facts.title == "Naltrexone for pain"
    assert facts.authors == ("Younger J", "Guttuso T Jr", "Long COVID Study Group")
    assert (facts.journal, facts.journal_abbrev) == ("Arthritis and rheumatism", "Arthritis Rheum")
    assert (facts.year, facts.volume, facts.issue, facts.pages) == (2013, "65", "2", "529-538")
    assert (facts.pmid, facts.doi, facts.pmcid) == (123, "10.1002/art.37734", "PMC3962576")
    assert (facts.publication_types, facts.notices, facts.is_notice) == (("Journal Article",), (), False)


def test_a_title_that_nobody_has_translated_is_read_in_its_own_language():
    own = "<VernacularTitle>La naltrexone dans l'autisme.</VernacularTitle>"
    assert facts_of(title="[Not Available].", article=own).title == "La naltrexone dans l'autisme"
    assert facts_of(title="[Not Available].").title == "Not Available"


def test_the_identifiers_of_cited_papers_are_not_the_papers_own():
    assert facts_of(doi="").doi is None


def test_the_abstract_is_not_kept():
    assert "Secret words" not in parse_articles(answer())[123].body


def test_trial_registrations_are_kept_and_gene_banks_are_not():
    banks = (
        "<DataBankList><DataBank><DataBankName>GENBANK</DataBankName><AccessionNumberList>"
        "<AccessionNumber>AF123456</AccessionNumber></AccessionNumberList></DataBank>"
        "<DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>"
        "<AccessionNumber>NCT00568555</AccessionNumber></AccessionNumberList></DataBank></DataBankList>"
    )
    assert facts_of(article=banks).registry_ids == ("NCT00568555",)


def test_a_translated_title_loses_its_brackets():
    assert facts_of(title="[Naltrexone in low doses].").title == "Naltrexone in low doses"


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [
        ("RetractionIn", "retraction"),
        ("ExpressionOfConcernIn", "concern"),
        ("ErratumIn", "correction"),
        ("CorrectedandRepublishedIn", "correction"),
        ("RetractedandRepublishedIn", "retraction and republication"),
        ("SomethingNewIn", "unknown"),
    ],
)
def test_each_link_has_its_kind_and_a_new_one_goes_to_an_editor(kind, meaning):
    assert facts_of(links=link(kind)).notices == (
        NoticeFacts(meaning, kind, "10.1000/notice", 20137807, date(2010, 2, 6), "2010 Feb 6", "pubmed"),
    )


@pytest.mark.parametrize(
    "kind", ["Cites", "CommentIn", "CommentOn", "UpdateIn", "SummaryForPatientsIn", "ReprintOf"]
)
def test_a_comment_is_no_notice(kind):
    assert facts_of(links=link(kind)).notices == ()


@pytest.mark.parametrize("kind", ["RetractionOf", "ErratumFor", "ExpressionOfConcernFor"])
def test_the_notice_is_not_taken_for_the_paper(kind):
    facts = facts_of(links=link(kind))
    assert (facts.is_notice, facts.notices) == (True, ())


def test_the_type_of_a_notice_makes_a_notice():
    facts = facts_of(types=NOTICE)
    assert (facts.is_notice, facts.notices) == (True, ())


def test_a_retracted_publication_without_a_link_is_still_retracted():
    [notice] = facts_of(types=RETRACTED).notices
    assert (notice.kind, notice.raw_kind, notice.date) == ("retraction", "Retracted Publication", None)


def test_a_retraction_is_told_once():
    assert [n.kind for n in facts_of(types=RETRACTED, links=link("RetractionIn")).notices] == ["retraction"]


def test_a_date_without_a_day_is_not_made_up():
    [notice] = facts_of(links=link("ErratumIn", "Pain Med. 2019 Oct;20(10):2")).notices
    assert (notice.date, notice.date_text) == (None, "2019 Oct")


def test_a_year_that_belongs_to_the_name_of_the_journal_is_not_the_date_of_the_notice():
    [notice] = facts_of(links=link("RetractionIn", "J Appl Physiol (1985). 2012 Jan 3;112(1):1")).notices
    assert (notice.date, notice.date_text) == (date(2012, 1, 3), "2012 Jan 3")
    [notice] = facts_of(links=link("RetractionIn", "Fujii Y. Anaesthesia (2012)")).notices
    assert notice.date_text == "2012"


def test_a_chapter_of_the_bookshelf_is_a_paper_too():
    body = b"""<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>30521232</PMID>
        <Book><BookTitle>StatPearls</BookTitle><PubDate><Year>2024</Year></PubDate></Book>
        <ArticleTitle>Naltrexone</ArticleTitle></BookDocument></PubmedBookArticle></PubmedArticleSet>"""
    facts = parse_articles(body)[30521232].facts
    assert (facts.title, facts.journal, facts.year) == ("Naltrexone", "StatPearls", 2024)


def test_an_empty_set_holds_nothing():
    assert parse_articles(b"<PubmedArticleSet></PubmedArticleSet>") == {}


@pytest.mark.parametrize("broken", [answer(title=""), answer(pmid=""), answer(pmid="0"), answer(pmid="x")])
def test_a_record_without_number_or_title_is_left_out_and_never_passes_for_an_empty_set(broken):
    with pytest.raises(AnswerError, match="no article of the answer can be read"):
        parse_articles(broken)
    whole = answer()
    both = whole.replace(b"</PubmedArticleSet>", b"") + broken[broken.index(b"<PubmedArticle>") :]
    assert list(parse_articles(both)) == list(parse_articles(whole))


def test_a_deleted_record_is_an_empty_set():
    body = b"<PubmedArticleSet><DeleteCitation><PMID>7</PMID></DeleteCitation></PubmedArticleSet>"
    assert parse_articles(body) == {}


BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>'
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><PubmedArticleSet>&a;</PubmedArticleSet>'


@pytest.mark.parametrize("body", [BOMB, FILE])
def test_an_answer_that_declares_entities_is_refused(body):
    with pytest.raises(AnswerError, match="declares entities"):
        parse_articles(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<!doctype html><p>Sorry", "complete XML"),
        (answer()[:-30], "complete XML"),
        (b'{"error":"API rate limit exceeded","count":"4","limit":"3"}', "complete XML"),
        (
            b"<eFetchResult><ERROR>Something is wrong</ERROR></eFetchResult>",
            "eFetchResult: Something is wrong",
        ),
        (b"<a>" * 100_000, "complete XML"),
        (b'<?xml version="1.0" encoding="klingon"?><PubmedArticleSet/>', "complete XML"),
        (b"<PubmedArticleSet>&nbsp;</PubmedArticleSet>", "complete XML"),
    ],
)
def test_what_is_no_answer_is_named(body, reason):
    with pytest.raises(AnswerError, match=reason):
        parse_articles(body)


def test_a_very_deep_answer_is_survived():
    deep = b"<PubmedArticleSet>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</PubmedArticleSet>"
    with pytest.raises(AnswerError, match="not complete XML"):
        parse_articles(deep)


@needs_real_cases
@pytest.mark.parametrize(
    ("file", "pmids"),
    [
        ("pubmed1.xml", [12091962, 9997]),
        ("pubmed2.xml", [11748933, 11700088]),
        ("pubmed4.xml", [27797938]),
        ("pubmed7.xml", [29963580]),
    ],
)
def test_real_articles_are_read(file, pmids):
    found = parse_articles((REAL / file).read_bytes())
    assert list(found) == pmids
    assert all(entry.facts.title and entry.facts.authors and entry.facts.year for entry in found.values())


@needs_real_cases
def test_a_group_is_an_author_and_a_gene_name_stays_in_the_title():
    group = parse_articles((REAL / "pubmed7.xml").read_bytes())[29963580].facts
    gene = parse_articles((REAL / "pubmed4.xml").read_bytes())[27797938].facts
    assert group.authors[-1] == "Canadian Respiratory Research Network"
    assert "at the TERT gene region" in gene.title


@needs_real_cases
@pytest.mark.parametrize(
    "file", ["pubmed3.html", "esummary1.xml", "esearch8.xml", "efetch_pmc.xml", "pubmed_result1.txt"]
)
def test_other_real_answers_are_not_taken_for_articles(file):
    with pytest.raises(AnswerError):
        parse_articles((REAL / file).read_bytes())


@given(st.binary())
def test_any_bytes_give_facts_or_a_named_error(body):
    with suppress(AnswerError):
        parse_articles(body)


@given(st.data())
def test_an_answer_with_any_byte_changed_gives_facts_or_a_named_error(data):
    body = bytearray(answer(links=link("RetractionIn"), types=RETRACTED))
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        for entry in parse_articles(bytes(body)).values():
            assert "\x00" not in repr(entry.facts) + entry.body
    except AnswerError:
        pass
