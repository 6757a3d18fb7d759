"""Every rule lives in the database by name, and each is broken here once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from conditions.models import (
    ArticleRevision,
    ClaimCondition,
    ClaimEvidence,
    ComputedVerdict,
    Question,
    Reference,
    SafetyFactStudy,
    Synonym,
    VerdictFinding,
)
from studies.models import (
    Dose,
    Outcome,
    Provenance,
    SideEffectReport,
    Source,
    StudyCondition,
    TitrationStep,
)
from tests import make
from tests.conditions.answer_breakers import BREAKERS as ANSWER_BREAKERS
from tests.studies.registry_breakers import BREAKERS as REGISTRY_BREAKERS

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = timezone.now()
# A rule that spans rows is watched by a trigger on each of its tables; any of them may see it first.
NUMBER_WITHOUT_SOURCE = {
    "published_outcome_has_a_source",
    "published_side_effect_report_has_a_source",
    "published_study_has_sources",
    "published_number_keeps_its_source",
}
ARMS_WITHOUT_INTERVENTION = {"study_has_an_intervention_arm", "study_has_an_intervention_arm_on_delete"}
TOOL_OF_ANOTHER_DESIGN = {"risk_of_bias_tool_fits_the_design", "study_design_fits_its_risk_of_bias"}
SEVERAL_TRIGGERS = (NUMBER_WITHOUT_SOURCE, ARMS_WITHOUT_INTERVENTION, TOOL_OF_ANOTHER_DESIGN)
BREAKERS: dict[str, Callable[[], object]] = {}


def breaks(*names: str):
    """Register a function that breaks the rules of these names, each time it is called."""

    def register(function):
        for name in names:
            BREAKERS[name] = function
        return function

    return register


def study_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_study(**fields)


study_with("study_key_shape", key="Younger 2013")
study_with("study_has_a_title", title="")
study_with("study_has_a_conclusion", conclusion="")
study_with("study_doi_shape_and_lower_case", doi="10.1000/ABC")
study_with("study_pmid_positive", pmid=0)
study_with("study_pmcid_shape", pmcid="123")
study_with("study_year_in_range", year=1492)
study_with("study_design_known", design="hunch")
study_with("study_blinding_known", blinding="blindfold")
study_with("study_status_known", status="secret")
study_with("study_publication_status_known", publication_status="fine")
study_with("study_checked_by_and_on_together", checked_on=date(2026, 1, 1))


@breaks("study_doi_unique")
def _two_dois():
    make.make_study(doi="10.1000/a")
    make.make_study(doi="10.1000/a")


@breaks("study_pmid_unique")
def _two_pmids():
    make.make_study(pmid=7)
    make.make_study(pmid=7)


@breaks("study_pmcid_unique")
def _two_pmcids():
    make.make_study(pmcid="PMC7")
    make.make_study(pmcid="PMC7")


@breaks("study_checked_by_another_person")
def _own_check():
    editor = get_user_model().objects.create(username="ann")
    make.make_study(entered_by=editor, checked_by=editor, checked_on=date(2026, 1, 1))


@breaks("study_names_a_condition_once")
def _condition_twice():
    condition = make.make_condition()
    study = make.make_study(conditions=[condition])
    StudyCondition.objects.create(study=study, condition=condition)


def source_with(rule: str, /, **fields) -> None:
    defaults = {"used_for": "abstract", "kind": "primary"}
    BREAKERS[rule] = lambda: Source.objects.create(study=make.make_study(), **{**defaults, **fields})


source_with("source_kind_known", kind="rumour")
source_with("source_url_is_a_web_address", url="ftp://example.org")
source_with("source_says_what_for", used_for="")


@breaks("arm_name_unique_in_study")
def _same_arm():
    study = make.make_study()
    make.make_arm(study, name="LDN")
    make.make_arm(study, name="LDN")


BREAKERS["arm_role_known"] = lambda: make.make_arm(make.make_study(), role="spectator")
BREAKERS["arm_has_a_name"] = lambda: make.make_arm(make.make_study(), name="")


def dose_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: Dose.objects.create(arm=make.make_arm(make.make_study()), **fields)


dose_with("dose_above_zero", amount_mg=0)
dose_with("dose_start_above_zero", start_mg=-1)
dose_with("dose_max_above_zero", max_mg=0)
dose_with("dose_per_kg_above_zero", mg_per_kg=0)
dose_with("dose_duration_above_zero", duration_weeks=0)
dose_with("dose_range_in_order", range_low_mg=6, range_high_mg=2)
dose_with("dose_per_known", per="fortnight")


def step_with(rule: str, /, **fields) -> None:
    def make_step():
        dose = Dose.objects.create(arm=make.make_arm(make.make_study()))
        TitrationStep.objects.create(dose=dose, **{"amount_mg": 1, "at_number": 1, **fields})

    BREAKERS[rule] = make_step


step_with("step_above_zero", amount_mg=0)
step_with("step_has_one_place", at_number=None)
step_with("step_unit_known", unit="moon")


def outcome_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_outcome(make.make_study(), **fields)


outcome_with("outcome_has_a_name", name="")
outcome_with("outcome_domain_known", domain="luck")
outcome_with("outcome_direction_known", direction="up")
outcome_with("outcome_better_known", better="down")


def result_with(rule: str, /, **fields) -> None:
    outcome_with(rule, results={"intervention": fields})


result_with("result_events_not_above_n", events=11, n=10)
result_with("result_sd_not_negative", sd=-1)
result_with("result_baseline_sd_not_negative", baseline_sd=-1)
result_with("result_ci_low_not_above_value", ci_low=2, value=1, ci_high=3)
result_with("result_ci_high_not_below_value", ci_low=0, value=4, ci_high=3)
result_with("result_ci_in_order", ci_low=4, ci_high=3)
result_with("result_ci_is_whole", ci_low=4)
result_with("result_p_between_0_and_1", p_relation="=", p_value=2)
result_with("result_p_is_whole", p_relation="=")
outcome_with("result_side_known", results={"elsewhere": {}})


@breaks("result_once_per_side")
def _side_twice():
    outcome = make.make_outcome(make.make_study(), results={"intervention": {}})
    outcome.results.create(side="intervention")


def effect_with(rule: str, /, **fields) -> None:
    outcome_with(rule, effect=fields)


effect_with("effect_measure_known", measure="XX")
effect_with("effect_ratio_above_zero", measure="RR", value=-1)
effect_with("effect_i2_is_percent", i2_percent=101)
effect_with("effect_better_known", better="down")
effect_with("effect_ci_low_not_above_value", ci_low=2, value=1, ci_high=3)
effect_with("effect_ci_high_not_below_value", ci_low=0, value=4, ci_high=3)
effect_with("effect_ci_in_order", ci_low=4, ci_high=3)
effect_with("effect_ci_is_whole", ci_high=4)
effect_with("effect_p_between_0_and_1", p_relation="=", p_value=-1)
effect_with("effect_p_is_whole", p_value=Decimal("0.1"))


def report_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_side_effect_report(make.make_study(), **fields)


BREAKERS["side_effect_has_a_name"] = lambda: make.make_side_effect(name="")
report_with("side_effect_report_has_a_name", reported_name="")
report_with("side_effect_report_p_between_0_and_1", p_relation="=", p_value=2)
report_with("side_effect_report_p_is_whole", p_relation="..", p_value=Decimal("0.5"), p_high=Decimal("0.1"))
report_with("count_events_not_above_n", counts={"intervention": {"events": 11, "n": 10}})
report_with("count_percent_0_to_100", counts={"intervention": {"percent": 101}})
report_with("count_percent_matches_events", counts={"intervention": {"events": 1, "n": 10, "percent": 50}})
report_with("count_side_known", counts={"elsewhere": {}})


@breaks("count_once_per_side")
def _count_twice():
    report = make.make_side_effect_report(make.make_study(), counts={"intervention": {"events": 0, "n": 31}})
    report.counts.create(side="intervention")


@breaks("provenance_is_of_one_thing")
def _provenance_of_nothing():
    Provenance.objects.create(study=make.make_study())


def condition_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_condition(**fields)


condition_with("condition_has_a_name", name="")
condition_with("condition_has_a_definition", definition="")
condition_with("condition_category_known", category="luck")
condition_with("condition_mesh_name_has_an_id", mesh_name="Pain")


@breaks("condition_name_unique")
def _condition_name_twice():
    make.make_condition(name="Pain")
    make.make_condition(name="PAIN")


@breaks("synonym_once_per_condition")
def _synonym_twice():
    condition = make.make_condition()
    Synonym.objects.create(condition=condition, name="FM")
    Synonym.objects.create(condition=condition, name="fm")


@breaks("synonym_has_a_name")
def _empty_synonym():
    Synonym.objects.create(condition=make.make_condition(), name="")


BREAKERS["claim_has_a_statement"] = lambda: make.make_claim(statement="")
BREAKERS["claim_verdict_known"] = lambda: make.make_claim(verdict="perhaps")
BREAKERS["claim_topic_known"] = lambda: make.make_claim(topic="weather")
BREAKERS["safety_fact_has_a_headline"] = lambda: make.make_safety_fact(headline="")
BREAKERS["safety_fact_level_known"] = lambda: make.make_safety_fact(level="panic")
BREAKERS["safety_fact_kind_known"] = lambda: make.make_safety_fact(kind="rumour")


@breaks("claim_names_a_condition_once")
def _claim_condition_twice():
    claim, condition = make.make_claim(), make.make_condition()
    for _ in range(2):
        ClaimCondition.objects.create(claim=claim, condition=condition)


@breaks("claim_names_a_study_once")
def _claim_study_twice():
    claim, study = make.make_claim(), make.make_study()
    for _ in range(2):
        ClaimEvidence.objects.create(claim=claim, study=study, stance="context")


@breaks("claim_stance_known")
def _odd_stance():
    ClaimEvidence.objects.create(claim=make.make_claim(), study=make.make_study(), stance="likes")


@breaks("safety_fact_names_a_study_once")
def _fact_study_twice():
    fact, study = make.make_safety_fact(), make.make_study()
    for _ in range(2):
        SafetyFactStudy.objects.create(fact=fact, study=study)


def reference_with(rule: str, /, **fields) -> None:
    def make_reference():
        defaults = {"claim": make.make_claim(), "title": "A label", "kind": "primary"}
        Reference.objects.create(**{**defaults, **fields})

    BREAKERS[rule] = make_reference


reference_with("reference_belongs_to_one_thing", claim=None)
reference_with("reference_has_a_title", title="")
reference_with("reference_url_is_a_web_address", url="label.pdf")
reference_with("reference_kind_known", kind="rumour")


@breaks("study_has_an_intervention_arm")
def _placebo_only():
    make.make_arm(make.make_study(), role="placebo")


@breaks("study_has_an_intervention_arm_on_delete")
def _intervention_deleted():
    study = make.make_study()
    arm = make.make_arm(study)
    make.make_arm(study, role="placebo")
    arm.delete()


@breaks("published_outcome_has_a_source")
def _outcome_from_nowhere():
    Outcome.objects.create(study=make.make_study(), name="Pain", domain="pain")


@breaks("published_side_effect_report_has_a_source")
def _side_effect_from_nowhere():
    effect = make.make_side_effect()
    SideEffectReport.objects.create(study=make.make_study(), side_effect=effect, reported_name="x")


@breaks("published_study_has_sources")
def _publish_without_source():
    study = make.make_study(status="draft")
    Outcome.objects.create(study=study, name="Pain", domain="pain")
    study.status = "published"
    study.save()


@breaks("published_number_keeps_its_source")
def _last_source_removed():
    study = make.make_study()
    make.make_outcome(study)
    study.sources.all().delete()


def judgement_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_judgement(make.make_study(), **fields)


judgement_with("risk_of_bias_domain_of_tool", domain="confounding")
judgement_with("risk_of_bias_judgement_of_tool", judgement="critical")
judgement_with("risk_of_bias_has_a_reason", reason="")
judgement_with("risk_of_bias_has_an_assessor", assessed_by="")
judgement_with("risk_of_bias_is_dated", assessed_on="last week")
judgement_with("risk_of_bias_second_assessor_is_another", second_assessor="first reader")
judgement_with("risk_of_bias_tool_fits_the_design", domain="carryover")


@breaks("risk_of_bias_once_per_domain")
def _a_domain_judged_twice():
    study = make.make_study()
    make.make_judgement(study)
    make.make_judgement(study)


@breaks("study_design_fits_its_risk_of_bias")
def _the_design_changed_under_its_judgements():
    study = make.make_study()
    make.make_judgement(study)
    study.design = "cohort"
    study.save()


def certainty_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_certainty(**fields)


certainty_with("certainty_domain_known", domain="luck")
certainty_with("certainty_comparator_known", comparator="hope")
certainty_with("certainty_level_known", level="dead sure")
certainty_with("certainty_size_known", size="huge")
certainty_with("certainty_finding_is_whole", direction=None)
certainty_with("certainty_override_is_whole", override_level="high")


@breaks("certainty_override_level_known")
def _a_word_that_is_not_grades():
    signed = {"overridden_by": sign("ada"), "overridden_on": NOW.date(), "override_hash": "a"}
    make.make_certainty(override_level="dead sure", override_reason="I know.", **signed)


@breaks("certainty_once_per_question")
def _two_answers_to_one_question():
    first = make.make_certainty()
    make.make_certainty(condition=first.condition)


def sign(name: str):
    return get_user_model().objects.create_user(name)


def article_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_article(**fields)


article_with("article_has_a_title", title="")
article_with("article_has_a_summary", summary="")
article_with("article_has_a_text", body="")
article_with("article_status_known", status="secret")
article_with("published_article_is_rendered", status="published")
article_with("article_reviewed_by_and_on_together", reviewed_by="Dr A, physician")


@breaks("article_revision_has_a_text")
def _empty_revision():
    ArticleRevision.objects.create(article=make.make_article(), title="A", summary="B", body="", saved_at=NOW)


def question_with(rule: str, /, **fields) -> None:
    defaults = {"kind": "existence", "year": 2021}
    BREAKERS[rule] = lambda: Question.objects.create(claim=make.make_claim(), **{**defaults, **fields})


question_with("question_kind_known", kind="riddle")
question_with("question_domains_known", domains=["pain", "luck"])
question_with("question_comparator_known", comparator="prayer")
question_with("question_direction_known", claimed_direction="unclear")
question_with("question_dose_above_zero", low_mg=0)
question_with("question_doses_in_order", low_mg=5, high_mg=4)
question_with("question_percent_0_to_100", percent=101)
question_with(
    "question_of_efficacy_is_whole", kind="efficacy", comparator="placebo", claimed_direction="favours_ldn"
)
question_with("question_of_frequency_is_whole", kind="frequency", comparator="placebo")
question_with("question_of_doses_is_whole", kind="dose_range", low_mg=1)
question_with("question_of_existence_has_a_mark", year=None)
question_with("question_says_why_not", why_not="It is a riddle.")


def verdict_with(**fields) -> ComputedVerdict:
    values = {"reason": "None shows it.", "version": "1", "steps": [], "input_hash": "0", "computed_at": NOW}
    return ComputedVerdict.objects.create(claim=make.make_claim(), **{**values, **fields})


def finding_with(rule: str, /, **fields) -> None:
    def breaker():
        study = make.make_study()
        parts = {
            "outcome": lambda: make.make_outcome(study),
            "side_effect_report": lambda: make.make_side_effect_report(study),
        }
        values = {name: parts[name]() if name in parts else value for name, value in fields.items()}
        defaults = {"verdict": verdict_with(), "position": 0, "place": "for", "reason": "It does."}
        VerdictFinding.objects.create(study=study, **{**defaults, **values})

    BREAKERS[rule] = breaker


BREAKERS["computed_verdict_known"] = lambda: verdict_with(word="perhaps")
BREAKERS["computed_verdict_has_a_reason"] = lambda: verdict_with(reason="")
finding_with("verdict_finding_place_known", place="beside")
finding_with("verdict_finding_has_a_reason", reason="")
finding_with("verdict_finding_is_about_one_thing", outcome=True, side_effect_report=True)


BREAKERS.update(ANSWER_BREAKERS)
BREAKERS.update(REGISTRY_BREAKERS)


def named_rules() -> set[str]:
    """Every named constraint and trigger of both rooms."""
    names = set()
    for room in ("studies", "conditions"):
        for model in apps.get_app_config(room).get_models():
            names |= {constraint.name for constraint in model._meta.constraints}
            names |= {trigger.name for trigger in getattr(model._meta, "triggers", [])}
    # These tell others of a write, or draw its consequence, and refuse nothing.
    names -= {"note_search", "another_identifier_is_another_paper"}
    return {name for name in names if not name.startswith(("note_write_", "note_documents_"))}


def test_every_named_rule_is_broken_by_a_test():
    assert named_rules() - set(BREAKERS) == set()


@transaction.atomic
def break_and_commit(breaker: Callable[[], object]) -> None:
    """Break a rule, and let the deferred ones be checked as at the end of a transaction."""
    breaker()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("name", sorted(BREAKERS))
def test_the_database_refuses_what_breaks_the_rule(name):
    with pytest.raises(IntegrityError) as refused:
        break_and_commit(BREAKERS[name])
    broken = refused.value.__cause__.diag.constraint_name
    same_rule = next((rule for rule in SEVERAL_TRIGGERS if name in rule), {name})
    assert broken in same_rule


def test_a_draft_may_hold_a_number_without_a_source():
    study = make.make_study(status="draft")
    Outcome.objects.create(study=study, name="Pain", domain="pain")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert study.outcomes.count() == 1


def test_arms_may_swap_their_names_in_one_transaction():
    study = make.make_study()
    first, second = make.make_arm(study, name="A"), make.make_arm(study, name="B")
    for arm, name in ((first, "B"), (second, "A")):
        arm.name = name
        arm.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert list(study.arms.values_list("name", flat=True)) == ["B", "A"]
