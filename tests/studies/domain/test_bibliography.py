"""Whether a registry's paper is ours, and where it says more or other than the record."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.domain import bibliography, wording
from studies.domain.bibliography import PaperFacts, RegistryEntry, differences
from studies.domain.identity import compare
from studies.domain.wording import (
    is_notice_title,
    is_same_title,
    normalise_title,
    status_mark,
    strip_markup,
)

TITLE = "Low-dose naltrexone for the treatment of fibromyalgia: a randomised trial"
AUTHORS = ["Younger J", "Noor N", "McCue R"]


def facts(**changes) -> PaperFacts:
    return PaperFacts(
        **{"registry": "crossref", "title": TITLE, "year": 2013, "authors": tuple(AUTHORS), **changes}
    )


@pytest.mark.parametrize("module", [bibliography, wording])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_the_same_paper_is_the_same_paper():
    assert compare(facts(), TITLE, 2013, AUTHORS).is_same_paper


@pytest.mark.parametrize(
    "title",
    [
        TITLE.upper() + ".",
        "Low\u2010dose naltrexone for the treatment of <i>fibromyalgia</i>: A Randomised Trial",
        "RETRACTED: " + TITLE,
        "Low-dose naltrexone for the treatment of fibromyalgia",
        "[Retracted] " + TITLE,
    ],
)
def test_case_marks_markup_and_subtitle_make_no_other_paper(title):
    assert compare(facts(title=title), TITLE, 2013, AUTHORS).is_same_paper


def test_another_title_is_a_conflict_that_names_it():
    check = compare(facts(title="Ketamine for depression"), TITLE, 2013, AUTHORS)
    assert check.reasons == ('the title there is "Ketamine for depression"',)


@pytest.mark.parametrize(
    ("year", "same"), [(2012, True), (2014, True), (2011, False), (2015, False), (None, True)]
)
def test_a_year_may_differ_by_one_and_no_more(year, same):
    assert compare(facts(year=year), TITLE, 2013, AUTHORS).is_same_paper is same


def test_another_first_author_is_a_conflict():
    check = compare(facts(authors=("Wakefield AJ",)), TITLE, 2013, AUTHORS)
    assert check.reasons == ("the first author there is Wakefield AJ, here Younger J",)


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("Bruun KD", "Due Bruun K"),
        ("Müller A", "Mueller A"),
        ("Šverko R", "Sverko R"),
        ("Van Marwijk H", "van Marwijk H"),
    ],
)
def test_one_person_written_in_two_ways_is_no_conflict(there, here):
    assert compare(facts(authors=(there,)), TITLE, 2013, [here]).is_same_paper


def test_what_one_side_does_not_say_is_not_compared():
    assert compare(facts(year=None, authors=()), TITLE, None, None).is_same_paper


def test_a_title_that_is_only_alike_needs_a_year_or_an_author_beside_it():
    shorter = "Low-dose naltrexone for the treatment of fibromyalgia"
    assert compare(facts(title=shorter), TITLE, 2013).is_same_paper
    assert not compare(facts(title=shorter), TITLE).is_same_paper


def test_an_answer_without_a_title_proves_nothing():
    assert not compare(facts(title=None), TITLE, 2013, AUTHORS).is_same_paper


def test_a_notice_about_a_paper_is_not_the_paper():
    assert not compare(facts(is_notice=True), TITLE, 2013, AUTHORS).is_same_paper


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Naltrexone inhibits IL-6 and TNF\u03b1 production",
            "Naltrexone Inhibits IL-6 and TNF-alpha Production",
        ),
        ("Prurigo excoriée treated with naltrexone", "Prurigo excoriee treated with naltrexone"),
        ("Naltrexone &amp; pain in H<sub>2</sub>O", "Naltrexone & pain in H2O"),
    ],
)
def test_greek_accents_and_entities_compare_alike(one, other):
    assert is_same_title(one, other)


def test_two_papers_of_one_series_are_two_papers():
    assert not is_same_title(
        "Low-dose naltrexone in Crohn's disease", "Low-dose naltrexone in multiple sclerosis"
    )


def test_a_less_than_sign_is_not_markup():
    assert strip_markup("effects at p<0.05 and n>3") == "effects at p<0.05 and n>3"


def test_a_title_about_retractions_is_not_marked_retracted():
    assert status_mark("Retracted articles and what they cost") is None
    assert status_mark("WITHDRAWN: Naltrexone for everything") == "withdrawn"


def test_an_empty_field_is_filled_and_another_value_proposed():
    found = differences(
        facts(volume="65", pages="529-538"), {"title": TITLE, "year": 2012, "pages": "529-38"}
    )
    assert [(d.field, d.old, d.new, d.fills_a_gap) for d in found] == [
        ("authors", None, AUTHORS, True),
        ("year", 2012, 2013, False),
        ("volume", None, "65", True),
    ]


def test_what_the_registry_does_not_say_is_no_difference():
    assert differences(PaperFacts("pubmed"), {"title": TITLE, "volume": "65"}) == ()


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("pages", "e31\u2013e39", "e31-e39"),
        ("journal", "Lancet (London, England)", "The Lancet"),
        ("journal", "Journal of pain research", "Journal of Pain Research"),
        ("authors", ["Younger J"], ("Younger JW",)),
        ("registry_ids", ["NCT2", "NCT1"], ("NCT1",)),
        ("doi", "10.1002/a", "10.1002/A"),
        ("volume", "65", "65 "),
    ],
)
def test_another_way_of_writing_is_no_difference(field, old, new):
    assert differences(PaperFacts("crossref", **{field: new}), {field: old}) == ()


def test_the_stored_part_has_a_stable_hash():
    assert RegistryEntry("a", facts).sha256 == RegistryEntry("a", lambda: facts(year=None)).sha256
    assert RegistryEntry("a", facts).sha256 != RegistryEntry("b", facts).sha256


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(one, other):
    assert is_same_title(one, other) == is_same_title(other, one)
    assert "\x00" not in strip_markup(one)
    assert normalise_title(one) == normalise_title(one).strip()


@pytest.mark.parametrize(
    "title",
    [
        *("RETRACTED: {}", "[Retracted] {}", "(Retracted) {}", "*RETRACTED* {}", "RETRACTED CHAPTER: {}"),
        *("[RETRACTED ARTICLE] {}", "RETRACTED PAPER: {}", "Retracted and Republished: {}", "REMOVED: {}"),
        *("TEMPORARY REMOVAL: {}", "Withdrawn Article: {}", "Article Withdrawn: {}", "RETRACTED \u2013 {}"),
        *("{} (Retracted)", "{} [RETRACTED].", "{} (Withdrawn)", "{} (Retracted article. See p. 3)"),
    ],
)
def test_a_title_that_says_the_paper_is_gone_is_still_the_papers(title):
    marked = title.format(TITLE)
    assert status_mark(marked)
    assert is_same_title(marked, TITLE)
    assert not is_notice_title(marked)


@pytest.mark.parametrize(
    "title",
    [
        *("Retraction: {}", "RETRACTION NOTICE: {}", "Retraction Note to: {}", "Retraction\u2014{}"),
        *(
            "Retraction notice to \u201c{}\u201d",
            "Notice of retraction and replacement: {}",
            "Retraction. {}",
        ),
        *("Statement of Retraction: {}", "Removal notice to \u201c{}\u201d", "[Retraction] {}"),
        *(
            "Editorial Expression of Concern: {}",
            "Erratum to {}",
            "Corrigendum for {}",
            "Author Correction: {}",
        ),
        *("Correction to: {}", "Addendum: {}", "Partial retraction: {}", "Correction for Foo et al., {}"),
        *("Notice of Retraction", "Erratum.", "Correction", "Expression of concern"),
    ],
)
def test_the_title_of_a_notice_is_told_from_that_of_a_paper(title):
    assert is_notice_title(title.format(TITLE))
    assert not status_mark(title.format(TITLE))


@pytest.mark.parametrize(
    "title",
    [
        *("Correction of anaemia in mice", "Correction for multiple testing", "Erratum in trials"),
        *(
            "Retraction of the nipple: a case",
            "Withdrawal from opioids in rats: naltrexone",
            "Retracted ideas",
        ),
        *("Removed teeth and pain", "Withdrawn patients: a study", "Corrections and hope"),
        *("Pain (withdrawn patients)", "Rest [retracted and relaxed]", "A jaw (Retracted) and its pain"),
    ],
)
def test_a_paper_that_uses_the_words_is_neither(title):
    assert not is_notice_title(title)
    assert status_mark(title) is None
