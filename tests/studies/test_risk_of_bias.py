"""Risk of bias on the study's page, in its API document and in the editors' form."""

from __future__ import annotations

import pytest

from tests import make
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import page_of, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return make.make_study()


def read(client, study) -> str:
    return client.get(study.get_absolute_url()).content.decode()


def test_a_trial_that_nobody_judged_says_so(client, study):
    assert "Not assessed: nobody has judged this study with RoB 2 yet." in read(client, study)


def test_a_design_without_a_tool_is_not_called_unassessed(client):
    page = read(client, make.make_study(design="case_report"))
    assert "Not assessed" not in page
    assert "none of the tools used here" in page


def test_each_judgement_stands_with_its_reason_and_who_made_it(client, study):
    make.make_judgement(study, judgement="high", reason="Twelve of twenty left.", domain="missing_data")
    page = read(client, study)
    assert "Twelve of twenty left." in page
    assert "Overall: High risk" in page
    assert "Assessed by the first reader only: no second person has judged it yet." in page


def test_some_domains_do_not_settle_the_overall_judgement(client, study):
    make.make_judgement(study)
    assert "Overall: not settled" in read(client, study)


def test_a_second_person_who_agreed_is_named(client, study):
    make.make_judgement(study, second_assessor="ada")
    assert "Assessed by first reader; ada agreed." in read(client, study)
    make.make_judgement(study, domain="measurement")
    assert "a second person has agreed with some domains only" in read(client, study)


def test_the_api_gives_the_judgements_and_null_where_they_settle_nothing(client, study):
    make.make_judgement(study)
    data = client.get(f"/api/v1/studies/{study.key}/").json()
    assert data["overall_risk_of_bias"] is None
    assert data["risk_of_bias"] == [
        {
            "tool": "rob2",
            "domain": "randomisation",
            "judgement": "low",
            "reason": "The sequence came from a computer.",
            "assessed_by": "first reader",
            "assessed_on": "2026-01-01",
            "second_assessor": None,
        }
    ]


def send(client, study, **changes):
    form = form_of(client.get(page_of(study)))
    return client.post(page_of(study), {**form, **changes, "_save": "Save"})


def test_an_editor_judges_a_domain_and_is_noted_as_the_one_who_did(study):
    ada = sign_in("ada", group="Editors")
    new = {"tool": "rob2", "domain": "measurement", "judgement": "low", "reason": "A count.", "position": "0"}
    changes = {f"risk_of_bias-0-{name}": value for name, value in new.items()}
    answer = send(ada, study, **{"risk_of_bias-TOTAL_FORMS": "1", **changes})
    assert answer.status_code == 302
    assert study.risk_of_bias.get().assessed_by == "ada"


def test_an_editor_who_changes_a_judgement_takes_it_over(study):
    row = make.make_judgement(study, second_assessor="bea")
    send(sign_in("ada", group="Editors"), study, **{"risk_of_bias-0-judgement": "high"})
    row.refresh_from_db()
    assert (row.judgement, row.assessed_by, row.second_assessor) == ("high", "ada", None)


def test_a_second_person_agrees_and_the_first_stays(study):
    row = make.make_judgement(study)
    send(sign_in("ada", group="Editors"), study, **{"risk_of_bias-0-agree": "on"})
    row.refresh_from_db()
    assert (row.assessed_by, row.assessed_on, row.second_assessor) == ("first reader", "2026-01-01", "ada")


def test_nobody_agrees_with_themselves(study):
    row = make.make_judgement(study, assessed_by="ada")
    answer = send(sign_in("ada", group="Editors"), study, **{"risk_of_bias-0-agree": "on"})
    assert "cannot also be the second person" in answer.content.decode()
    row.refresh_from_db()
    assert row.second_assessor is None


def test_a_form_sent_unchanged_changes_no_judgement(study):
    row = make.make_judgement(study)
    send(sign_in("ada", group="Editors"), study)
    row.refresh_from_db()
    assert (row.assessed_by, row.second_assessor) == ("first reader", None)


def test_a_tool_of_another_design_is_refused_in_a_sentence(study):
    make.make_judgement(study)
    answer = send(sign_in("ada", group="Editors"), study, **{"risk_of_bias-0-domain": "carryover"})
    assert "its carry-over domain in crossovers only" in answer.content.decode()
