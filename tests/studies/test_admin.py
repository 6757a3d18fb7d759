"""An editor corrects an entry, and what follows from it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.utils import timezone

from studies.models import Arm, ArmResult, Dose, Outcome, Provenance, SideEffectCount, SideEffectReport, Study
from studies.services.editing import CHECKED
from studies.services.read_study import read_study
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import one_study, page_of, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return one_study()


def send(client, row, **changes):
    """Open a row's page, change some fields, save; what comes back is the answer."""
    form = form_of(client.get(page_of(row)))
    assert not (wrong := changes.keys() - form.keys()), wrong
    return client.post(page_of(row), {**form, **changes, "_save": "Save"})


def messages_of(client, answer):
    return [str(message) for message in client.get(answer["Location"]).context["messages"]]


def check(study, by="berta"):
    study.checked_by, study.checked_on = get_user_model().objects.create_user(by), date(2026, 1, 2)
    study.save()


@pytest.mark.parametrize("model", [Study, Arm, Dose, Outcome, SideEffectReport])
def test_saving_a_page_without_a_change_changes_nothing(editor, study, model):
    check(study)
    before = read_study(Study.objects.get())
    answer = send(editor, model.objects.first())
    assert answer.status_code == 302
    assert read_study(Study.objects.get()) == before
    assert Study.objects.get().checked_by is not None


def test_an_editor_corrects_the_number_of_events_and_comes_back_to_the_study(editor, study):
    outcome = Outcome.objects.get()
    answer = send(editor, outcome, **{"results-0-events": "6"})
    assert answer["Location"] == page_of(study)
    assert ArmResult.objects.get(side="intervention").events == 6


def test_the_corrected_number_stands_on_the_public_page(editor, study):
    address = f"/studies/{study.key}/"
    assert "29 of 31" not in " ".join(editor.get(address).content.decode().split())
    send(editor, Outcome.objects.get(), **{"results-0-events": "29"})
    assert "29 of 31" in " ".join(editor.get(address).content.decode().split())


def test_an_editor_corrects_a_count_of_side_effects(editor, study):
    send(editor, SideEffectReport.objects.get(), **{"counts-0-events": "0"})
    assert SideEffectCount.objects.get().events == 0


def test_an_editor_corrects_a_dose_with_the_digits_as_printed(editor, study):
    send(editor, Dose.objects.get(), amount_mg="4.5", range_text="1.5-4.5")
    dose = Dose.objects.get()
    assert str(dose.amount_mg) == "4.5"
    assert (dose.range_low_mg, dose.range_high_mg) == (Decimal("1.5"), Decimal("4.5"))


def test_the_study_page_links_to_every_dose_outcome_and_side_effect(editor, study):
    page = editor.get(page_of(study)).content.decode()
    for row in (Dose.objects.get(), Outcome.objects.get(), SideEffectReport.objects.get()):
        assert f'href="{page_of(row)}"' in page


def test_a_changed_dose_is_named_by_its_arm_in_what_is_said_and_in_the_history(editor, study):
    answer = send(editor, Dose.objects.get(), amount_mg="4.5")
    assert any("dose of LDN" in text for text in messages_of(editor, answer))
    assert "dose of LDN" in editor.get(f"/admin/studies/study/{study.pk}/history/").content.decode()


def test_digits_count_as_a_change_even_where_the_number_is_equal(editor, study):
    send(editor, Outcome.objects.get(), **{"effect-0-value": "0.690"})
    assert str(Outcome.objects.get().effect.value) == "0.690"


def test_a_limitation_with_a_comma_stays_one_limitation(editor, study):
    send(editor, study, limitations="Small, and short.\r\nNo blinding, at all.")
    assert Study.objects.get().limitations == ["Small, and short.", "No blinding, at all."]


def test_an_emptied_field_is_not_known_rather_than_empty(editor, study):
    study.population = "Women"
    study.save()
    send(editor, study, population="", doi="")
    study.refresh_from_db()
    assert study.population is None
    assert study.doi is None


def test_no_author_named_stays_another_thing_than_authors_not_known(editor, study):
    Study.objects.update(authors=[])
    send(editor, study, title="Another title")
    assert Study.objects.get().authors == []


@pytest.mark.parametrize(
    "pasted", ["https://doi.org/10.1000/TRIAL.99", "10.1000/TRIAL.99", "doi:10.1000/trial.99."]
)
def test_a_pasted_doi_is_kept_in_its_one_form(editor, study, pasted):
    send(editor, study, doi=pasted)
    assert Study.objects.get().doi == "10.1000/trial.99"


def test_a_changed_title_is_in_the_formatted_citation(editor, study):
    send(editor, study, title="A title never seen before")
    assert "title never seen before" in Study.objects.get().citation_html


def test_a_change_of_facts_takes_back_the_check_and_says_so(editor, study):
    check(study)
    answer = send(editor, Outcome.objects.get(), **{"results-0-events": "6"})
    assert Study.objects.get().checked_by is None
    assert any("berta had checked this study" in text for text in messages_of(editor, answer))


