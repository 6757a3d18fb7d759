"""The editors' pages lose nothing of what the corpus says."""

from __future__ import annotations

import pytest

from studies.models import Study
from studies.services.read_study import read_study
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import page_of, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def parts_of(study):
    yield study
    for arm in study.arms.all():
        yield arm
        if hasattr(arm, "dose"):
            yield arm.dose
    yield from study.outcomes.all()
    yield from study.side_effect_reports.all()


def test_saving_every_page_of_a_study_without_a_change_keeps_its_record():
    editor = sign_in("ada", group="Editors")
    without_authors = Study.objects.filter(authors=[])[:1]
    for study in [*Study.objects.order_by("key")[::60], *without_authors]:
        before = read_study(Study.objects.get(pk=study.pk)).to_file()
        for part in parts_of(study):
            form = form_of(editor.get(page_of(part)))
            assert editor.post(page_of(part), {**form, "_save": "Save"}).status_code == 302, part
        assert read_study(Study.objects.get(pk=study.pk)).to_file() == before, study
