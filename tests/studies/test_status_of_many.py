"""A condition's page says how far the status of its papers was checked; unknown is never shown as clean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studies.models import Notice, RegistryCheck
from tests import make

pytestmark = pytest.mark.django_db
EARLY, LATE = datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def studies():
    """Three published papers on one condition."""
    condition = make.make_condition()
    found = [make.make_study(conditions=[condition]) for _ in range(3)]
    return condition, found


def note(study, answer, *, registry="crossref", found_at=None, answered_at=LATE, **fields):
    times = {"asked_at": LATE, "next_check_at": LATE, "found_at": found_at, "answered_at": answered_at}
    RegistryCheck.objects.create(study=study, registry=registry, answer=answer, **times, **fields)


def sentence(client, condition) -> str:
    page = " ".join(client.get(condition.get_absolute_url()).content.decode().split())
    return page.partition("Publication status: ")[2].partition(".</p>")[0]


def test_papers_that_nobody_was_asked_about_are_not_called_free_of_notices(client, studies):
    told = sentence(client, studies[0])
    assert told.startswith("none of 3 papers checked in any registry yet; nothing is known")
    assert "no notice" not in told


def test_the_oldest_of_the_last_checks_is_told_and_how_many_were_never_checked(client, studies):
    condition, (first, second, third) = studies
    note(first, "found", found_at=EARLY)
    note(first, "found", found_at=LATE, registry="pubmed")
    note(second, "failed", found_at=EARLY, failures=1)
    note(third, "conflict")
    assert sentence(client, condition) == (
        "2 of 3 papers checked at least once since 18 November 2026: "
        "no notice of these; 1 never, and nothing is known of it"
    )


def test_unknown_counts_as_a_check_only_in_a_list_of_notices(client, studies):
    condition, (first, second, third) = studies
    note(first, "unknown")
    note(second, "unknown", registry="retraction_watch")
    note(third, "refused")
    assert sentence(client, condition).startswith("1 of 3 papers checked at least once since 20 November")


def test_a_notice_that_stands_is_told_and_a_dismissed_one_is_not(client, studies, django_user_model):
    condition, papers = studies
    for paper in papers:
        note(paper, "found", found_at=LATE)
        Notice.objects.create(study=paper, kind="correction", registry="crossref", first_seen_at=LATE)
    editor = django_user_model.objects.create_user("ada")
    papers[0].notices.update(dismissed_by=editor, dismissed_on=LATE, dismissed_because="another paper")
    assert sentence(client, condition) == (
        "all 3 papers checked at least once since 20 November 2026: 2 have a notice"
    )
