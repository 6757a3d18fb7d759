"""Proposals of the registries are decided, and the registries are asked, from the editors' pages."""

from __future__ import annotations

import json

import pytest
from django.conf import settings as django_settings
from kombu import pools
from redis import Redis

from ldn_kb.celery import app
from studies.models import MetadataProposal, Provenance, Study
from tests.studies.admin_world import NOW, one_study, page_of, sign_in

pytestmark = pytest.mark.django_db

PROPOSALS = "/admin/studies/metadataproposal/"


@pytest.fixture
def study():
    return one_study()


def propose(study, field, old, new):
    return MetadataProposal.objects.create(
        study=study, registry="pubmed", field=field, old=old, new=new, proposed_at=NOW
    )


def decide(client, proposal, action):
    answer = client.post(PROPOSALS, {"action": action, "_selected_action": proposal.pk}, follow=True)
    proposal.refresh_from_db()
    return [str(message) for message in answer.context["messages"]]


def test_an_accepted_proposal_is_the_studys_field_with_its_origin(editor, study):
    proposal = propose(study, "journal", None, "A journal named anew")
    assert decide(editor, proposal, "accept") == ["1 proposal accepted."]
    study.refresh_from_db()
    assert study.journal == "A journal named anew"
    assert "journal named anew" in study.citation_html.lower()
    assert Provenance.objects.get(field="journal").registry == "pubmed"
    assert (proposal.state, proposal.decided_by) == ("accepted", editor.user)


def test_accepted_authors_are_a_list(editor, study):
    decide(editor, propose(study, "authors", ["Author A", "Other B"], ["Author AB", "Other B"]), "accept")
    assert Study.objects.get().authors == ["Author AB", "Other B"]


def test_accepted_registration_numbers_join_those_there(editor, study):
    Study.objects.update(registry_ids=["NCT00000001"])
    decide(editor, propose(study, "registry_ids", ["NCT00000001"], ["ISRCTN12345678"]), "accept")
    assert Study.objects.get().registry_ids == ["NCT00000001", "ISRCTN12345678"]


def test_a_rejected_proposal_changes_nothing(editor, study):
    proposal = propose(study, "title", study.title, "Another title")
    decide(editor, proposal, "reject")
    assert Study.objects.get().title == study.title
    assert proposal.state == "rejected"
    assert proposal.decided_at is not None


def test_a_field_that_changed_since_is_not_overwritten(editor, study):
    proposal = propose(study, "title", "The title of then", "Another title")
    [message] = decide(editor, proposal, "accept")
    assert "has changed since" in message
    assert study.title in message
    assert Study.objects.get().title == study.title
    assert proposal.state == "open"


def test_an_identifier_of_another_study_is_not_accepted(editor, study):
    one_study(2)
    proposal = propose(study, "doi", study.doi, "10.1000/trial.2")
    [message] = decide(editor, proposal, "accept")
    assert "Another study has this DOI already" in message
    assert proposal.state == "open"


def test_a_decided_proposal_is_not_decided_again(editor, study):
    proposal = propose(study, "title", study.title, "Another title")
    decide(editor, proposal, "reject")
    [message] = decide(editor, proposal, "accept")
    assert "rejected already" in message
    assert Study.objects.get().title == study.title


def test_accepting_takes_back_the_check_and_the_decider_cannot_check(editor, study):
    study.checked_by, study.checked_on = sign_in("berta").user, "2026-01-01"
    study.save()
    decide(editor, propose(study, "volume", None, "65"), "accept")
    editor.post(f"/admin/studies/study/{study.pk}/mark-checked/")
    assert Study.objects.get().checked_by is None


def test_who_may_only_look_decides_nothing(study):
    guest = sign_in("guest")
    assert guest.post(PROPOSALS, {"action": "accept", "_selected_action": 1}).status_code == 403


def test_open_proposals_stand_on_the_studys_page(editor, study):
    propose(study, "journal", None, "A journal named anew")
    assert "A journal named anew" in editor.get(page_of(study)).content.decode()


def test_the_registries_are_asked_about_one_study_in_the_background(editor, study):
    redis = Redis.from_url(django_settings.REDIS_URL)
    redis.delete("registries")
    answer = editor.post(f"/admin/studies/study/{study.pk}/ask-registries/", follow=True)
    [message] = [str(message) for message in answer.context["messages"]]
    assert study.key in message
    queued = json.loads(redis.lpop("registries"))
    assert queued["headers"]["task"] == "studies.tasks.refresh_studies"
    assert study.key in queued["headers"]["argsrepr"]


@pytest.fixture
def broker_away(monkeypatch):
    """Nobody takes tasks; afterwards no connection to nowhere is left for other tests."""
    with monkeypatch.context() as away:
        # In this order: the first follows the second where it is not set, and would be put back to nowhere.
        away.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:9/0")
        away.setattr(app.conf, "broker_url", "redis://127.0.0.1:9/0")
        forget_connections()
        yield
    forget_connections()


def forget_connections() -> None:
    pools.reset()
    app._pool = app.amqp._producer_pool = None


def test_a_queue_that_is_down_is_a_sentence(editor, study, broker_away):
    answer = editor.post(f"/admin/studies/study/{study.pk}/ask-registries/", follow=True)
    [message] = [str(message) for message in answer.context["messages"]]
    assert "The registries were not asked" in message


def test_what_a_registry_says_is_named_by_its_study_and_in_words(editor, study):
    page = editor.get(f"/admin/studies/notice/{study.notices.get().pk}/change/").content.decode()
    assert f"Correction: {study.key}" in page
