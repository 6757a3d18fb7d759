"""What the sheet for a doctor's visit counts: doses of papers that stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from conditions.evidence import amounts_tested, evidence_for
from conditions.models import Condition
from tests import make

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)


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
