"""The judgements that the corpus came with: whole, reasoned, one reader's, in keeping with its numbers."""

from __future__ import annotations

import pytest

from studies.domain.risk_of_bias import FIRST_READER, domains_for
from studies.models import RiskOfBias, Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]

# Two were never randomised; all nine completed, the record says; the 96 are the completers of 174.
COUNTED_OTHERWISE = {"smith2013", "endometriosis2022", "mannelli2009b"}


def test_every_randomised_trial_is_judged_in_every_domain():
    trials = Study.objects.randomised().prefetch_related("risk_of_bias")
    assert len(trials) == 28
    for trial in trials:
        assert tuple(row.domain for row in trial.risk_of_bias.all()) == domains_for(trial.design), trial.key
        assert trial.overall_risk_of_bias in {"some_concerns", "high"}, trial.key


def test_each_judgement_is_the_first_readers_and_waits_for_a_second_person():
    rows = RiskOfBias.objects.all()
    assert {(row.assessed_by, row.second_assessor) for row in rows} == {(FIRST_READER, None)}


def test_nobody_calls_the_allocation_sound_where_no_record_describes_it():
    rows = RiskOfBias.objects.filter(domain="randomisation")
    assert {row.judgement for row in rows} == {"some_concerns"}
    assert all("does not say" in row.reason for row in rows)


def test_losses_are_judged_by_the_numbers_of_the_record():
    for row in RiskOfBias.objects.filter(domain="missing_data").select_related("study"):
        enrolled, analysed = row.study.n_enrolled, row.study.n_analysed
        if row.study.key in COUNTED_OTHERWISE:
            continue
        if not enrolled or analysed is None:
            assert row.judgement == "some_concerns", row.study.key
        elif row.judgement == "low":
            assert analysed >= 0.95 * enrolled, row.study.key
        elif row.judgement == "high":
            assert analysed < 0.8 * enrolled, row.study.key
