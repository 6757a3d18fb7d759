"""What programs find: feeds, the heads of pages, their facts as JSON-LD, the sitemap."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import brotli
import feedparser
import pytest
import time_machine
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
from django.utils import timezone

from conditions.models import AnswerChange, Article, Condition, Pool, SafetyFact
from pages.services import sitemap
from pages.services.addresses import find_addresses
from pages.services.publishing import publish
from studies.domain.bibliography import NoticeFacts
from studies.domain.structured_data import write_json_ld
from studies.models import Notice, Study, Trial
from studies.services.following import follow_changes
from studies.services.notices import record_notices
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]
FEEDS = ["/feeds/changes.atom", "/feeds/notices.atom", "/conditions/fibromyalgia/feed.atom"]


@pytest.fixture
def retracted() -> Study:
    study = Study.objects.get(key="bruun2024")
    notice = NoticeFacts(kind="retraction", raw_kind="Retraction", notice_doi="10.1000/notice")
    record_notices(study=study, registry="crossref", notices=[notice], now=timezone.now())
    follow_changes(now=timezone.now())
    return study


def read(client, path: str):
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return feedparser.parse(answer.content)


@pytest.mark.parametrize("path", FEEDS)
def test_a_retraction_is_told_in_a_feed_that_readers_understand(client, settings, retracted, path):
    feed = read(client, path)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.id
    entry = feed.entries[0]
    assert retracted.key in f"{entry.title} {entry.summary}"
    assert entry.link.startswith(settings.PUBLIC_URL)
    assert client.get(entry.link.removeprefix(settings.PUBLIC_URL).partition("#")[0]).status_code == 200
    assert len({each.id for each in feed.entries}) == len(feed.entries)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_says_the_same_until_something_happens(client, path):
    assert client.get(path).content == client.get(path).content
    assert not read(client, path).bozo


def test_a_condition_that_the_paper_is_not_about_is_told_nothing(client, retracted):
    other = Condition.objects.exclude(study_conditions__study=retracted).order_by("slug").last()
    assert not read(client, f"/conditions/{other.slug}/feed.atom").entries
    assert client.get("/conditions/no-such-thing/feed.atom").status_code == 404


def test_the_feeds_are_named_where_readers_and_programs_look(client):
    for page, feed in [("/changes/", FEEDS[1]), ("/conditions/fibromyalgia/", FEEDS[2])]:
        text = client.get(page).content.decode()
        assert text.count(f'href="{feed}"') == 2


@pytest.mark.usefixtures("retracted")
def test_a_feed_that_a_reader_has_is_not_sent_again(client):
    known = {path: client.get(path) for path in FEEDS}
    for path, first in known.items():
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
        assert client.get(path, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    Notice.objects.update(first_seen_at=timezone.now() + timedelta(minutes=2))
    AnswerChange.objects.update(at=timezone.now() + timedelta(minutes=2))
    for path, first in known.items():
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200
        assert client.get(path, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200


class Head(HTMLParser):
    """What the head of a page says, and its data blocks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.title, self.blocks, self.coins = "", [], ""
        self.metas: list[tuple[str, str]] = []
        self.links: list[dict[str, str]] = []
        self._in = ""
        self.feed(page)
        self.data = [part for block in self.blocks for part in json.loads(block)["@graph"]]

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "meta":
            self.metas.append((values.get("name") or values.get("property"), values.get("content")))
        if tag == "link":
            self.links.append(values)
        if values.get("class") == "Z3988":
            self.coins = values["title"]
        self._in = "block" if values.get("type") == "application/ld+json" else tag
        if self._in == "block":
            self.blocks.append("")

    def handle_endtag(self, _tag):
        self._in = ""

    def handle_data(self, data):
        if self._in == "title" and not self.title:
            self.title = data
        if self._in == "block":
            self.blocks[-1] += data

    def metas_of(self, name: str) -> list[str]:
        return [content for each, content in self.metas if each == name]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [part for part in self.data if part["@type"] == kind]


