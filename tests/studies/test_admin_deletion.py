"""What an administrator deletes takes along what machines made of it; a paper with a notice stays."""

from __future__ import annotations

import pytest
from django.utils import timezone

from conditions.models import Certainty, Condition
from conditions.services.answers import refresh_answers
from studies.models import EditorTask, Notice, RegistryCheck, RegistryLease, Study
from tests import make
from tests.conditions.test_verdicts import trial
from tests.studies.admin_world import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return sign_in("root", is_superuser=True)


def delete(client, kind: str, row):
    return client.post(f"/admin/{kind}/{row.pk}/delete/", {"post": "yes"})


def asked_about() -> Study:
    """A study as it stands after a registry was asked."""
    study, now = make.make_study(), timezone.now()
    RegistryCheck.objects.create(
        study=study, registry="crossref", answer="unknown", asked_at=now, next_check_at=now
    )
    RegistryLease.objects.create(study=study, registry="pubmed", taken_at=now, expires_at=now)
    EditorTask.objects.create(study=study, kind="identity", registry="crossref", detail="x", opened_at=now)
    return study


def test_a_study_goes_with_what_registries_were_asked_about_it(administrator):
    study = asked_about()
    assert delete(administrator, "studies/study", study).status_code == 302
    assert not Study.objects.exists()
    assert not RegistryCheck.objects.exists()


def test_a_study_of_which_a_notice_tells_stays(administrator):
    study = asked_about()
    Notice.objects.create(study=study, registry="crossref", kind="retraction", first_seen_at=timezone.now())
    assert delete(administrator, "studies/study", study).status_code == 403
    assert Study.objects.exists()


def test_a_condition_goes_with_what_was_computed_of_it(administrator):
    condition = make.make_condition(slug="gout", name="Gout")
    study, *_ = trial(condition)
    refresh_answers(now=timezone.now())
    assert Certainty.objects.filter(condition=condition).exists()
    study.study_conditions.all().delete()
    assert delete(administrator, "conditions/condition", condition).status_code == 302
    assert not Condition.objects.exists()


def test_an_editor_deletes_neither(client):
    editor, study = sign_in("ada", group="Editors"), asked_about()
    assert delete(editor, "studies/study", study).status_code == 403
