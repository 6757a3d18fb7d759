"""The groups of synonyms are the editors': what they enter, search knows."""

from __future__ import annotations

import pytest

from search.domain.query import read_query
from search.models import SynonymGroup
from search.services.finding import find

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]
ADD = "/admin/search/synonymgroup/add/"


def first_for(typed: str) -> str:
    return find(query=read_query(typed), filters={}).hits[0].path


def test_what_an_editor_enters_is_found_with_the_next_question(editor):
    answer = editor.post(ADD, {"terms": "fibromyalgia\nquokka ache", "opened": ""}, follow=True)
    assert answer.status_code == 200
    assert SynonymGroup.objects.filter(terms=["fibromyalgia", "quokka ache"]).exists()
    assert first_for("quokka ache") == "/conditions/fibromyalgia/"


def test_an_editor_changes_and_removes_a_group(editor):
    group = SynonymGroup.objects.create(terms=["fibromyalgia", "quokka ache"])
    assert editor.get(f"/admin/search/synonymgroup/{group.pk}/change/").status_code == 200
    editor.post(f"/admin/search/synonymgroup/{group.pk}/delete/", {"post": "yes"})
    assert not SynonymGroup.objects.filter(pk=group.pk).exists()


def test_one_word_alone_is_no_group(editor):
    page = editor.post(ADD, {"terms": "fibromyalgia", "opened": ""}).content.decode()
    assert "errorlist" in page
    assert not SynonymGroup.objects.filter(terms=["fibromyalgia"]).exists()