def read_head(client, path: str) -> Head:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return Head(answer.content.decode())


@pytest.fixture(scope="module")
def bodies(corpus, django_db_blocker) -> dict[str, bytes]:
    """Every page over the corpus, read once for all tests that change nothing."""
    with django_db_blocker.unblock():
        return {path: Client().get(path).content for path in pages()}


@pytest.fixture(scope="module")
def heads(bodies) -> dict[str, Head]:
    return {path: Head(body.decode()) for path, body in bodies.items()}


def pages() -> list[str]:
    """The addresses of all pages for readers."""
    programs = re.compile(r"\.atom$|\.txt$|^/api/|^/reading-list/")
    return [path for path in find_addresses() if not programs.search(path)]


def test_every_page_says_its_address_its_title_and_what_it_is_about(heads, settings):
    titles = {}
    for path, head in heads.items():
        (description,) = head.metas_of("description")
        assert 40 <= len(description) <= 310, path
        assert [link["href"] for link in head.links if link["rel"] == "canonical"] == [
            settings.PUBLIC_URL + path
        ]
        assert {link.get("hreflang") for link in head.links} >= {"x-default", "en-gb"}
        assert head.metas_of("og:url") == [settings.PUBLIC_URL + path]
        assert head.title.startswith(head.metas_of("og:title")[0])
        assert head.metas_of("og:description") == [description]
        assert head.data, path
        assert "rating" not in json.dumps(head.data).lower()
        titles.setdefault(head.title, []).append(path)
    # A paper and its earlier version may have one title, as may two registrations of a trial.
    for same in titles.values():
        assert len(same) == 1 or same[0].startswith(("/studies/", "/trials/")), same


def test_the_facts_of_every_study_page_are_those_of_the_record(heads, settings):
    for study in Study.objects.published().prefetch_related("conditions"):
        head, url = heads[study.get_absolute_url()], settings.PUBLIC_URL + study.get_absolute_url()
        (paper,), (page,) = head.of_type("ScholarlyArticle"), head.of_type("MedicalWebPage")
        assert (page["@id"], page["description"]) == (url, study.conclusion)
        assert paper["headline"] == " ".join(study.title.split())
        assert len(paper.get("author", [])) == len(study.authors or [])
        assert paper.get("datePublished") == (str(study.year) if study.year else None)
        numbers = {entry["propertyID"]: entry["value"] for entry in paper.get("identifier", [])}
        expected = {"doi": study.doi, "pmid": study.pmid and str(study.pmid), "pmcid": study.pmcid}
        assert numbers == {name: value for name, value in expected.items() if value}
        named = {entry["name"] for entry in page["about"] if entry["@type"] == "MedicalCondition"}
        assert named == {condition.name for condition in study.conditions.all() if not condition.is_topic}
        trials = [*head.of_type("MedicalTrial"), *head.of_type("MedicalObservationalStudy")]
        assert len(trials) == (study.group in ("randomised", "other_trial", "observational"))
        for trial in trials:
            assert trial.get("identifier", []) == study.registry_ids
            assert (
                "https://schema.org/RandomizedTrial" in trial.get("trialDesign", [])
            ) == study.is_randomised
        tags = {name: head.metas_of(f"citation_{name}") for name in ("title", "doi", "pmid", "author")}
        assert tags["title"] == [paper["headline"]]
        assert tags["doi"] == ([study.doi] if study.doi else [])
        assert tags["pmid"] == ([str(study.pmid)] if study.pmid else [])
        assert len(tags["author"]) == len(study.authors or [])
        coins = parse_qs(head.coins)
        assert coins["rft.atitle"] == [paper["headline"]]
        assert coins.get("rft.date") == ([str(study.year)] if study.year else None)
        assert len(coins.get("rft.au", [])) == len(study.authors or [])


