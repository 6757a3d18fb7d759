"""The filters that the page of studies and the API share."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.filters import StudyFilter
from studies.models import Study
from tests import make

pytestmark = pytest.mark.django_db


def keys(**query: str) -> list[str]:
    filters = StudyFilter(query, queryset=Study.objects.published().newest_first())
    assert filters.is_valid(), filters.errors
    return [study.key for study in filters.qs]


def test_a_checked_record_is_found_as_such():
    checker = get_user_model().objects.create(username="second")
    checked = make.make_study(checked_by=checker, checked_on="2026-11-01")
    other = make.make_study()
    assert keys(is_checked="TRUE") == [checked.key]
    assert keys(is_checked="false") == [other.key]


def test_an_arm_without_any_note_of_a_dose_is_one_not_stated():
    study = make.make_study()
    make.make_arm(study)
    make.make_arm(study, dose_mg="4.5")
    assert keys(dose_band="not-stated") == keys(dose_band="3-to-4.5") == [study.key]


def test_the_dose_of_a_comparison_is_not_a_dose_of_ldn():
    study = make.make_study()
    make.make_arm(study)
    make.make_arm(study, role="active_control", dose_mg="4.5")
    assert keys(dose_band="3-to-4.5") == []


def test_the_filters_of_the_page_stay_out_of_its_search_box(client):
    page = client.get("/studies/?year_min=2001").content.decode()
    box = page[page.index('id="q-head"') :]
    assert 'value=""' in box[: box.index(">")]


def test_the_list_narrowed_to_a_condition_costs_six_queries_and_offers_every_condition(client):
    conditions = [make.make_condition() for _ in range(3)]
    make.make_study(conditions=conditions[:1])
    client.get("/studies/")  # what is read once a process is read
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/studies/?condition={conditions[0].slug}").content.decode()
    assert len(queries) <= 6, [query["sql"][:90] for query in queries]
    assert f'value="{conditions[0].slug}" selected' in page
    assert all(f'value="{condition.slug}"' in page for condition in conditions)
