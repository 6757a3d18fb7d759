"""Every rule of the database reaches the editor as a sentence on the form."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry

from conditions.domain.complaint import COMPLAINTS as CONDITION_COMPLAINTS
from studies.domain.complaint import COMPLAINTS
from studies.models import Arm, ArmResult, Dose, Outcome, Provenance, SideEffect, SideEffectReport, Study
from studies.services.editing import check_rules_now
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import one_study, page_of, sign_in


@pytest.fixture
def study(db):
    return one_study()


@pytest.fixture
def editor(db):
    return sign_in("ada", group="Editors")


def send(client, row, **changes):
    form = form_of(client.get(page_of(row)))
    return client.post(page_of(row), {**form, **changes, "_save": "Save"})


def errors_of(answer):
    """All errors of the page: (field, sentence), inlines included."""
    assert answer.status_code == 200, answer.get("Location")
    form = answer.context["adminform"].form
    forms = [form, *(f for s in answer.context["inline_admin_formsets"] for f in s.formset.forms)]
    return {(field, str(error)) for one in forms for field, found in one.errors.items() for error in found}


def named_rules(label):
    # These refuse nothing: they tell others that a row has changed, or draw the consequence.
    names = set(every_name(label)) - {"note_search", "another_identifier_is_another_paper"}
    return {name for name in names if not name.startswith(("note_write_", "note_documents_"))}


def every_name(label):
    for model in apps.get_app_config(label).get_models():
        yield from (constraint.name for constraint in model._meta.constraints)
        yield from (trigger.name for trigger in getattr(model._meta, "triggers", []))


def test_every_named_rule_of_studies_has_a_sentence():
    assert named_rules("studies") == set(COMPLAINTS)


def test_every_named_rule_of_conditions_has_a_sentence():
    assert named_rules("conditions") == set(CONDITION_COMPLAINTS)


def test_every_complaint_names_a_field_that_its_model_has():
    complaints = {**COMPLAINTS, **CONDITION_COMPLAINTS}
    for label in ("studies", "conditions"):
        for model in apps.get_app_config(label).get_models():
            names = {field.name for field in model._meta.get_fields()}
            for constraint in model._meta.constraints:
                field = complaints[constraint.name].field
                # The ends of a dose's range are read from its text.
                assert field is None or field in names, constraint.name


RESULT = [
    ({"results-0-events": "32"}, "events", "result_events_not_above_n"),
    ({"results-0-sd": "-1"}, "sd", "result_sd_not_negative"),
    (
        {"results-0-value": "1", "results-0-ci_low": "2", "results-0-ci_high": "3"},
        "ci_low",
        "result_ci_low_not_above_value",
    ),
    ({"results-0-ci_low": "2", "results-0-ci_high": "1"}, "ci_high", "result_ci_in_order"),
    ({"results-0-ci_low": "2"}, "ci_high", "result_ci_is_whole"),
    ({"results-0-p_relation": "=", "results-0-p_value": "3"}, "p_value", "result_p_between_0_and_1"),
    ({"results-0-p_value": "0.3"}, "p_relation", "result_p_is_whole"),
    ({"effect-0-value": "-1"}, "value", "effect_ratio_above_zero"),
    ({"effect-0-i2_percent": "101"}, "i2_percent", "effect_i2_is_percent"),
    ({"effect-0-ci_high": "0.1"}, "ci_high", "effect_ci_high_not_below_value"),
]


@pytest.mark.parametrize(("changes", "field", "rule"), RESULT)
def test_an_impossible_result_is_refused_at_its_field(editor, study, changes, field, rule):
    before = ArmResult.objects.order_by("pk").values_list()[0]
    errors = errors_of(send(editor, Outcome.objects.get(), **changes))
    assert (field, COMPLAINTS[rule].sentence) in errors
    assert ArmResult.objects.order_by("pk").values_list()[0] == before


COUNT = [
    ({"counts-0-events": "32"}, "events", "count_events_not_above_n"),
    ({"counts-0-percent": "101"}, "percent", "count_percent_0_to_100"),
    ({"counts-0-percent": "50"}, "percent", "count_percent_matches_events"),
]


@pytest.mark.parametrize(("changes", "field", "rule"), COUNT)
def test_an_impossible_count_is_refused_at_its_field(editor, study, changes, field, rule):
    errors = errors_of(send(editor, SideEffectReport.objects.get(), **changes))
    assert (field, COMPLAINTS[rule].sentence) in errors


DOSE = [
    ({"amount_mg": "0"}, "amount_mg", "dose_above_zero"),
    ({"amount_mg": "-4.5"}, "amount_mg", "dose_above_zero"),
    ({"duration_weeks": "0"}, "duration_weeks", "dose_duration_above_zero"),
    ({"steps-0-amount_mg": "0"}, "amount_mg", "step_above_zero"),
    ({"steps-0-at_text": "then"}, "at_number", "step_has_one_place"),
]


@pytest.mark.parametrize(("changes", "field", "rule"), DOSE)
def test_an_impossible_dose_is_refused_at_its_field(editor, study, changes, field, rule):
    assert (field, COMPLAINTS[rule].sentence) in errors_of(send(editor, Dose.objects.get(), **changes))


@pytest.mark.parametrize("text", ["4.5-1.5", "0-3", "some"])
def test_a_range_that_is_none_is_refused(editor, study, text):
    errors = errors_of(send(editor, Dose.objects.get(), range_text=text))
    assert any("Write the range from low to high" in sentence for _, sentence in errors)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "sNaN", "1e999999", "1e-999999", "four", "9" * 40]
)
def test_what_is_no_plain_number_is_refused(editor, study, text):
    errors = errors_of(send(editor, Dose.objects.get(), amount_mg=text))
    assert [field for field, _ in errors] == ["amount_mg"]


STUDY = [
    ({"doi": "about 10.1000/x"}, "doi", "study_doi_shape_and_lower_case"),
    ({"doi": "10.1000/trial.2"}, "doi", "study_doi_unique"),
    ({"pmid": "2"}, "pmid", "study_pmid_unique"),
    ({"pmid": "0"}, "pmid", "study_pmid_positive"),
    ({"pmcid": "3962576"}, "pmcid", "study_pmcid_shape"),
    ({"year": "1800"}, "year", "study_year_in_range"),
    ({"sources-0-url": "label.example"}, "url", "source_url_is_a_web_address"),
]


@pytest.mark.parametrize(("changes", "field", "rule"), STUDY)
def test_an_impossible_study_is_refused_at_its_field(editor, study, changes, field, rule):
    one_study(2)
    assert (field, COMPLAINTS[rule].sentence) in errors_of(send(editor, study, **changes))


@pytest.mark.parametrize("key", ["Younger2013", "younger", "younger-2013"])
def test_a_key_of_another_shape_is_refused(editor, key):
    form = form_of(editor.get("/admin/studies/study/add/"))
    form |= {"key": key, "title": "A paper", "design": "case_report", "conclusion": "One person."}
    answer = editor.post("/admin/studies/study/add/", form)
    assert ("key", COMPLAINTS["study_key_shape"].sentence) in errors_of(answer)


def test_a_study_whose_arms_are_all_controls_is_refused_with_what_was_typed_kept(editor, study):
    answer = send(editor, study, **{"arms-0-role": "active_control", "title": "What I typed"})
    assert ("__all__", COMPLAINTS["study_has_an_intervention_arm"].sentence) in errors_of(answer)
    assert "What I typed" in answer.content.decode()
    assert Arm.objects.first().role == "intervention"


def test_removing_the_only_intervention_arm_is_refused(editor, study):
    ArmResult.objects.update(arm=None)
    study.side_effect_reports.get().counts.update(arm=None)
    answer = send(editor, study, **{"arms-0-DELETE": "on"})
    assert answer.status_code == 200
    assert Arm.objects.count() == 2


def test_what_a_list_could_not_delete_is_neither_said_nor_noted_to_be_deleted(editor, study):
    ArmResult.objects.update(arm=None)
    study.side_effect_reports.get().counts.update(arm=None)
    study.checked_by, study.checked_on = editor.user, "2026-01-02"
    study.save()
    chosen = {"action": "delete_selected", "_selected_action": study.arms.get(role="intervention").pk}
    page = editor.post("/admin/studies/arm/", {**chosen, "post": "yes"}, follow=True)
    said = [str(message) for message in page.context["messages"]]
    assert said == [f"Nothing was deleted. {COMPLAINTS['study_has_an_intervention_arm'].sentence}"]
    assert Arm.objects.count() == 2
    assert not LogEntry.objects.exists()
    assert Study.objects.get().checked_by == editor.user


def test_an_arm_with_results_is_not_removed_under_them(editor, study):
    answer = send(editor, study, **{"arms-0-DELETE": "on"})
    assert "protected" in answer.content.decode()
    assert Arm.objects.count() == 2


def test_publishing_without_a_source_is_refused_at_the_status(editor, study):
    study.status = "draft"
    study.save()
    Provenance.objects.all().delete()
    study.sources.all().delete()
    check_rules_now()
    answer = send(editor, study, status="published")
    assert ("status", COMPLAINTS["published_study_has_sources"].sentence) in errors_of(answer)
    assert Study.objects.get().status == "draft"


def test_the_last_source_of_a_published_study_stays(editor, study):
    answer = send(editor, study, **{"sources-0-DELETE": "on"})
    assert ("status", COMPLAINTS["published_study_has_sources"].sentence) in errors_of(answer)
    assert study.sources.count() == 1


def test_an_outcome_of_a_published_study_without_sources_is_refused_on_its_own_page(editor, study):
    study.outcomes.all().delete()
    study.side_effect_reports.all().delete()
    study.sources.all().delete()
    check_rules_now()
    address = f"/admin/studies/outcome/add/?study={study.pk}"
    form = form_of(editor.get(address)) | {"name": "Sleep", "domain": "sleep", "direction": "unclear"}
    answer = editor.post(address, form)
    assert ("__all__", COMPLAINTS["published_outcome_has_a_source"].sentence) in errors_of(answer)
    assert Outcome.objects.count() == 0


def test_a_second_result_for_the_same_side_is_refused(editor, study):
    answer = send(editor, Outcome.objects.get(), **{"results-1-side": "intervention"})
    assert answer.status_code == 200
    assert ArmResult.objects.filter(side="comparator").count() == 1


def test_a_nul_character_is_refused(editor, study):
    errors = errors_of(send(editor, study, title="A \x00 title"))
    assert [field for field, _ in errors] == ["title"]


@pytest.mark.parametrize(
    "codes", ["[1, 2]", "nonsense", "MeSH:", ": D006261", "MeSH: D\x00", "MeSH: D006261\nmore"]
)
def test_codes_of_a_side_effect_that_are_no_pairs_are_refused_at_their_field(editor, study, codes):
    answer = send(editor, SideEffect.objects.get(), codes=codes)
    assert [field for field, _ in errors_of(answer)] == ["codes"]
    assert SideEffect.objects.get().codes == {}


def test_codes_of_a_side_effect_are_entered_a_pair_a_line_and_come_back_so(editor, study):
    send(editor, SideEffect.objects.get(), codes="MeSH: D006261\r\n\r\nICD-10: R51")
    assert SideEffect.objects.get().codes == {"MeSH": "D006261", "ICD-10": "R51"}
    assert form_of(editor.get(page_of(SideEffect.objects.get())))["codes"] == "MeSH: D006261\r\nICD-10: R51"
    send(editor, SideEffect.objects.get(), codes="")
    assert SideEffect.objects.get().codes == {}


@pytest.mark.parametrize("number", ["2147483648", "-1", "1.5"])
def test_a_number_of_people_beyond_all_bounds_is_refused(editor, study, number):
    errors = errors_of(send(editor, study, n_enrolled=number))
    assert [field for field, _ in errors] == ["n_enrolled"]


@pytest.mark.parametrize(
    "address",
    [
        *("outcome/add/?study=abc", "outcome/add/?study=²", "dose/add/?arm=abc"),
        *("trial/add/?results=abc", "sideeffectreport/add/?side_effect=x"),
    ],
)
def test_an_address_that_names_no_row_opens_the_empty_form(editor, study, address):
    assert editor.get(f"/admin/studies/{address}").status_code == 200


def test_an_import_that_no_number_names_is_not_found(editor, study):
    assert editor.get("/admin/studies/citationimport/²/change/").status_code == 404


@pytest.mark.parametrize("term", ["%00", "a%00b"])
def test_a_nul_character_in_the_box_of_a_choice_finds_nothing(editor, study, term):
    asked = "/admin/autocomplete/?app_label=studies&model_name=arm&field_name=study&term="
    answer = editor.get(asked + term)
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert editor.get(asked).json()["results"]


def test_a_part_that_names_no_row_is_refused_at_its_field(editor, study):
    trial = study.trials.get()
    errors = errors_of(send(editor, trial, results="abc"))
    assert [field for field, _ in errors] == ["results"]
