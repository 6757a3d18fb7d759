"""What a study's rows become when it is asked to enter a pool."""

from __future__ import annotations

import pytest

from conditions.domain.pool_question import PoolQuestion
from conditions.domain.question import Comparator
from conditions.services.pool_inputs import ReadStudy, read_candidates
from studies.domain.vocabulary import Measure, OutcomeDomain
from studies.models import Dose
from tests import make

pytestmark = pytest.mark.django_db

QUESTION = PoolQuestion("pain", OutcomeDomain.PAIN, Comparator.PLACEBO, Measure.SMD)


def dose_note_of_two_arms(*amounts_mg: str) -> str | None:
    """The note on the dose of a trial with one arm per amount, whose outcome names none of them."""
    study = make.make_study()
    for position, amount_mg in enumerate(amounts_mg):
        Dose.objects.create(arm=make.make_arm(study, position=position), amount_mg=amount_mg)
    make.make_arm(study, name="Placebo", role="placebo", position=len(amounts_mg))
    make.make_outcome(study, effect={"p_relation": "=", "p_value": "0.04"})
    (read,) = read_candidates(QUESTION, [ReadStudy(study)], {})
    return read.candidate.dose_note


def test_a_result_that_names_no_arm_is_of_another_dose_when_every_arm_is():
    assert "0.125 mg is not a low dose" in (dose_note_of_two_arms("0.125", "0.25") or "")


def test_a_result_that_names_no_arm_is_not_refused_when_one_arm_is_low():
    assert dose_note_of_two_arms("0.25", "4.5") is None
