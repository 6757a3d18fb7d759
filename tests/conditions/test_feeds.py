"""The Atom feeds, read by a feed reader."""

from __future__ import annotations

import feedparser
import pytest
from django.utils import timezone

from conditions.models import Condition
from studies.domain.bibliography import NoticeFacts
from studies.models import Study
from studies.services.following import follow_changes
from studies.services.notices import record_notices

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