def test_setting_back_to_draft_takes_back_no_check(editor, study):
    check(study)
    send(editor, study, status="draft")
    assert Study.objects.get().checked_by is not None


def test_a_corrected_number_was_read_by_its_editor_and_checked_by_nobody(editor, study):
    Provenance.objects.update(
        read_by="somebody", checked_by=get_user_model().objects.create_user("berta"), checked_on="2026-01-01"
    )
    send(editor, Outcome.objects.get(), **{"results-0-events": "6"})
    changed, untouched = (
        Outcome.objects.get().provenance.get(),
        SideEffectReport.objects.get().provenance.get(),
    )
    assert (changed.read_by, changed.read_on, changed.checked_by) == ("ada", timezone.localdate(), None)
    assert untouched.read_by == "somebody"
    assert untouched.checked_by is not None


def test_a_new_outcome_of_a_published_study_gets_its_provenance(editor, study):
    form = form_of(editor.get(page_of(study)))
    form |= {
        "outcomes-TOTAL_FORMS": "2",
        "outcomes-1-id": "",
        "outcomes-1-study": study.pk,
        "outcomes-1-position": "1",
        "outcomes-1-name": "Sleep",
        "outcomes-1-domain": "sleep",
        "outcomes-1-direction": "unclear",
        "outcomes-1-is_primary": "unknown",
    }
    assert editor.post(page_of(study), form).status_code == 302
    provenance = Outcome.objects.get(name="Sleep").provenance.get()
    assert provenance.read_by == "ada"
    assert provenance.source == study.sources.get()


def test_whoever_adds_a_study_is_noted_as_the_one_who_entered_it(editor):
    form = form_of(editor.get("/admin/studies/study/add/"))
    form |= {"key": "new2024", "title": "A new paper", "design": "case_report", "conclusion": "One person."}
    assert editor.post("/admin/studies/study/add/", form).status_code == 302
    study = Study.objects.get()
    assert study.entered_by == editor.user
    assert "new paper" in study.citation_html


def test_a_field_that_a_registry_filled_and_an_editor_changed_is_the_editors(editor, study):
    Provenance.objects.create(study=study, field="title", registry="crossref", quote=study.title)
    send(editor, study, title="The title as printed")
    row = Provenance.objects.get(field="title")
    assert (row.registry, row.quote, row.read_by) == (None, None, "ada")


def test_a_change_of_a_number_stands_in_the_history_of_the_study(editor, study):
    send(editor, Outcome.objects.get(), **{"results-0-events": "6"})
    page = editor.get(f"/admin/studies/study/{study.pk}/history/").content.decode()
    assert "ada" in page
    assert "Pain" in page


def test_a_second_person_marks_a_study_as_checked(editor, study):
    answer = editor.post(f"/admin/studies/study/{study.pk}/mark-checked/")
    assert answer["Location"] == page_of(study)
    study.refresh_from_db()
    assert (study.checked_by, study.checked_on) == (editor.user, timezone.localdate())
    assert LogEntry.objects.filter(change_message=CHECKED, user=editor.user).exists()


def test_whoever_entered_a_study_cannot_check_it(editor, study):
    study.entered_by = editor.user
    study.save()
    answer = editor.post(f"/admin/studies/study/{study.pk}/mark-checked/")
    assert any("ask a second person" in text for text in messages_of(editor, answer))
    assert Study.objects.get().checked_by is None


def test_whoever_changed_a_number_cannot_check_it_until_somebody_else_has(editor, study):
    send(editor, Outcome.objects.get(), **{"results-0-events": "6"})
    mark = f"/admin/studies/study/{study.pk}/mark-checked/"
    editor.post(mark)
    assert Study.objects.get().checked_by is None
    other = sign_in("carl", group="Editors")
    other.post(mark)
    assert Study.objects.get().checked_by == other.user


def test_several_studies_are_marked_as_checked_from_the_list(editor, study):
    second = one_study(2)
    data = {"action": "mark_checked", "_selected_action": [study.pk, second.pk]}
    editor.post("/admin/studies/study/", data)
    assert Study.objects.filter(checked_by=editor.user).count() == 2


def test_a_check_is_marked_only_by_a_form_that_was_sent(editor, study):
    assert editor.get(f"/admin/studies/study/{study.pk}/mark-checked/").status_code == 405


def test_a_second_dose_page_is_reached_from_an_arm_without_a_dose(editor, study):
    placebo = Arm.objects.get(name="Placebo")
    assert f"/admin/studies/dose/add/?arm={placebo.pk}" in editor.get(page_of(study)).content.decode()
    address = f"/admin/studies/dose/add/?arm={placebo.pk}"
    form = form_of(editor.get(address)) | {"amount_mg": "50"}
    assert editor.post(address, form)["Location"] == page_of(study)
    assert placebo.dose.amount_mg == 50


def test_an_outcome_offers_only_the_arms_of_its_own_study(editor, study):
    other = one_study(2)
    page = editor.get(page_of(Outcome.objects.get(study=study))).content.decode()
    assert f'<option value="{study.arms.first().pk}"' in page
    assert f'<option value="{other.arms.first().pk}"' not in page
