"""The code on a printed sheet leads to what was printed, with what has been taken back since."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from conditions.models import Condition
from pages.models import PageCopy
from pages.services.publishing import publish
from studies.domain.bibliography import NoticeFacts
from studies.models import Study
from studies.services.following import follow_changes
from studies.services.notices import record_notices

SHEET = "/conditions/fibromyalgia/sheet/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def print_sheet(days_later: int = 0) -> str:
    """Publish the sheet as of a day; its dated address."""
    at = timezone.now() + timedelta(days=days_later)
    with time_machine.travel(at, tick=False):
        publish(path=SHEET, now=at)
    return f"{SHEET}{at.date().isoformat()}/"


def retract() -> Study:
    study = Study.objects.get(key="bruun2024")
    notice = NoticeFacts(kind="retraction", raw_kind="Retraction", notice_doi="10.1000/notice")
    later = timezone.now() + timedelta(days=2)
    record_notices(study=study, registry="crossref", notices=[notice], now=later)
    follow_changes(now=later)
    return study


def read(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex"
    return " ".join(answer.content.decode().split())


def test_the_address_of_the_day_shows_what_was_printed(client):
    address = print_sheet()
    page = read(client, address)
    assert "This is how the sheet stood on" in page
    assert "Nothing on it has changed since." in page
    assert "What studies show" in page


def test_a_day_on_which_nothing_but_the_day_changed_keeps_no_copy_and_is_found_still(client):
    print_sheet()
    tomorrow = print_sheet(days_later=1)
    assert PageCopy.objects.filter(path=SHEET).count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert "Nothing on it has changed since." in read(client, tomorrow)


def test_a_retraction_since_stands_at_the_head_of_the_old_sheet(client):
    address = print_sheet()
    study = retract()
    print_sheet(days_later=3)
    page = read(client, address)
    head = page[: page.index('<div class="sheet">')]
    assert "notices have appeared on papers it leans on" in head
    assert f'retraction of <a href="{study.get_absolute_url()}">{study.key}</a>' in head
    assert "The sheet has changed since." in head
    assert PageCopy.objects.filter(path=SHEET).count() == 2


def test_a_change_of_what_it_says_keeps_another_copy_on_the_same_day():
    print_sheet()
    Condition.objects.filter(slug="fibromyalgia").update(definition="Said otherwise.")
    at = timezone.now() + timedelta(minutes=1)
    publish(path=SHEET, now=at)
    assert PageCopy.objects.filter(path=SHEET).count() == 2


@pytest.mark.parametrize("day", ["2020-01-01", "2999-01-01", "yesterday", "2026-02-30"])
def test_a_day_of_which_nothing_is_known_is_not_there(client, day):
    print_sheet()
    assert client.get(f"{SHEET}{day}/").status_code == 404


def test_the_code_on_the_sheet_holds_the_address_of_the_day(client, settings, monkeypatch):
    from conditions.templatetags import pictures

    drawn = []
    make = pictures.segno.make
    monkeypatch.setattr(pictures.segno, "make", lambda text, **rest: drawn.append(text) or make(text, **rest))
    client.get(SHEET)
    assert drawn == [f"{settings.PUBLIC_URL}{SHEET}{timezone.now().date().isoformat()}/"]
