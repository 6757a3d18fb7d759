"""What a study's rows become when it is asked to enter a pool."""

from __future__ import annotations

from dataclasses import replace

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


def people_of(**study_fields) -> tuple[int | None, int | None]:
    """Whom the result of a cross-over trial counts, and whom its study, where the outcome gives no number."""
    study = make.make_study(design="rct_crossover", **study_fields)
    make.make_arm(study, dose_mg="4.5")
    make.make_arm(study, name="Placebo", role="placebo", position=1)
    make.make_outcome(study, effect={"measure": "MD", "value": "1.6", "p_relation": "=", "p_value": "0.04"})
    question = replace(QUESTION, measure=Measure.MD)
    (read,) = read_candidates(question, [ReadStudy(study)], {})
    assert read.candidate.has_effect
    return read.candidate.n, read.candidate.n_people


def test_a_result_without_a_number_of_people_is_of_those_analysed():
    assert people_of(n_enrolled=80, n_analysed=60) == (60, 80)


def test_where_nobody_says_how_many_were_analysed_the_study_has_those_enrolled():
    assert people_of(n_enrolled=80, n_analysed=None) == (None, 80)
