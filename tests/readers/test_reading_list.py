"""A reading list is in the browser or in a link; the site shows it as the records are and keeps nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readers.domain.reading_list import MOST_KEYS, read_keys
from readers.services.reading_list import MOST_LINK, read_link, sign_keys
from tests import make

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent


def shared(client: Client, *keys: str):
    return client.get("/reading-list/", {"list": sign_keys(keys=keys)})


def asked(client: Client, *keys: str):
    return client.post("/reading-list/items/", {"key": keys})


@pytest.mark.parametrize("show", [shared, asked])
def test_a_list_shows_its_entries_in_order_as_the_records_are_today(client, show):
    study, condition = make.make_study(title="A trial of pain"), make.make_condition(name="Fibromyalgia")
    keys = [f"conditions/{condition.slug}", f"studies/{study.key}"]
    body = show(client, *keys).content.decode()
    assert 0 < body.index("Fibromyalgia") < body.index("A trial of pain")
    assert "counts for nothing here" not in body
    study.publication_status = "retracted"
    study.save()
    body = show(client, *keys).content.decode()
    assert "counts for nothing here" in body
    assert '<span class="label label-retracted">Retracted</span>' in body


@pytest.mark.parametrize("show", [shared, asked])
def test_a_draft_and_a_page_that_is_gone_are_named_by_their_key_only(client, show):
    draft = make.make_study(status="draft", title="A secret study")
    body = show(client, f"studies/{draft.key}", "conditions/nowhere").content.decode()
    assert body.count("There is no such page any more") == 2
    assert "A secret study" not in body


def test_what_is_no_key_is_left_out_and_a_list_has_an_end(client):
    many = [f"studies/author{n}" for n in range(MOST_KEYS + 10)]
    assert read_keys(many) == many[:MOST_KEYS]
    body = asked(client, "<script>", "studies/../admin", *many).content.decode()
    assert body.count("There is no such page any more") == MOST_KEYS
    assert "script" not in body
    assert "Nothing is kept yet" in asked(client).content.decode()


def test_a_link_holds_the_keys_only_is_the_same_each_time_and_stays_short():
    keys = [f"studies/author-of-a-very-long-name-{n}-{'x' * 40}" for n in range(MOST_KEYS)]
    assert read_link(signed=sign_keys(keys=keys)) == keys
    assert sign_keys(keys=keys) == sign_keys(keys=keys)
    assert len(sign_keys(keys=keys)) < MOST_LINK


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-1], lambda s: "x" + s, lambda s: s.split(":")[0], lambda s: s[:0]]
)
def test_a_link_that_was_changed_is_refused_with_what_to_do(client, spoil):
    answer = client.get("/reading-list/", {"list": spoil(sign_keys(keys=["studies/bruun2024"]))})
    assert answer.status_code == 400
    assert "Copy it again" in answer.content.decode()


def test_a_list_costs_the_same_for_one_entry_and_for_all(client):
    studies = [make.make_study() for _ in range(MOST_KEYS)]

    def cost(n: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert asked(client, *(f"studies/{study.key}" for study in studies[:n])).status_code == 200
        return len(queries)

    assert cost(1) == cost(MOST_KEYS) <= 2


def test_no_list_is_logged_stored_or_kept_by_a_cache(client, caplog):
    condition = make.make_condition()
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as queries:
        answers = [
            shared(client, f"conditions/{condition.slug}"),
            asked(client, f"conditions/{condition.slug}"),
        ]
        client.get("/reading-list/", {"list": f"{sign_keys(keys=[f'conditions/{condition.slug}'])}x"})
    assert all("no-store" in answer["Cache-Control"] and not answer.cookies for answer in answers)
    assert all(query["sql"].startswith("SELECT") for query in queries)
    mine = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert condition.slug not in "\n".join(mine)
    assert "list=" not in "\n".join(mine)


def test_our_own_scripts_stay_small():
    own = [path for path in (ROOT / "static/js").glob("*.js") if "htmx" not in path.name]
    assert sum(path.stat().st_size for path in own) < 15_000
