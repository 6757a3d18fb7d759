"""Editors change conditions, claims and safety facts."""

from __future__ import annotations

import pytest

from conditions.domain.complaint import COMPLAINTS
from conditions.models import Article, Claim, ComputedVerdict, Condition, Omission, Question, SafetyFact
from conditions.services.answers import refresh_answers
from conditions.services.articles import save_article
from conditions.services.verdicts import find_stale
from studies.domain.complaint import COMPLAINTS as STUDY_COMPLAINTS
from studies.models import SideEffect
from tests import make
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import NOW, one_study, page_of

pytestmark = pytest.mark.django_db


def send(client, row, **changes):
    form = form_of(client.get(page_of(row)))
    return client.post(page_of(row), {**form, **changes, "_save": "Save"})


def errors_of(answer):
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    forms = [form, *(f for s in answer.context["inline_admin_formsets"] for f in s.formset.forms)]
    return {(field, str(error)) for one in forms for field, found in one.errors.items() for error in found}


def test_an_editor_changes_a_verdict_and_the_claims_page_shows_it(editor):
    one_study()
    send(editor, Claim.objects.get(), verdict="contradicted")
    assert "Contradicted" in editor.get("/claims/").content.decode()


QUOTING = """## For patients

See [the safety page](/safety/).

## For clinicians

[]{{.figure kind={kind} {what}}}
"""


@pytest.mark.parametrize(
    ("model", "kind", "asked", "changes", "word"),
    [
        (Claim, "verdict", "claim", {"verdict": "contradicted"}, "Contradicted"),
        (Claim, "reason", "claim", {"rationale": "Nobody has counted them."}, "Nobody has counted them."),
        (SafetyFact, "safety-fact", "fact", {"headline": "Another headline."}, "Another headline."),
    ],
)
def test_an_article_quotes_a_changed_entry_at_once(editor, model, kind, asked, changes, word):
    one_study()
    SafetyFact.objects.update(level="inform")  # one that stops stands above every article anyway
    row = model.objects.get()
    part = " part=headline" if kind == "safety-fact" else ""
    body = QUOTING.format(kind=kind, what=f"{asked}={row.slug}{part}")
    save_article(article=Article(slug="quoting", title="T", summary="S", body=body), publish=True, now=NOW)
    assert word not in editor.get("/articles/quoting/").content.decode()
    send(editor, row, **changes)
    assert word in editor.get("/articles/quoting/").content.decode()


@pytest.mark.parametrize("model", [Condition, SideEffect])
def test_the_question_behind_a_verdict_has_the_new_name_at_once(editor, model):
    one_study()
    Question.objects.get().side_effects.add(SideEffect.objects.get())
    refresh_answers(now=NOW)
    send(editor, model.objects.get(), name="A new name")
    assert "a new name" in ComputedVerdict.objects.get().question_text.lower()
    assert find_stale() == []


def test_an_editor_adds_a_synonym(editor):
    one_study()
    condition = Condition.objects.get()
    added = {
        "synonyms-TOTAL_FORMS": "2",
        "synonyms-1-name": "Third name",
        "synonyms-1-position": "1",
        "synonyms-1-id": "",
        "synonyms-1-condition": condition.pk,
    }
    assert send(editor, condition, **added).status_code == 302
    assert [synonym.name for synonym in condition.synonyms.all()] == ["Other name", "Third name"]


@pytest.mark.parametrize("model", [Claim, Condition, SafetyFact, Omission])
def test_saving_a_page_without_a_change_changes_nothing(editor, model):
    one_study()
    before = model.objects.values().get()
    assert send(editor, model.objects.get()).status_code == 302
    after = model.objects.values().get()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}


def test_two_conditions_with_the_same_name_are_refused_at_the_name(editor):
    one_study()
    one_study(2)
    answer = send(editor, Condition.objects.get(name="Condition 2"), name="CONDITION 1")
    assert ("name", COMPLAINTS["condition_name_unique"].sentence) in errors_of(answer)


