"""Lists of studies from stored documents: what the API says, and never from before a change."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import orjson
import psycopg
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions.models import Release
from pages.apps import IN_DOCUMENTS
from pages.models import DocumentChange, StudyDocument
from pages.services.addresses import own_address
from pages.services.documents import find_stale_documents, own_request, publish_documents
from pages.services.publishing import publish_stale
from pages.services.reading import Connections, read_state
from pages.study_lists import PATH, StudyLists
from studies.api.documents import write_studies
from studies.models import Study
from tests import make
from tests.pages.server import Reply, Server, database_url
from tests.pages.test_freshness import KEY, take_back

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("corpus")]

FROM_DOCUMENTS = """

page=2
page=4&page_size=50
page=1&page_size=7
page_size=3&page=3
page_size=500
cursor=*
cursor=
cursor=%2A&page_size=7
cursor=c30&page_size=7
cursor=c999999999
ordering=key&page_size=5
condition=fibromyalgia&cursor=*
condition=&design=rct_parallel
design_group=randomised&year_min=2015&year_max=2020
q=pain+fibro
q=nothing-has-this
dose_band=3-to-4.5&direction=favours_ldn
has_numbers=false&is_checked=false
is_checked=true
publication_status=retracted
fields=title,key&format=json
fields=key,arms&page_size=3
expand=arms,provenance&page_size=20
provenance=full&page_size=20
provenance=full&fields=key,provenance&cursor=*
expand=outcomes,side_effects,second_reading,notices,registry_checks,risk_of_bias,sources&page_size=20
""".splitlines()[1:]
FROM_DJANGO = """page=x
page=0
page=
page_size=&page=2
fields=
page=99
page_size=-1
cursor=30
cursor=*&page=2
cursor=*&ordering=key
colour=blue
as_of=2026-11-20
as_of=
fields=colour
fields=key&fields=title
condition=nowhere
format=xml
q=%00
q=%25
p%61ge=2
year_min=x""".splitlines()
# A column of a table, by which a document says something else; of some only other rows lead to a study.
CHANGES = {
    "studies_study": "title = title || '!'",
    "studies_titrationstep": "amount_mg = amount_mg + 1",
    "studies_armresult": "note = coalesce(note, '') || '!'",
    "studies_effect": "note = coalesce(note, '') || '!'",
    "studies_sideeffect": "slug = slug || '-'",
    "studies_sideeffectcount": "events = NULL, percent = NULL",
    "studies_correction": "why = why || '!'",
    "conditions_condition": "slug = slug || '-'",
    "studies_provenance": "place = coalesce(place, '') || '!'",
}


@pytest.fixture
def lists() -> Iterator[StudyLists]:
    lists = StudyLists(Connections())
    yield lists
    lists.connections._close()


@pytest.fixture
def elsewhere(lists: StudyLists) -> Iterator[psycopg.Connection]:
    """Another writer, past all services, who finds all documents fresh; rolled back unless it commits."""
    publish_all()
    with psycopg.connect(database_url()) as writer:
        yield writer
        writer.rollback()


def publish_all() -> None:
    for study_ids in find_stale_documents():
        publish_documents(study_ids=study_ids, is_waiting=True)


def stored(lists: StudyLists, query: str) -> bytes | None:
    return lists.answer({"PATH_INFO": PATH, "QUERY_STRING": query}, read_state()[0])


def entry(lists: StudyLists, key: str = KEY) -> dict:
    body = stored(lists, "page_size=100&fields=key,title,publication_status,notices&ordering=key")
    assert body is not None
    return next(study for study in orjson.loads(body)["results"] if study["key"] == key)


def test_a_list_from_documents_is_to_the_byte_what_the_api_says(lists: StudyLists):
    client, headers = Client(), {"host": own_address()["HTTP_HOST"]}
    for query in FROM_DOCUMENTS:
        for once in ("first", "second"):  # what is remembered of the first is the same
            body = stored(lists, query)
            assert body is not None, f"{query!r} was left to Django, the {once} time"
            assert body == client.get(f"{PATH}?{query}".rstrip("?"), headers=headers).content, query
    assert not list(find_stale_documents())[1:], "the readers have published what they read"


def test_what_only_the_api_can_answer_is_left_to_it(lists: StudyLists):
    for query in FROM_DJANGO:
        assert stored(lists, query) is None, query
    assert lists.answer({"PATH_INFO": f"{PATH}{KEY}/", "QUERY_STRING": ""}, read_state()[0]) is None


def test_a_reader_through_the_front_door_is_sent_both_with_the_same_headers(site: Server):
    from_documents, from_django = (ask_the_door(site, query) for query in ("q=pain&page_size=2", "q=%25"))
    own = {"content-length", "etag", "date", "last-modified"}
    assert from_documents.status == from_django.status == 200
    for name in (from_documents.headers.keys() | from_django.headers.keys()) - own:
        # Two processes may have answered, and each writes the directives of a policy in an order of its own.
        values = [set(reply.headers[name].split("; ")) for reply in (from_documents, from_django)]
        assert values[0] == values[1], name
    again = site.ask(f"{PATH}?q=pain&page_size=2", If_None_Match=from_documents.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_retraction_makes_the_document_anew_in_its_transaction(lists: StudyLists):
    publish_all()
    try:
        make.retract(KEY)
        assert not list(find_stale_documents())
        assert entry(lists)["publication_status"] == "retracted"
        assert [notice["kind"] for notice in entry(lists)["notices"]] == ["retraction"]
    finally:
        take_back(KEY)
    assert entry(lists)["publication_status"] != "retracted"


def test_so_is_one_past_all_services_in_the_very_next_answer_of_the_same_state(lists, elsewhere):
    state = read_state()[0]
    request = {"PATH_INFO": PATH, "QUERY_STRING": "condition=fibromyalgia&page_size=100"}
    assert b'"retracted"' not in lists.answer(request, state)
    elsewhere.execute("UPDATE studies_study SET publication_status = 'retracted' WHERE key = %s", [KEY])
    assert b'"retracted"' not in lists.answer(request, state)
    elsewhere.commit()
    try:
        assert b'"retracted"' in lists.answer(request, state)
    finally:
        elsewhere.execute("UPDATE studies_study SET publication_status = 'unknown' WHERE key = %s", [KEY])
        elsewhere.commit()
    assert b'"retracted"' not in lists.answer(request, state)


def test_a_document_made_while_somebody_writes_is_not_found_after_that_ones_commit(lists, elsewhere):
    elsewhere.execute("UPDATE studies_study SET title = 'Another title' WHERE key = %s", [KEY])
    study = Study.objects.get(key=KEY)
    publish_documents(study_ids=[study.pk], is_waiting=False)
    assert entry(lists)["title"] == study.title
    elsewhere.commit()
    assert entry(lists)["title"] == "Another title"
    elsewhere.execute("UPDATE studies_study SET title = %s WHERE key = %s", [study.title, KEY])
    elsewhere.commit()


def test_no_reader_waits_for_a_document_that_somebody_is_making(lists, elsewhere):
    study = Study.objects.get(key=KEY)
    DocumentChange.objects.create(study_id=study.pk, xact=1)
    elsewhere.execute("SELECT FROM pages_studydocument WHERE study_id = %s FOR UPDATE", [study.pk])
    connection.cursor().execute("SET lock_timeout = '2s'")
    assert stored(lists, "page_size=100&ordering=key") is None
    elsewhere.rollback()
    assert stored(lists, "page_size=100&ordering=key")


def test_every_table_that_a_document_is_made_of_is_watched():
    with CaptureQueriesContext(connection) as queries:
        say_all()
    read = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    watched = {apps.get_model(label)._meta.db_table for label in IN_DOCUMENTS}
    assert read == watched | {"auth_user"}


def test_a_change_of_a_tables_rows_makes_each_document_stale_that_they_stand_in():
    publish_all()
    before = say_all()
    for table, change in CHANGES.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {change}")  # noqa: S608 - words of this file
            after = say_all()
            differing = {pk for pk, said in before.items() if said != after[pk]}
            assert differing, table
            assert differing <= noted(), table
            transaction.set_rollback(True)


def test_words_of_a_condition_that_stand_in_no_document_make_none_stale():
    publish_all()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE conditions_condition SET name = name || '!'")
        assert noted() == set()
        transaction.set_rollback(True)


def test_so_does_another_name_of_who_checked_it():
    publish_all()
    with transaction.atomic():
        checker = get_user_model().objects.create_user("checker")
        study = Study.objects.get(key=KEY)
        Study.objects.filter(pk=study.pk).update(checked_by=checker, checked_on="2026-01-01")
        DocumentChange.objects.all().delete()
        get_user_model().objects.filter(pk=checker.pk).update(username="another")
        assert noted() == {study.pk}
        transaction.set_rollback(True)


def test_the_job_makes_what_is_missing_or_of_other_code_and_drops_what_is_published_no_more(monkeypatch):
    publish_all()
    monkeypatch.setattr("pages.services.publishing.find_addresses", lambda: iter(()))
    gone, missing, old = StudyDocument.objects.values_list("pk", flat=True).order_by("pk")[:3]
    StudyDocument.objects.filter(pk=missing).delete()
    StudyDocument.objects.filter(pk=old).update(edition="of another code", entry=b"{}")
    with transaction.atomic():  # what many writes past the services do
        Study.objects.filter(pk=gone).update(status="draft")
    try:
        run = publish_stale(now=timezone.now())
        assert (run.n_stale, run.n_published, run.n_failed) == (3, 3, 0)
        assert not StudyDocument.objects.filter(pk=gone).exists()
        made = StudyDocument.objects.filter(pk__in=[missing, old])
        assert [b'"title"' in bytes(document.entry) for document in made] == [True, True]
    finally:
        Study.objects.filter(pk=gone).update(status="published")


def test_the_release_that_a_list_is_named_with_is_that_of_its_state(site: Server):
    """Of what stands beside a list, this alone changes while a process lives; last, as a release stays."""
    query = "page_size=3"
    assert "ldn-release" not in ask_the_door(site, query).headers
    now = timezone.now()
    made = {"made_at": now, "made_from": now, "content_sha256": "0" * 64}
    Release.objects.create(name="2026-11-20", day=now.date(), **made)
    assert wait_for_release(site, query)["ldn-release"] == "2026-11-20"
    title = Study.objects.get(key=KEY).title
    for written in (f"{title}.", title):
        Study.objects.filter(key=KEY).update(title=written)
    assert wait_for_release(site, query, is_changed="true")


def wait_for_release(site: Server, query: str, **also: str) -> dict[str, str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        headers = ask_the_door(site, query).headers
        if "ldn-release" in headers and headers["ldn-release-changed"] == also.get("is_changed", "false"):
            return headers
    raise AssertionError("the door goes on naming another release")


def ask_the_door(site: Server, query: str) -> Reply:
    """The front door's answer; a process that has not yet seen the state leaves the first ones to Django."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        reply = site.ask(f"{PATH}?{query}")
        if "vary" in reply.headers:
            return reply
    raise AssertionError(f"{query} is not answered by the front door")


def say_all() -> dict[int, tuple[bytes, bytes]]:
    ids = list(Study.objects.values_list("pk", flat=True))
    return {pk: (entry, parts) for pk, entry, parts in write_studies(ids, own_request())}


def noted() -> set[int]:
    return set(DocumentChange.objects.values_list("study_id", flat=True))
