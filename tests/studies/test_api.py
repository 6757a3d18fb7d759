"""The API over rows made by hand: read-only, published only, no query per row, and its schema."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from conditions.models import AnswerChange, Condition
from ldn_kb.api_names import ENUMS
from studies.models import Provenance, Study
from tests import make
from tests.api_calls import LISTS, cost, get, refused, schema

pytestmark = pytest.mark.django_db

UGLY = [
    "%00", "%0A", "%F0%9F%92%A9", "%ED%A0%80", "%FF", "-1", "0", "1e999", "-1e99999", "1e-999999", "NaN",
    "Infinity", "9" * 50, "9" * 5000, "1.5", "x" * 3000, "'%22%3B--", "..%2F..%2F", "%25s", "null", "a%26b",
    "%E0%A5%A7",
]  # fmt: skip


def fill(n: int, **fields: Any) -> None:
    """So many studies, each with one of everything that leans on a study, checked by a second person."""
    checker, _ = get_user_model().objects.get_or_create(username="checker")
    for _ in range(n):
        condition = make.make_condition()
        study = make.make_study(conditions=[condition], checked_by=checker, checked_on="2026-11-01")
        fill_study(study, **fields)
        claim = make.make_claim()
        claim.evidence.create(study=study, stance="context")
        claim.claim_conditions.create(condition=condition)
        make.make_safety_fact().fact_studies.create(study=study)
        make.make_trial(results=study).trial_conditions.create(condition=condition)
        study.notices.create(
            kind="correction", raw_kind="erratum", registry="pubmed", first_seen_at="2026-01-01T00:00Z"
        )
        at = "2026-01-01T00:00Z"
        study.registry_checks.create(registry="pubmed", answer="unknown", asked_at=at, next_check_at=at)
        make.make_certainty(condition=condition)
        fill_answers(study, condition)
    Provenance.objects.update(checked_by=checker, checked_on="2026-11-01")


def fill_answers(study: Study, condition: Condition) -> None:
    """A pool in which the study is, and a change that its status brought about."""
    pool = make.make_pool(condition=condition, result={"fixed": None, "without_concern": None})
    candidate = {"key": study.key, "how": "as reported", "assumptions": []}
    pool.rows.create(study=study, position=0, is_in=False, reason="no_effect", candidate=candidate)
    change = AnswerChange.objects.create(at="2026-01-01T00:00Z", cause="status", summary="One", lines=[])
    change.statuses.create(study=study, before="unknown", after="concern")


def fill_study(study: Study, **fields: Any) -> None:
    arm = make.make_arm(study, dose_mg="4.5")
    arm.dose.steps.create(at_number=1, amount_mg="1.5")
    make.make_outcome(
        study, results={"intervention": {"n": 3, "arm": arm}}, effect={"measure": "MD", "value": 1}
    )
    make.make_side_effect_report(study, counts={"intervention": {"events": 1, "n": 3, "arm": arm}}, **fields)


def test_a_notice_that_an_editor_has_set_aside_says_so_and_why(client, django_user_model):
    study = make.make_study()
    notice = study.notices.create(
        kind="retraction", raw_kind="retraction", registry="crossref", first_seen_at="2026-01-01T00:00Z"
    )
    address = f"/api/v1/notices/{notice.pk}/"
    assert client.get(address).json()["dismissed_on"] is None
    notice.dismissed_by = django_user_model.objects.create(username="editor")
    notice.dismissed_on, notice.dismissed_because = "2026-11-25", "It names another paper."
    notice.save()
    answer = client.get(address).json()
    assert (answer["dismissed_on"], answer["dismissed_because"]) == ("2026-11-25", "It names another paper.")
    inside = client.get(f"/api/v1/studies/{study.key}/").json()["notices"][0]
    assert inside["dismissed_on"] == "2026-11-25"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client, method):
    study = make.make_study()
    assert getattr(client, method)("/api/v1/studies/").status_code == 405
    assert getattr(client, method)(f"/api/v1/studies/{study.key}/").status_code == 405
    assert Study.objects.filter(pk=study.pk).exists()


def test_head_and_options_are_answered(client):
    assert client.head("/api/v1/studies/").status_code == 200
    assert client.options("/api/v1/studies/").status_code == 200


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_what_is_not_published_leaks_through_no_relation(client, status):
    condition = make.make_condition()
    draft = make.make_study(status=status, conditions=[condition])
    arm = make.make_arm(draft, dose_mg="4.5")
    outcome = make.make_outcome(draft)
    report = make.make_side_effect_report(draft, counts={"intervention": {"events": 1, "n": 3}})
    claim = make.make_claim()
    claim.evidence.create(study=draft, stance="supports")
    fact = make.make_safety_fact()
    fact.fact_studies.create(study=draft)
    trial = make.make_trial(results=draft)
    notice = draft.notices.create(
        kind="concern", raw_kind="x", registry="crossref", first_seen_at="2026-01-01T00:00Z"
    )
    paths = [*(f"{name}/" for name in LISTS), f"side-effects/{report.side_effect.slug}/"]
    paths += [f"claims/{claim.slug}/", f"safety/{fact.slug}/", f"trials/{trial.registry_id}/"]
    for path in paths:
        assert draft.key not in client.get(f"/api/v1/{path}").content.decode(), path
    for name in ("studies", "outcomes", "doses", "notices"):
        assert get(client, f"{name}/")["count"] == 0
    for path in (
        f"studies/{draft.key}",
        f"outcomes/{outcome.pk}",
        f"doses/{arm.pk}",
        f"notices/{notice.pk}",
    ):
        assert "detail" in get(client, f"{path}/", status=404)
    for name in ("outcomes", "doses", "notices"):
        assert "study" in refused(get(client, f"{name}/?study={draft.key}", status=404))
    assert get(client, f"side-effects/{report.side_effect.slug}/")["n_studies"] == 0
    assert get(client, "trials/?has_results=true")["count"] == 0
    assert get(client, "trials/?has_results=false")["count"] == 1


@pytest.mark.parametrize(("name", "queries"), LISTS.items())
def test_a_list_costs_the_same_for_one_row_and_for_a_hundred(client, name, queries):
    fill(1)
    assert cost(client, f"{name}/?page_size=100") == queries
    fill(99)
    assert cost(client, f"{name}/?page_size=100") == queries


def test_a_side_effect_of_many_studies_costs_what_one_study_costs(client):
    nausea = make.make_side_effect(slug="nausea")
    fill(1, side_effect=nausea)
    for_one = cost(client, "side-effects/nausea/")
    fill(30, side_effect=nausea)
    assert cost(client, "side-effects/nausea/") == for_one <= 14


def test_a_study_of_many_outcomes_costs_what_one_outcome_costs(client):
    fill(1)
    study = Study.objects.get()
    for_one = cost(client, f"studies/{study.key}/")
    for _ in range(30):
        fill_study(study)
    assert cost(client, f"studies/{study.key}/") == for_one <= 22


@pytest.mark.parametrize("name", LISTS)
def test_ugly_values_are_refused_by_name_or_find_nothing_and_never_break(client, name):
    fill(1)
    parameters = schema()["paths"][f"/api/v1/{name}/"]["get"]["parameters"]
    for field in (parameter["name"] for parameter in parameters):
        for value in UGLY:
            answer = client.get(f"/api/v1/{name}/?{field}={value}")
            assert answer.status_code in (200, 400, 404), (field, value)
            assert answer.status_code != 400 or field in refused(answer.json())


def test_a_checked_record_names_its_checker(client):
    fill(1)
    study = get(client, f"studies/{Study.objects.get().key}/")
    assert (study["is_checked"], study["checked_by"], study["checked_on"]) == (
        True,
        "checker",
        "2026-11-01",
    )
    assert study["outcomes"][0]["provenance"][0]["checked_by"] == "checker"


def test_a_digit_that_was_printed_is_kept_and_nothing_reported_is_null(client):
    study = make.make_study()
    make.make_outcome(study, results={"intervention": {"value": "3.0", "n": 0, "unit": ""}})
    result = get(client, f"studies/{study.key}/")["outcomes"][0]["results"][0]
    assert (result["value"], result["n"], result["sd"], result["arm"]) == ("3.0", 0, None, None)


def test_a_trial_says_whether_its_results_are_overdue(client):
    make.make_trial(registry_id="NCT1", status="COMPLETED", completion="2019-05")
    make.make_trial(registry_id="NCT2", status="COMPLETED", completion="2019-05", results=make.make_study())
    rows = {row["id"]: row for row in get(client, "trials/")["results"]}
    assert (rows["NCT1"]["is_overdue"], rows["NCT1"]["state"]) == (True, "completed")
    assert rows["NCT2"]["is_overdue"] is False


def test_an_address_without_its_last_slash_is_sent_on(client):
    assert client.get("/api/v1/studies").headers["Location"] == "/api/v1/studies/"


def test_a_paper_that_was_checked_says_where_and_when(client):
    study = make.make_study(publication_status="current")
    study.registry_checks.create(
        registry="crossref",
        answer="found",
        asked_at="2026-11-20T10:00Z",
        answered_at="2026-11-20T10:00Z",
        found_at="2026-11-20T10:00Z",
        next_check_at="2026-11-27T10:00Z",
    )
    check = get(client, f"studies/{study.key}/")["registry_checks"][0]
    assert check["registry"] == "crossref"
    assert check["answer"] == "found"


def test_the_schema_is_valid_without_warnings_and_says_what_everything_is():
    paths, components = dict(schema()["paths"]), schema()["components"]["schemas"]
    assert {path.split("/")[3] for path in paths} == {*LISTS, "pool"}
    calculator = paths.pop("/api/v1/pool/")
    assert list(calculator) == ["post"]
    assert set(calculator["post"]["responses"]) == {"200", "400", "406", "413", "415", "429"}
    for path, methods in paths.items():
        assert list(methods) == ["get"]
        assert methods["get"]["description"], path
        assert set(methods["get"]["responses"]) - {"409"} == {"200", "304", "400", "404", "406"}
        for parameter in methods["get"]["parameters"]:
            assert parameter["in"] == "path" or parameter["description"], (path, parameter["name"])
    for name, component in components.items():
        plain = name.endswith("Enum") or name.startswith("Paginated")
        assert plain or component["description"], name


OF_THE_CALCULATOR = {"I2Enum", "PredictionEnum", "ScaleEnum", "SmdEnum"}


def test_the_closed_lists_of_words_are_named_by_hand():
    assert {name for name in schema()["components"]["schemas"] if name.endswith("Enum")} == {
        *ENUMS, *OF_THE_CALCULATOR, "CategoryEnum", "NullEnum", "StanceEnum", "TopicEnum", "VerdictEnum",
    }  # fmt: skip


def test_an_answer_holds_exactly_what_the_schema_promises(client):
    fill(1)
    components = schema()["components"]["schemas"]
    address = f"studies/{Study.objects.get().key}/"
    study = get(client, address)
    assert {*study, "as_of"} == set(components["Study"]["properties"])
    said = get(client, f"{address}?as_of={datetime.now(UTC):%Y-%m-%d}")["as_of"]
    assert set(said) == set(components["AsOf"]["properties"])
    for part, name in [("arms", "Arm"), ("outcomes", "Outcome"), ("side_effects", "SideEffectReport")]:
        assert set(study[part][0]) == set(components[name]["properties"])


def test_the_docs_page_loads_nothing_from_elsewhere_and_runs_no_inline_script(client):
    page = client.get("/api/docs/").content.decode()
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
    assert "<script>" not in page
    assert "<style" not in page
    assert "style=" not in page
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address
