"""Verdicts stored with their findings: fresh after every change, the same when run twice, never a guess."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from conditions.models import Claim, ClaimCondition, ComputedVerdict, Question, VerdictFinding
from conditions.services.verdicts import find_stale, recompute_verdicts
from studies.services.editing import check_rules_now
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUERIES = 21


@pytest.fixture
def condition():
    return make.make_condition(name="Gout")


@pytest.fixture
def claim(condition) -> Claim:
    """A claim that LDN eases the pain of gout."""
    claim = make.make_claim(verdict="supported")
    ClaimCondition.objects.create(claim=claim, condition=condition)
    Question.objects.create(
        claim=claim,
        kind="efficacy",
        domains=["pain"],
        comparator="placebo",
        claimed_direction="favours_ldn",
    )
    return claim


def trial(condition, direction="favours_ldn", **fields):
    """A trial of 4.5 mg against placebo, and its main outcome."""
    study = make.make_study(conditions=[condition], n_enrolled=40, **fields)
    given = make.make_arm(study, name="LDN", dose_mg="4.5")
    other = make.make_arm(study, name="Placebo", role="placebo")
    outcome = make.make_outcome(
        study,
        is_primary=True,
        direction=direction,
        results={
            "intervention": {"arm": given, "value": "-2.0", "unit": "points"},
            "comparator": {"arm": other},
        },
        effect={"measure": "MD", "value": "-1.0", "ci_low": "-1.5", "ci_high": "-0.5"},
    )
    return study, outcome, given


def computed(claim) -> ComputedVerdict:
    return ComputedVerdict.objects.get(claim=claim)


def test_a_finding_leads_to_its_study_outcome_arm_and_number(claim, condition):
    study, outcome, arm = trial(condition)
    assert recompute_verdicts(now=NOW) == [claim.slug]
    finding = computed(claim).findings.get()
    assert (finding.study, finding.outcome, finding.arm) == (study, outcome, arm)
    assert finding.number.replace("\N{MINUS SIGN}", "-") == (
        "-2.0 points; Mean difference -1.0, 95% CI -1.5 to -0.5"
    )
    assert finding.get_absolute_url() == f"/studies/{study.key}/#outcome-0"


def test_the_place_of_a_finding_is_on_the_page_of_the_study(client, claim, condition):
    trial(condition)
    recompute_verdicts(now=NOW)
    finding = computed(claim).findings.get()
    page, _, place = finding.get_absolute_url().partition("#")
    assert f'id="{place}"' in client.get(page).content.decode()


def test_running_it_twice_changes_nothing(claim, condition):
    trial(condition)
    recompute_verdicts(now=NOW)
    before = list(VerdictFinding.objects.values_list("pk", flat=True))
    assert recompute_verdicts(now=LATER) == []
    assert computed(claim).computed_at == NOW
    assert list(VerdictFinding.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("word", ["retracted", "withdrawn"])
def test_a_retraction_takes_the_study_out(claim, condition, word):
    study, _, _ = trial(condition)
    recompute_verdicts(now=NOW)
    assert computed(claim).word == "partly_supported"
    study.publication_status = word
    study.save()
    assert find_stale() == [claim.slug]
    recompute_verdicts(now=LATER)
    assert computed(claim).word is None
    assert computed(claim).findings.get().reason == "retracted: counts neither for nor against"


def test_a_draft_is_neither_counted_nor_named(claim, condition):
    trial(condition, status="draft")
    recompute_verdicts(now=NOW)
    assert computed(claim).word is None
    assert not computed(claim).findings.exists()


def test_a_study_of_another_condition_is_not_looked_at(claim):
    trial(make.make_condition())
    recompute_verdicts(now=NOW)
    assert not computed(claim).findings.exists()


def test_a_changed_outcome_changes_the_verdict(claim, condition):
    _, outcome, _ = trial(condition)
    recompute_verdicts(now=NOW)
    outcome.direction = "no_difference"
    outcome.save()
    recompute_verdicts(now=LATER)
    assert computed(claim).word == "not_supported"
    assert find_stale() == []


def test_an_outcome_that_is_removed_takes_its_finding_with_it_and_is_noticed(claim, condition):
    _, outcome, _ = trial(condition)
    recompute_verdicts(now=NOW)
    check_rules_now()
    outcome.delete()
    assert find_stale() == [claim.slug]


def test_a_question_that_is_taken_back_takes_the_verdict_with_it(claim, condition):
    trial(condition)
    recompute_verdicts(now=NOW)
    claim.question.delete()
    assert find_stale() == [claim.slug]
    recompute_verdicts(now=LATER)
    assert not ComputedVerdict.objects.exists()


def test_only_the_claims_that_are_named_are_computed(claim, condition):
    other = make.make_claim()
    Question.objects.create(claim=other, kind="not_computable", why_not="A price.")
    assert recompute_verdicts(now=NOW, claims=[other]) == [other.slug]
    assert computed(other).reason == "A price."
    assert not ComputedVerdict.objects.filter(claim=claim).exists()


def test_the_number_of_queries_does_not_grow_with_the_studies(claim, condition, django_assert_num_queries):
    trial(condition)
    recompute_verdicts(now=NOW)
    trial(condition)
    with django_assert_num_queries(QUERIES):
        recompute_verdicts(now=LATER)
    for _ in range(5):
        trial(condition)
    with django_assert_num_queries(QUERIES):
        recompute_verdicts(now=LATER)


def test_several_comparison_groups_without_a_named_one_are_not_taken_for_placebo(claim, condition):
    study, outcome, _ = trial(condition)
    make.make_arm(study, name="Amitriptyline", role="active_control")
    outcome.results.filter(side="comparator").update(arm=None)
    recompute_verdicts(now=NOW)
    assert computed(claim).findings.get().reason == "the record does not say which group it was compared with"


def counts(given: int, compared: int) -> dict:
    return {"intervention": {"events": given, "n": 50}, "comparator": {"events": compared, "n": 50}}


@pytest.mark.parametrize(
    ("given", "compared", "word"),
    [(30, 10, "partly_supported"), (11, 10, "not_supported"), (10, 30, "contradicted")],
)
def test_counts_of_a_side_effect_point_where_their_interval_leaves_zero_out(
    claim, condition, given, compared, word
):
    study, _, _ = trial(condition)
    nausea = make.make_side_effect(slug="nausea", name="Nausea")
    make.make_side_effect_report(study, side_effect=nausea, counts=counts(given, compared))
    Question.objects.filter(claim=claim).update(
        kind="frequency", domains=[], claimed_direction="favours_comparator"
    )
    claim.question.side_effects.set([nausea])
    recompute_verdicts(now=NOW)
    assert computed(claim).word == word
    finding = computed(claim).findings.get()
    assert (finding.number, finding.anchor) == (f"{given} of 50 against {compared} of 50", "side-effect-0")


def test_doses_are_read_from_the_arms_that_were_given_ldn(claim, condition):
    trial(condition)
    Question.objects.filter(claim=claim).update(
        kind="dose_range", domains=[], comparator=None, claimed_direction=None, low_mg=5, high_mg=6
    )
    recompute_verdicts(now=NOW)
    assert computed(claim).word == "contradicted"
    assert computed(claim).findings.get().anchor == "arm-0"


def test_the_command_proves_that_stored_equals_fresh(claim, condition, capsys):
    _, outcome, _ = trial(condition)
    recompute_verdicts(now=NOW)
    call_command("check_verdicts")
    assert "1 stored verdicts equal a fresh computation" in capsys.readouterr().out
    outcome.direction = "unclear"
    outcome.save()
    with pytest.raises(CommandError, match=claim.slug):
        call_command("check_verdicts")
    call_command("check_verdicts", mend=True)
    assert capsys.readouterr().out.startswith("1 verdict(s) stored anew")
    assert find_stale() == []


@pytest.mark.parametrize(
    "change",
    [
        {"word": "supported"},
        {"reason": "Because."},
        {"version": "0"},
        {"steps": []},
        {"question_text": "Why?"},
    ],
)
def test_the_check_sees_a_stored_verdict_that_somebody_changed(claim, condition, change):
    trial(condition)
    recompute_verdicts(now=NOW)
    ComputedVerdict.objects.update(**change)
    assert find_stale() == [claim.slug]
    assert recompute_verdicts(now=LATER) == [claim.slug]
    assert find_stale() == []


# ---- the page


def test_the_page_shows_both_verdicts_and_says_that_they_differ(client, claim, condition):
    trial(condition, "no_difference")
    recompute_verdicts(now=NOW)
    page = client.get(claim.get_absolute_url()).content.decode()
    assert "Computed from the records: not supported" in page
    assert "First reader: supported" in page
    assert "The two differ." in page
    assert "none-shows-it" in page
    assert "LDN: 4.5 mg a day" in page


def test_the_list_of_claims_says_where_the_two_differ(client, claim, condition):
    trial(condition, "no_difference")
    recompute_verdicts(now=NOW)
    assert "computed from the records: not supported" in client.get("/claims/").content.decode()
    Claim.objects.update(verdict="not_supported")
    assert "computed from the records" not in client.get("/claims/").content.decode()


def test_the_page_says_that_the_first_reader_stands_alone_where_nothing_is_usable(client, claim):
    recompute_verdicts(now=NOW)
    page = client.get(claim.get_absolute_url()).content.decode()
    assert "Computed from the records: no verdict" in page
    assert "stands alone" in page
    assert "The two differ." not in page


def test_the_page_strikes_a_retracted_study_and_gives_the_reason(client, claim, condition):
    study, _, _ = trial(condition, publication_status="retracted")
    recompute_verdicts(now=NOW)
    page = client.get(claim.get_absolute_url()).content.decode()
    assert f'class="is-gone">{study.key}</a>' in page
    assert "Retracted: counts neither for nor against" in page


def test_a_study_that_is_no_longer_published_is_not_shown(client, claim, condition):
    study, _, _ = trial(condition)
    recompute_verdicts(now=NOW)
    study.status = "draft"
    study.save()
    assert study.get_absolute_url() not in client.get(claim.get_absolute_url()).content.decode()
    assert client.get(f"/api/v1/claims/{claim.slug}/").json()["computed"]["findings"] == []


def test_a_claim_without_a_question_says_that_nothing_is_computed(client):
    page = client.get(make.make_claim().get_absolute_url()).content.decode()
    assert "Nothing is computed" in page


def test_the_api_gives_the_question_the_verdict_the_trace_and_the_findings(client, claim, condition):
    study, outcome, arm = trial(condition, "no_difference")
    recompute_verdicts(now=NOW)
    body = client.get(f"/api/v1/claims/{claim.slug}/").json()
    assert body["question"]["kind"] == "efficacy"
    assert body["differs"] is True
    assert body["computed"]["word"] == "not_supported"
    assert [step["rule"] for step in body["computed"]["steps"]][-1] == "none-shows-it"
    (finding,) = body["computed"]["findings"]
    assert (finding["study"], finding["outcome"], finding["arm"]) == (study.key, outcome.name, arm.name)
    assert finding["page"] == f"/studies/{study.key}/#outcome-0"


def test_the_api_leaves_empty_what_was_not_asked_or_computed(client):
    body = client.get(f"/api/v1/claims/{make.make_claim().slug}/").json()
    assert (body["question"], body["computed"], body["differs"]) == (None, None, False)


def test_what_an_editor_judged_of_the_risk_of_bias_reaches_the_trace(claim, condition):
    study, _, _ = trial(condition)
    recompute_verdicts(now=NOW)
    assert "risk-of-bias-unknown" in str(computed(claim).steps)
    make.make_judgement(study, judgement="high")
    recompute_verdicts(now=LATER)
    assert "risk-of-bias-unknown" not in str(computed(claim).steps)
