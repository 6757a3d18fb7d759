"""What the sheet for a doctor's visit counts: doses of papers that stand, and papers that were looked up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from conditions.evidence import StatusChecks, amounts_tested, evidence_for, status_checks_of
from conditions.models import Condition
from studies.models import RegistryCheck
from tests import make

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)


def check(study, answer: str, day: int) -> None:
    at = datetime(2026, 11, day, 12, tzinfo=UTC)
    found_at = at if answer == "found" else None
    RegistryCheck.objects.create(
        study=study, registry="crossref", asked_at=at, answer=answer, found_at=found_at, next_check_at=at
    )


@pytest.fixture
def condition() -> Condition:
    return make.make_condition()


def test_a_dose_is_counted_once_a_record_and_that_of_a_retracted_paper_not_at_all(condition):
    standing = make.make_study(conditions=[condition])
    make.make_arm(standing, name="a", dose_mg="4.5")
    make.make_arm(standing, name="b", dose_mg="4.5")
    gone = make.make_study(conditions=[condition], publication_status="retracted")
    make.make_arm(gone, dose_mg="9")
    (row,) = amounts_tested(evidence_for(condition, today=TODAY))
    assert (row.amount_mg, row.n_randomised, row.n_other) == (Decimal("4.5"), 1, 0)


def test_only_an_answer_about_the_paper_counts_as_looked_up(condition, client):
    studies = [make.make_study(conditions=[condition], doi=f"10.1000/{n}") for n in range(4)]
    check(studies[0], "found", 3)
    check(studies[1], "found", 9)
    check(studies[2], "failed", 10)
    assert status_checks_of(studies) == StatusChecks(4, 2, date(2026, 11, 3), date(2026, 11, 9))
    page = client.get(f"/conditions/{condition.slug}/sheet/").content.decode()
    assert "2 of 4 last checked between 3 November 2026 and 9 November 2026; of the others nothing" in page


def test_no_paper_looked_up_has_no_days(condition):
    assert status_checks_of([make.make_study()]) == StatusChecks(1, 0, None, None)
    assert status_checks_of([]) == StatusChecks(0, 0, None, None)
