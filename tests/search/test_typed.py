"""What is typed into the box: what must hold of it, what it is offered, and what it must not be taken for."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search.domain.query import read_query
from search.services.finding import find
from search.services.indexing import update_search
from search.services.suggesting import suggest
from studies.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]
FACETS = [
    "kind",
    "condition",
    "design",
    "dose",
    "direction",
    "certainty",
    "status",
    "year",
    "numbers",
    "open",
]


def ask(text: str, **filters: str):
    return find(query=read_query(text), filters=filters)


def paths_of(text: str, **filters: str) -> list[str]:
    """All that is found, over all pages."""
    n = ask(text, **filters).n
    pages = [find(query=read_query(text), filters=filters, page=page) for page in range(1, n // 20 + 2)]
    return [hit.path for page in pages for hit in page.hits]


def offered(text: str) -> list[str]:
    return [row.path or row.text for row in suggest(typed=text)]


def test_facets_count_a_condition_that_is_listed_by_its_name_beside_other_words():
    found = ask("ms fatigue")
    assert found.hits[0].path == "/conditions/multiple-sclerosis/"
    for facet in FACETS:
        for value, n in found.counts.get(facet, {}).items():
            assert ask("ms fatigue", **{facet: value}).n == n, (facet, value)


@pytest.mark.parametrize("text", ['ms "mucosal healing"', "ms author:cree", "ms trial -sclerosis"])
def test_phrases_authors_and_exclusions_hold_for_a_page_that_is_named_too(text):
    assert "/conditions/multiple-sclerosis/" not in paths_of(text)


@pytest.mark.parametrize("word", ["fibro", "fibromyalgie", "fibromialgia", "FMS"])
def test_what_a_word_finds_is_what_it_leaves_out_with_a_minus(word):
    every, without = set(paths_of("pain")), set(paths_of(f"pain -{word}"))
    assert without
    assert not without & set(paths_of(word))
    assert every - without <= set(paths_of(word))


@pytest.mark.parametrize("text", ["pain NOT cancer", "pain \u2013cancer", "pain \u2212cancer"])
def test_not_and_a_dash_leave_out_as_a_hyphen_does(text):
    assert paths_of(text) == paths_of("pain -cancer")


def test_not_is_a_word_where_all_is_in_capitals():
    assert read_query("LDN DOES NOT HELP").excluded == ()


def test_an_author_with_a_minus_is_left_out():
    assert not any("Younger" in hit.byline for hit in ask("fibromyalgia pilot -author:younger").hits)
    assert (
        ask("fibromyalgia -author:younger").n == ask("fibromyalgia").n - ask("fibromyalgia author:younger").n
    )


def test_a_year_with_a_minus_is_complained_of_and_not_taken_for_the_year_alone():
    query = read_query("pain -year:2013 year:0000")
    assert (query.year_low, query.unread_years) == (None, ("2013", "0000"))


def test_a_space_after_author_or_year_changes_nothing_and_either_alone_is_no_word():
    assert read_query("author: younger year: 2013") == read_query("author:younger year:2013")
    assert read_query("pain author:") == read_query("pain year:") == read_query("pain")


@pytest.mark.parametrize("text", ["“healing mucosal”", "„healing mucosal“", "«healing mucosal»"])
def test_phrases_hold_in_the_quotation_marks_of_telephones_and_of_other_languages(text):
    assert ask(text).n == 0
    assert read_query(text).phrases == ("healing mucosal",)


def test_a_paper_is_found_as_it_is_cited_with_et_al():
    assert paths_of("Younger et al. 2013")[0] == "/studies/younger2013/"
    assert ask("younger et al").n == ask("younger").n


@pytest.mark.parametrize("text", ["the", "a", "%%s", "is it"])
def test_words_of_every_text_do_not_find_every_page(client, text):
    assert ask(text).n == 0
    assert "Nothing found" in client.get("/search/", {"q": text}).content.decode()


def test_a_page_whose_whole_name_is_of_such_words_is_still_found():
    assert paths_of("how much")[0] == "/doses/"
    assert paths_of("me")[0] == "/conditions/me-cfs/"


def test_where_nothing_is_found_a_mistake_is_spoken_of_with_the_nearest_or_as_on_no_page(client):
    nearest = client.get("/search/", {"q": "fibromialgia zzzzqq"}).content.decode()
    assert nearest.index("Nothing found") < nearest.index("Nearest") < nearest.index("“fibromyalgia”")
    nothing = client.get("/search/", {"q": "fibromialgia", "kind": "poem"}).content.decode()
    assert "No page holds “fibromialgia”." in nothing
    assert "this is what was found" not in nothing


def test_a_page_of_results_beyond_the_last_leads_to_the_last(client):
    n = ask("pain").n
    answer = client.get("/search/", {"q": "pain", "page": "50"})
    assert (answer.status_code, answer["Location"]) == (302, f"/search/?q=pain&page={-(-n // 20)}")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("Schilddrüsenu", "/conditions/hypothyroidism/"),
        ("Morbus C", "/conditions/crohns-disease/"),
        ("nightm", "/side-effects/vivid-dreams/"),
        ("tumor", "/conditions/cancer/"),
        ("Parkinsons", "/conditions/parkinsons-disease/"),
        ("chronic fatigue", "/conditions/me-cfs/"),
        ("depressio", "/conditions/depression/"),
        ("Colitis", "/conditions/ulcerative-colitis/"),
        ("LDN for fibro", "/conditions/fibromyalgia/"),
        ("M.E.", "/conditions/me-cfs/"),
        ("side eff", "/side-effects/"),
    ],
)
def test_a_name_is_offered_by_its_beginning_its_other_names_and_its_plural(typed, path):
    assert path in offered(typed)[:3]


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("fybromyalga", "/conditions/fibromyalgia/"),
        ("Hauser Fi", "/studies/hauser2024/"),
        ("mucosal hea", "/studies/smith2011/"),
        ("younger mackey pi", "/studies/younger2009/"),
        ("LDN and methadone", "/safety/"),
    ],
)
def test_where_no_name_fits_what_a_search_finds_is_offered(typed, path):
    assert path in offered(typed)
    assert "\x02" not in "".join(row.text + row.byline for row in suggest(typed=typed))


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("fibromial", "/conditions/fibromyalgia/"),
        ("fybro", "/conditions/fibromyalgia/"),
        ("LDN fibromial", "/conditions/fibromyalgia/"),
        ("multiple scelro", "/conditions/multiple-sclerosis/"),
        ("hashimto", "/conditions/hypothyroidism/"),
        ("chrohn", "/conditions/crohns-disease/"),
        ("vivd dre", "/side-effects/vivid-dreams/"),
    ],
)
def test_a_name_that_is_begun_with_a_mistake_is_offered(typed, path):
    assert offered(typed)[0] == path


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("cant sleep sinc", "/side-effects/insomnia/"),
        ("heart races wh", "/conditions/pots/"),
        ("itchy bumps fr", "/conditions/prurigo/"),
    ],
)
def test_a_last_word_that_is_begun_and_fits_nothing_leaves_what_fits_the_words_before(typed, path):
    assert offered(typed)[0] == path


def test_a_condition_with_a_name_that_begins_so_is_offered_before_shorter_names():
    assert set(offered("painful")[:2]) == {
        "/conditions/diabetic-neuropathy/",
        "/conditions/interstitial-cystitis/",
    }


def test_what_is_neither_yes_nor_no_narrows_nothing(client):
    plain, odd = (client.get("/search/", {"q": "pain", **more}) for more in ({}, {"numbers": "maybe"}))
    assert odd.context["found"].n == plain.context["found"].n


def test_nothing_is_offered_for_the_beginning_of_no_word():
    assert offered("qwertyu") == offered("fibromyalgia qwertyu") == []


@pytest.mark.parametrize(("typed", "most"), [("fibro", 2), ("Hauser Fi", 6), ("fibromial", 7)])
def test_what_is_offered_costs_few_queries(typed, most):
    with CaptureQueriesContext(connection) as asked:
        assert suggest(typed=typed)
    assert len(asked) <= most


def test_what_is_offered_of_a_title_does_not_end_after_six_words():
    title = Study.objects.get(key="younger2013").title
    assert offered(title[:70])[0] == "/studies/younger2013/"


def test_an_offered_paper_that_was_taken_back_says_so(client):
    Study.objects.filter(key="bruun2024").update(publication_status="retracted")
    update_search(now=timezone.now())
    rows = client.get("/search/suggest/", {"q": "naltrexone 6 mg once"}).json()["suggestions"]
    assert [row["also"].split(" · ")[0] for row in rows if row["path"] == "/studies/bruun2024/"] == [
        "Retracted"
    ]
    page = client.get("/search/", {"q": "naltrexone 6 mg once daily"}).content.decode()
    assert 'href="/studies/bruun2024/" class="is-gone"' in page


def test_a_side_effect_stands_first_for_its_words_with_side_effect():
    assert paths_of("weird dreams side effect")[0] == "/side-effects/vivid-dreams/"


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("crohn OR colitis", "crohn", "colitis"),
        ("multiple sclerosis ODER crohn", "multiple sclerosis", "crohn"),
        ("pain fibromyalgia OR crps", "pain fibromyalgia", "pain crps"),
        ("fibro OR bangzudwimkerl", "fibro", "bangzudwimkerl"),
    ],
)
def test_of_two_words_with_or_between_them_one_is_enough(text, one, other):
    assert set(paths_of(text)) == {*paths_of(one), *paths_of(other)}


@pytest.mark.parametrize(
    "text",
    ["CROHN OR COLITIS", 'crohn OR "colitis"', "OR crohn colitis", "crohn colitis OR", "crohn | colitis"],
)
def test_an_or_that_stands_between_no_two_plain_words_is_a_word_of_every_text(text):
    assert paths_of(text) == paths_of("crohn colitis")
