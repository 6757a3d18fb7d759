"""Words of patients and clinicians that are not the words of our names."""

from __future__ import annotations

import pytest

from search.domain.query import read_query
from search.services.finding import find
from search.services.suggesting import suggest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def first_of(text: str) -> str:
    hits = find(query=read_query(text), filters={}).hits
    return hits[0].path if hits else "nothing"


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("encephalomyelitis myalgica", "me-cfs"),
        ("bowel irritable", "irritable-bowel-syndrome"),
        ("pain regional complex", "crps"),
    ],
)
def test_a_name_in_another_order_is_still_a_name(typed, condition):
    assert first_of(typed) == f"/conditions/{condition}/"


def test_a_condition_that_all_words_describe_comes_before_one_that_some_of_them_name():
    assert first_of("nerve pain from diabetes") == "/conditions/diabetic-neuropathy/"


@pytest.mark.parametrize("typed", ["ibd", "inflammatory bowel disease"])
def test_the_conditions_of_a_kind_come_before_papers_that_name_the_kind(typed):
    hits = find(query=read_query(typed), filters={}).hits
    assert {hit.path for hit in hits[:2]} == {
        "/conditions/crohns-disease/",
        "/conditions/ulcerative-colitis/",
    }


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("sudecks", "crps"),
        ("pemphigus chronicus benignus familiaris", "hailey-hailey-disease"),
        ("heroin addiction", "opioid-use"),
        ("fibro pain", "fibromyalgia"),
    ],
)
def test_older_latin_and_everyday_names_lead_to_the_condition(typed, condition):
    assert first_of(typed) == f"/conditions/{condition}/"


@pytest.mark.parametrize("typed", ["liver", "children", "kidneys", "can i take ldn with opioids"])
def test_what_a_warning_is_about_leads_to_the_warnings(typed):
    assert first_of(typed) == "/safety/"


def test_a_trade_name_of_naltrexone_is_understood_as_naltrexone():
    for name in ("revia", "vivitrol", "Nemexin"):
        assert first_of(name) == first_of("naltrexone") == suggest(typed=name)[0].path
        assert first_of(f"{name} fibromyalgia") == "/conditions/fibromyalgia/"


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("Schilddrüse", "/conditions/hypothyroidism/"),
        ("posttraumatische", "/conditions/ptsd/"),
        ("Haarausfall", "/conditions/lichen-planopilaris/"),
    ],
)
def test_a_word_that_begins_a_synonym_and_is_on_no_page_stands_for_the_synonym(typed, page):
    assert first_of(typed) == page


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("does ldn work for crohns", "crohns-disease"),
        ("how well does ldn work for parkinsons", "parkinsons-disease"),
        ("is ldn good for irritable bowel", "irritable-bowel-syndrome"),
    ],
)
def test_whether_it_works_is_asked_of_every_page_and_tells_none_from_another(typed, condition):
    assert first_of(typed) == f"/conditions/{condition}/"


def test_a_shortened_name_beside_words_of_a_title_leads_to_the_paper():
    assert first_of("crohn mucosal healing") == "/studies/smith2011/"
