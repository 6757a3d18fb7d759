"""Conditions, claims and safety facts in the API, over rows made by hand."""

from __future__ import annotations

import pytest

from tests import make
from tests.api_calls import cost, get

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_an_unpublished_study_is_neither_named_nor_counted(client, status):
    condition = make.make_condition()
    hidden = make.make_study(status=status, conditions=[condition])
    claim, fact = make.make_claim(), make.make_safety_fact()
    claim.evidence.create(study=hidden, stance="supports")
    fact.fact_studies.create(study=hidden)
    assert get(client, f"conditions/{condition.slug}/")["studies_by_design"] == {}
    assert get(client, f"claims/{claim.slug}/")["studies"] == []
    assert get(client, f"safety/{fact.slug}/")["studies"] == []


def test_a_claim_with_many_studies_costs_what_one_study_costs(client):
    claim = make.make_claim()

    claim.evidence.create(study=make.make_study(), stance="context")
    assert cost(client, f"claims/{claim.slug}/") == 7
    for _ in range(30):
        claim.evidence.create(study=make.make_study(), stance="context")
    assert cost(client, f"claims/{claim.slug}/") == 7
