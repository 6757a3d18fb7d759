"""“Add study by DOI or PMID”, against registries on a real socket."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from redis import Redis

from studies.models import Provenance, Study
from studies.sources.standin import Fault, Paper, Standin, papers_of
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import one_study, page_of, sign_in

pytestmark = pytest.mark.django_db

LOOK_UP = "/admin/studies/study/look-up/"
PAPER = Paper(
    title="A trial of naltrexone for a condition",
    authors=("Müller-Lüd AB", "Noor N"),
    journal="A journal",
    year=2013,
    volume="65",
    issue="2",
    pages="529-538",
    doi="10.1000/a.trial,1",
    pmid=23359310,
)
RETRACTED = Paper(
    title="A trial that was taken back",
    authors=("Author A",),
    year=2012,
    doi="10.1000/retracted",
    pmid=77,
    updated_by=(
        {
            "DOI": "10.1000/notice",
            "type": "retraction",
            "label": "Retraction",
            "source": "publisher",
            "updated": {"date-parts": [[2015, 6, 1]]},
        },
    ),
)


@pytest.fixture
def registries(settings):
    with Standin(papers_of([PAPER, RETRACTED])) as standin:
        settings.CROSSREF_URL, settings.NCBI_URL = standin.crossref_url, standin.ncbi_url
        yield standin
    redis = Redis.from_url(django_settings.REDIS_URL)
    for key in redis.scan_iter("bucket:{*"):
        redis.delete(key)


def ask(client, identifier):
    return client.post(LOOK_UP, {"identifier": identifier})


def text_of(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    "identifier",
    [
        "10.1000/a.trial,1",
        "https://doi.org/10.1000/A.Trial,1",
        "doi:10.1000/a.trial,1",
        "23359310",
        "PMID: 23359310",
        "https://pubmed.ncbi.nlm.nih.gov/23359310/",
    ],
)
def test_a_known_paper_opens_the_filled_form(editor, registries, identifier):
    answer = ask(editor, identifier)
    assert answer.status_code == 302
    form = form_of(editor.get(answer["Location"]))
    assert form["title"] == PAPER.title
    assert form["authors"] == "Müller-Lüd AB\r\nNoor N"
    assert (form["year"], form["volume"], form["issue"], form["pages"]) == ("2013", "65", "2", "529-538")
    assert form["doi"] == PAPER.doi
    assert form["key"] == "mullerlud2013"


def test_a_paper_asked_by_its_pubmed_number_brings_both_numbers(editor, registries):
    form = form_of(editor.get(ask(editor, "23359310")["Location"]))
    assert (form["pmid"], form["doi"]) == ("23359310", PAPER.doi)


def test_the_saved_fields_say_which_registry_they_came_from(editor, registries):
    address = ask(editor, "10.1000/a.trial,1")["Location"]
    form = form_of(editor.get(address))
    form |= {"design": "rct_parallel", "conclusion": "What they found.", "volume": "66"}
    assert editor.post(address, form).status_code == 302
    study = Study.objects.get()
    assert study.authors == ["Müller-Lüd AB", "Noor N"]
    assert study.entered_by == editor.user
    origins = dict(Provenance.objects.values_list("field", "registry"))
    assert origins["title"] == origins["authors"] == origins["doi"] == "crossref"
    assert "volume" not in origins  # the editor typed another one


def test_the_key_gets_a_letter_where_it_is_taken(editor, registries):
    one_study(key="mullerlud2013")
    form = form_of(editor.get(ask(editor, "10.1000/a.trial,1")["Location"]))
    assert form["key"] == "mullerlud2013b"


def test_a_paper_that_is_here_already_is_linked(editor, registries):
    study = one_study(doi=PAPER.doi, pmid=5)
    assert page_of(study) in text_of(ask(editor, "https://doi.org/10.1000/a.trial,1"))


def test_a_paper_that_is_here_under_its_other_number_is_linked(editor, registries):
    study = one_study(doi=PAPER.doi, pmid=None)
    assert page_of(study) in text_of(ask(editor, "23359310"))


def test_a_paper_with_nearly_the_same_title_is_shown_before_the_form(editor, registries):
    study = one_study(title="A trial of Naltrexone for a condition.")
    text = text_of(ask(editor, "23359310"))
    assert "nearly the same title" in text
    assert page_of(study) in text
    assert "Open the filled form" in text


@pytest.mark.parametrize("identifier", ["10.1000/retracted", "77"])
def test_a_retracted_paper_is_shown_as_such_before_anything_else(editor, registries, identifier):
    text = text_of(ask(editor, identifier))
    assert "This paper has been retracted" in text
    assert "1 June 2015" in text
    assert "Open the filled form" in text


def test_an_unknown_doi_is_said_to_be_unknown(editor, registries):
    assert "Crossref does not know this identifier" in text_of(ask(editor, "10.1000/nowhere"))


def test_an_unknown_pubmed_number_is_said_to_be_unknown(editor, registries):
    assert "PubMed does not know this identifier" in text_of(ask(editor, "99999"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("naltrexone", "neither a DOI"),
        ("PMC3962576", "This is a PMC number"),
        ("NCT00568555", "trial&#x27;s registration number"),
    ],
)
def test_what_is_no_doi_or_pubmed_number_is_said_to_be_none(editor, registries, text, sentence):
    assert sentence in text_of(ask(editor, text))
    assert registries.requests == []


@pytest.mark.parametrize("kind", ["html", "empty", "cut"])
def test_an_answer_that_is_none_is_no_paper(editor, registries, kind):
    registries.faults.append(Fault(kind, times=9))
    text = text_of(ask(editor, "10.1000/a.trial,1"))
    assert "Crossref cannot be asked at the moment" in text
    assert "Open the filled form" not in text


def test_a_registry_that_is_down_is_said_to_be_down(editor, settings):
    settings.CROSSREF_URL = "http://127.0.0.1:9"
    assert "Crossref cannot be asked at the moment" in text_of(ask(editor, "10.1000/a.trial,1"))


def test_a_missing_second_opinion_on_retractions_is_said(editor, registries):
    registries.faults.append(Fault("status", times=9, match="works", status=503))
    text = text_of(ask(editor, "23359310"))
    assert "a retraction may be missing here" in text
    assert "Open the filled form" in text


def test_only_who_may_add_studies_may_look_up():
    assert sign_in("guest").get(LOOK_UP).status_code == 403


def test_the_list_and_the_empty_form_link_to_the_look_up(editor):
    for address in ("/admin/studies/study/", "/admin/studies/study/add/"):
        assert f'href="{LOOK_UP}"' in editor.get(address).content.decode()
