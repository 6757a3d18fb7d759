"""The rules of search, each broken once, and the sentence that an editor gets."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from search.domain.complaint import COMPLAINTS
from search.models import SearchEntry, SynonymGroup

pytestmark = pytest.mark.django_db


def entry(**fields) -> SearchEntry:
    defaults = {
        "kind": "claim",
        "object_id": 1,
        "path": "/",
        "title": "One",
        "name": "one",
        "tier": 0,
        "prior": 1,
    }
    return SearchEntry.objects.create(**{**defaults, "vector": "", **fields})


BREAKERS = {
    "synonym_group_has_two_terms": lambda: SynonymGroup.objects.create(terms=["one"]),
    "search_entry_once_per_page": lambda: [entry(), entry()],
    "search_entry_kind_known": lambda: entry(kind="poem"),
    "search_entry_tier_known": lambda: entry(tier=3),
    "search_entry_has_a_title": lambda: entry(title=""),
}


@pytest.mark.parametrize("rule", BREAKERS)
def test_the_database_refuses(rule):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        BREAKERS[rule]()


def test_every_rule_is_broken_once_and_has_its_sentence():
    rules = {c.name for model in apps.get_app_config("search").get_models() for c in model._meta.constraints}
    assert rules == set(COMPLAINTS) == set(BREAKERS)