def test_the_facts_of_other_pages_are_those_of_the_records(client, heads, settings):
    for condition in Condition.objects.with_also_called():
        head = heads[condition.get_absolute_url()]
        subjects = head.of_type("MedicalCondition")
        assert bool(subjects) is not condition.is_topic
        for subject in subjects:
            assert (subject["name"], subject["description"]) == (condition.name, condition.definition)
            assert subject.get("alternateName", []) == condition.also_called
            codes = {code["codingSystem"]: code["codeValue"] for code in subject.get("code", [])}
            assert codes.get("MeSH") == condition.mesh_id
            assert codes.get("ICD-10") == condition.icd10
        assert "lastReviewed" not in head.of_type("MedicalWebPage")[0]
    for trial in Trial.objects.all():
        (data,) = heads[trial.get_absolute_url()].of_type("MedicalTrial")
        assert (data["name"], data["identifier"]) == (trial.title, [trial.registry_id, *trial.other_ids])
    (drug,) = read_head(client, "/safety/").of_type("Drug")
    stops = SafetyFact.objects.filter(level="stop")
    assert sorted(drug["warning"]) == sorted(stops.values_list("headline", flat=True))
    (dataset,) = read_head(client, "/studies/").of_type("Dataset")
    for file in dataset["distribution"]:
        assert client.get(file["contentUrl"].removeprefix(settings.PUBLIC_URL)).status_code == 200
    assert f"{Study.objects.published().count()} studies" in dataset["description"]


def test_the_way_to_a_page_is_told(client, settings):
    (crumbs,) = read_head(client, "/studies/bruun2024/").of_type("BreadcrumbList")
    steps = crumbs["itemListElement"]
    assert [(step["name"], step["item"].removeprefix(settings.PUBLIC_URL)) for step in steps] == [
        ("Home", "/"), ("Studies", "/studies/"), ("bruun2024", "/studies/bruun2024/"),
    ]  # fmt: skip


def test_a_retracted_paper_is_called_so_in_the_data(client):
    retracted = make.make_study(publication_status="retracted")
    (paper,) = read_head(client, retracted.get_absolute_url()).of_type("ScholarlyArticle")
    assert paper["creativeWorkStatus"] == "Retracted"
    (other,) = read_head(client, "/studies/younger2013/").of_type("ScholarlyArticle")
    assert "creativeWorkStatus" not in other


def test_a_review_of_an_article_is_told_with_its_day(client):
    article = Article.objects.published().filter(condition=None).first()
    article.reviewed_by, article.reviewed_on = "Dr A", "2026-11-01"
    article.save()
    (page,) = read_head(client, article.get_absolute_url()).of_type("MedicalWebPage")
    assert (page["lastReviewed"], page["reviewedBy"]["name"]) == ("2026-11-01", "Dr A")