def test_a_mesh_name_without_its_number_is_refused_at_the_number(editor):
    one_study()
    answer = send(editor, Condition.objects.get(), mesh_name="Fibromyalgia")
    assert ("mesh_id", COMPLAINTS["condition_mesh_name_has_an_id"].sentence) in errors_of(answer)


def test_a_reference_with_half_an_address_is_refused_at_its_field(editor):
    one_study()
    answer = send(editor, Claim.objects.get(), **{"references-0-url": "label.example"})
    assert ("url", COMPLAINTS["reference_url_is_a_web_address"].sentence) in errors_of(answer)


def test_the_sentences_of_one_page_do_not_leak_into_another(editor):
    one_study()
    editor.get(page_of(Claim.objects.get()))
    answer = send(editor, Condition.objects.get(), mesh_name="Fibromyalgia")
    assert ("mesh_id", COMPLAINTS["condition_mesh_name_has_an_id"].sentence) in errors_of(answer)
    assert not STUDY_COMPLAINTS.keys() & COMPLAINTS.keys()


def test_an_editor_removes_a_line_but_not_a_claim(editor):
    one_study()
    claim = Claim.objects.get()
    send(editor, claim, **{"references-0-DELETE": "on"})
    assert claim.references.count() == 0
    assert editor.post(page_of(claim).replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_an_editor_changes_a_question_and_it_is_computed_at_once(editor):
    one_study()
    claim = Claim.objects.get()
    changes = {"question-0-kind": "not_computable", "question-0-why_not": "It is about a price."}
    assert send(editor, claim, **changes).status_code == 302
    computed = ComputedVerdict.objects.get(claim=claim)
    assert (computed.word, computed.reason) == (None, "It is about a price.")


def test_an_editor_puts_a_claim_as_a_question(editor):
    claim = make.make_claim()
    asked = {
        "question-TOTAL_FORMS": "1",
        "question-0-kind": "existence",
        "question-0-n_people": "35",
        "question-0-claim": claim.pk,
    }
    assert send(editor, claim, **asked).status_code == 302
    assert ComputedVerdict.objects.get(claim=claim).word == "unverifiable"


def test_saving_a_claim_leaves_its_question_as_it_was(editor):
    study = one_study()
    question = Question.objects.get()
    Question.objects.update(kind="frequency", domains=["pain", "sleep"], percent="25.0")
    question.side_effects.set([study.side_effect_reports.get().side_effect])
    before = Question.objects.values().get()
    send(editor, Claim.objects.get(), statement="It helps a little.")
    assert Claim.objects.get().statement == "It helps a little."
    assert Question.objects.values().get() == before
    assert str(Question.objects.get().percent) == "25.0"
    assert question.side_effects.count() == 1


def test_a_question_with_half_of_what_it_needs_is_refused_with_the_mend(editor):
    one_study()
    half = {"question-0-kind": "dose_range", "question-0-low_mg": "1"}
    answer = send(editor, Claim.objects.get(), **half)
    assert ("low_mg", COMPLAINTS["question_of_doses_is_whole"].sentence) in errors_of(answer)


def test_an_editor_is_led_to_the_claims_on_which_the_two_verdicts_differ(editor):
    one_study()
    assert "1</strong> claim on which the rules and the first reader differ" in page_text(editor, "/admin/")
    differing = "/admin/conditions/computedverdict/?differs=yes"
    assert "It helps." in page_text(editor, differing)
    Claim.objects.update(verdict="not_supported")
    assert "first reader differ" not in page_text(editor, "/admin/")
    assert "0 computed verdicts" in page_text(editor, differing)


def test_an_editor_is_led_to_the_claims_without_a_question(editor):
    claim = make.make_claim()
    assert "1</strong> claim without a question" in page_text(editor, "/admin/")
    listed = page_text(editor, "/admin/conditions/claim/?question=no")
    assert claim.slug in listed
    assert "not computed: no question" in listed


def test_a_computed_verdict_is_to_be_seen_and_not_to_be_changed(editor):
    one_study()
    verdict = ComputedVerdict.objects.get()
    assert "_save" not in page_text(editor, page_of(verdict))
    assert editor.post(page_of(verdict), {"word": "supported"}).status_code == 403


def page_text(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()
