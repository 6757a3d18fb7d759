"""Identifiers are recognised however they are pasted, and written one way."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.domain import identifiers
from studies.domain.identifiers import (
    find_doi,
    find_identifier,
    normalise_doi,
    normalise_pmcid,
    normalise_pmid,
    normalise_registry_id,
)


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(identifiers).failed == 0


@pytest.mark.parametrize(
    "pasted",
    [
        "10.1002/art.37734",
        "10.1002/ART.37734",
        " doi:10.1002/art.37734 ",
        "DOI: 10.1002/art.37734.",
        "https://doi.org/10.1002/art.37734",
        "http://dx.doi.org/10.1002%2Fart.37734",
        "doi.org/10.1002/art.37734",
        "10.1002%2Fart.37734",
        "\u200b10.1002/art.37734",
        "<10.1002/art.37734>",
    ],
)
def test_a_doi_is_recognised_however_it_is_pasted(pasted):
    assert normalise_doi(pasted) == "10.1002/art.37734"


@pytest.mark.parametrize(
    "doi",
    [
        "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
        "10.1016/0165-1781(95)02601-r",
        "10.1016/s0140-6736(97)11096-0",
        "10.1000/a,b",
        "10.12345/abc%2fdef",
    ],
)
def test_odd_but_real_shapes_of_doi_are_kept_whole(doi):
    assert normalise_doi(doi) == doi


@pytest.mark.parametrize(
    "text", ["", "10.1/x", "10.1002/", "art.37734", "see 10.1002/a for more", "10.1002/a b"]
)
def test_what_is_no_doi_is_none(text):
    assert normalise_doi(text) is None


def test_the_bracket_of_the_sentence_is_not_part_of_the_doi():
    assert find_doi("(Lancet 1998, doi 10.1016/s0140-6736(97)11096-0).") == "10.1016/s0140-6736(97)11096-0"


@pytest.mark.parametrize(
    "text", ["23359310", "PMID 23359310", "pmid:023359310", "pubmed.ncbi.nlm.nih.gov/23359310"]
)
def test_a_pubmed_number_is_recognised(text):
    assert normalise_pmid(text) == 23359310


@pytest.mark.parametrize("text", ["0", "-5", "1234567890", "PMC3962576", "twelve", "12 13", ""])
def test_what_is_no_pubmed_number_is_none(text):
    assert normalise_pmid(text) is None


@pytest.mark.parametrize("text", ["PMC3962576", "pmc3962576", "PMCID: PMC3962576"])
def test_a_pmc_number_is_recognised(text):
    assert normalise_pmcid(text) == "PMC3962576"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("nct02806440", "NCT02806440"),
        ("https://clinicaltrials.gov/study/NCT02806440?tab=results", "NCT02806440"),
        ("actrn12623000172606P", "ACTRN12623000172606p"),
        ("CTRI/2013/06/003735", "CTRI/2013/06/003735"),
        ("IRCT20180809040747N1", "IRCT20180809040747N1"),
        ("RBR-7HK8N", "RBR-7HK8N"),
        ("NL9259", "NL9259"),
        ("EUCTR2019-000852-32-NL", "EUCTR2019-000852-32-NL"),
        ("2019-000852-32", "EudraCT 2019-000852-32"),
        ("crd42021280976", "CRD42021280976"),
        ("chictr2000030000", "ChiCTR2000030000"),
    ],
)
def test_each_registry_writes_its_numbers_its_own_way(text, written):
    assert normalise_registry_id(text) == written


@pytest.mark.parametrize("text", ["fibromyalgia", "2013", "4.5 mg", "12345", "covid-19", ""])
def test_words_and_years_stay_a_search(text):
    assert find_identifier(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("doi.org/10.1002/ART.37734", "doi", "10.1002/art.37734"),
        ("23359310", "pmid", "23359310"),
        ("pmid 997", "pmid", "997"),
        ("PMC3962576", "pmcid", "PMC3962576"),
        ("NCT00568555", "registry", "NCT00568555"),
    ],
)
def test_an_identifier_is_told_from_a_search(text, kind, value):
    found = find_identifier(text)
    assert (found.kind, found.value) == (kind, value)


@given(st.text())
def test_any_text_gives_an_identifier_or_none(text):
    found = find_identifier(text)
    assert found is None or find_identifier(found.value) is None or found == find_identifier(found.value)
    doi = normalise_doi(text)
    assert doi is None or (doi == doi.lower() and normalise_doi(doi) == doi)
