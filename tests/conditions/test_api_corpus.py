"""Conditions, claims and safety facts of the corpus as programs get them."""

from __future__ import annotations

import pytest

from tests.api_calls import get, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def test_a_condition_carries_its_codes_synonyms_and_counts(client):
    condition = get(client, "conditions/fibromyalgia/")
    assert condition["page"] == "/conditions/fibromyalgia/"
    assert condition["mesh_id"]
    assert condition["studies_by_design"]["randomised"] == 8
    found = get(client, "studies/?condition=fibromyalgia")["count"]
    assert sum(condition["studies_by_design"].values()) == found


def test_topics_are_told_from_conditions(client):
    topics = {row["slug"] for row in get(client, "conditions/?is_topic=true")["results"]}
    assert topics == {"mechanism", "healthy-volunteers", "drug-utilisation", "skin-disease"}
    assert get(client, "conditions/?is_topic=False")["count"] == 54


def test_a_claim_names_its_studies_and_where_each_stands(client):
    claim = get(client, "claims/?verdict=contradicted")["results"][0]
    assert get(client, f"claims/{claim['id']}/") == claim
    assert claim["studies"] or claim["other_sources"]
    for entry in claim["studies"]:
        assert entry["stance"] in ("supports", "contradicts", "context")
        get(client, f"studies/{entry['study']}/")


def test_a_safety_fact_leads_to_its_place_on_the_page_and_to_its_sources(client):
    for fact in get(client, "safety/?level=stop")["results"]:
        page, _, place = fact["page"].partition("#")
        assert f'id="{place}"' in client.get(page).content.decode()
        assert fact["sources"] or fact["studies"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("conditions/?category=sport", "category"),
        ("conditions/?is_topic=perhaps", "is_topic"),
        ("claims/?topic=", "topic"),
        ("claims/?condition=", None),
        ("claims/?topic=x", "topic"),
        ("claims/?condition=%00", "condition"),
        ("safety/?level=x", "level"),
        ("safety/?kind=%00", "kind"),
        ("conditions/fibromyalgia/?verbose=1", "verbose"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_name(client, query, field):
    answer = get(client, query, status=400 if field else 200)
    assert field is None or field in refused(answer)