def test_no_text_of_a_record_breaks_out_of_the_data_or_the_head(client):
    title = 'A </script><script>alert(1)</script> "quoted" & <!-- \u2028'
    study = make.make_study(title=title, conclusion=title * 20)
    page = client.get(study.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    head = Head(page)
    assert head.of_type("MedicalWebPage")[0]["name"] == title
    assert head.metas_of("og:title") == [" ".join(title.split())]
    assert len(head.metas_of("description")[0]) < 310
    assert not set("<>&\u2028") & set(write_json_ld([{"name": title}]))


def test_a_later_page_of_a_list_is_a_page_of_its_own_and_a_filter_is_not(client, settings):
    def canonical(path: str) -> str:
        return next(link["href"] for link in read_head(client, path).links if link["rel"] == "canonical")

    assert canonical("/studies/?page=2") == f"{settings.PUBLIC_URL}/studies/?page=2"
    assert canonical("/studies/?condition=fibromyalgia") == f"{settings.PUBLIC_URL}/studies/"
    assert canonical('/studies/?page="><b>') == f"{settings.PUBLIC_URL}/studies/"


def sitemap_of(client, path: str = "/sitemap.xml") -> dict[str, str | None]:
    answer = client.get(path)
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
    return {entry.findtext(f"{name}loc"): entry.findtext(f"{name}lastmod") for entry in root}


def test_the_sitemap_lists_exactly_the_public_pages(client, settings):
    make.make_study(key="draft1999", status="draft")
    listed = {address.removeprefix(settings.PUBLIC_URL) for address in sitemap_of(client)}
    assert listed == {
        *pages(),
        *(pool.get_absolute_url() for pool in Pool.objects.select_related("condition")),
    }
    assert not any("draft1999" in address for address in listed)


def test_the_sitemap_says_when_a_page_changed_and_not_when_it_was_made_again(client, settings):
    address, first = f"{settings.PUBLIC_URL}/about/", datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert sitemap_of(client)[address] is None
    publish(path="/about/", now=first)
    publish(path="/about/", now=first + timedelta(days=1))
    assert datetime.fromisoformat(sitemap_of(client)[address]) == first
    make.make_study()
    publish(path="/about/", now=first + timedelta(days=2))
    assert datetime.fromisoformat(sitemap_of(client)[address]) == first + timedelta(days=2)


def test_another_style_and_another_day_are_no_change_of_a_page(client, settings, monkeypatch):
    path, first = "/conditions/fibromyalgia/sheet/", datetime(2026, 11, 1, 12, tzinfo=UTC)
    with time_machine.travel(first, tick=False):
        before = publish(path=path, now=first)
    renamed = partial(re.compile(r"(.+)\.([a-z]+)").sub, r"/static/\1.0123456789ab.\2")
    monkeypatch.setattr(staticfiles_storage, "url", renamed)
    with time_machine.travel(first + timedelta(days=1), tick=False):
        after = publish(path=path, now=first + timedelta(days=1))
    assert before.etag != after.etag
    assert b".0123456789ab.css" in after.identity
    assert datetime.fromisoformat(sitemap_of(client)[settings.PUBLIC_URL + path]) == first


def test_a_sitemap_of_too_many_addresses_goes_into_several_files(client, settings, monkeypatch):
    whole = sitemap_of(client)
    monkeypatch.setattr(sitemap, "PART", 100)
    parts = list(sitemap_of(client))
    assert len(parts) == -(-len(whole) // 100)
    found = [entry for part in parts for entry in sitemap_of(client, part.removeprefix(settings.PUBLIC_URL))]
    assert found == list(whole)
    assert client.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404


def test_robots_are_shown_the_way_and_models_what_to_heed(client, heads, settings):
    robots = client.get("/robots.txt")
    assert robots["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml" in robots.content.decode()
    text = client.get("/llms.txt").content.decode()
    assert text.startswith("# LDN knowledge base\n\n> ")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == len(set(links)) > Condition.objects.count()
    for path in (link.removeprefix(settings.PUBLIC_URL) for link in links):
        assert path in heads or client.get(path).status_code == 200, path


def test_no_condition_page_is_heavier_than_60_kb_packed(bodies):
    for path in (condition.get_absolute_url() for condition in Condition.objects.all()):
        assert len(brotli.compress(bodies[path], quality=5)) < 60_000, path


@pytest.mark.parametrize(
    "path", ["/fhir/Bundle/fibromyalgia", "/api/schema/", "/sitemap.xml", "/studies/export.ris", "/llms.txt"]
)
def test_a_file_is_packed_for_who_takes_it_packed_and_says_the_same(client, path):
    plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    body = b"".join(packed.streaming_content) if packed.streaming else packed.content
    whole = b"".join(plain.streaming_content) if plain.streaming else plain.content
    assert gzip.decompress(body) == whole
    assert "Content-Encoding" not in plain
    if "ETag" in packed:
        again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
        assert again.status_code == 304


def test_a_page_with_a_form_is_not_packed_by_the_application(client):
    answer = client.get("/about/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer
