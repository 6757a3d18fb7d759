"""Certainty is stored with its steps; an editor's word stands beside the computed one, on the page too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.template.loader import render_to_string

from conditions.domain.body import Body, BodyStudy, Pooled
from conditions.domain.certainty_rules import VERSION
from conditions.models import Certainty
from conditions.services.answers import refresh_answers
from conditions.services.certainty import (
    OverrideError,
    hash_body,
    override_certainty,
    store_certainty,
    withdraw_override,
)
from tests import make
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import page_of, sign_in

pytestmark = pytest.mark.django_db

NOW, LATER = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 4, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)
BODY = Body(
    outcome="pain",
    studies=(BodyStudy("a2020", True, "low", 100.0, 500),),
    measure="SMD",
    pooled=Pooled(-0.3, -0.5, -0.1),
    better="lower",
)


@pytest.fixture
def condition():
    return make.make_condition()


def store(condition, body=BODY, now=NOW, comparator="placebo") -> Certainty:
    return store_certainty(condition=condition, comparator=comparator, body=body, now=now)


def show(row: Certainty) -> str:
    return " ".join(render_to_string("conditions/_certainty.html", {"certainty": row}).split())


def judge(row: Certainty, level="moderate", reason="One small centre.", editor=None) -> Certainty:
    editor = editor or sign_in("ada").user
    return override_certainty(certainty=row, level=level, reason=reason, editor=editor, today=TODAY)


def test_a_certainty_is_stored_with_its_steps_size_and_version(condition):
    row = store(condition)
    row.refresh_from_db()
    assert (row.level, row.size, row.direction, row.version) == ("high", "small", "benefit", VERSION)
    assert row.statement == "LDN reduces pain slightly compared with placebo."
    assert row.steps[0]["rule"] == "start.randomised"
    assert row.computed_at == NOW


def test_storing_the_same_twice_writes_nothing(condition):
    first = store(condition)
    assert store(condition, now=LATER).computed_at == NOW
    assert list(Certainty.objects.all()) == [first]


def test_changed_inputs_are_computed_anew_in_the_same_row(condition):
    first = store(condition)
    second = store(condition, replace(BODY, unreported_trials=("NCT1",)), LATER)
    assert (second.pk, second.level, second.computed_at) == (first.pk, "moderate", LATER)


def test_each_comparator_has_an_answer_of_its_own(condition):
    assert store(condition).pk != store(condition, comparator="active").pk


def test_a_change_of_the_rules_changes_the_hash(monkeypatch):
    before = hash_body(BODY)
    monkeypatch.setattr("conditions.services.certainty.VERSION", "other")
    assert hash_body(BODY) != before


def test_nothing_pooled_and_no_study_are_stored_as_such(condition):
    row = store(condition, Body(outcome="pain", studies=()))
    assert (row.level, row.size) == ("no_evidence", None)
    assert row.statement.startswith("Nobody knows")


def test_an_override_stands_beside_the_computed_word(condition):
    row = judge(store(condition))
    assert (row.level, row.word, row.overridden_on) == ("high", "moderate", TODAY)
    assert row.statement == "LDN likely reduces pain slightly compared with placebo."


def test_a_new_computation_keeps_the_override_and_says_that_the_evidence_changed(condition):
    row = judge(store(condition))
    assert not row.is_override_stale
    row = store(condition, replace(BODY, unreported_trials=("NCT1",)), LATER)
    assert row.word == "moderate"
    assert row.is_override_stale
    assert "The evidence has changed since the editor judged it." in show(row)


def test_a_withdrawn_override_leaves_the_computed_word(condition):
    row = withdraw_override(certainty=judge(store(condition)))
    row.refresh_from_db()
    assert (row.word, row.override_reason, row.overridden_by) == ("high", None, None)


@pytest.mark.parametrize(("level", "reason", "words"), [("sure", "x", "level:"), ("low", "  ", "reason:")])
def test_an_override_without_a_known_word_or_a_reason_is_refused(condition, level, reason, words):
    with pytest.raises(OverrideError, match=words):
        judge(store(condition), level, reason)


def test_the_page_part_shows_each_step_and_what_would_change_it(condition):
    row = store(condition, replace(BODY, unreported_trials=("NCT1",)))
    page = show(row)
    assert "Certainty: <strong>Moderate</strong>, computed by the rules." in page
    assert "Missing evidence, one level down: Results of NCT1 are overdue or never came." in page
    assert "What would change it: Publication of these results." in page
    for step in row.steps:
        assert step["mend"] in page.replace("&#x27;", "'")


def test_the_page_part_names_the_editor_the_reason_and_the_computed_word(condition):
    page = show(judge(store(condition)))
    assert "an editor's judgement (ada, 2 March 2026): One small centre." in page
    assert "Computed by the rules: <strong>High</strong>." in page


def send(client, row, **changes):
    form = form_of(client.get(page_of(row)))
    return client.post(page_of(row), {**form, **changes, "_save": "Save"})


def test_an_editor_overrides_in_the_admin_with_a_reason_and_takes_it_back(condition):
    study = make.make_study(conditions=[condition])
    make.make_arm(study, dose_mg="4.5")
    placebo = {"arm": make.make_arm(study, name="Placebo", role="placebo")}
    make.make_outcome(study, results={"comparator": placebo})
    refresh_answers(now=NOW)
    row, ada = Certainty.objects.get(), sign_in("ada", group="Editors")
    computed = row.level
    assert send(ada, row, override_level="high", override_reason="Pilot.").status_code == 302
    row.refresh_from_db()
    assert (row.level, row.word, row.overridden_by) == (computed, "high", ada.user)
    assert send(ada, row, override_level="", override_reason="").status_code == 302
    row.refresh_from_db()
    assert (row.word, row.overridden_by) == (computed, None)


@pytest.mark.parametrize("half", [{"override_level": "low"}, {"override_reason": "Because."}])
def test_half_an_override_is_refused_in_a_sentence(condition, half):
    row = store(condition)
    answer = send(sign_in("ada", group="Editors"), row, **half)
    assert "Give another word and the reason for it" in answer.content.decode()
    row.refresh_from_db()
    assert row.word == "high"


def test_saving_unchanged_keeps_who_overrode_and_when(condition):
    row = judge(store(condition), editor=sign_in("bea").user)
    send(sign_in("ada", group="Editors"), row)
    row.refresh_from_db()
    assert (row.overridden_by.get_username(), row.overridden_on) == ("bea", TODAY)


def test_nobody_adds_or_deletes_a_computed_certainty(condition):
    row, ada = store(condition), sign_in("ada", is_superuser=True)
    assert ada.get("/admin/conditions/certainty/add/").status_code == 403
    assert ada.get(f"/admin/conditions/certainty/{row.pk}/delete/").status_code == 403


def test_the_methods_page_shows_the_rules(client):
    page = client.get("/methods/").content.decode()
    assert "missing.unreported" in page
    assert "two levels down" in page
