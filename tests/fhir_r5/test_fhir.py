"""Every resource of the corpus against FHIR's own rules, its code lists and the records; and over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest
import simplejson
from django.utils import timezone
from fhir.resources import get_fhir_model_class

from conditions.models import Certainty, Condition, Pool
from fhir_r5.domain.codes import ALL
from fhir_r5.domain.shapes import codes_of, make_id, references_of
from fhir_r5.services.capability import capability
from fhir_r5.services.collections import KINDS, bundle, find, of_condition, of_kind
from studies.models import ArmResult, Effect, Notice, Outcome, SideEffectReport, Study, Trial
from studies.services.notices import recompute_status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


@pytest.fixture(scope="module")
def resources(corpus, django_db_blocker):
    with django_db_blocker.unblock():
        return {kind: list(of_kind(kind)) for kind in KINDS}


def check(resource):
    """Raise unless the library that knows FHIR R5 accepts it, and reads back what was written."""
    text = simplejson.dumps(resource, use_decimal=True)
    model = get_fhir_model_class(resource["resourceType"]).model_validate_json(text)
    assert simplejson.loads(model.model_dump_json(), use_decimal=True) == simplejson.loads(
        text, use_decimal=True
    )


def test_every_resource_keeps_the_rules_of_fhir_r5_and_reads_back_as_it_was_written(resources):
    for rows in resources.values():
        for row in rows:
            check(row)
    check(capability())


def test_there_is_one_resource_for_each_thing_on_record(resources):
    published = Study.objects.published()
    outcomes = Outcome.objects.filter(study__in=published).count()
    reports = SideEffectReport.objects.filter(study__in=published).count()
    assert len(resources["Citation"]) == published.count()
    assert len(resources["ResearchStudy"]) == published.count() + Trial.objects.count()
    assert len(resources["Evidence"]) == outcomes + reports + Certainty.objects.count()
    judged = published.filter(risk_of_bias__isnull=False).distinct().count()
    assert len(resources["ArtifactAssessment"]) == judged > 0


def test_ids_are_unique_and_every_reference_leads_to_a_resource(resources):
    ids = [f"{kind}/{row['id']}" for kind, rows in resources.items() for row in rows]
    assert len(ids) == len(set(ids))
    leading = {name for rows in resources.values() for row in rows for name in references_of(row)}
    assert leading <= set(ids)
    assert len(leading) > 900


def test_every_code_is_of_the_list_that_it_names(resources):
    lists = {each.system: set(each.codes) for each in ALL}
    of_others = {
        "http://id.nlm.nih.gov/mesh",
        "http://hl7.org/fhir/standards-status",
        "http://unitsofmeasure.org",
    }
    given = {pair for rows in resources.values() for row in rows for pair in codes_of(row)}
    wrong = [pair for pair in given if pair[0] not in of_others and pair[1] not in lists.get(pair[0], ())]
    assert wrong == []
    assert {system for system, _ in given} >= {
        each.system for each in ALL if "artifact-status" not in each.system
    }


def test_numbers_of_a_study_keep_their_printed_digits_and_are_all_there(resources):
    evidence = {row["id"]: row for row in resources["Evidence"]}
    effects = Effect.objects.filter(outcome__study__status="published", value__isnull=False)
    for effect in effects.select_related("outcome__study"):
        row = evidence[make_id(effect.outcome.study.key, "outcome", effect.outcome.position)]
        last = row["statistic"][-1]
        assert str(last["quantity"]["value"]) == str(effect.value)
        if effect.ci_low is not None and effect.ci_high is not None:
            ends = last["attributeEstimate"][0]["range"]
            assert (ends["low"]["value"], ends["high"]["value"]) == (effect.ci_low, effect.ci_high)
    assert len(effects) > 50
    result = (
        ArmResult.objects.filter(sd__isnull=False, n__isnull=False).select_related("outcome__study").first()
    )
    row = evidence[make_id(result.outcome.study.key, "outcome", result.outcome.position)]
    said = [s for s in row["statistic"] if s.get("quantity", {}).get("value") == result.value]
    assert result.n in [s["sampleSize"]["knownDataCount"] for s in said]
    assert result.sd in [
        e["quantity"]["value"] for s in said for e in s["attributeEstimate"] if "quantity" in e
    ]


def test_a_printed_zero_at_the_end_is_written():
    assert simplejson.dumps({"value": Decimal("4.50")}, use_decimal=True) == '{"value": 4.50}'


def test_a_question_says_what_its_pool_says_and_how_sure_that_is(resources):
    pool = Pool.objects.filter(k__gt=1).select_related("condition").first()
    certainty = Certainty.objects.get(
        condition=pool.condition, domain=pool.domain, comparator=pool.comparator
    )
    ident = make_id(pool.condition.slug, pool.domain, pool.comparator)
    row = next(row for row in resources["Evidence"] if row["id"] == ident)
    stated = next(s for s in row["statistic"] if s["quantity"]["value"] == pool.estimate)
    assert stated["sampleSize"] == {"numberOfStudies": pool.k, "numberOfParticipants": pool.n_people}
    assert stated["attributeEstimate"][0]["range"]["low"]["value"] == pool.ci_low
    overall = row["certainty"][0]
    assert overall["rating"]["coding"][0]["code"] == certainty.word.replace("_", "-")
    rated_down = [s for s in overall["subcomponent"] if s["rating"]["coding"][0]["code"] != "no-change"]
    assert [s["note"][0]["text"] for s in rated_down] == [step["reason"] for step in certainty.changes]
    assert row["assertion"] == certainty.statement


def test_a_question_that_nobody_has_studied_is_no_evidence_and_has_no_grade(resources):
    certainty = Certainty.objects.filter(level="no_evidence").select_related("condition").first()
    row = find("Evidence", make_id(certainty.condition.slug, certainty.domain, certainty.comparator))
    assert row["certainty"][0]["rating"] == {"text": "No evidence"}
    assert "statistic" not in row


def test_a_retraction_retires_the_evidence_and_marks_the_citation():
    study = Study.objects.published().filter(outcomes__isnull=False, publication_status="unknown").first()
    before = find("Citation", study.key)
    assert before["citedArtifact"]["currentState"] == [{"text": "Not known"}]
    Notice.objects.create(
        study=study,
        kind=Notice.Kind.RETRACTION,
        raw_kind="retraction",
        registry="crossref",
        notice_doi="10.1000/notice",
        first_seen_at=timezone.now(),
    )
    recompute_status(study=study)
    study.save()
    after = find("Citation", study.key)
    assert after["citedArtifact"]["currentState"][0]["coding"][0]["code"] == "retracted"
    assert after["citedArtifact"]["relatesTo"][0]["type"] == "retracted-by"
    check(after)
    outcome = study.outcomes.first()
    row = find("Evidence", make_id(study.key, "outcome", outcome.position))
    assert row["status"] == "retired"
    assert "no longer to be relied on: retracted" in row["note"][0]["text"]
    assert find("ResearchStudy", study.key)["status"] == "retired"


def test_a_study_that_is_not_published_is_nowhere():
    study = Study.objects.published().first()
    Study.objects.filter(pk=study.pk).update(status="draft")
    assert find("Citation", study.key) is None
    assert study.key not in {row["id"] for row in of_kind("Citation")}


def test_the_bundle_of_a_condition_is_whole(resources):
    condition = Condition.objects.get(slug="fibromyalgia")
    collection = bundle("collection", of_condition(condition), id=condition.slug)
    check(collection)
    inside = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in collection["entry"]}
    assert len(inside) == len(collection["entry"])
    for entry in collection["entry"]:
        assert set(references_of(entry["resource"])) <= inside
    keys = set(Study.objects.published().for_condition(condition).values_list("key", flat=True))
    assert {f"Citation/{key}" for key in keys} <= inside


def ask(client, path, **headers):
    response = client.get(path, headers=headers)
    assert response["Content-Type"].startswith("application/fhir+json")
    body = response.json()
    get_fhir_model_class(body["resourceType"]).model_validate(body)
    return response, body


def test_a_resource_is_read_by_kind_and_id(client):
    response, body = ask(client, "/fhir/Citation/bruun2024")
    assert response.status_code == 200
    assert {i["value"] for i in body["citedArtifact"]["identifier"]} >= {
        Study.objects.get(key="bruun2024").doi
    }


def test_the_statement_names_what_can_be_read_and_listed(client):
    _, body = ask(client, "/fhir/metadata")
    assert body["fhirVersion"] == "5.0.0"
    for resource in body["rest"][0]["resource"]:
        if resource["type"] != "Bundle":
            assert ask(client, f"/fhir/{resource['type']}?_count=1")[1]["entry"]
    assert ask(client, "/fhir/Bundle/fibromyalgia")[1]["type"] == "collection"


def test_a_kind_is_listed_page_by_page_without_losing_or_repeating_one(client):
    path, seen = "/fhir/Evidence?_count=100", []
    while path:
        _, body = ask(client, path)
        seen += [entry["resource"]["id"] for entry in body["entry"]]
        assert len(body["entry"]) <= 100
        following = [link["url"] for link in body["link"] if link["relation"] == "next"]
        path = following[0].partition("//")[2].partition("/")[2] if following else ""
        path = f"/{path}" if path else ""
    assert len(seen) == len(set(seen)) > 400
    assert ask(client, "/fhir/Evidence?_count=0")[1].get("entry") is None


def test_several_are_fetched_by_their_ids(client):
    _, body = ask(client, "/fhir/Citation?_id=bruun2024,younger2013,nobody1900")
    assert [entry["resource"]["id"] for entry in body["entry"]] == ["bruun2024", "younger2013"]
    assert body["total"] == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fhir/Citation/nobody1900", 404),
        ("/fhir/Citation/bruun2024%00", 404),
        ("/fhir/Evidence/nobody1900.outcome.0", 404),
        ("/fhir/Patient/1", 404),
        ("/fhir/Patient", 404),
        ("/fhir/Bundle/no-such-condition", 404),
        ("/fhir/Citation?_count=many", 400),
        ("/fhir/Citation?_after=%00", 400),
        ("/fhir/Citation/bruun2024?_format=xml", 406),
    ],
)
def test_an_error_is_an_operation_outcome_that_says_what_is_wrong(client, path, status):
    response, body = ask(client, path)
    assert response.status_code == status
    assert body["resourceType"] == "OperationOutcome"
    assert body["issue"][0]["diagnostics"]


def test_only_json_is_given_and_nothing_can_be_written(client):
    assert (
        client.get("/fhir/Citation/bruun2024", headers={"accept": "application/fhir+xml"}).status_code == 406
    )
    refused = client.post("/fhir/Citation", "{}", content_type="application/fhir+json")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")


def test_a_client_that_has_the_answer_is_told_so_before_any_record_is_read(client, django_assert_num_queries):
    first, _ = ask(client, "/fhir/Bundle/fibromyalgia")
    with django_assert_num_queries(1):
        again = client.get("/fhir/Bundle/fibromyalgia", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert first["Access-Control-Allow-Origin"] == "*"


def test_a_page_of_a_list_costs_as_many_queries_for_many_as_for_few(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        client.get("/fhir/Citation?_count=40")
