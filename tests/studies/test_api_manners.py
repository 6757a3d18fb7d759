"""The API as HTTP: problems for errors, conditional requests, formats, reading from other sites, cursors."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.models import Study
from tests import make
from tests.api_calls import LISTS, get, refused, schema
from tests.openapi import MEND, find_breaking, read_committed

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"
STUDIES = "/api/v1/studies/"


def ask(client, path: str, method: str = "get", **headers: str):
    return getattr(client, method)(path, headers={name.replace("_", "-"): v for name, v in headers.items()})


def commit() -> None:
    """What is written from here on counts as another transaction, as it is where nothing is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pages.noted', '', true)")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("get", f"{STUDIES}?year_min=x", {}, 400),
        ("get", f"{STUDIES}?q=%00", {}, 400),
        ("get", f"{STUDIES}nobody1999/", {}, 404),
        ("get", f"{STUDIES}?condition=nowhere", {}, 404),
        ("get", "/api/nowhere/", {}, 404),
        ("get", "/api/v1/nowhere/", {}, 404),
        ("delete", STUDIES, {}, 405),
        ("trace", STUDIES, {}, 405),
        ("get", STUDIES, {"Accept": "text/csv"}, 406),
        ("get", f"{STUDIES}?cursor=*&page=2", {}, 409),
        ("post", "/api/v1/pool/", {}, 415),
        ("get", STUDIES, {"Host": "elsewhere.example"}, 400),
    ],
)
def test_every_error_is_a_problem_that_is_not_kept(client, method, path, headers, status):
    answer = ask(client, path, method, **headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    problem = answer.json()
    assert (problem["type"], problem["status"], problem["instance"]) == ("about:blank", status, path)
    assert problem["title"]
    assert problem["detail"]
    assert answer["Cache-Control"] == "no-store"
    assert "ETag" not in answer


def test_a_refused_field_is_named_with_its_place(client):
    problem = get(client, "studies/?year_min=x&colour=blue", status=400)
    assert problem["errors"][0]["location"] == "query"
    assert set(refused(problem)) == {"colour"}
    assert "colour" in problem["detail"]
    assert set(refused(get(client, "studies/?year_min=x&design=y", status=400))) == {"year_min", "design"}


@pytest.mark.parametrize(
    "name", ["page", "page_size", "fields", "expand", "provenance", "ordering", "direction", "year", "as_of"]
)
def test_a_parameter_without_a_value_is_refused_where_none_makes_no_sense(client, name):
    assert set(refused(get(client, f"studies/?{name}=", status=400))) == {name}


@pytest.mark.parametrize("name", ["q", "condition", "cursor"])
def test_a_text_that_is_empty_is_as_good_as_none(client, name):
    key = make.make_study().key
    assert [entry["key"] for entry in get(client, f"studies/?{name}=")["results"]] == [key]


def test_every_list_s_link_leads_to_an_entry_by_a_field_that_its_entries_have():
    described, links = schema(), 0
    for path, methods in described["paths"].items():
        for link in methods.get("get", {}).get("responses", {}).get("200", {}).get("links", {}).values():
            (source,) = link["parameters"].values()
            page = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
            rows = described["components"]["schemas"][page.rpartition("/")[2]]["properties"]["results"]
            entry = described["components"]["schemas"][rows["items"]["$ref"].rpartition("/")[2]]
            assert source.removeprefix("$response.body#/results/0/") in entry["properties"], path
            links += 1
    assert links > 10


def test_a_failure_of_the_site_is_a_problem_without_a_word_of_the_cause(client, monkeypatch):
    monkeypatch.setattr("studies.api.views.StudyViewSet.get_queryset", lambda _: 1 / 0)
    client.raise_request_exception = False
    answer = client.get(STUDIES)
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert "division" not in answer.content.decode()


@pytest.mark.parametrize("accept", ["", "*/*", "application/*", "text/html, */*;q=0.8", "application/json"])
def test_who_may_be_given_json_is(client, accept):
    answer = ask(client, STUDIES, Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_scripts_of_any_site_may_read_and_send_nothing(client):
    origin = {"Origin": "https://elsewhere.example"}
    for method in ("get", "head", "options"):
        assert ask(client, STUDIES, method, **origin)["Access-Control-Allow-Origin"] == "*"
    preflight = ask(client, STUDIES, "options", Access_Control_Request_Method="GET", **origin)
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in preflight["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in ask(client, "/api/v1/pool/", "post", **origin)
    assert "Access-Control-Allow-Origin" not in client.get("/about/")


def test_who_has_the_answer_is_told_so_without_a_look_at_any_study(client):
    make.make_study()
    first = client.get(STUDIES)
    assert "max-age=0" in first["Cache-Control"]
    with CaptureQueriesContext(connection) as captured:
        again = ask(client, STUDIES, If_None_Match=f'"other", {first["ETag"]}')
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert not any("studies_" in query["sql"] for query in captured)
    # A tag of another address, even at the same state, is none of this one.
    assert ask(client, f"{STUDIES}?fields=key", If_None_Match=first["ETag"]).status_code == 200


def test_a_write_ends_what_was_known_and_one_that_changes_no_word_does_not(client):
    study = make.make_study()
    tag = client.get(STUDIES)["ETag"]
    commit()
    Study.objects.filter(pk=study.pk).update(status="draft")
    changed = ask(client, STUDIES, If_None_Match=tag)
    assert (changed.status_code, changed.json()["count"]) == (200, 0)
    commit()
    Study.objects.filter(pk=study.pk).update(status="published")
    assert ask(client, STUDIES, If_None_Match=tag).status_code == 304


def test_a_time_is_never_to_come_and_no_longer_true_after_a_write(client):
    study = make.make_study()
    client.get(STUDIES)
    time.sleep(1.1)  # the first full second after the state was first seen
    answer = client.get(STUDIES)
    since = answer["Last-Modified"]
    assert ask(client, STUDIES, If_Modified_Since=since).status_code == 304
    assert ask(client, STUDIES, If_None_Match='"other"', If_Modified_Since=since).status_code == 200
    assert ask(client, STUDIES, If_Modified_Since="yesterday").status_code == 200
    commit()
    Study.objects.filter(pk=study.pk).update(title="Another")
    assert ask(client, STUDIES, If_Modified_Since=since).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_leads_through_every_list_once(client, name):
    from tests.studies.test_api import fill

    fill(5)
    key = {"studies": "key", "conditions": "slug", "side-effects": "slug"}.get(name, "url")
    whole = {row[key] for row in get(client, f"{name}/?page_size=100")["results"]}
    address, seen = f"/api/v1/{name}/?cursor=*&page_size=2&fields={key}", []
    while address:
        answer = client.get(address).json()
        assert answer["count"] is None
        seen += [row[key] for row in answer["results"]]
        address = answer["next"]
    assert sorted(seen) == sorted(whole)


def test_a_cursor_meets_nothing_twice_though_rows_are_written_meanwhile(client):
    studies = [make.make_study() for _ in range(4)]
    first = get(client, "studies/?cursor=*&page_size=2")
    studies[0].delete()
    make.make_study()
    rest = client.get(first["next"]).json()["results"]
    assert [row["key"] for row in rest] == [study.key for study in studies[2:]]


def test_the_cost_of_a_page_by_cursor_does_not_depend_on_how_much_there_is(client):
    for _ in range(3):
        make.make_study()
    with CaptureQueriesContext(connection) as captured:
        get(client, "studies/?cursor=*&page_size=1")
    assert not any("COUNT(" in query["sql"] or "OFFSET" in query["sql"] for query in captured)


def test_fields_and_parts_are_given_as_asked(client):
    study = make.make_study()
    arm = make.make_arm(study, dose_mg="4.5")
    row = get(client, "studies/?fields=key,year")["results"][0]
    assert row == {"key": study.key, "year": study.year}
    row = get(client, "studies/?fields=key&expand=arms")["results"][0]
    assert (set(row), row["arms"][0]["id"]) == ({"key", "arms"}, arm.pk)
    assert get(client, "studies/?fields=key,arms")["results"][0] == row
    row = get(client, "studies/?expand=arms")["results"][0]
    assert "title" in row
    assert "outcomes" not in row
    assert set(get(client, f"studies/{study.key}/?fields=key,arms")) == {"key", "arms"}
    for query, field in [
        ("fields=colour", "fields"),
        ("expand=colour", "expand"),
        ("provenance=x", "provenance"),
    ]:
        assert field in refused(get(client, f"studies/?{query}", status=400))


def test_full_provenance_says_of_every_number_where_it_was_read_and_by_whom(client):
    study = make.make_study()
    outcome, report = make.make_outcome(study), make.make_side_effect_report(study)
    row = outcome.provenance.get()
    row.source, row.place, row.read_by = study.sources.first(), "Table 2", "reader"
    row.save()
    found = get(client, f"studies/{study.key}/?provenance=full")["provenance"]
    of_outcome = next(entry for entry in found if entry["outcome"] == outcome.pk)
    assert (of_outcome["place"], of_outcome["read_by"], of_outcome["checked_by"]) == (
        "Table 2",
        "reader",
        None,
    )
    assert of_outcome["source_url"] == study.sources.first().url
    assert any(entry["side_effect"] == report.side_effect.slug for entry in found)
    assert get(client, "studies/?provenance=full")["results"][0]["provenance"] == found
    assert get(client, f"studies/{study.key}/")["provenance"] == []


def test_the_committed_schema_is_the_one_that_is_served():
    broken = find_breaking(read_committed(), schema())
    assert broken == [], f"This breaks clients. {MEND}"
    assert read_committed() == schema(), MEND


def test_what_would_break_a_client_is_found():
    old, new = read_committed(), read_committed()
    del new["paths"]["/api/v1/trials/"]
    del new["components"]["schemas"]["Study"]["properties"]["doi"]
    new["components"]["schemas"]["DesignEnum"]["enum"].remove("rct_parallel")
    new["components"]["schemas"]["Study"]["properties"]["year"]["type"] = "string"
    assert len(find_breaking(old, new)) == 4
