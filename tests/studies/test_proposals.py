"""The proposals of one study side by side: only what is ticked, all or nothing, undone from history."""

from __future__ import annotations

from datetime import timedelta

import pytest

from studies.domain.bibliography import PaperFacts
from studies.models import MetadataProposal, Provenance, Study
from studies.services.facts import apply_facts
from tests.studies.admin_world import NOW, one_study, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    study = one_study()
    study.proposals.all().delete()
    Study.objects.filter(pk=study.pk).update(pages="529", volume="64", issue=None)
    study.refresh_from_db()
    return study


def propose(study, field, old, new, registry="pubmed"):
    return MetadataProposal.objects.create(
        study=study, registry=registry, field=field, old=old, new=new, proposed_at=NOW
    )


def address(study):
    return f"/admin/studies/study/{study.pk}/proposals/"


def send(client, study, **data):
    answer = client.post(address(study), data, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def page(client, study):
    return " ".join(client.get(address(study)).content.decode().split())


def test_each_field_stands_with_both_values_the_registry_and_the_day(editor, study):
    propose(study, "volume", "64", "65")
    text = page(editor, study)
    assert "<td>64</td><td>65</td> <td>PubMed</td><td>1 March 2026</td>" in text


def test_only_what_adds_to_the_value_there_is_ticked_to_begin_with(editor, study):
    safe, bold = propose(study, "pages", "529", "529-38"), propose(study, "volume", "64", "65")
    text = page(editor, study)
    assert f'id="p{safe.pk}" checked' in text
    assert f'id="p{bold.pk}" checked' not in text


def test_where_two_registries_differ_neither_is_ticked(editor, study):
    propose(study, "pages", "529", "529-38")
    propose(study, "pages", "529", "529-39", registry="crossref")
    assert " checked" not in page(editor, study)


def test_only_ticked_rows_are_applied(editor, study):
    ticked, other = propose(study, "pages", "529", "529-38"), propose(study, "volume", "64", "65")
    assert "1 proposal applied" in send(editor, study, action="accept", ticked=[ticked.pk])
    study.refresh_from_db()
    ticked.refresh_from_db()
    other.refresh_from_db()
    assert (study.pages, study.volume) == ("529-38", "64")
    assert (ticked.state, ticked.decided_by, other.state) == ("accepted", editor.user, "open")
    assert ticked.decided_at is not None
    assert Provenance.objects.get(study=study, field="pages").registry == "pubmed"


def test_one_row_that_cannot_be_applied_holds_back_all(editor, study):
    good, stale = propose(study, "pages", "529", "529-38"), propose(study, "volume", "63", "65")
    said = send(editor, study, action="accept", ticked=[good.pk, stale.pk])
    assert "Nothing was changed. volume" in said
    assert "“64” now" in said
    study.refresh_from_db()
    assert study.pages == "529"
    assert set(study.proposals.values_list("state", flat=True)) == {"open"}


def test_two_values_for_one_field_are_refused(editor, study):
    rows = [propose(study, "volume", "64", "65"), propose(study, "volume", "64", "66", registry="crossref")]
    said = send(editor, study, action="accept", ticked=[row.pk for row in rows])
    assert "PubMed and Crossref propose different values for volume" in said
    study.refresh_from_db()
    assert study.volume == "64"


def test_another_studys_proposal_is_not_decided_here(editor, study):
    other = one_study(2)
    foreign = propose(other, "volume", other.volume, "99")
    assert "not of" in send(editor, study, action="accept", ticked=[foreign.pk])
    foreign.refresh_from_db()
    assert foreign.state == "open"


def test_an_accepted_value_is_undone_with_its_origin(editor, study):
    Provenance.objects.filter(study=study, field="volume").delete()
    Provenance.objects.create(study=study, field="volume", read_by="berta", place="title page")
    row = propose(study, "volume", "64", "65")
    send(editor, study, action="accept", ticked=[row.pk])
    assert "as it was before" in send(editor, study, undo=row.pk)
    study.refresh_from_db()
    row.refresh_from_db()
    origin = Provenance.objects.get(study=study, field="volume")
    assert (study.volume, row.state, row.undone_by) == ("64", "undone", editor.user)
    assert (origin.read_by, origin.place, origin.registry) == ("berta", "title page", None)
    assert "undone by ada" in page(editor, study)


def test_a_field_that_was_empty_is_empty_again(editor, study):
    row = propose(study, "issue", None, "2")
    send(editor, study, action="accept", ticked=[row.pk])
    send(editor, study, undo=row.pk)
    study.refresh_from_db()
    assert study.issue is None


def test_a_field_changed_since_is_not_undone(editor, study):
    row = propose(study, "volume", "64", "65")
    send(editor, study, action="accept", ticked=[row.pk])
    Study.objects.filter(pk=study.pk).update(volume="66")
    said = send(editor, study, undo=row.pk)
    assert "has been changed since and says “66” now" in said
    study.refresh_from_db()
    assert study.volume == "66"


def test_nothing_ticked_changes_nothing(editor, study):
    propose(study, "volume", "64", "65")
    assert "No proposal is ticked" in send(editor, study, action="accept")


def test_who_may_only_look_decides_nothing_here(study):
    guest = sign_in("guest")
    assert guest.post(address(study), {"action": "accept"}).status_code == 403
    assert guest.get(address(study)).status_code == 403


def hear(study, volume, days=0):
    facts = PaperFacts("pubmed", volume=volume)
    return apply_facts(study=study, facts=facts, now=NOW + timedelta(days=days))


@pytest.mark.parametrize("state", ["rejected", "undone"])
def test_a_refused_value_comes_back_only_after_the_registry_said_another(editor, study, state):
    hear(study, "65")
    row = study.proposals.get()
    if state == "undone":
        send(editor, study, action="accept", ticked=[row.pk])
        send(editor, study, undo=row.pk)
    else:
        send(editor, study, action="reject", ticked=[row.pk])
    study.refresh_from_db()
    hear(study, "65", 1)
    assert not study.proposals.filter(state="open").exists()
    hear(study, "66", 2)
    assert study.proposals.get(state="open").new == "66"
    hear(study, "65", 3)
    assert study.proposals.get(state="open").new == "65"


def test_a_proposal_follows_the_field_that_was_changed_meanwhile(study):
    hear(study, "65")
    Study.objects.filter(pk=study.pk).update(volume="63")
    study.refresh_from_db()
    hear(study, "65", 1)
    assert study.proposals.get(state="open").old == "63"


def test_a_proposal_that_the_field_fulfils_by_now_is_closed(study):
    hear(study, "65")
    Study.objects.filter(pk=study.pk).update(volume="65")
    study.refresh_from_db()
    hear(study, "65", 1)
    assert study.proposals.get().state == "superseded"


def test_silence_of_a_registry_blanks_no_field(study):
    hear(study, None)
    study.refresh_from_db()
    assert study.volume == "64"
