"""A long page folds what can say least, and never what a reader must not miss."""

from __future__ import annotations

import re

import pytest

from studies.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def groups_of(client) -> dict[str, bool]:
    """Each group of studies that opens and closes on every screen, and whether it is open."""
    page = client.get("/conditions/fibromyalgia/").content.decode()
    found = re.findall(r'<details class="fold"( open)?><summary><h3>([^<(]+) \(\d+\)</h3>', page)
    return {name.strip(): bool(is_open) for is_open, name in found}


def test_trials_are_open_and_case_reports_folded(client):
    groups = groups_of(client)
    assert groups["Randomised trials"]
    assert not groups["Case reports and series"]


@pytest.mark.parametrize("status", ["retracted", "concern"])
def test_a_group_with_a_paper_that_was_taken_back_or_doubted_is_open(client, status):
    case = Study.objects.filter(
        design="case_report", study_conditions__condition__slug="fibromyalgia", status="published"
    ).first()
    Study.objects.filter(pk=case.pk).update(publication_status=status)
    assert groups_of(client)["Case reports and series"]
