"""Each kind of living figure: what it says, where it leads, and what follows when the records hold none."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions.domain.article import ArticleText, FigureProblem, FigureValue
from conditions.services.figures import KINDS, compute_figures
from studies.models import Dose, RegistryCheck, SecondReading, Study, TrialCondition
from tests import make

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


def figure(asked: str):
    (answer,) = compute_figures(ArticleText(f"[]{{.figure {asked}}}").marks, today=TODAY)
    return answer


def says(asked: str) -> tuple[str, str]:
    answer = figure(asked)
    assert isinstance(answer, FigureValue), answer
    return answer.text, answer.url


def problem(asked: str) -> str:
    answer = figure(asked)
    assert isinstance(answer, FigureProblem), answer
    assert answer.mend
    return answer.problem


@pytest.fixture
def pain():
    return make.make_condition(slug="pain", name="Pain")


@pytest.fixture
def study(pain):
    """A trial with two arms, an outcome and a side effect, whose every number differs."""
    study = make.make_study(key="smith2020", conditions=[pain], n_enrolled=99, registry_ids=["NCT00000001"])
    arm = make.make_arm(study, name="LDN", n=49)
    make.make_arm(study, name="Placebo", role="placebo", n=50, position=1)
    Dose.objects.create(arm=arm, amount_mg="4.5", duration_weeks="12")
    make.make_outcome(
        study,
        position=0,
        name="Pain",
        results={
            "intervention": {
                "value": "-1.30",
                "unit": "points",
                "ci_low": "-1.7",
                "ci_high": "-0.8",
                "baseline": "6.10",
            },
            "comparator": {"events": 7, "n": 50},
        },
        effect={
            "measure": "MD",
            "value": "-0.34",
            "ci_low": "-0.95",
            "ci_high": "0.27",
            "p_relation": "=",
            "p_value": "0.27",
        },
    )
    make.make_outcome(study, position=1, name="Sleep", effect={"p_relation": "<", "p_value": "0.001"})
    make.make_side_effect_report(
        study,
        side_effect=make.make_side_effect(slug="dreams"),
        counts={"intervention": {"events": 41, "n": 49}, "comparator": {"percent": "7.3"}},
    )
    return study


@pytest.mark.parametrize(
    ("asked", "text", "url"),
    [
        ("kind=randomised-trials condition=pain", "1", "/conditions/pain/#studies"),
        ("kind=people condition=pain", "99", "/conditions/pain/#studies"),
        ("kind=studies condition=pain", "1", "/conditions/pain/#studies"),
        ("kind=studies condition=pain design=review", "0", "/conditions/pain/#studies"),
        ("kind=dose-range condition=pain", "4.5 mg a day", "/conditions/pain/#doses"),
        ("kind=study-people study=smith2020", "99", "/studies/smith2020/#people"),
        ("kind=arm-people study=smith2020 arm=2", "50", "/studies/smith2020/#arm-1"),
        ("kind=arm-dose study=smith2020 arm=1", "4.5 mg a day", "/studies/smith2020/#arm-0"),
        ("kind=arm-weeks study=smith2020 arm=1", "12 weeks", "/studies/smith2020/#arm-0"),
        (
            "kind=result study=smith2020 outcome=1 part=intervention",
            "~1.30 points (95% CI ~1.7 to ~0.8)",
            "/studies/smith2020/#outcome-0",
        ),
        (
            "kind=result study=smith2020 outcome=1 part=comparator",
            "7 of 50",
            "/studies/smith2020/#outcome-0",
        ),
        (
            "kind=result study=smith2020 outcome=1 part=effect",
            "MD ~0.34 (95% CI ~0.95 to 0.27)",
            "/studies/smith2020/#outcome-0",
        ),
        ("kind=result study=smith2020 outcome=1 part=before", "6.10", "/studies/smith2020/#outcome-0"),
        ("kind=result study=smith2020 outcome=1 part=p", "p = 0.27", "/studies/smith2020/#outcome-0"),
        ("kind=result study=smith2020 outcome=2 part=p", "p < 0.001", "/studies/smith2020/#outcome-1"),
        (
            "kind=side-effect study=smith2020 side-effect=dreams side=intervention",
            "41 of 49",
            "/studies/smith2020/#side-effect-0",
        ),
        (
            "kind=side-effect study=smith2020 side-effect=dreams side=comparator",
            "7.3%",
            "/studies/smith2020/#side-effect-0",
        ),
        (
            "kind=side-effect-rate study=smith2020 side-effect=dreams side=intervention",
            "41 of 49; about 84 in 100 (fits with 71 to 91 in 100)",
            "/studies/smith2020/#side-effect-0",
        ),
        ("kind=checked-studies condition=pain", "0", "/conditions/pain/#studies"),
        ("kind=reread-studies condition=pain design=randomised", "0", "/conditions/pain/#studies"),
        (
            "kind=trials-at-dose condition=pain amount-mg=4.5",
            "1 trial at 4.5 mg a day",
            "/conditions/pain/#doses",
        ),
        ("kind=trials-counting-side-effects condition=pain", "0", "/conditions/pain/#studies"),
        ("kind=registered-trials condition=pain", "0", "/conditions/pain/#trials"),
        ("kind=overdue-trials condition=pain", "0", "/conditions/pain/#trials"),
        ("kind=randomised-trials condition=all", "1", "/studies/?design_group=randomised"),
        ("kind=people condition=all", "99", "/studies/?design_group=randomised"),
        ("kind=studies condition=all", "1", "/studies/"),
        ("kind=studies condition=all design=review", "0", "/studies/?design_group=review"),
        ("kind=dose-range condition=all design=randomised", "4.5 mg a day", "/doses/"),
        ("kind=overdue-trials condition=all", "0", "/trials/"),
        ("kind=status-checked condition=all", "not yet checked", "/studies/"),
        ("kind=low-dose ", "0.5 to 6 mg a day", "/doses/"),
        (
            "kind=pool question=pain/pain/placebo/MD",
            "none: no study gives a number that can be pooled",
            "/conditions/pain/#answers",
        ),
        (
            "kind=certainty question=pain/pain/placebo",
            "not graded: no study makes this comparison",
            "/conditions/pain/#answers",
        ),
        ("kind=status-checked condition=pain", "not yet checked", "/conditions/pain/#studies"),
        ("kind=status-checked study=smith2020", "not yet checked", "/studies/smith2020/"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("study")
def test_a_figure_says_what_the_records_hold_and_leads_there(asked, text, url):
    assert says(asked) == (text.replace("~", "\N{MINUS SIGN}"), url)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("kind=unheard condition=pain", "there is no kind of figure “unheard”"),
        ("kind=people", "the figure people lacks condition"),
        ("kind=people condition=pain study=smith2020", "the figure people knows nothing of study"),
        ("kind=people condition=nowhere", "there is no condition nowhere"),
        ("kind=studies condition=pain design=hunch", "there is no group of designs hunch"),
        ("kind=dose-range condition=all design=review", "no study of all states a daily dose"),
        ("kind=trials-at-dose condition=pain amount-mg=5", "no randomised trial of pain reached 5 mg a day"),
        ("kind=trials-at-dose condition=pain amount-mg=much", "much is no amount in mg"),
        ("kind=registered-trials condition=pain state=asleep", "there is no state asleep"),
        ("kind=pool question=all/pain/placebo/MD", "there is no condition all"),
        (
            "kind=side-effect-rate study=smith2020 side-effect=dreams side=comparator",
            "holds no count of dreams (comparator)",
        ),
        (
            "kind=side-effect-difference study=smith2020 side-effect=dreams",
            "holds no count of dreams with its denominator on both sides",
        ),
        ("kind=reason claim=nothing", "there is no claim nothing"),
        ("kind=safety-fact fact=nothing part=detail", "there is no safety fact nothing"),
        ("kind=study-people study=nobody1999", "there is no published study nobody1999"),
        ("kind=arm-people study=smith2020 arm=3", "smith2020 has no arm 3"),
        ("kind=arm-people study=smith2020 arm=0", "smith2020 has no arm 0"),
        ("kind=arm-people study=smith2020 arm=-1", "smith2020 has no arm -1"),
        ("kind=arm-people study=smith2020 arm=²", "smith2020 has no arm ²"),
        ("kind=arm-dose study=smith2020 arm=2", "holds no dose of arm 2"),
        ("kind=arm-weeks study=smith2020 arm=2", "holds no duration of arm 2"),
        ("kind=result study=smith2020 outcome=9 part=p", "smith2020 has no outcome 9"),
        ("kind=result study=smith2020 outcome=2 part=effect", "holds no effect for outcome 2 (Sleep)"),
        ("kind=result study=smith2020 outcome=2 part=comparator", "holds no comparator for outcome 2"),
        ("kind=result study=smith2020 outcome=2 part=before", "holds no before for outcome 2"),
        ("kind=result study=smith2020 outcome=1 part=sd", "there is no part sd"),
        ("kind=side-effect study=smith2020 side-effect=gas side=comparator", "holds no count of gas"),
        ("kind=side-effect study=smith2020 side-effect=dreams side=left", "there is no side left"),
        ("kind=pool question=pain/pain/placebo", "is not CONDITION/DOMAIN/COMPARATOR/MEASURE"),
        ("kind=pool question=pain/joy/placebo/MD", "there is no domain joy"),
        ("kind=pool question=pain/pain/hope/MD", "there is no comparator hope"),
        ("kind=pool question=pain/pain/placebo/IQ", "there is no measure IQ"),
        ("kind=certainty question=nowhere/pain/placebo", "there is no condition nowhere"),
        ("kind=verdict claim=nothing", "there is no claim nothing"),
        ("kind=claims verdict=true", "there is no verdict true"),
        ("kind=status-checked", "asks about one thing"),
        ("kind=status-checked study=smith2020 condition=pain", "asks about one thing"),
    ],
)
@pytest.mark.usefixtures("study")
def test_what_the_records_do_not_hold_is_a_problem_with_its_mend(asked, words):
    assert words in problem(asked)


def test_reports_of_one_trial_are_one_trial_with_its_largest_number(pain, study):
    make.make_study(conditions=[pain], n_enrolled=120, registry_ids=study.registry_ids)
    make.make_study(conditions=[pain], n_analysed=10)
    assert says("kind=randomised-trials condition=pain")[0] == "2"
    assert says("kind=people condition=pain")[0] == "130"
    assert says("kind=studies condition=pain")[0] == "3"


def test_people_that_no_trial_counts_are_a_problem_and_not_zero(pain):
    make.make_study(conditions=[pain])
    assert "no randomised trial of pain says how many" in problem("kind=people condition=pain")


def test_a_dose_range_has_both_ends(pain, study):
    Dose.objects.create(arm=make.make_arm(study, position=2), amount_mg="3")
    assert says("kind=dose-range condition=pain")[0] == "3 to 4.5 mg a day"


def test_all_counts_every_published_study_once_whatever_its_condition(pain, study):
    other = make.make_condition(slug="itch")
    make.make_study(conditions=[pain, other], n_enrolled=10)
    make.make_study(conditions=[other], design="animal")
    make.make_study(conditions=[other], n_enrolled=500, status="draft")
    assert says("kind=studies condition=all")[0] == "3"
    assert says("kind=randomised-trials condition=all")[0] == "2"
    assert says("kind=people condition=all")[0] == "109"
    assert says("kind=studies condition=itch")[0] == "2"


def test_a_paper_that_was_taken_back_counts_among_no_trials_people_or_doses(pain, study):
    kinds = ("randomised-trials", "people", "dose-range", "trials-at-dose amount-mg=4.5")
    asked = [f"kind={kind} condition=pain" for kind in kinds]
    before = [says(each)[0] for each in asked]
    gone = make.make_study(conditions=[pain], n_enrolled=10, publication_status="retracted")
    make.make_arm(gone, dose_mg="4.5")
    make.make_arm(gone, dose_mg="9", position=2)
    assert [says(each)[0] for each in asked] == before


def test_a_dose_is_counted_by_trials_and_only_in_randomised_arms_that_had_naltrexone(pain, study):
    report = make.make_study(conditions=[pain], registry_ids=study.registry_ids)
    make.make_arm(report, dose_mg="4.5")
    make.make_arm(make.make_study(conditions=[pain], design="cohort"), dose_mg="4.5")
    compared = make.make_study(conditions=[pain])
    make.make_arm(compared, dose_mg="2")
    make.make_arm(compared, dose_mg="4.5", role="active_control")
    assert says("kind=trials-at-dose condition=pain amount-mg=4.5")[0] == "1 trial at 4.5 mg a day"
    make.make_arm(make.make_study(conditions=[pain]), dose_mg="4.50")
    assert says("kind=trials-at-dose condition=all amount-mg=4.5")[0] == "2 trials at 4.5 mg a day"


def test_a_trial_counts_side_effects_when_both_groups_have_events_and_people(pain, study):
    assert says("kind=trials-counting-side-effects condition=all")[0] == "0"
    make.make_side_effect_report(
        study,
        side_effect=make.make_side_effect(slug="nausea"),
        position=1,
        counts={"intervention": {"events": 0, "n": 49}, "comparator": {"events": 3, "n": 50}},
    )
    assert says("kind=trials-counting-side-effects condition=all")[0] == "1"
    asked = "study=smith2020 side-effect=nausea"
    difference = "6 fewer in 100 on naltrexone (95% CI 16 fewer to 2 more)"
    assert says(f"kind=side-effect-difference {asked}") == (difference, "/studies/smith2020/#side-effect-1")
    rate = "0 of 49; that fits with up to about 7 in 100"
    assert says(f"kind=side-effect-rate {asked} side=intervention")[0] == rate


def test_checked_and_reread_records_are_counted(pain, study, django_user_model):
    SecondReading.objects.create(study=study, read_on=TODAY)
    assert says("kind=reread-studies condition=all")[0] == "1"
    make.make_study(conditions=[pain])
    checker = django_user_model.objects.create(username="checker")
    Study.objects.filter(pk=study.pk).update(checked_by=checker, checked_on=TODAY)
    assert says("kind=checked-studies condition=all")[0] == "1"
    assert says("kind=checked-studies condition=pain design=review")[0] == "0"


def test_registered_trials_are_counted_in_all_or_in_one_state(pain):
    trial = make.make_trial(status="Recruiting")
    make.make_trial(status="Completed", completion="2024-01")
    TrialCondition.objects.create(trial=trial, condition=pain)
    assert says("kind=registered-trials condition=pain")[0] == "1"
    assert says("kind=registered-trials condition=all")[0] == "2"
    assert says("kind=registered-trials condition=all state=completed")[0] == "1"
    assert says("kind=overdue-trials condition=all")[0] == "1"


def test_an_interval_that_stands_alone_is_said(study):
    make.make_outcome(study, position=2, name="ED50", effect={"ci_low": "3.39", "ci_high": "4.35"})
    assert says("kind=result study=smith2020 outcome=3 part=effect")[0] == "95% CI 3.39 to 4.35"


def test_a_draft_study_gives_no_figure(pain):
    make.make_study(key="draft2020", conditions=[pain], status="draft", n_enrolled=9)
    assert "no published study draft2020" in problem("kind=study-people study=draft2020")
    assert says("kind=studies condition=pain")[0] == "0"


def test_a_p_value_that_is_at_most_something_has_the_sign_for_it(study):
    make.make_outcome(study, position=2, name="Energy", effect={"p_relation": "<=", "p_value": "0.001"})
    assert says("kind=result study=smith2020 outcome=3 part=p")[0] == "p \N{LESS-THAN OR EQUAL TO} 0.001"


def test_events_without_a_denominator_are_a_problem_and_not_a_rate(study):
    make.make_outcome(study, position=2, name="Falls", results={"intervention": {"events": 3}})
    assert "holds no intervention" in problem("kind=result study=smith2020 outcome=3 part=intervention")


@pytest.mark.parametrize(("events", "words"), [(52, "52 events"), (1, "1 event"), (0, "0 events")])
def test_a_side_effect_counted_in_events_alone_says_events_and_not_people(study, events, words):
    effect = make.make_side_effect(slug="all-events")
    make.make_side_effect_report(
        study, side_effect=effect, position=1, counts={"intervention": {"events": events}}
    )
    asked = "kind=side-effect study=smith2020 side-effect=all-events side=intervention"
    assert says(asked)[0] == words


def test_a_side_effect_counted_twice_is_not_guessed(study):
    effect = study.side_effect_reports.get().side_effect
    make.make_side_effect_report(
        study, side_effect=effect, position=1, counts={"intervention": {"events": 2, "n": 49}}
    )
    asked = "kind=side-effect study=smith2020 side-effect=dreams side=intervention"
    assert "counts dreams more than once" in problem(asked)


def test_overdue_trials_are_counted_on_the_day_that_is_asked(pain):
    trial = make.make_trial(status="Completed", completion="2024-01")
    TrialCondition.objects.create(trial=trial, condition=pain)
    assert says("kind=overdue-trials condition=pain")[0] == "1"
    marks = ArticleText("[]{.figure kind=overdue-trials condition=pain}").marks
    assert compute_figures(marks, today=date(2024, 6, 1))[0].text == "0"


def test_a_verdict_is_that_of_the_claim():
    make.make_claim(slug="it-helps", verdict="not_supported")
    assert says("kind=verdict claim=it-helps") == ("Not supported", "/claims/it-helps/")


def test_claims_are_counted_all_together_or_by_their_verdict():
    for verdict in ("not_supported", "overstated", "overstated"):
        make.make_claim(verdict=verdict)
    assert says("kind=claims") == ("3", "/claims/")
    assert says("kind=claims verdict=overstated") == ("2", "/claims/")
    assert says("kind=claims verdict=supported")[0] == "0"


def test_the_reason_of_a_verdict_is_the_first_readers_own_words():
    make.make_claim(slug="it-helps", rationale="Two trials found nothing.")
    assert says("kind=reason claim=it-helps") == ("Two trials found nothing.", "/claims/it-helps/")


def test_a_safety_fact_is_quoted_and_its_silence_on_low_doses_is_no_empty_text():
    make.make_safety_fact(slug="no-opioids", headline="Not with opioids.", detail="The label says so.")
    assert says("kind=safety-fact fact=no-opioids part=headline") == (
        "Not with opioids.",
        "/safety/#no-opioids",
    )
    assert says("kind=safety-fact fact=no-opioids part=detail")[0] == "The label says so."
    assert "says nothing of low doses" in problem("kind=safety-fact fact=no-opioids part=low-dose")
    assert "there is no part rumour" in problem("kind=safety-fact fact=no-opioids part=rumour")


def test_the_last_check_is_the_last_answer_and_a_failed_question_is_none(pain, study):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    common = {"study": study, "asked_at": now, "next_check_at": now}
    RegistryCheck.objects.create(registry="crossref", answer="failed", failures=1, **common)
    assert says("kind=status-checked study=smith2020")[0] == "not yet checked"
    RegistryCheck.objects.create(registry="pubmed", answer="found", answered_at=now, **common)
    assert says("kind=status-checked study=smith2020")[0] == "20 November 2026"
    assert says("kind=status-checked condition=pain")[0] == "20 November 2026"


def test_a_hundred_marks_cost_no_more_queries_than_one(study):
    one = "[]{.figure kind=people condition=all}[]{.figure kind=arm-dose study=smith2020 arm=1}"
    with CaptureQueriesContext(connection) as few:
        compute_figures(ArticleText(one).marks, today=TODAY)
    with CaptureQueriesContext(connection) as many:
        compute_figures(ArticleText(one * 50).marks, today=TODAY)
    assert len(many) == len(few) <= 16


def test_every_kind_has_a_test_here():
    from pathlib import Path

    text = Path(__file__).read_text()
    assert [kind for kind in KINDS if f"kind={kind} " not in text] == []
