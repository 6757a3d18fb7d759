"""Search: the right group holds the right thing, and an identifier goes straight to its page."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions.search import search

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("fibromyalgia", "fibromyalgia"),
        ("FMS", "fibromyalgia"),
        ("chronic fatigue", "me-cfs"),
        ("CRPS", "crps"),
        ("reflex sympathetic dystrophy", "crps"),
        ("crohn", "crohns-disease"),
        ("multiple  sclerosis", "multiple-sclerosis"),
    ],
)
def test_a_condition_is_found_by_name_and_synonym(query, slug):
    assert slug in [condition.slug for condition in search(query).conditions]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Bruun", "bruun2024"),
        ("younger", "younger2013"),
        ("naltrexone 6 mg once daily versus placebo", "bruun2024"),
        ("mucosal healing", "smith2011"),
        ("veterans arthritis pain", "beaudettezlatanova2023"),
    ],
)
def test_a_study_is_found_by_author_title_and_people(query, key):
    results = search(query)
    assert key in [study.key for study in results.studies]


def test_a_claim_and_a_side_effect_are_found_by_their_words():
    assert "helps-fibromyalgia" in [claim.slug for claim in search("helped people with fibromyalgia").claims]
    assert [effect.slug for effect in search("vivid dream").side_effects] == ["vivid-dreams"]
    assert "any-side-effect" in [effect.slug for effect in search("adverse event").side_effects]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("10.1016/s2665-9913(23)00278-3", "/studies/bruun2024/"),
        ("https://doi.org/10.1016/S2665-9913(23)00278-3", "/studies/bruun2024/"),
        ("38258677", "/studies/bruun2024/"),
        ("PMID: 38258677", "/studies/bruun2024/"),
        ("PMC3381945", "/studies/smith2011/"),
        ("NCT04270877", "/trials/NCT04270877/"),
        ("nct00568555", "/trials/NCT00568555/"),
    ],
)
def test_an_identifier_goes_straight_to_its_page(client, query, path):
    answer = client.get("/search/", {"q": query})
    assert (answer.status_code, answer["Location"]) == (302, path)


def test_an_identifier_that_is_not_here_says_so(client):
    answer = client.get("/search/", {"q": "10.1000/not-here"})
    assert answer.status_code == 200
    assert "Nothing found" in answer.content.decode()


def test_a_null_result_says_what_was_searched(client):
    page = client.get("/search/", {"q": "zzzz"}).content.decode()
    assert "Searched: names and synonyms of conditions" in page


@pytest.mark.parametrize(
    "query",
    ["", " ", "\x00", "'", "a' & b:* | !", "()", "%", "\\", "<script>", "x" * 10_000, "🎈", "& | !", "a:*b"],
)
def test_anything_typed_is_answered(client, query):
    answer = client.get("/search/", {"q": query})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_what_is_found(client):
    with CaptureQueriesContext(connection) as many:
        client.get("/search/", {"q": "pain"})
    with CaptureQueriesContext(connection) as few:
        client.get("/search/", {"q": "hidradenitis"})
    assert len(few) <= len(many) <= 8
