"""What is computed from a study changes in the transaction that changes the study."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from conditions.models import ComputedVerdict
from conditions.services.verdicts import find_stale, recompute_verdicts
from studies.services import editing
from tests.conditions.test_verdicts import claim, condition, trial  # noqa: F401 - two are fixtures
from tests.studies.admin_world import sign_in

pytestmark = pytest.mark.django_db


def failing(*, now) -> None:
    raise RuntimeError("cannot be computed")


def word() -> str | None:
    return ComputedVerdict.objects.get().word


@pytest.fixture
def answered(claim, condition):  # noqa: F811
    """A trial, its main outcome, and the verdict that leans on it."""
    study, outcome, _ = trial(condition)
    recompute_verdicts(now=timezone.now())
    assert word() == "partly_supported"
    return study, outcome


def test_an_outcome_changed_by_an_editor_changes_the_verdict_with_it(answered):
    study, outcome = answered
    editor = get_user_model().objects.create_user("ada")
    outcome.direction = "no_difference"
    outcome.save()
    editing.after_part_edit(study=study, editor=editor, today=timezone.localdate(), number=outcome)
    assert word() == "not_supported"
    assert find_stale() == []


def test_a_study_taken_off_by_an_editor_leaves_the_verdict(answered):
    study, _ = answered
    editor = get_user_model().objects.create_user("ada")
    study.status = "draft"
    study.save()
    editing.after_study_edit(study=study, editor=editor, today=timezone.localdate())
    assert word() is None


def test_a_study_deleted_in_the_admin_leaves_the_verdict(answered):
    study, outcome = answered
    outcome.results.all().delete()  # a study is deleted only when no number hangs on its arms any more
    page = sign_in("root", is_superuser=True)
    answer = page.post(f"/admin/studies/study/{study.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert word() is None
    assert find_stale() == []


def test_what_cannot_be_followed_is_not_saved(answered, settings):
    study, outcome = answered
    settings.AFTER_STUDIES_CHANGE = [f"{__name__}.failing"]
    editor = get_user_model().objects.create_user("ada")

    def change() -> None:
        with transaction.atomic():
            outcome.direction = "no_difference"
            outcome.save()
            editing.after_part_edit(study=study, editor=editor, today=timezone.localdate(), number=outcome)

    with pytest.raises(RuntimeError):
        change()
    outcome.refresh_from_db()
    assert outcome.direction == "favours_ldn"
    assert word() == "partly_supported"
