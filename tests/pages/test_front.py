"""What readers and caches are sent by the real server."""

from __future__ import annotations

import gzip

import brotli
import pytest
from django.utils import timezone

from pages.models import Page
from pages.services.addresses import PUBLISHED, find_addresses
from pages.services.publishing import publish, publish_stale
from studies.models import Study
from tests.pages.server import Server

PATH = "/conditions/fibromyalgia/"
SECURITY = {
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("corpus")]


@pytest.fixture(autouse=True, scope="module")
def _published(corpus, django_db_blocker):
    with django_db_blocker.unblock():
        publish_stale(now=timezone.now())


def test_the_three_bodies_are_the_same_page(site: Server):
    plain = site.ask(PATH)
    assert plain.status == 200
    assert "content-encoding" not in plain.headers
    packed = site.ask(PATH, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    small = site.ask(PATH, Accept_Encoding="gzip, deflate, br")
    assert small.headers["content-encoding"] == "br"
    assert brotli.decompress(small.body) == plain.body
    assert len({plain.headers["etag"], packed.headers["etag"], small.headers["etag"]}) == 3
    assert len(small.body) < len(plain.body) / 3


def test_a_published_page_says_what_django_says_and_how_it_may_be_kept(site: Server):
    from_django = site.ask(PATH, Cookie="sessionid=none")
    published = site.ask(PATH)
    assert published.body == from_django.body
    assert published.headers.keys() >= SECURITY
    for name in SECURITY - {"content-security-policy"}:
        assert published.headers[name] == from_django.headers[name]
    policies = [
        set(reply.headers["content-security-policy"].split("; ")) for reply in (published, from_django)
    ]
    assert policies[0] == policies[1]
    assert published.headers["vary"] == "Accept-Encoding"
    assert published.headers["content-type"] == "text/html; charset=utf-8"
    assert set(published.headers["cache-control"].split(", ")) == {
        *("public", "max-age=0", "stale-while-revalidate=1", "stale-if-error=86400")
    }


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_who_has_the_page_is_told_so_without_a_body(site: Server, encoding):
    tag = site.ask(PATH, Accept_Encoding=encoding).headers["etag"]
    again = site.ask(PATH, Accept_Encoding=encoding, If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == tag
    assert {"cache-control", "vary"} <= again.headers.keys()
    assert site.ask(PATH, Accept_Encoding=encoding, If_None_Match='"another"').status == 200


def test_a_head_has_the_headers_of_the_get_and_no_body(site: Server):
    whole, head = site.ask(PATH), site.ask(PATH, "HEAD")
    assert (head.status, head.body) == (200, b"")
    for name in ("etag", "content-length", "content-type", "vary", "cache-control"):
        assert head.headers[name] == whole.headers[name]
    assert int(head.headers["content-length"]) == len(whole.body)


def test_what_is_asked_or_sent_by_one_reader_goes_to_django(site: Server):
    assert "etag" not in site.ask("/studies/?q=pain").headers
    assert "etag" not in site.ask("/studies/", Cookie="sessionid=none").headers
    assert site.ask(PATH, "POST").status in (403, 405)
    assert site.ask("/studies/", Host="elsewhere.example").status == 400
    assert site.ask("/studies/", Host="localhost:8000").headers["etag"]


def test_what_is_no_page_is_answered_by_django(site: Server):
    assert site.ask("/studies/nobody1900/").status == 404
    assert site.ask("/studies").status == 301
    assert site.ask("/healthz").body == b"ok\n"
    assert "etag" not in site.ask("/admin/login/").headers
    assert not Page.objects.filter(path__in=["/studies/nobody1900/", "/healthz", "/search/"]).exists()


def test_every_address_is_published_and_each_answers_with_its_row(site: Server):
    paths = list(find_addresses())
    assert len(paths) > 2 * Study.objects.published().count()
    pages = {page.path: page for page in Page.objects.all()}
    assert set(paths) == set(pages)
    for path in paths[::20]:
        assert site.ask(path).body == bytes(pages[path].identity)


def test_the_study_documents_of_the_api_are_published(site: Server):
    reply = site.ask("/api/v1/studies/bruun2024/")
    assert reply.headers["content-type"] == "application/json"
    assert site.ask("/api/v1/studies/bruun2024/", If_None_Match=reply.headers["etag"]).status == 304


def test_a_page_that_nobody_has_published_is_published_by_its_first_reader(site: Server):
    Page.objects.filter(path="/about/").delete()
    # In a coding that no other test asks it in: no process has it in memory.
    replies = [site.ask("/about/", Accept_Encoding="br") for _ in range(4)]
    assert {reply.status for reply in replies} == {200}
    assert len({reply.headers["etag"] for reply in replies}) == 1
    assert Page.objects.filter(path="/about/").exists()


def test_the_name_under_which_a_reader_asks_is_in_no_published_page(site: Server):
    Page.objects.filter(path="/api/v1/studies/bruun2024/").delete()
    assert b"127.0.0.1" not in site.ask("/api/v1/studies/bruun2024/").body


def test_every_address_of_the_site_is_published_or_is_known_not_to_be():
    """Whoever adds a page decides: to PUBLISHED where it says the same to all, or to this list."""
    from django.urls import get_resolver

    # A pool may be asked for in part (HX-Request) and in other ways by its address; so may what-if.
    asked_by_one_reader = {
        "suggest",
        "pool",
        "sheet-of-day",
        # Never changes: kept by whoever has it, for a year.
        "release-file",
        "what-if",
        "search",
        # Files to take away, written when they are asked for.
        "study-export",
        "studies-export",
        "condition-references",
        "search-export",
        # Made from the published pages.
        "sitemap",
        "sitemap-part",
        # Forms and answers of one reader.
        "problem",
        "problem-sent",
        "reading-list-items",
        "admin",
        "healthz",
        "readyz",
        "api-schema",
        "api-docs",
        "api-root",
    }
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    pages = {name for name in names if not name.startswith(("api-", "fhir-"))}
    assert pages - set(PUBLISHED) <= asked_by_one_reader


def test_publishing_twice_keeps_one_row():
    first = publish(path="/about/", now=timezone.now())
    second = publish(path="/about/", now=timezone.now())
    assert first.etag == second.etag
    assert Page.objects.filter(path="/about/").count() == 1
