"""Every page of the admin opens, and no list asks the database once per row."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions.admin.answers import CertaintyPage
from readers.admin import ProblemReportPage
from studies.admin.base import ReadOnly
from studies.admin.editor_task import EditorTaskPage
from studies.models import FindMatch, MetadataProposal, RegistryCheck, Study
from tests.studies.admin_world import one_study, page_of, sign_in

pytestmark = pytest.mark.django_db

ROOMS = ("studies", "conditions", "readers")
OURS = [model for model in admin.site._registry if model._meta.app_label in ROOMS]
INLINED = [inline.model for page in admin.site._registry.values() for inline in page.inlines]

# Computed, opened by what a registry said, or sent by a reader: nobody adds one.
NOT_ADDED = (ReadOnly, CertaintyPage, EditorTaskPage, ProblemReportPage)

# Queries of a list page, whatever its length; two of them are the session and the editor.
QUERIES = {
    "answerchange": 6,
    "arm": 4,
    "certainty": 5,
    "citationimport": 4,
    "article": 4,
    "articlerevision": 4,
    "claim": 5,
    "collection": 4,
    "computedverdict": 4,
    "condition": 4,
    "dose": 4,
    "editortask": 4,
    "find": 10,
    "importrow": 4,
    "instrument": 4,
    "metadataproposal": 5,
    "notice": 4,
    "omission": 4,
    "outcome": 5,
    "pageanswer": 4,
    "pool": 5,
    "problemreport": 4,
    # The state of all registries in nine queries, however many they are and the papers.
    "refreshrun": 15,
    "registrycheck": 4,
    "registryedition": 4,
    "registrylease": 4,
    "release": 4,
    "releasefile": 4,
    "safetyfact": 4,
    "savedsearch": 4,
    "secondreading": 4,
    "sideeffect": 4,
    "sideeffectreport": 5,
    "study": 7,
    "trial": 7,
    "vocabularysource": 4,
}


@pytest.fixture
def superuser():
    return sign_in("root", is_superuser=True)


def list_of(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def count_queries(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_every_model_of_these_rooms_is_registered_or_stands_on_another_page():
    from django.apps import apps

    from studies.admin.study_inlines import FILLED_IN, NOTED

    shown = {FindMatch}  # the list of finds tells why each was found
    shown |= {*OURS, *INLINED, *(inline.model for inline in [*FILLED_IN, *NOTED])}
    models = {model for room in ROOMS for model in apps.get_app_config(room).get_models()}
    assert models == shown


def test_no_list_asks_more_for_a_hundred_rows_than_for_one(superuser):
    one_study(1)
    count_queries(
        superuser, list_of(Study)
    )  # the first request of a process fills the cache of content types
    for_one = {model._meta.model_name: count_queries(superuser, list_of(model)) for model in OURS}
    for number in range(2, 101):
        one_study(number)
    for_many = {model._meta.model_name: count_queries(superuser, list_of(model)) for model in OURS}
    assert for_one == for_many == QUERIES


@pytest.mark.parametrize("who", ["superuser", "editor"])
def test_every_page_opens(who, request):
    client = request.getfixturevalue(who)
    one_study()
    for model in OURS:
        page = admin.site._registry[model]
        addresses = [list_of(model), page_of(model.objects.first())]
        addresses += [] if isinstance(page, NOT_ADDED) else [f"{list_of(model)}add/"]
        addresses += [f"{list_of(model)}?q=trial"] if page.search_fields else []
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            body = answer.content.decode()
            # What the content security policy would block.
            assert ' style="' not in body, address
            assert "<script>" not in body, address
            assert " onclick=" not in body, address


@pytest.mark.parametrize("model", [model for model in OURS if admin.site._registry[model].list_filter])
def test_every_filter_can_be_chosen(superuser, model):
    one_study()
    answer = superuser.get(list_of(model))
    for spec in answer.context["cl"].filter_specs:
        for choice in spec.choices(answer.context["cl"]):
            assert superuser.get(list_of(model) + choice["query_string"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("author1961a", True),
        ("Trial number 1", True),
        ("Other B", True),
        ("https://doi.org/10.1000/TRIAL.1", True),
        ("NCT00000001", True),
        ("nobody", False),
        ("10.1000/trial.999", False),
    ],
)
def test_a_study_is_found_by_key_title_author_or_identifier(superuser, query, is_found):
    one_study(registry_ids=["NCT00000001"])
    answer = superuser.get(list_of(Study), {"q": query})
    assert bool(answer.context["cl"].result_list) is is_found


def test_a_study_is_found_by_its_pubmed_number(superuser):
    one_study(pmid=23359310)
    answer = superuser.get(list_of(Study), {"q": "PMID 23359310"})
    assert len(answer.context["cl"].result_list) == 1


@pytest.mark.parametrize(("value", "found"), [("yes", 0), ("no", 1)])
def test_studies_are_filtered_by_whether_a_second_person_has_checked_them(superuser, value, found):
    one_study()
    assert len(superuser.get(list_of(Study), {"checked": value}).context["cl"].result_list) == found


@pytest.mark.parametrize(("value", "found"), [("yes", 1), ("no", 0)])
def test_studies_are_filtered_by_open_proposals(superuser, value, found):
    one_study()
    assert len(superuser.get(list_of(Study), {"proposal": value}).context["cl"].result_list) == found


def test_studies_are_filtered_by_kind(superuser):
    one_study()
    one_study(2, design="case_report")
    found = superuser.get(list_of(Study), {"group": "randomised"}).context["cl"].result_list
    assert [study.design for study in found] == ["rct_parallel"]


@pytest.mark.parametrize("model", [RegistryCheck, MetadataProposal])
def test_what_machines_wrote_cannot_be_changed_or_removed(superuser, model):
    one_study()
    row = model.objects.get()
    assert superuser.post(page_of(row), {"_save": "Save"}).status_code == 403
    assert superuser.post(page_of(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert superuser.get(f"{list_of(model)}add/").status_code == 403


def test_provenance_cannot_be_changed_on_the_study_page(superuser):
    study = one_study()
    row = study.provenance.first()
    body = superuser.get(page_of(study)).content.decode()
    assert "where each number was read" in body.lower()
    assert 'name="provenance-0-read_by"' not in body
    assert row.read_by is None


def test_an_editor_removes_no_study_and_manages_no_people(editor):
    study = one_study()
    assert editor.post(page_of(study).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert editor.get("/admin/auth/user/").status_code == 403
    assert editor.get("/admin/auth/group/").status_code == 403


def test_not_even_a_superuser_removes_a_study_that_a_claim_leans_on(superuser):
    study = one_study()
    superuser.post(page_of(study).replace("change", "delete"), {"post": "yes"})
    superuser.post(list_of(Study), {"action": "delete_selected", "_selected_action": study.pk, "post": "yes"})
    assert Study.objects.filter(pk=study.pk).exists()


def test_a_reader_without_an_account_is_asked_to_sign_in(client):
    answer = client.get("/admin/", follow=True)
    assert "LDN knowledge base: editors" in answer.content.decode()
    assert answer.redirect_chain[-1][0].startswith("/admin/login/")


def test_the_first_page_says_what_waits_with_few_queries(superuser):
    study = one_study()
    Study.objects.update(publication_status="retracted")
    RegistryCheck.objects.create(
        study=study,
        registry="pubmed",
        asked_at=study.created_at,
        answer="conflict",
        next_check_at=study.created_at,
    )
    one = count_queries(superuser, "/admin/")
    body = " ".join(superuser.get("/admin/").content.decode().split())
    for text in (
        "<strong>1</strong> published study has been retracted",
        "<strong>1</strong> identifier leads to another paper",
        "<strong>1</strong> proposal of a registry to decide",
        "<strong>1</strong> study that no second person has checked",
    ):
        assert text in body
    for number in range(2, 12):
        one_study(number)
    assert count_queries(superuser, "/admin/") == one == 14


def test_each_line_of_the_first_page_leads_to_as_many_rows_as_it_counts(superuser):
    one_study()
    one_study(2, publication_status="retracted", status="published")
    one_study(3, status="in_review")
    page = superuser.get("/admin/").content.decode()
    lines = re.findall(r'<li><a href="([^"]+)"><strong>(\d+)</strong>', page)
    assert len(lines) == 7
    for address, count in lines:
        found = superuser.get(html.unescape(address)).context["cl"].result_list
        assert len(found) == int(count), address


def test_the_first_page_names_a_registry_that_does_not_answer(superuser):
    RegistryCheck.objects.create(
        study=one_study(),
        registry="pubmed",
        answer="failed",
        failures=1,
        detail="no answer",
        asked_at="2026-03-01T00:00Z",
        next_check_at="2026-03-01T00:00Z",
    )
    body = superuser.get("/admin/").content.decode()
    assert "PubMed does not answer at present" in body
    assert "Crossref does not answer" not in body
