"""Words of patients and clinicians that are not the words of our names."""

from __future__ import annotations

import pytest

from search.domain.fillers import find_fillers
from search.domain.query import read_query
from search.domain.spelling import Known, choose
from search.services.finding import find
from search.services.suggesting import suggest
from search.services.understanding import understand

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


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("Hilft LDN bei Morbus Crohn?", "/conditions/crohns-disease/"),
        ("Schlafstörungen durch Naltrexon", "/side-effects/insomnia/"),
        ("Darf ich LDN mit Tilidin nehmen", "/safety/"),
        ("wie ist die Dosis", "/doses/"),
    ],
)
def test_the_small_words_of_a_german_question_tell_no_page_from_another(typed, page):
    assert first_of(typed) == page


def test_small_german_words_that_are_english_words_too_count_beside_other_german_ones_alone():
    assert find_fillers(["can", "i", "die"]) == set()
    assert find_fillers(["die", "dosis", "bei", "ms"]) == {"die", "bei"}


def test_a_word_is_taken_for_none_of_every_text_with_another_first_letter():
    assert understand(read_query("mother")).swaps == ()


def test_words_of_every_text_are_not_joined_with_their_neighbours():
    assert understand(read_query("where do i get it")).swaps == ()
    assert understand(read_query("what is a p-value")).swaps == ()
    assert understand(read_query("fibro myalgia")).swaps == (("fibro myalgia", "fibromyalgia"),)


@pytest.mark.parametrize(
    "typed",
    ["what is a placebo", "what does heterogeneity mean", "what is an odds ratio", "what is a p-value"],
)
def test_who_asks_what_a_word_of_research_means_is_led_to_the_glossary(typed):
    assert first_of(typed) == "/glossary/"


def test_a_paper_is_found_by_the_short_form_of_its_journal_and_by_its_country():
    assert first_of("Due Bruun Lancet Rheumatol 2024") == "/studies/bruun2024/"
    assert first_of("norway opioid consumption") == "/studies/raknes2017c/"


@pytest.mark.parametrize(
    ("typed", "trial"), [("LoDoNaVasc trial", "NCT03482479"), ("ThyroLDN study", "ACTRN12625000131459")]
)
def test_a_trial_is_found_by_its_name_with_the_word_trial_or_study(typed, trial):
    assert first_of(typed) == f"/trials/{trial}/"


@pytest.mark.parametrize("medicine", ["oxycodone", "Percocet", "Suboxone", "fentanyl", "morphine", "Tilidin"])
def test_a_medicine_that_must_not_be_mixed_with_it_leads_to_the_warnings_by_every_name(medicine):
    assert first_of(f"ldn and {medicine}") == "/safety/"


def test_what_a_warning_says_of_studies_does_not_make_it_first_for_words_of_research():
    assert first_of("placebo") != "/safety/"


@pytest.mark.parametrize(
    ("typed", "effect"),
    [("headache after taking ldn", "headache"), ("i feel sick after taking ldn", "nausea")],
)
def test_a_complaint_after_taking_it_leads_to_the_side_effect(typed, effect):
    assert first_of(typed) == f"/side-effects/{effect}/"


@pytest.mark.parametrize(
    "typed", ["is LDN dangerous", "can you die from ldn", "ist LDN gefährlich", "dangers of naltrexone"]
)
def test_whether_it_is_dangerous_is_answered_by_the_warnings(typed):
    assert first_of(typed) == "/safety/"


@pytest.mark.parametrize("typed", ["is LDN addictive", "is naltrexone addictive?"])
def test_whether_it_is_addictive_is_answered_by_the_warnings_and_not_by_opioid_dependence(typed):
    assert first_of(typed) == "/safety/"


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("ldn nursing mother", "/safety/"),
        ("Nierenschwäche", "/safety/"),
        ("ldn liver damage", "/safety/"),
        ("antabuse", "/safety/"),
        ("gulf war vets", "/conditions/gulf-war-illness/"),
        ("Hornhautschmerzen", "/conditions/neuropathic-corneal-pain/"),
        ("was kostet ldn", "/articles/cost-and-access/"),
        ("ldn and anesthesia", "/safety/"),
        ("glioblastoma", "/studies/peters2022/"),
        ("ultra low dose naltrexone", "/studies/kimwest2019/"),
        ("macht LDN müde", "/side-effects/fatigue/"),
    ],
)
def test_everyday_words_of_medicines_organs_and_people_lead_to_their_pages(typed, page):
    assert first_of(typed) == page


def test_of_words_equally_near_a_mistyped_one_that_with_most_of_its_letters_is_meant():
    known = [Known("cross", 9, True), Known("crohns", 2, True)]
    assert choose("crones", known) == "crohns"


@pytest.mark.parametrize("typed", ["ldn and prednisone", "does ldn help lupus", "LDN mit Cortison"])
def test_beside_what_no_page_holds_what_it_is_and_the_warnings_are_nearest(client, typed):
    found = find(query=read_query(typed), filters={})
    assert found.n == 0
    assert [hit.path for hit in found.nearest[:2]] == ["/articles/what-ldn-is/", "/safety/"]
    page = client.get("/search/", {"q": typed}).content.decode()
    assert (
        page.index("No page holds")
        < page.index("Nearest")
        < page.index('href="/safety/"', page.index("Nearest"))
    )


def test_beside_what_no_page_holds_limits_still_hold():
    found = find(query=read_query("ldn zzzzqq year:2024"), filters={})
    assert found.nearest
    assert {hit.year for hit in found.nearest} == {2024}
